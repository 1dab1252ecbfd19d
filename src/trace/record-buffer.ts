/**
 * Where records are made: a growing array of slots (layout: record.ts) with one append method for each kind. Every
 * producer writes through it, so that the rules of a record are asserted in one place; the reader checks them again
 * (record-check.ts).
 *
 * A value out of range is a bug of the producer and an AssertionError: producers check their input first. Text is the
 * exception, it is cut: if all texts of a record fit into the record's limit (TEXT_BYTES_MAX, a label's
 * LABEL_BYTES_MAX) they are kept whole; else each is cut to an equal share of the limit, in UTF-8 bytes, between two
 * characters.
 */
import { assert } from '../base/assert.js';
import { highHalf, lowHalf } from '../base/units.js';
import {
  COUNTER_OF_DOMAIN,
  EXTRA_FRAMES_MAX,
  headWord,
  IMAGE_READ_ONLY,
  KIND,
  LABEL_BYTES_MAX,
  NO_GFN,
  READ_ALIGNED,
  READ_HASH_KNOWN,
  SLOT_BYTES,
  SLOT_WORDS,
  SPAN_FRAMES_MAX,
  TEXT_BYTES_MAX,
} from './record.js';
import { encodedLengths, encodedTexts, encodeTexts } from './encoded-texts.js';

const WORDS_FIRST = 1024;

function isU32(value: number): boolean {
  return value >>> 0 === value;
}

function assertDomid(domid: number): void {
  assert(domid >= 0 && domid <= 0xffff && Number.isInteger(domid), 'domid is a u16');
}

function assertGfns(gfn: number, count: number): void {
  assert(isU32(gfn), 'gfn is a u32');
  assert(isU32(count) && count > 0, 'count is a u32 above 0');
  // The last u32 is NO_GFN and never a frame.
  assert(gfn + count <= NO_GFN, 'the last gfn is below 2^32 - 1');
}

function assertHash(low: number, high: number): void {
  assert(isU32(low), 'low half of a hash is a u32');
  assert(isU32(high), 'high half of a hash is a u32');
}

function assertU53(value: number, what: string): void {
  assert(Number.isSafeInteger(value) && value >= 0, `${what} is an integer in [0, 2^53)`);
}

/** Records under construction; its words are what a segment's block and the engine take. */
export class RecordBuffer {
  /** The slots; replaced when it grows. Words from `wordCount` on are undefined. */
  words: Uint32Array = new Uint32Array(WORDS_FIRST);
  /** Words in use: a multiple of SLOT_WORDS. */
  wordCount = 0;
  /** Records in use. */
  recordCount = 0;

  #timeMicros = -1;

  /** Forgets the records and keeps the memory (and the time, for `timeIfChanged`: the stream goes on). */
  clear(): void {
    this.wordCount = 0;
    this.recordCount = 0;
  }

  /** The records from here on are of this instant, µs. */
  time(micros: number): void {
    assertU53(micros, 'time');
    this.#timeMicros = micros;
    this.#slot(headWord(KIND.time, 0, 0, 0), lowHalf(micros), highHalf(micros), 0);
  }

