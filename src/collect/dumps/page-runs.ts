/** Where the pages of a dump lie in its file, and which frame each one is. */
import { assert } from '../../base/assert.js';
import { PAGE_BYTES } from '../../base/units.js';

/**
 * Runs of pages that follow one another both in the file and in gfn, in the order of their offsets. 16 bytes a run, so
 * a file in which every page is a run of its own costs 1/256 of its size.
 */
export class PageRuns {
  /** Runs in use. */
  count = 0;
  /** Pages of all runs. */
  pages = 0;
  /** Offset in the data, gfn of the first page and number of pages of each run. */
  offsets = new Float64Array(64);
  gfns = new Uint32Array(64);
  counts = new Uint32Array(64);
  /** One above the highest gfn; 0 without pages. */
  frames = 0;

  /** The next pages of the file; joins them to the run before where they continue it. */
  add(offset: number, gfn: number, count: number): void {
    assert(count > 0, 'a run has pages');
    const last = this.count - 1;
    this.pages += count;
    this.frames = Math.max(this.frames, gfn + count);
    if (last >= 0) {
      const end = this.offsets[last] + this.counts[last] * PAGE_BYTES;
      assert(offset >= end, 'runs come in the order of their offsets');
      if (offset === end && this.gfns[last] + this.counts[last] === gfn) {
        this.counts[last] += count;
        return;
      }
    }
    if (this.count === this.gfns.length) this.#grow();
    this.offsets[this.count] = offset;
    this.gfns[this.count] = gfn;
    this.counts[this.count] = count;
    this.count++;
  }

  #grow(): void {
    const length = this.gfns.length * 2;
    const offsets = new Float64Array(length);
    const gfns = new Uint32Array(length);
    const counts = new Uint32Array(length);
    offsets.set(this.offsets);
    gfns.set(this.gfns);
    counts.set(this.counts);
    Object.assign(this, { offsets, gfns, counts });
  }
}
