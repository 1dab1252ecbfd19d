/**
 * Reads a block trace (`.blk.csv`, `.blk.csv.gz`): the requests that guests made to their disks, one a line.
 *
 *   t_rel_s,op,sector,nsectors,hashes        of one guest, e.g. from QEMU; op is R or W
 *   t_s,domid,sector,nsectors,hashes         of several, e.g. from blktrace in dom0; no op: all are reads
 *
 * The header line names the columns, in any order; others are ignored. Times in seconds, decimal. Sectors are 512
 * bytes. `hashes`: for each 4 KiB block of an aligned read 16 hex digits, or `-` where the content is not known,
 * separated by spaces; empty for writes, for unaligned requests, and if nothing is known of an aligned read.
 */
import { assert } from '../base/assert.js';
import { printable } from '../base/printable.js';
import { SECTORS_PER_BLOCK } from '../base/units.js';
import { parseDecimalSeconds } from './decimal-seconds.js';
import type { InputFile } from './input-file.js';
import { TraceError } from '../trace/trace-error.js';

/** A request of 64 MiB of hashes has lines of 280 kB; anything longer is no block trace. */
const LINE_BYTES_MAX = 1024 * 1024;
const BLOCK_MAX = 2 ** 32 - 1;
const HASH_DIGITS = 16;

/** One request; the object and its arrays are used again for the next line. */
export interface BlockRequest {
  /** On the file's own clock, µs. */
  timeMicros: number;
  write: boolean;
  /** -1 in a file without such a column. */
  domid: number;
  sector: number;
  sectorCount: number;
  /** Both ends on 4 KiB. */
  aligned: boolean;
  /** Blocks with an entry in `hashes` and `known`: all of an aligned read, else 0. */
  blockCount: number;
  /** Low and high halves in turn; 0, 0 where not known. */
  hashes: Uint32Array;
  /** 1 where the hash of a block is known, 2 where it is said to be unknown: no image tells it then. */
  known: Uint8Array;
  /** Which of the guest's disks, as its log calls it; '' in a trace of one disk. */
  disk: string;
}

/** Where requests come from, one after another: a block trace, a log. */
export interface RequestSource {
  /** What `next` has read. */
  readonly request: BlockRequest;
  /** Number of the line that `next` has read, from 1. */
  readonly line: number;
  /** Whether the requests name their domain. */
  readonly hasDomid: boolean;
  /** What was left out so far, a line each. */
  readonly notes: readonly string[];
  /** Lines left out because they are damaged. */
  readonly damagedLines: number;
  /** Reads the next request; false after the last. */
  next(): Promise<boolean>;
}

/** A request to be filled in. */
export function emptyRequest(): BlockRequest {
  return {
    timeMicros: -1,
    write: false,
    domid: -1,
    sector: 0,
    sectorCount: 0,
    aligned: false,
    blockCount: 0,
    hashes: new Uint32Array(512),
    known: new Uint8Array(256),
    disk: '',
  };
}

/** Makes room for the hashes of so many blocks; none of them is known. */
export function reserveUnknown(request: BlockRequest, blocks: number): void {
  request.blockCount = blocks;
  reserve(request, blocks);
  request.known.fill(0, 0, blocks);
  request.hashes.fill(0, 0, 2 * blocks);
}

function reserve(request: BlockRequest, blocks: number): void {
  if (blocks <= request.known.length) return;
  request.known = new Uint8Array(blocks * 2);
  request.hashes = new Uint32Array(blocks * 4);
}

interface Columns {
  readonly count: number;
  readonly time: number;
  readonly op: number;
  readonly domid: number;
  readonly sector: number;
  readonly sectorCount: number;
  readonly hashes: number;
}

/** Whether a file that starts with these bytes is a block trace: its first line names the columns of one. */
export function isBlockTrace(start: Uint8Array): boolean {
  const line = Buffer.from(start).toString('latin1').split(/\r?\n/, 1)[0];
  return typeof readColumns(line) === 'object';
}

/** Reads one request after another. Throws TraceError with file and line at the first that is none. */
export class BlockTrace implements RequestSource {
  /** The request that `next` has read. */
  readonly request: BlockRequest = emptyRequest();

  /** Nothing is ever left out: the first line that is no request is an error. */
  readonly notes: readonly string[] = [];
  readonly damagedLines = 0;

  #text = '';
  #at = 0;
  #ended = false;

  private constructor(
    readonly file: InputFile,
    readonly columns: Columns,
    /** Number of the line that `next` has read, from 1. */
    public line: number,
  ) {}

  /** Reads the header line. Throws TraceError if the columns are not those of a block trace. */
  static async open(file: InputFile): Promise<BlockTrace> {
    const start = Buffer.from(await file.peek(4096)).toString('latin1');
    const columns = readColumns(start.split(/\r?\n/, 1)[0]);
    if (typeof columns === 'string') throw file.errorAt(0, columns);
    const trace = new BlockTrace(file, columns, 0);
    const header = await trace.#nextLine();
    assert(header !== null, 'the header was seen');
    return trace;
  }

  /** Whether the requests name their domain. */
  get hasDomid(): boolean {
    return this.columns.domid >= 0;
  }

  /** Reads the next request; false after the last. Throws TraceError at a line that is none. */
  async next(): Promise<boolean> {
    for (;;) {
      const line = await this.#nextLine();
      if (line === null) return false;
      if (line === '') continue;
      this.#parse(line);
      return true;
    }
  }

  /** An error about the line that was read last. */
  error(problem: string): TraceError {
    return new TraceError(this.file.path, `line ${this.line}`, problem);
  }

