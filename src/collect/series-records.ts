/**
 * The records of page-hash series. A guest's memory was full of zero pages before its first snapshot, and its zero
 * pages lie in transparent huge pages (fill class thpZero), which is what the counters of the real KSM on such a
 * recording show.
 */
import { FillPacker } from '../trace/fill-packer.js';
import { FrameStates, KNOWN } from '../trace/frame-states.js';
import type { RecordBuffer } from '../trace/record-buffer.js';
import { FILL_CLASS, ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';
import type { PageHashSeries } from './page-hash-series.js';

/** Writes one snapshot of a guest's series after another. */
export class SeriesRecords {
  #begun = false;
  /** What the series says, kept where dumps of the guest come between: a snapshot is against the one before. */
  readonly #states: FrameStates | undefined;

  /**
   * @param frames of the series
   * @param keepsState dumps of the guest may come between two snapshots
   */
  constructor(
    readonly domid: number,
    readonly frames: number,
    keepsState: boolean,
  ) {
    this.#states = keepsState ? new FrameStates({ bytes: 0 }) : undefined;
  }

  /**
   * Writes the snapshot that the series has read; `drain` may take the records at any point. `isAnew`: a dump came
   * since the snapshot before; the state is then written whole.
   */
  write(series: PageHashSeries, isAnew: boolean, out: RecordBuffer, drain: () => void): void {
    const { gfns, hashes } = series;
    const states = this.#states;
    if (!this.#begun) {
      states?.set(0, this.frames, KNOWN + FILL_CLASS.thpZero, ZERO_HASH_LOW, ZERO_HASH_HIGH);
      if (!isAnew) out.fillRun(this.domid, 0, this.frames, ZERO_HASH_LOW, ZERO_HASH_HIGH, FILL_CLASS.thpZero);
    }
    this.#begun = true;
    const packer = new FillPacker(out, this.domid);
    for (let i = 0; i < gfns.length; i++) {
      const low = hashes[2 * i];
      const high = hashes[2 * i + 1];
      const isZero = low === ZERO_HASH_LOW && high === ZERO_HASH_HIGH;
      const fillClass = isZero ? FILL_CLASS.thpZero : FILL_CLASS.plain;
      states?.set(gfns[i], 1, KNOWN + fillClass, low, high);
      if (!isAnew) packer.add(gfns[i], 1, low, high, fillClass);
      drain();
    }
    packer.flush();
    if (isAnew && states !== undefined) this.#writeWhole(states, out, drain);
  }

  #writeWhole(states: FrameStates, out: RecordBuffer, drain: () => void): void {
    out.keyframeBegin(this.domid);
    const packer = new FillPacker(out, this.domid);
    states.visit((gfn, count, state, low, high) => {
      packer.add(gfn, count, low, high, state - KNOWN);
      drain();
    });
    packer.flush();
    out.keyframeEnd(this.domid);
  }
}