  /** As `time`, but only if the last time written here (also before a `clear`) was another one. */
  timeIfChanged(micros: number): void {
    if (micros !== this.#timeMicros) this.time(micros);
  }

  /** The machine. `frames` is its memory in frames. */
  host(name: string, hypervisor: string, frames: number): void {
    assertU53(frames, 'frames of the host');
    const bytes = encodeTexts([name, hypervisor], TEXT_BYTES_MAX);
    const lengths = encodedLengths[0] | ((encodedLengths[1] << 16) >>> 0);
    this.#textRecord(KIND.host, 0, 0, lowHalf(frames), highHalf(frames), lengths >>> 0, bytes, 0);
  }

  /** A disk image of `blocks` blocks of 4 KiB. */
  image(id: number, name: string, readOnly: boolean, blocks: number): void {
    assert(isU32(id), 'image id is a u32');
    assert(isU32(blocks), 'blocks of an image is a u32');
    const bytes = encodeTexts([name], TEXT_BYTES_MAX);
    this.#textRecord(KIND.image, readOnly ? IMAGE_READ_ONLY : 0, 0, id, blocks, bytes, bytes, 0);
  }

  /** A domain appears or its settings change. `frames` is its reservation; `key` (never empty) tells who it is. */
  domain(domid: number, key: string, name: string, group: string, kind: string, frames: number): void {
    assertDomid(domid);
    assert(key !== '', 'a domain has a key');
    assert(isU32(frames), 'frames of a domain is a u32');
    const bytes = encodeTexts([key, name, group, kind], TEXT_BYTES_MAX);
    const first = (encodedLengths[0] | (encodedLengths[1] << 16)) >>> 0;
    const second = (encodedLengths[2] | (encodedLengths[3] << 16)) >>> 0;
    this.#textRecord(KIND.domain, 0, domid, frames, first, second, bytes, 0);
  }

  /** The domain is destroyed and all its frames released. */
  gone(domid: number): void {
    assertDomid(domid);
    this.#slot(headWord(KIND.gone, 0, 0, domid), 0, 0, 0);
  }

  /** One frame holds this content. `fillClass` is one of FILL_CLASS (0–15). */
  fill(domid: number, gfn: number, low: number, high: number, fillClass: number): void {
    assertDomid(domid);
    assertGfns(gfn, 1);
    assertHash(low, high);
    assert(fillClass >= 0 && fillClass <= 15, 'fill class is 4 bits');
    this.#slot(headWord(KIND.fill, 0, fillClass, domid), gfn, low, high);
  }

  /** `count` frames from `gfn` on hold one content. */
  fillRun(domid: number, gfn: number, count: number, low: number, high: number, fillClass: number): void {
    assertDomid(domid);
    assertGfns(gfn, count);
    assertHash(low, high);
    assert(fillClass >= 0 && fillClass <= 15, 'fill class is 4 bits');
    this.#run(KIND.fillRun, domid, gfn, count, low, high, fillClass);
  }

  /**
   * `count` frames outside the guest's RAM, from number `index` of the domain's on, hold one content. They are no part
   * of its reservation and of no keyframe, and last until the domain is gone.
   */
  extra(domid: number, index: number, count: number, low: number, high: number, fillClass: number): void {
    assertDomid(domid);
    assertHash(low, high);
    assert(isU32(index), 'index is a u32');
    assert(isU32(count) && count > 0, 'count is a u32 above 0');
    assert(index + count <= EXTRA_FRAMES_MAX, 'the last extra frame is below EXTRA_FRAMES_MAX');
    assert(fillClass >= 0 && fillClass <= 15, 'fill class is 4 bits');
    this.#run(KIND.extra, domid, index, count, low, high, fillClass);
  }

  #run(kind: number, domid: number, from: number, count: number, low: number, high: number, flags: number): void {
    const at = this.#claim(2);
    const words = this.words;
    words[at] = headWord(kind, 1, flags, domid);
    words[at + 1] = from;
    words[at + 2] = count;
    words[at + 3] = 0;
    words[at + 4] = low;
    words[at + 5] = high;
    words[at + 6] = 0;
    words[at + 7] = 0;
  }

  /**
   * `count` (1 to SPAN_FRAMES_MAX) frames from `gfn` on, each with its own content of class plain. `hashes` holds low
   * and high halves in turn, from index `hashStartWord` on.
   */
  fillSpan(domid: number, gfn: number, count: number, hashes: Uint32Array, hashStartWord: number): void {
    assertDomid(domid);
    assertGfns(gfn, count);
    assert(count <= SPAN_FRAMES_MAX, 'a span has at most 126 frames');
    assert(hashStartWord >= 0 && hashStartWord + 2 * count <= hashes.length, 'the hashes of a span are there');
    const slots = (count + 1) >> 1;
    const at = this.#claim(1 + slots);
    const words = this.words;
    words[at] = headWord(KIND.fillSpan, slots, 0, domid);
    words[at + 1] = gfn;
    words[at + 2] = count;
    words[at + 3] = 0;
    for (let i = 0; i < 2 * count; i++) words[at + SLOT_WORDS + i] = hashes[hashStartWord + i];
    if (count % 2 === 1) {
      words[at + SLOT_WORDS + 2 * count] = 0;
      words[at + SLOT_WORDS + 2 * count + 1] = 0;
    }
  }

  /** Written, content unknown until the next fill. */
  dirty(domid: number, gfn: number, count: number): void {
    this.#frames(KIND.dirty, domid, gfn, count);
  }

