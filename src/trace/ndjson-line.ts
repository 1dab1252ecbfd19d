/**
 * One NDJSON line into records, checked by hand: this is the hot path of scripts' traces, and the messages must tell
 * a script's author what to mend. A field that is not known for its record is refused, because a misspelled optional
 * field would silently mean its default.
 */
import { assert } from '../base/assert.js';
import { hashHigh, hashLow, isHashHex } from '../base/hash-hex.js';
import { printable } from '../base/printable.js';
import { EXTRA_FRAMES_MAX, FILL_CLASS, NO_GFN, READ_ALIGNED, READ_HASH_KNOWN, SPAN_FRAMES_MAX } from './record.js';
import type { RecordBuffer } from './record-buffer.js';
import { FILL_CLASS_TEXT } from './ndjson.js';

/** What JSON.parse gives for an object. Only own fields are read. */
type Line = Readonly<Record<string, unknown>>;

const U32_MAX = 0xffffffff;
const U16_MAX = 0xffff;
const GFN_MAX = NO_GFN - 1;

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  time: [],
  host: ['name', 'hypervisor', 'frames'],
  image: ['id', 'name', 'readOnly', 'blocks'],
  domain: ['domid', 'key', 'name', 'group', 'kind', 'frames'],
  gone: ['domid'],
  fill: ['domid', 'gfn', 'hash', 'class', 'count', 'hashes'],
  dirty: ['domid', 'gfn', 'count'],
  free: ['domid', 'gfn', 'count'],
  touch: ['domid', 'gfn', 'count'],
  blockRead: ['domid', 'image', 'block', 'hash', 'gfn', 'aligned', 'hashes'],
  blockWrite: ['domid', 'image', 'block', 'count'],
  label: ['hash', 'offset', 'text'],
  mark: ['text'],
  lost: ['count'],
  keyframe: ['domid', 'phase'],
  extra: ['domid', 'index', 'count', 'hash', 'class'],
  counter: ['domid', 'name', 'value'],
  labelFile: ['path'],
  scan: ['domid', 'phase'],
};
const FIELD_SETS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(FIELDS).map(([record, fields]) => [record, new Set(['record', 't', ...fields])]),
);
const CLASS_BY_TEXT: ReadonlyMap<unknown, number> = new Map([...FILL_CLASS_TEXT].map(([value, text]) => [text, value]));

const NO_OBJECT = 'not a JSON object: every line is one, e.g. {"record":"gone","domid":1}';
const NAME_CHARACTERS_MAX = 32;

/** The problem of a line, thrown and caught inside this file only. */
class LineProblem extends Error {}

/** Reads lines into records; holds the time that the lines so far have set. */
export class LineReader {
  /** Trace time in µs before the next line. */
  timeMicros = 0;

  /**
   * Appends the records of one line (without its newline) to the buffer; nothing if the line is bad.
   *
   * @returns the problem of a bad line, undefined for a good one.
   */
  read(text: string, buffer: RecordBuffer): string | undefined {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return NO_OBJECT;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return NO_OBJECT;
    const { wordCount, recordCount } = buffer;
    const timeMicros = this.timeMicros;
    try {
      this.#append(value as Line, buffer);
      return undefined;
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      buffer.wordCount = wordCount;
      buffer.recordCount = recordCount;
      this.timeMicros = timeMicros;
      return error.message;
    }
  }

  #append(line: Line, buffer: RecordBuffer): void {
    const record = line['record'];
    const known = FIELD_SETS.get(record as string);
    if (known === undefined) {
      throw new LineProblem(record === undefined ? 'no field "record"' : `record ${shown(record)} is not known`);
    }
    for (const field in line) {
      if (!known.has(field)) throw new LineProblem(`field ${shown(field)} is not known for record "${String(record)}"`);
    }
    if (line['t'] !== undefined) {
      const micros = integer(line, 't', 0, Number.MAX_SAFE_INTEGER);
      if (micros !== this.timeMicros || record === 'time') buffer.time(micros);
      this.timeMicros = micros;
    } else if (record === 'time') {
      throw new LineProblem('no field "t"');
    }
    if (record !== 'time') appendRecord(record as string, line, buffer);
  }
}

