/**
 * The rare records that carry text, as objects. Hot loops never come here: declarations are few.
 * All functions take the index of the first word of a record that record-check.ts has passed; bytes that are no UTF-8
 * are read as U+FFFD. The texts are as hostile as the trace: they go through `printable` before a terminal sees them.
 */
import { assert } from '../base/assert.js';
import { fromHalves } from '../base/units.js';
import { COUNTER_OF_DOMAIN, domidOf, flagsOf, IMAGE_READ_ONLY, KIND, kindOf, SLOT_WORDS } from './record.js';

/** The machine; `frames` of memory. */
export interface HostRecord {
  readonly name: string;
  readonly hypervisor: string;
  readonly frames: number;
}
/** A disk image of `blocks` blocks of 4 KiB. */
export interface ImageRecord {
  readonly id: number;
  readonly name: string;
  readonly readOnly: boolean;
  readonly blocks: number;
}
/** A domain and its settings; `frames` is its reservation. */
export interface DomainRecord {
  readonly domid: number;
  readonly key: string;
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly frames: number;
}
/** What a content is. `offset` in bytes (of the file the text names). */
export interface LabelRecord {
  readonly low: number;
  readonly high: number;
  readonly offset: number;
  readonly text: string;
}

/** A figure that the kernel or the hypervisor gave. */
export interface CounterRecord {
  /** Null: the host's. */
  readonly domid: number | null;
  /** E.g. `ksm.pages_sharing`. */
  readonly name: string;
  /** In the unit of its source; may be negative. */
  readonly value: number;
}

// ignoreBOM keeps a leading U+FEFF: reading must give back what was written.
const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The UTF-8 text of `bytes` bytes that starts `byteOffset` bytes behind word `at`. */
function textAt(words: Uint32Array, at: number, byteOffset: number, bytes: number): string {
  return textDecoder.decode(new Uint8Array(words.buffer, words.byteOffset + at * 4 + byteOffset, bytes));
}

/** The host record at words[at]. */
export function readHostRecord(words: Uint32Array, at: number): HostRecord {
  assert(kindOf(words[at]) === KIND.host, 'a host record');
  const lengths = words[at + 3];
  const nameBytes = lengths & 0xffff;
  return {
    name: textAt(words, at + SLOT_WORDS, 0, nameBytes),
    hypervisor: textAt(words, at + SLOT_WORDS, nameBytes, lengths >>> 16),
    frames: fromHalves(words[at + 1], words[at + 2]),
  };
}

/** The image record at words[at]. */
export function readImageRecord(words: Uint32Array, at: number): ImageRecord {
  const head = words[at];
  assert(kindOf(head) === KIND.image, 'an image record');
  return {
    id: words[at + 1],
    name: textAt(words, at + SLOT_WORDS, 0, words[at + 3]),
    readOnly: (flagsOf(head) & IMAGE_READ_ONLY) !== 0,
    blocks: words[at + 2],
  };
}

/** The domain record at words[at]. */
export function readDomainRecord(words: Uint32Array, at: number): DomainRecord {
  const head = words[at];
  assert(kindOf(head) === KIND.domain, 'a domain record');
  const first = words[at + 2];
  const second = words[at + 3];
  const keyBytes = first & 0xffff;
  const nameBytes = first >>> 16;
  const groupBytes = second & 0xffff;
  const textStart = at + SLOT_WORDS;
  return {
    domid: domidOf(head),
    key: textAt(words, textStart, 0, keyBytes),
    name: textAt(words, textStart, keyBytes, nameBytes),
    group: textAt(words, textStart, keyBytes + nameBytes, groupBytes),
    kind: textAt(words, textStart, keyBytes + nameBytes + groupBytes, second >>> 16),
    frames: words[at + 1],
  };
}

/** The label record at words[at]. */
export function readLabelRecord(words: Uint32Array, at: number): LabelRecord {
  assert(kindOf(words[at]) === KIND.label, 'a label record');
  return {
    low: words[at + 1],
    high: words[at + 2],
    offset: fromHalves(words[at + 4], words[at + 5]),
    text: textAt(words, at + 2 * SLOT_WORDS, 0, words[at + 3]),
  };
}

/** The text of a mark. */
export function readMarkRecord(words: Uint32Array, at: number): string {
  assert(kindOf(words[at]) === KIND.mark, 'a mark record');
  return textAt(words, at + SLOT_WORDS, 0, words[at + 1]);
}

/** The counter record at words[at]. */
export function readCounterRecord(words: Uint32Array, at: number): CounterRecord {
  const head = words[at];
  assert(kindOf(head) === KIND.counter, 'a counter record');
  return {
    domid: (flagsOf(head) & COUNTER_OF_DOMAIN) !== 0 ? domidOf(head) : null,
    name: textAt(words, at + SLOT_WORDS, 0, words[at + 3]),
    // The high half is signed.
    value: (words[at + 2] | 0) * 2 ** 32 + words[at + 1],
  };
}

/** The path of a label file: absolute, or relative to the trace directory. As hostile as any text of a trace. */
export function readLabelFileRecord(words: Uint32Array, at: number): string {
  assert(kindOf(words[at]) === KIND.labelFile, 'a label file record');
  return textAt(words, at + SLOT_WORDS, 0, words[at + 1]);
}