  /** The frames hold nothing any more. */
  free(domid: number, gfn: number, count: number): void {
    this.#frames(KIND.free, domid, gfn, count);
  }

  /** Accesses seen. */
  touch(domid: number, gfn: number, count: number): void {
    this.#frames(KIND.touch, domid, gfn, count);
  }

  /**
   * The domain read one 4 KiB block. `flags`: READ_HASH_KNOWN | READ_ALIGNED; without READ_HASH_KNOWN both halves of
   * the hash are 0. `gfn` is NO_GFN where the trace does not know it.
   */
  blockRead(domid: number, image: number, block: number, low: number, high: number, gfn: number, flags: number): void {
    assertDomid(domid);
    assert(isU32(image), 'image is a u32');
    assert(isU32(block), 'block is a u32');
    assertHash(low, high);
    assert(isU32(gfn), 'gfn is a u32');
    assert((flags & ~(READ_HASH_KNOWN | READ_ALIGNED)) === 0, 'flags of a block read are known');
    if ((flags & READ_HASH_KNOWN) === 0) assert(low === 0 && high === 0, 'an unknown hash is 0');
    const at = this.#claim(2);
    const words = this.words;
    words[at] = headWord(KIND.blockRead, 1, flags, domid);
    words[at + 1] = image;
    words[at + 2] = block;
    words[at + 3] = 0;
    words[at + 4] = low;
    words[at + 5] = high;
    words[at + 6] = gfn;
    words[at + 7] = 0;
  }

  /**
   * The domain read `count` consecutive blocks, 1 to SPAN_FRAMES_MAX, with an aligned request; all hashes are known, no
   * gfn is. `hashes` holds low and high halves in turn from `hashStartWord` on.
   */
  blockReadSpan(
    domid: number,
    image: number,
    block: number,
    count: number,
    hashes: Uint32Array,
    hashStartWord: number,
  ): void {
    assertDomid(domid);
    assert(isU32(image), 'image is a u32');
    assert(isU32(block), 'block is a u32');
    assert(count >= 1 && count <= SPAN_FRAMES_MAX, 'a span has 1 to SPAN_FRAMES_MAX blocks');
    assert(block + count <= 2 ** 32, 'blocks are u32');
    assert(hashStartWord + 2 * count <= hashes.length, 'a span has a hash for each block');
    const slots = (count + 1) >> 1;
    const at = this.#claim(1 + slots);
    const words = this.words;
    words[at] = headWord(KIND.blockReadSpan, slots, 0, domid);
    words[at + 1] = image;
    words[at + 2] = block;
    words[at + 3] = count;
    for (let i = 0; i < 2 * count; i++) words[at + SLOT_WORDS + i] = hashes[hashStartWord + i];
    if (count % 2 === 1) {
      words[at + SLOT_WORDS + 2 * count] = 0;
      words[at + SLOT_WORDS + 2 * count + 1] = 0;
    }
  }

  /** The domain wrote `count` blocks of its disk. */
  blockWrite(domid: number, image: number, block: number, count: number): void {
    assertDomid(domid);
    assert(isU32(image), 'image is a u32');
    assert(isU32(block), 'block is a u32');
    assert(isU32(count) && count > 0, 'count is a u32 above 0');
    assert(block + count <= 2 ** 32, 'the last block is a u32');
    this.#slot(headWord(KIND.blockWrite, 0, 0, domid), image, block, count);
  }

  /** What the content is, e.g. a file's path and the offset in it. */
  label(low: number, high: number, offset: number, text: string): void {
    assertHash(low, high);
    assertU53(offset, 'offset of a label');
    const bytes = encodeTexts([text], LABEL_BYTES_MAX);
    const at = this.wordCount + SLOT_WORDS;
    this.#textRecord(KIND.label, 0, 0, low, high, bytes, bytes, 1);
    this.words[at] = lowHalf(offset);
    this.words[at + 1] = highHalf(offset);
    this.words[at + 2] = 0;
    this.words[at + 3] = 0;
  }

  /** The experimenter's mark on the time line. */
  mark(text: string): void {
    const bytes = encodeTexts([text], TEXT_BYTES_MAX);
    this.#textRecord(KIND.mark, 0, 0, bytes, 0, 0, bytes, 0);
  }