  async #nextLine(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf('\n', this.#at);
      if (end >= 0 || (this.#ended && this.#at < this.#text.length)) {
        const line = this.#text.slice(this.#at, end >= 0 ? end : this.#text.length);
        this.#at = end >= 0 ? end + 1 : this.#text.length;
        this.line++;
        return line.endsWith('\r') ? line.slice(0, -1) : line;
      }
      if (this.#ended) return null;
      if (this.#text.length - this.#at > LINE_BYTES_MAX) {
        this.line++;
        throw this.error(`longer than ${LINE_BYTES_MAX} bytes: not a block trace`);
      }
      const chunk = await this.file.chunk();
      this.#ended = chunk === null;
      if (chunk === null) continue;
      const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
      this.#text = this.#text.slice(this.#at) + text;
      this.#at = 0;
    }
  }

  #parse(line: string): void {
    const { columns, request } = this;
    const fields = line.split(',');
    if (fields.length !== columns.count) {
      throw this.error(`${fields.length} fields where the header names ${columns.count}`);
    }
    const time = parseDecimalSeconds(fields[columns.time]);
    if (time === null || time < 0) throw this.error(`time ${quoted(fields[columns.time])} is not seconds ≥ 0`);
    request.timeMicros = time;
    request.write = this.#parseWrite(columns.op < 0 ? 'R' : fields[columns.op]);
    request.domid = columns.domid < 0 ? -1 : this.#parseInteger('domid', fields[columns.domid], 0xffff);
    const sectorMax = BLOCK_MAX * SECTORS_PER_BLOCK;
    request.sector = this.#parseInteger('sector', fields[columns.sector], sectorMax);
    request.sectorCount = this.#parseInteger('nsectors', fields[columns.sectorCount], sectorMax);
    if (request.sectorCount === 0) throw this.error('nsectors is 0');
    if (request.sector + request.sectorCount > sectorMax) throw this.error('the request ends past block 2^32 - 1');
    request.aligned = request.sector % SECTORS_PER_BLOCK === 0 && request.sectorCount % SECTORS_PER_BLOCK === 0;
    this.#parseHashes(fields[columns.hashes]);
  }

  #parseWrite(op: string): boolean {
    if (op !== 'R' && op !== 'W') throw this.error(`op ${quoted(op)} is neither R nor W`);
    return op === 'W';
  }

  #parseInteger(name: string, text: string, max: number): number {
    const value = /^\d{1,11}$/.test(text) ? Number(text) : -1;
    if (value < 0 || value > max) throw this.error(`${name} ${quoted(text)} is not an integer in 0 … ${max}`);
    return value;
  }

  #parseHashes(text: string): void {
    const { request } = this;
    const takesHashes = request.aligned && !request.write;
    request.blockCount = takesHashes ? request.sectorCount / SECTORS_PER_BLOCK : 0;
    if (text === '') {
      // An aligned read of terabytes without hashes is one short line: nothing may be allocated for it.
      if (takesHashes && request.blockCount > LINE_BYTES_MAX) throw this.error('a read of more than 4 GiB');
      reserveUnknown(request, request.blockCount);
      return;
    }
    if (!takesHashes) throw this.error(`a ${request.write ? 'write' : 'read that is not 4 KiB aligned'} has no hashes`);
    const hashes = text.split(' ');
    if (hashes.length !== request.blockCount) {
      throw this.error(`${hashes.length} hashes for ${request.blockCount} blocks of 4 KiB`);
    }
    reserve(request, request.blockCount);
    for (let i = 0; i < hashes.length; i++) this.#parseHash(i, hashes[i]);
  }

  #parseHash(i: number, text: string): void {
    const { hashes, known } = this.request;
    let low = 0;
    let high = 0;
    if (text !== '-') {
      high = text.length === HASH_DIGITS ? hexWord(text, 0) : -1;
      low = high < 0 ? -1 : hexWord(text, HASH_DIGITS / 2);
      if (low < 0) throw this.error(`${quoted(text)} is not a hash of 16 hex digits`);
    }
    // Where a trace tells no writes, only this mark knows that the domain has written the block.
    known[i] = text !== '-' ? 1 : this.columns.op < 0 ? 2 : 0;
    hashes[2 * i] = low;
    hashes[2 * i + 1] = high;
  }
}

/** The columns that a header line names, or what is wrong with it. */
function readColumns(line: string): Columns | string {
  const names = line.split(',').map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return `the header names the column ${quoted(twice)} twice`;
  const columns = {
    count: names.length,
    time: Math.max(names.indexOf('t_rel_s'), names.indexOf('t_s')),
    op: names.indexOf('op'),
    domid: names.indexOf('domid'),
    sector: names.indexOf('sector'),
    sectorCount: names.indexOf('nsectors'),
    hashes: names.indexOf('hashes'),
  };
  if (columns.time < 0) return 'not a block trace: no column t_rel_s or t_s in its first line';
  if (columns.sector < 0) return 'not a block trace: no column sector in its first line';
  if (columns.sectorCount < 0) return 'not a block trace: no column nsectors in its first line';
  if (columns.hashes < 0) return 'not a block trace: no column hashes in its first line';
  return columns;
}

/** The 8 hex digits at `at` as u32, or -1. */
function hexWord(text: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const code = text.charCodeAt(i);
    let digit = code - 48;
    if (digit > 9) digit = (code | 32) - 87;
    if (digit < 0 || digit > 15 || (code > 57 && digit < 10)) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Input in a message: short, and nothing that a terminal would obey. */
function quoted(text: string | undefined): string {
  return `'${printable(text ?? '', 24)}'`;
}
