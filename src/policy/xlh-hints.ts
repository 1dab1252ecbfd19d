import { CAUSE_READ, type EngineView, READ_FLAG_ALIGNED } from '../engine/effects.js';
import { FIRST_CONTENT, FRAME_WORDS, NO_FRAME } from '../engine/layout.js';
import type { XlhHintFigures } from '../figures/xlh-figures.js';
import { DelayHistogram } from './parts/delay-histogram.js';
import { HintStack } from './parts/hint-stack.js';
import type { MergeScanner } from './parts/merge-scanner.js';
import { PendingBinds } from './parts/pending-binds.js';
import type { VisitHints } from './parts/visit-hints.js';

/** Trace time after which a read whose frame was not seen is given up; as in the region's policies. */
const WAIT_MICROS = 60_000_000;

/** The hints of `xlh` (docs/POLICIES.md, xlh): what a domain read is soon in its memory, and worth a visit. */
export class XlhHints implements VisitHints {
  readonly stack: HintStack;
  /** Reads whose frame was not seen yet, one for each ⟨domain, content⟩; contents are pinned. */
  readonly #waiting = new PendingBinds();
  readonly #delays = new DelayHistogram();
  #now = 0;
  /** Visits of hints at which the frame was shared. */
  merged = 0;
  /** The newest read names a frame: what changes it next is that read. */
  #isHint = false;
  #visited = 0;
  #stale = 0;
  #shared = 0;
  #expired = 0;

  constructor(
    private readonly engine: EngineView,
    private readonly scanner: MergeScanner,
    capacity: number,
  ) {
    this.stack = new HintStack(capacity);
  }

  get count(): number {
    return this.stack.count;
  }
  get bytes(): number {
    return this.stack.bytes + this.#waiting.bytes;
  }

  reserveFrames(): void {
    const frames = Math.floor(this.engine.frameWords().length / FRAME_WORDS);
    const more = this.stack.growthBytes(frames);
    if (more === 0 || this.engine.hasRoom(more)) this.stack.reserveFrames(frames);
  }

  moveTo(timeMicros: number): void {
    this.#now = timeMicros;
    const waiting = this.#waiting;
    for (let entry = waiting.oldest; entry !== 0; entry = waiting.oldest) {
      if (timeMicros - waiting.timeOf(entry) <= WAIT_MICROS) return;
      this.#drop(entry);
      this.#expired++;
    }
  }

  #drop(entry: number): void {
    this.engine.unpin(this.#waiting.contentOf(entry));
    this.#waiting.remove(entry, entry);
  }

  read(domain: number, flags: number, frameId: number, content: number): void {
    this.#isHint = (flags & READ_FLAG_ALIGNED) !== 0 && content >= FIRST_CONTENT;
    if (!this.#isHint) return;
    if (frameId !== NO_FRAME) {
      // A frame that does not hold the content yet changes next, and is pushed then.
      if (this.scanner.frames.heldBy(frameId) === content) this.#push(frameId, 0);
      return;
    }
    if (this.#waiting.oldestOf(domain, content) !== 0) return;
    if (!this.engine.hasRoom(this.#waiting.growthBytes)) {
      this.engine.countUnmodelled();
      return;
    }
    this.engine.pin(content);
    this.#waiting.add(domain, 0, 0, content, this.#now);
  }

  frameChanged(domain: number, frameId: number, next: number, cause: number): void {
    if (frameId < this.stack.frames) this.stack.kill(frameId);
    if (next < FIRST_CONTENT) return;
    if (cause === CAUSE_READ) {
      if (this.#isHint) this.#push(frameId, 0);
      return;
    }
    if (this.#waiting.count === 0) return;
    const entry = this.#waiting.oldestOf(domain, next);
    if (entry === 0) return;
    const delay = this.#now - this.#waiting.timeOf(entry);
    this.#drop(entry);
    this.#push(frameId, delay);
  }

  #push(frameId: number, delayMicros: number): void {
    if (frameId >= this.stack.frames) {
      this.engine.countUnmodelled();
      return;
    }
    this.stack.push(frameId);
    this.#delays.add(delayMicros);
  }

  forget(domain: number): void {
    const waiting = this.#waiting;
    for (let entry = waiting.oldestOfDomain(domain); entry !== 0; entry = waiting.oldestOfDomain(domain)) {
      this.#drop(entry);
    }
    this.stack.killWhere((frameId) => this.scanner.order.domainOf(frameId) === domain);
  }

  next(): number {
    while (this.stack.count > 0) {
      const frameId = this.stack.pop();
      if (frameId < 0) this.#stale++;
      else if (this.scanner.frames.copyOf(frameId) !== 0) this.#shared++;
      else return frameId;
    }
    return -1;
  }

  visited(merged: boolean): void {
    this.#visited++;
    if (merged) this.merged++;
  }

  clear(): void {
    this.#stale += this.stack.count;
    this.stack.clear();
  }

  /** Counters since the start, and what is in the stack and waits now. */
  figures(): XlhHintFigures {
    return {
      held: this.stack.count,
      waiting: this.#waiting.count,
      pushed: this.stack.pushed,
      overwritten: this.stack.overwritten,
      stale: this.#stale,
      alreadyShared: this.#shared,
      visited: this.#visited,
      expired: this.#expired,
      delay: this.#delays.figures(),
    };
  }
}