  /** The recorder dropped `count` records here. */
  lost(count: number): void {
    assertU53(count, 'count of lost records');
    assert(count > 0, 'count of lost records is above 0');
    this.#slot(headWord(KIND.lost, 0, 0, 0), lowHalf(count), highHalf(count), 0);
  }

  /** The records up to the matching `keyframeEnd` name the whole state of the domain. */
  keyframeBegin(domid: number): void {
    assertDomid(domid);
    this.#slot(headWord(KIND.keyframeBegin, 0, 0, domid), 0, 0, 0);
  }

  /** Frames not named since `keyframeBegin` become untouched. */
  keyframeEnd(domid: number): void {
    assertDomid(domid);
    this.#slot(headWord(KIND.keyframeEnd, 0, 0, domid), 0, 0, 0);
  }

  /**
   * A figure that the kernel or the hypervisor gave, e.g. `ksm.pages_sharing`: a signed integer within ±(2^53 − 1), in
   * the unit of its source.
   *
   * @param domid whose it is; null: the host's.
   */
  counter(domid: number | null, name: string, value: number): void {
    if (domid !== null) assertDomid(domid);
    assert(name !== '', 'a counter has a name');
    assert(Number.isSafeInteger(value), 'value of a counter is a safe integer');
    const bytes = encodeTexts([name], TEXT_BYTES_MAX);
    const high = Math.floor(value / 2 ** 32);
    const flags = domid === null ? 0 : COUNTER_OF_DOMAIN;
    this.#textRecord(KIND.counter, flags, domid ?? 0, value >>> 0, high >>> 0, bytes, bytes, 0);
  }

  /** A label file of the contents of this trace; `path` is absolute, or relative to the trace directory. */
  labelFile(path: string): void {
    assert(path !== '', 'a label file has a path');
    const bytes = encodeTexts([path], TEXT_BYTES_MAX);
    this.#textRecord(KIND.labelFile, 0, 0, bytes, 0, 0, bytes, 0);
  }

  /** A pass over the domain begins: the fills up to `scanEnd` are one scan. */
  scanBegin(domid: number): void {
    assertDomid(domid);
    this.#slot(headWord(KIND.scanBegin, 0, 0, domid), 0, 0, 0);
  }

  /** The pass is over: what the domain holds is known as of its begin, also what did not change. */
  scanEnd(domid: number): void {
    assertDomid(domid);
    this.#slot(headWord(KIND.scanEnd, 0, 0, domid), 0, 0, 0);
  }

  #frames(kind: number, domid: number, gfn: number, count: number): void {
    assertDomid(domid);
    assertGfns(gfn, count);
    this.#slot(headWord(kind, 0, 0, domid), gfn, count, 0);
  }

  #slot(head: number, first: number, second: number, third: number): void {
    const at = this.#claim(1);
    const words = this.words;
    words[at] = head;
    words[at + 1] = first;
    words[at + 2] = second;
    words[at + 3] = third;
  }

  /** A record whose text (encodedTexts, `bytes` of it) follows its first slot and `slotsBefore` slots of fields. */
  #textRecord(
    kind: number,
    flags: number,
    domid: number,
    first: number,
    second: number,
    third: number,
    bytes: number,
    slotsBefore: number,
  ): void {
    const slots = slotsBefore + Math.ceil(bytes / SLOT_BYTES);
    const at = this.#claim(1 + slots);
    const words = this.words;
    words[at] = headWord(kind, slots, flags, domid);
    words[at + 1] = first;
    words[at + 2] = second;
    words[at + 3] = third;
    const textAt = at + SLOT_WORDS * (1 + slotsBefore);
    words.fill(0, textAt, at + SLOT_WORDS * (1 + slots));
    new Uint8Array(words.buffer, words.byteOffset + textAt * 4, bytes).set(encodedTexts.subarray(0, bytes));
  }

  /** Room for one record of `slots` slots; returns the index of its first word. */
  #claim(slots: number): number {
    const at = this.wordCount;
    const end = at + slots * SLOT_WORDS;
    if (end > this.words.length) {
      const grown = new Uint32Array(Math.max(this.words.length * 2, end));
      grown.set(this.words);
      this.words = grown;
    }
    this.wordCount = end;
    this.recordCount++;
    return at;
  }
}