function appendRecord(record: string, line: Line, buffer: RecordBuffer): void {
  switch (record) {
    case 'fill': {
      appendFill(line, buffer);
      return;
    }
    case 'dirty':
    case 'free':
    case 'touch': {
      const gfn = integer(line, 'gfn', 0, GFN_MAX);
      buffer[record](domidField(line), gfn, integer(line, 'count', 1, NO_GFN - gfn, 1));
      return;
    }
    case 'blockRead': {
      appendBlockRead(line, buffer);
      return;
    }
    case 'blockWrite': {
      const block = integer(line, 'block', 0, U32_MAX);
      const count = integer(line, 'count', 1, Math.min(U32_MAX, U32_MAX + 1 - block), 1);
      buffer.blockWrite(domidField(line), integer(line, 'image', 0, U32_MAX), block, count);
      return;
    }
    case 'gone': {
      buffer.gone(domidField(line));
      return;
    }
    case 'keyframe':
    case 'scan': {
      const begins = beginsPhase(line);
      const domid = domidField(line);
      if (record === 'scan') buffer[begins ? 'scanBegin' : 'scanEnd'](domid);
      else buffer[begins ? 'keyframeBegin' : 'keyframeEnd'](domid);
      return;
    }
    case 'extra': {
      const index = integer(line, 'index', 0, EXTRA_FRAMES_MAX - 1);
      const count = integer(line, 'count', 1, EXTRA_FRAMES_MAX - index, 1);
      hashField(line);
      buffer.extra(domidField(line), index, count, $hash.low, $hash.high, classField(line));
      return;
    }
    case 'lost': {
      buffer.lost(integer(line, 'count', 1, Number.MAX_SAFE_INTEGER));
      return;
    }
    default: {
      appendDeclaration(record, line, buffer);
      return;
    }
  }
}

