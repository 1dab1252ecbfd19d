/**
 * The structure of records, checked before anything reads them: after this check a reader may take slot counts,
 * spans, lengths and ranges as they stand. What a record *means* (a domid that nobody declared, a gfn above the
 * reservation) is the engine's to judge.
 *
 * The loop is hot (every record of every trace passes here): no calls for the frequent kinds.
 */
import {
  COUNTER_OF_DOMAIN,
  EXTRA_FRAMES_MAX,
  KIND,
  LABEL_BYTES_MAX,
  NO_GFN,
  SLOT_BYTES,
  SPAN_FRAMES_MAX,
  TEXT_BYTES_MAX,
} from './record.js';

/** Bits 6–15 of a first word: slots and flags together, for kinds that have neither. */
const SLOTS_AND_FLAGS = 0xffc0;
/** All of a first word but the kind, for kinds that have no domid either. */
const ALL_BUT_KIND = 0xffffffc0;
const HIGH_HALF_MAX = 2 ** 21 - 1;
/** Head of the slots that must follow a one-slot-more record: slots = 1 in bits 6–11. */
const ONE_SLOT = 1 << 6;

/**
 * Checks the slots in words[start, end): known kinds, as many slots as the fields need, reserved words and bits 0,
 * counts above 0 and in range, gfn + count ≤ 2^32 − 1, texts that fit, u64 fields below 2^53, the last record whole.
 *
 * @returns the number of records, or −1 − i where i is the index of the first word of the first bad record.
 */
export function checkRecords(words: Uint32Array, start: number, end: number): number {
  let records = 0;
  let at = start;
  while (at < end) {
    if (at + 4 > end) return -1 - at;
    const head = words[at];
    const kind = head & 63;
    const next = at + 4 + ((head >>> 4) & 0xfc);
    if (next > end) return -1 - at;
    let good: boolean;
    if (kind === KIND.fill) {
      good = (head & 0x0fc0) === 0 && words[at + 1] !== NO_GFN;
    } else if (kind === KIND.fillSpan) {
      good = isSpan(words, at, head, next);
    } else if (kind === KIND.fillRun) {
      const count = words[at + 2];
      good =
        (head & 0x0fc0) === ONE_SLOT &&
        count !== 0 &&
        words[at + 1] + count <= NO_GFN &&
        (words[at + 3] | words[at + 6] | words[at + 7]) === 0;
    } else if (kind === KIND.dirty || kind === KIND.free || kind === KIND.touch) {
      const count = words[at + 2];
      good = (head & SLOTS_AND_FLAGS) === 0 && count !== 0 && words[at + 1] + count <= NO_GFN && words[at + 3] === 0;
    } else if (kind === KIND.time) {
      good = (head & ALL_BUT_KIND) === 0 && words[at + 2] <= HIGH_HALF_MAX && words[at + 3] === 0;
    } else {
      good = isRareRecord(words, at, head, kind);
    }
    if (!good) return -1 - at;
    records++;
    at = next;
  }
  return records;
}

function isSpan(words: Uint32Array, at: number, head: number, next: number): boolean {
  const count = words[at + 2];
  if (count === 0) return false;
  if (count > SPAN_FRAMES_MAX) return false;
  if ((head & SLOTS_AND_FLAGS) !== ((count + 1) >> 1) << 6) return false;
  if (words[at + 1] + count > NO_GFN) return false;
  if (words[at + 3] !== 0) return false;
  return count % 2 === 0 || (words[next - 2] | words[next - 1]) === 0;
}

function isReadSpan(words: Uint32Array, at: number, head: number): boolean {
  const count = words[at + 3];
  if (count === 0) return false;
  if (count > SPAN_FRAMES_MAX) return false;
  const slots = (count + 1) >> 1;
  if ((head & SLOTS_AND_FLAGS) !== slots << 6) return false;
  if (words[at + 2] + count > 2 ** 32) return false;
  const next = at + 4 + 4 * slots;
  return count % 2 === 0 || (words[next - 2] | words[next - 1]) === 0;
}

