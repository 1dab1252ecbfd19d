/** Where presets write: a RecordBuffer with contents by number instead of by hash. */
import { assert } from '../../base/assert.js';
import { SeededRandom } from '../../base/seeded-random.js';
import { RecordBuffer } from '../../trace/record-buffer.js';
import {
  FILL_CLASS,
  NO_GFN,
  READ_ALIGNED,
  READ_HASH_KNOWN,
  SPAN_FRAMES_MAX,
  ZERO_HASH_HIGH,
  ZERO_HASH_LOW,
} from '../../trace/record.js';

/** Numbers below are the blocks of images (and what clones are made of), from here on contents are given out. */
const FRESH_FIRST = 2 ** 29;

/** The finaliser of MurmurHash3: a bijection of the u32, so different numbers have different hashes. */
function mixed(number: number): number {
  let h = number >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The records of one synthetic host. A content is a number; its hash depends on number and seed alone. */
export class SynthTrace {
  readonly records = new RecordBuffer();
  readonly random: SeededRandom;
  readonly #salt: number;
  readonly #hashes = new Uint32Array(2 * SPAN_FRAMES_MAX);
  #fresh = FRESH_FIRST;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.#salt = this.random.u32();
  }

  /** A number that no frame has held and no block. */
  fresh(count = 1): number {
    const first = this.#fresh;
    this.#fresh += count;
    assert(this.#fresh <= 2 ** 32, 'a synthetic trace has at most 3.7 thousand million contents');
    return first;
  }

  /** What follows is of this time. */
  at(seconds: number): void {
    this.records.timeIfChanged(Math.round(seconds * 1e6));
  }

  /** A host of domains of `frames` each, and a read-only image of `blocks` as image 1, unless there are none. */
  host(preset: string, domains: number, frames: number, blocks = 0): void {
    this.at(0);
    this.records.host(`synth-${preset}`, 'synthetic', domains * frames);
    if (blocks > 0) this.records.image(1, 'base', true, blocks);
  }

  /** A domain appears; its name is its key. */
  domain(domid: number, name: string, frames: number): void {
    this.records.domain(domid, name, name, '', 'synthetic', frames);
  }

  /** The frame holds the content. */
  fill(domid: number, gfn: number, content: number): void {
    const low = mixed(content);
    this.records.fill(domid, gfn, low, mixed(low ^ this.#salt), FILL_CLASS.plain);
  }

  /** `count` frames from `gfn` on hold the contents `content`, `content + 1`, … */
  fills(domid: number, gfn: number, count: number, content: number): void {
    for (let done = 0; done < count; done += SPAN_FRAMES_MAX) {
      const n = Math.min(SPAN_FRAMES_MAX, count - done);
      this.#span(content + done, n);
      this.records.fillSpan(domid, gfn + done, n, this.#hashes, 0);
    }
  }

  /** `count` frames from `gfn` on hold zeros; count may be 0. */
  zeros(domid: number, gfn: number, count: number): void {
    if (count > 0) this.records.fillRun(domid, gfn, count, ZERO_HASH_LOW, ZERO_HASH_HIGH, FILL_CLASS.plain);
  }

  /** The frame is written: seen as written at once, its new content by the scan after it. */
  rewrite(domid: number, gfn: number): void {
    this.records.dirty(domid, gfn, 1);
    this.fill(domid, gfn, this.fresh());
  }

  /** The domain reads blocks of image 1 with one aligned request. What block b holds is content b. */
  read(domid: number, block: number, count = 1): void {
    for (let done = 0; done < count; done += SPAN_FRAMES_MAX) {
      const n = Math.min(SPAN_FRAMES_MAX, count - done);
      this.#span(block + done, n);
      if (n > 1) this.records.blockReadSpan(domid, 1, block + done, n, this.#hashes, 0);
      else {
        const [low, high] = this.#hashes;
        this.records.blockRead(domid, 1, block + done, low, high, NO_GFN, READ_ALIGNED | READ_HASH_KNOWN);
      }
    }
  }

  /** 0 … count − 1 in random order. */
  shuffled(count: number): Uint32Array {
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const j = this.random.below(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  #span(content: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const low = mixed(content + i);
      this.#hashes[2 * i] = low;
      this.#hashes[2 * i + 1] = mixed(low ^ this.#salt);
    }
  }
}