function appendDeclaration(record: string, line: Line, buffer: RecordBuffer): void {
  switch (record) {
    case 'host': {
      const frames = integer(line, 'frames', 0, Number.MAX_SAFE_INTEGER);
      buffer.host(textField(line, 'name'), textField(line, 'hypervisor', ''), frames);
      return;
    }
    case 'image': {
      const id = integer(line, 'id', 0, U32_MAX);
      const readOnly = booleanField(line, 'readOnly');
      buffer.image(id, textField(line, 'name'), readOnly, integer(line, 'blocks', 0, U32_MAX));
      return;
    }
    case 'domain': {
      const domid = domidField(line);
      const name = textField(line, 'name', typeof line['key'] === 'string' ? line['key'] : undefined);
      const key = textField(line, 'key', name);
      if (key === '') throw new LineProblem('field "key" must not be empty');
      const group = textField(line, 'group', 'default');
      buffer.domain(domid, key, name, group, textField(line, 'kind', ''), integer(line, 'frames', 0, U32_MAX));
      return;
    }
    case 'label': {
      hashField(line);
      buffer.label(
        $hash.low,
        $hash.high,
        integer(line, 'offset', 0, Number.MAX_SAFE_INTEGER, 0),
        textField(line, 'text'),
      );
      return;
    }
    case 'mark': {
      buffer.mark(textField(line, 'text'));
      return;
    }
    case 'labelFile': {
      buffer.labelFile(filledTextField(line, 'path'));
      return;
    }
    case 'counter': {
      const domid = line['domid'] === undefined ? null : domidField(line);
      const value = integer(line, 'value', -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      buffer.counter(domid, filledTextField(line, 'name'), value);
      return;
    }
    default:
      assert(false, `record ${record} is in FIELDS`);
  }
}

function appendFill(line: Line, buffer: RecordBuffer): void {
  const domid = domidField(line);
  const gfn = integer(line, 'gfn', 0, GFN_MAX);
  const fillClass = classField(line);
  if (line['hashes'] !== undefined) {
    if (line['hash'] !== undefined) throw new LineProblem('a fill has either "hash" or "hashes"');
    if (line['count'] !== undefined) throw new LineProblem('a fill has either "count" or "hashes"');
    if (fillClass !== FILL_CLASS.plain) throw new LineProblem('a fill with "hashes" has no "class"');
    appendSpans(domid, gfn, line['hashes'], buffer);
    return;
  }
  hashField(line);
  if (line['count'] === undefined) {
    buffer.fill(domid, gfn, $hash.low, $hash.high, fillClass);
    return;
  }
  const count = integer(line, 'count', 1, NO_GFN - gfn);
  buffer.fillRun(domid, gfn, count, $hash.low, $hash.high, fillClass);
}

function appendSpans(domid: number, gfn: number, hashes: unknown, buffer: RecordBuffer): void {
  const list = hashesOf(hashes);
  if (gfn + list.length > NO_GFN) throw new LineProblem('field "hashes" goes beyond the last gfn, 4294967294');
  for (let start = 0; start < list.length; start += SPAN_FRAMES_MAX) {
    buffer.fillSpan(domid, gfn + start, scratchSpan(list, start), $spanHashes, 0);
  }
}

function appendReadSpans(domid: number, image: number, block: number, hashes: unknown, buffer: RecordBuffer): void {
  const list = hashesOf(hashes);
  if (block + list.length > U32_MAX + 1) throw new LineProblem('field "hashes" goes beyond the last block, 4294967295');
  for (let start = 0; start < list.length; start += SPAN_FRAMES_MAX) {
    buffer.blockReadSpan(domid, image, block + start, scratchSpan(list, start), $spanHashes, 0);
  }
}

function hashesOf(hashes: unknown): readonly unknown[] {
  if (Array.isArray(hashes) && hashes.length > 0) return hashes;
  throw new LineProblem('field "hashes" must be an array of strings of 16 hex digits, not empty');
}

/** Puts the hashes from `start` on, as many as one span holds, into the scratch; returns their number. */
function scratchSpan(hashes: readonly unknown[], start: number): number {
  const count = Math.min(SPAN_FRAMES_MAX, hashes.length - start);
  for (let i = 0; i < count; i++) {
    parseHash(hashes[start + i], 'each of "hashes"');
    $spanHashes[2 * i] = $hash.low;
    $spanHashes[2 * i + 1] = $hash.high;
  }
  return count;
}

function appendBlockRead(line: Line, buffer: RecordBuffer): void {
  const domid = domidField(line);
  const image = integer(line, 'image', 0, U32_MAX);
  const block = integer(line, 'block', 0, U32_MAX);
  if (line['hashes'] !== undefined) {
    for (const other of ['hash', 'gfn', 'aligned']) {
      if (line[other] !== undefined) throw new LineProblem(`a block read with "hashes" has no "${other}"`);
    }
    appendReadSpans(domid, image, block, line['hashes'], buffer);
    return;
  }
  const gfn = line['gfn'] === undefined ? NO_GFN : integer(line, 'gfn', 0, GFN_MAX);
  const aligned = line['aligned'] === undefined || booleanField(line, 'aligned') ? READ_ALIGNED : 0;
  if (line['hash'] === undefined) {
    buffer.blockRead(domid, image, block, 0, 0, gfn, aligned);
    return;
  }
  hashField(line);
  buffer.blockRead(domid, image, block, $hash.low, $hash.high, gfn, aligned | READ_HASH_KNOWN);
}

/** Scratch of the fields that are two numbers. */
const $hash = { low: 0, high: 0 };
const $spanHashes = new Uint32Array(2 * SPAN_FRAMES_MAX);

function integer(line: Line, field: string, min: number, max: number, otherwise?: number): number {
  const value = line[field];
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (Number.isInteger(value)) {
    const number = value as number;
    // Adding 0 makes 0 of −0, which is not the same bits.
    if (number >= min && number <= max) return number + 0;
  }
  throw new LineProblem(`field "${field}" must be an integer in ${min} … ${max}`);
}

function domidField(line: Line): number {
  return integer(line, 'domid', 0, U16_MAX);
}

function textField(line: Line, field: string, otherwise?: string): string {
  const value = line[field];
  if (typeof value === 'string') return value;
  if (value === undefined && otherwise !== undefined) return otherwise;
  throw new LineProblem(`field "${field}" must be a string`);
}

function filledTextField(line: Line, field: string): string {
  const value = textField(line, field);
  if (value === '') throw new LineProblem(`field "${field}" must not be empty`);
  return value;
}

/** The "phase" of a record that begins and ends. */
function beginsPhase(line: Line): boolean {
  const phase = line['phase'];
  if (phase === 'begin' || phase === 'end') return phase === 'begin';
  throw new LineProblem('field "phase" must be "begin" or "end"');
}

function booleanField(line: Line, field: string): boolean {
  const value = line[field];
  if (typeof value === 'boolean') return value;
  throw new LineProblem(`field "${field}" must be true or false`);
}

function classField(line: Line): number {
  const value = line['class'];
  if (value === undefined) return FILL_CLASS.plain;
  const named = CLASS_BY_TEXT.get(value);
  if (named !== undefined) return named;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 15) return (value as number) + 0;
  throw new LineProblem('field "class" must be "plain", "thp-zero" or a number in 0 … 15');
}

function hashField(line: Line): void {
  parseHash(line['hash'], 'field "hash"');
}

/** Leaves the hash in $hash. */
function parseHash(value: unknown, what: string): void {
  if (typeof value !== 'string' || !isHashHex(value)) {
    throw new LineProblem(`${what} must be a string of 16 hex digits`);
  }
  $hash.low = hashLow(value);
  $hash.high = hashHigh(value);
}

/** A foreign value in a message: short and printable. */
function shown(value: unknown): string {
  return typeof value === 'string' ? `"${printable(value, NAME_CHARACTERS_MAX)}"` : `of type ${typeof value}`;
}