function isRareRecord(words: Uint32Array, at: number, head: number, kind: number): boolean {
  switch (kind) {
    case KIND.blockRead: {
      if ((head & 0xcfc0) !== ONE_SLOT) return false;
      if ((words[at + 3] | words[at + 7]) !== 0) return false;
      const hashKnown = (head & 0x1000) !== 0;
      return hashKnown || (words[at + 4] | words[at + 5]) === 0;
    }
    case KIND.blockReadSpan:
      return isReadSpan(words, at, head);
    case KIND.blockWrite: {
      const count = words[at + 3];
      return (head & SLOTS_AND_FLAGS) === 0 && count !== 0 && words[at + 2] + count <= 2 ** 32;
    }
    case KIND.extra: {
      if ((head & 0x0fc0) !== ONE_SLOT) return false;
      const count = words[at + 2];
      if (count === 0) return false;
      if (words[at + 1] + count > EXTRA_FRAMES_MAX) return false;
      return (words[at + 3] | words[at + 6] | words[at + 7]) === 0;
    }
    case KIND.gone:
    case KIND.keyframeBegin:
    case KIND.keyframeEnd:
    case KIND.scanBegin:
    case KIND.scanEnd:
      return (head & SLOTS_AND_FLAGS) === 0 && (words[at + 1] | words[at + 2] | words[at + 3]) === 0;
    case KIND.lost:
      return (
        (head & ALL_BUT_KIND) === 0 &&
        (words[at + 1] | words[at + 2]) !== 0 &&
        words[at + 2] <= HIGH_HALF_MAX &&
        words[at + 3] === 0
      );
    default:
      return isTextRecord(words, at, head, kind);
  }
}

function isTextRecord(words: Uint32Array, at: number, head: number, kind: number): boolean {
  const first = words[at + 1];
  const second = words[at + 2];
  const third = words[at + 3];
  switch (kind) {
    case KIND.host: {
      if ((head & 0xfffff000) !== 0) return false;
      if (second > HIGH_HALF_MAX) return false;
      return textFits(words, at, head, (third & 0xffff) + (third >>> 16), 0, TEXT_BYTES_MAX);
    }
    case KIND.image:
      if ((head & 0xffffe000) !== 0) return false;
      return textFits(words, at, head, third, 0, TEXT_BYTES_MAX);
    case KIND.domain: {
      if ((head & 0xf000) !== 0) return false;
      if ((second & 0xffff) === 0) return false;
      const bytes = (second & 0xffff) + (second >>> 16) + (third & 0xffff) + (third >>> 16);
      return textFits(words, at, head, bytes, 0, TEXT_BYTES_MAX);
    }
    case KIND.label:
      if ((head & 0xfffff000) !== 0) return false;
      if (!textFits(words, at, head, third, 1, LABEL_BYTES_MAX)) return false;
      if (words[at + 5] > HIGH_HALF_MAX) return false;
      return (words[at + 6] | words[at + 7]) === 0;
    case KIND.mark:
      if ((head & 0xfffff000) !== 0) return false;
      if ((second | third) !== 0) return false;
      return textFits(words, at, head, first, 0, TEXT_BYTES_MAX);
    case KIND.labelFile:
      if ((head & 0xfffff000) !== 0) return false;
      if (first === 0) return false;
      if ((second | third) !== 0) return false;
      return textFits(words, at, head, first, 0, TEXT_BYTES_MAX);
    case KIND.counter:
      return isCounter(words, at, head);
    default:
      return false;
  }
}

function isCounter(words: Uint32Array, at: number, head: number): boolean {
  const ofDomain = (head & 0xf000) >>> 12;
  if (ofDomain > COUNTER_OF_DOMAIN) return false;
  // The host has no domid.
  if (ofDomain === 0 && head >>> 16 !== 0) return false;
  // Within ±(2^53 − 1): the high half is signed.
  const high = words[at + 2] | 0;
  if (high < -HIGH_HALF_MAX - 1 || high > HIGH_HALF_MAX) return false;
  if (high === -HIGH_HALF_MAX - 1 && words[at + 1] === 0) return false;
  const bytes = words[at + 3];
  return bytes > 0 && textFits(words, at, head, bytes, 0, TEXT_BYTES_MAX);
}

/** Whether `bytes` of text behind 1 + `slotsBefore` slots end the record, padded with zero bytes. */
function textFits(
  words: Uint32Array,
  at: number,
  head: number,
  bytes: number,
  slotsBefore: number,
  bytesMax: number,
): boolean {
  if (bytes > bytesMax) return false;
  const slots = slotsBefore + Math.ceil(bytes / SLOT_BYTES);
  if (((head >>> 6) & 63) !== slots) return false;
  const textWord = at + 4 + 4 * slotsBefore;
  const end = at + 4 + 4 * slots;
  let pad = textWord + (bytes >>> 2);
  if (bytes % 4 !== 0) {
    if (words[pad] >>> (8 * (bytes % 4)) !== 0) return false;
    pad++;
  }
  for (; pad < end; pad++) if (words[pad] !== 0) return false;
  return true;
}
