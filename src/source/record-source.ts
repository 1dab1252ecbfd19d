/** What the monitor, `report` and replay pull records from: a live directory or a finished trace. */
import type { RecordBlock } from '../trace/record.js';
import type { SourceDamage } from './notices.js';

/** Whole, checked records of one stream; valid only during the call they are handed over in. */
export type RecordRange = Pick<RecordBlock, 'baseTimeMicros' | 'words' | 'start' | 'end'>;

/** Takes the next records of a stream. Returns false to stop for now: the next pull goes on behind them. */
export type RangeTaker = (streamIndex: number, range: RecordRange) => boolean;

/** Records on demand: nothing is read that is not pulled. */
export interface RecordSource {
  /** Names of the streams; a stream's index never changes and is never used again. */
  readonly streamNames: readonly string[];
  readonly damagedBlocks: number;
  /** The first of them. */
  readonly damage: readonly SourceDamage[];
  /**
   * Hands records to `take` until it says stop or none are left. Returns whether more is there at once; false means:
   * wait (a live source) or the end (a finished one).
   */
  pull(take: RangeTaker): boolean;
}
