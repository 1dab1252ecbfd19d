/** What visits frames out of turn in a scan that goes round: told what happens to memory, asked before a visit. */
export interface VisitHints {
  /** Hints that are kept, worth a visit or not. */
  readonly count: number;
  /** Bytes held. */
  readonly bytes: number;
  /** Room for all frames of the engine, before effects are looked at. */
  reserveFrames(): void;
  /** The newest time of the trace, µs. */
  moveTo(timeMicros: number): void;
  /**
   * A domain read a block.
   * @param flags READ_FLAG_*
   * @param frameId where to, or NO_FRAME @param content 0: its hash is not known
   */
  read(domain: number, flags: number, frameId: number, content: number): void;
  /** A frame became `next`, a content or a state, because of `cause` (CAUSE_*). */
  frameChanged(domain: number, frameId: number, next: number, cause: number): void;
  /** A domain changed its trust group, or is gone. */
  forget(domain: number): void;
  /** The frame to be visited next, taken from the hints; -1: none is worth it. */
  next(): number;
  /** A frame that `next` gave was visited. @param merged whether it shares now */
  visited(merged: boolean): void;
  /** None is left. */
  clear(): void;
}
