/**
 * Packs single fills in gfn order into the fewest slots: neighbours of one content as a run, neighbours of different
 * contents as spans, the rest as fills. Scanners and importers see one frame after another and write through this.
 *
 * A run costs 32 bytes, a frame in a span 8; a run breaks a span in two, which costs up to 24 more. From RUN_FRAMES_MIN
 * equal neighbours on a run is never the larger.
 */
import { assert } from '../base/assert.js';
import type { RecordBuffer } from './record-buffer.js';
import { FILL_CLASS, SPAN_FRAMES_MAX } from './record.js';

const RUN_FRAMES_MIN = 8;

/** Packs the fills of one domain into a RecordBuffer; gfns must rise (asserted). */
export class FillPacker {
  /** The equal neighbours at the end: count frames from #runGfn on hold #low, #high, #fillClass. */
  #runGfn = 0;
  #runCount = 0;
  #low = 0;
  #high = 0;
  #fillClass = 0;
  /** The frames before them that wait for a span. */
  #span = new Uint32Array(2 * SPAN_FRAMES_MAX);
  #spanGfn = 0;
  #spanCount = 0;

  /** @param buffer takes the records, of this one domain. */
  constructor(
    readonly buffer: RecordBuffer,
    readonly domid: number,
  ) {}

  /** The next `count` frames of one content; gfns rise from call to call, gaps are allowed. */
  add(gfn: number, count: number, low: number, high: number, fillClass: number): void {
    assert(count > 0, 'count above 0');
    const next = this.#runGfn + this.#runCount;
    assert(this.#runCount === 0 || gfn >= next, 'gfns rise');
    const same = low === this.#low && high === this.#high && fillClass === this.#fillClass;
    if (this.#runCount > 0 && gfn === next && same) {
      this.#runCount += count;
      return;
    }
    this.#closeRun();
    this.#runGfn = gfn;
    this.#runCount = count;
    this.#low = low;
    this.#high = high;
    this.#fillClass = fillClass;
  }

  /** Writes what waits. Call it at the end, and before a record of another kind about these frames. */
  flush(): void {
    this.#closeRun();
    this.#closeSpan();
  }

  #closeRun(): void {
    const count = this.#runCount;
    if (count === 0) return;
    this.#runCount = 0;
    if (count < RUN_FRAMES_MIN && this.#fillClass === FILL_CLASS.plain) {
      for (let i = 0; i < count; i++) this.#spanFrame(this.#runGfn + i);
      return;
    }
    this.#closeSpan();
    if (count === 1) {
      this.buffer.fill(this.domid, this.#runGfn, this.#low, this.#high, this.#fillClass);
    } else {
      this.buffer.fillRun(this.domid, this.#runGfn, count, this.#low, this.#high, this.#fillClass);
    }
  }

  #spanFrame(gfn: number): void {
    if (this.#spanCount === SPAN_FRAMES_MAX || gfn !== this.#spanGfn + this.#spanCount) this.#closeSpan();
    if (this.#spanCount === 0) this.#spanGfn = gfn;
    this.#span[2 * this.#spanCount] = this.#low;
    this.#span[2 * this.#spanCount + 1] = this.#high;
    this.#spanCount++;
  }

  #closeSpan(): void {
    const count = this.#spanCount;
    if (count === 0) return;
    this.#spanCount = 0;
    if (count === 1) {
      this.buffer.fill(this.domid, this.#spanGfn, this.#span[0], this.#span[1], FILL_CLASS.plain);
    } else {
      this.buffer.fillSpan(this.domid, this.#spanGfn, count, this.#span, 0);
    }
  }
}
