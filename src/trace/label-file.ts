/**
 * The label file: what contents are. One file an image, written once by `sharetop label`; traces refer to it. Little-
 * endian, docs/LABELS.md draws every byte.
 *
 *   header, 64 bytes                          behind it, without gaps
 *    0  8  magic 89 "PGL" 0d 0a 1a 0a          5 columns of n u32, rows ascending by hash (u64), each hash once:
 *    8  4  version (1)                           hash low; hash high; file; page in the file; further files
 *   12  4  page size (4096)                    2 columns of f u32: where the name ends in the text; package
 *   16  4  hash algorithm (1 = XXH64)          1 column of p u32: where the name ends in the text
 *   20  4  header bytes (64)                   text: image, packages (the first is ''), files; t bytes
 *   24  8  hash seed (0)
 *   32  4  labels n     36  4  files f
 *   40  4  packages p   44  4  text bytes t
 *   48  4  bytes of the image's name
 *   52  4  CRC32 of what follows the header
 *   56  4  0
 *   60  4  CRC32 of the 60 bytes before
 */
import { assert } from '../base/assert.js';
import { hashHex } from '../base/hash-hex.js';
import { PAGE_BYTES } from '../base/units.js';
import { crc32, HASH_XXH64 } from './binary.js';
import { fillPageHigh, fillPageLow } from './fill-pages.js';
import { TraceError } from './trace-error.js';

export const LABEL_FILE_VERSION = 1;
export const LABEL_HEADER_BYTES = 64;

/** Little-endian words of 89 50 47 4c and 0d 0a 1a 0a. */
const MAGIC_LOW = 0x4c475089;
const MAGIC_HIGH = 0x0a1a0a0d;
const LABEL_COLUMNS = 5;
const FILE_COLUMNS = 2;
/** Rows a bucket of the index, on average: hashes are uniform. */
const ROWS_PER_BUCKET = 4;
const BUCKET_BITS_MAX = 26;

/** What a content is: where it was found. */
export interface ContentLabel {
  /** Path in the image, e.g. /usr/lib/x86_64-linux-gnu/libc.so.6; bytes that are no UTF-8 are U+FFFD. */
  readonly file: string;
  /** Bytes into the file, a multiple of 4096. */
  readonly offset: number;
  /** dpkg's package, '' if unknown. */
  readonly package: string;
  /** Name of the image or root that was labelled. */
  readonly image: string;
  /** Further files (not places) with the same content. */
  readonly more: number;
}

/** Labels of one label file. Names are as in the file: hostile until they went through `printable`. */
export interface LabelTable {
  readonly image: string;
  /** Rows: contents that have a label. */
  readonly labels: number;
  readonly files: number;
  /** Including number 0, which is the unknown package ''. */
  readonly packages: number;
  /** Memory held by the table, bytes. */
  readonly bytes: number;
  /** Row of a content's label, or -1. About O(1), no allocation. */
  rowOf(low: number, high: number): number;
  labelAt(row: number): ContentLabel;
  /** The content of a row, 16 hex digits. */
  hashAt(row: number): string;
  /** The file of a row: a number below `files`, for summing. */
  fileAt(row: number): number;
  /** The package of a row: a number below `packages`, for summing. */
  packageAt(row: number): number;
  fileName(file: number): string;
  packageName(pkg: number): string;
}

/** What a label file is made of. Rows ascend by hash as u64, each hash once, no page of one byte repeated. */
export interface LabelContents {
  readonly image: string;
  /** The first is '', the unknown one. */
  readonly packages: readonly string[];
  readonly files: readonly LabelledFile[];
  /** Rows; the columns may be longer. */
  readonly count: number;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Number in `files`. */
  readonly file: Uint32Array;
  /** Offset in the file / 4096. */
  readonly page: Uint32Array;
  /** Further files with the same content. */
  readonly more: Uint32Array;
}

/** A file that labels name. */
export interface LabelledFile {
  /** Path in the image; bytes where it is not UTF-8. */
  readonly name: string | Uint8Array;
  /** Number in `packages`. */
  readonly package: number;
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Hands the file's bytes to `write`, piece by piece, without a copy of the columns. */
export function writeLabelFile(contents: LabelContents, write: (bytes: Uint8Array) => void): void {
  const pieces = bodyPieces(contents);
  const header = new Uint32Array(LABEL_HEADER_BYTES / 4);
  const headerBytes = new Uint8Array(header.buffer);
  header.set([MAGIC_LOW, MAGIC_HIGH, LABEL_FILE_VERSION, PAGE_BYTES, HASH_XXH64, LABEL_HEADER_BYTES]);
  header[8] = contents.count;
  header[9] = contents.files.length;
  header[10] = contents.packages.length;
  header[11] = pieces.text.length;
  header[12] = pieces.imageBytes;
  let sum = 0;
  for (const piece of pieces.all) sum = crc32(piece, sum);
  header[13] = sum;
  header[15] = crc32(headerBytes.subarray(0, LABEL_HEADER_BYTES - 4));
  write(headerBytes);
  for (const piece of pieces.all) write(piece);
}

/** The whole file in memory; for large ones see writeLabelFile. */
export function encodeLabelFile(contents: LabelContents): Uint8Array {
  const pieces: Uint8Array[] = [];
  writeLabelFile(contents, (bytes) => pieces.push(bytes));
  return new Uint8Array(Buffer.concat(pieces));
}

function bodyPieces(contents: LabelContents): { all: Uint8Array[]; text: Uint8Array; imageBytes: number } {
  const { packages, files, count } = contents;
  assert(packages[0] === '', 'the first package is the unknown one');
  const names: Uint8Array[] = [textEncoder.encode(contents.image)];
  const imageBytes = names[0].length;
  let end = imageBytes;
  const add = (name: string | Uint8Array): number => {
    const bytes = typeof name === 'string' ? textEncoder.encode(name) : name;
    names.push(bytes);
    end += bytes.length;
    assert(end < 2 ** 32, 'the names of a label file have fewer than 4 GiB');
    return end;
  };
  const packageEnds = Uint32Array.from(packages, add);
  const fileEnds = Uint32Array.from(files, (file) => add(file.name));
  const filePackages = Uint32Array.from(files, (file) => file.package);
  const columns = [contents.low, contents.high, contents.file, contents.page, contents.more];
  const words = [...columns.map((column) => column.subarray(0, count)), fileEnds, filePackages, packageEnds];
  const text = new Uint8Array(end);
  let at = 0;
  for (const name of names) {
    text.set(name, at);
    at += name.length;
  }
  const all = words.map((column) => new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return { all: [...all, text], text, imageBytes };
}

/**
 * Reads a label file. The table keeps `bytes` (a copy, if they are not aligned to 4): the caller leaves them alone.
 * Throws TraceError (source, place, problem) for a file that is none, is damaged, or newer than known.
 */
export function decodeLabelFile(bytes: Uint8Array, source: string): LabelTable {
  const whole = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  if (whole.length < LABEL_HEADER_BYTES) {
    throw new TraceError(source, '', `${whole.length} bytes are no label file: make one with \`sharetop label\``);
  }
  return new DecodedLabels(whole, readHeader(whole, source), source);
}

interface LabelHeader {
  readonly labels: number;
  readonly files: number;
  readonly packages: number;
  readonly textBytes: number;
  readonly imageBytes: number;
}

function readHeader(bytes: Uint8Array, source: string): LabelHeader {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, LABEL_HEADER_BYTES / 4);
  const fail = (place: string, problem: string): never => {
    throw new TraceError(source, place, problem);
  };
  if (words[0] !== MAGIC_LOW || words[1] !== MAGIC_HIGH) {
    fail('', 'is no label file: make one with `sharetop label`');
  }
  if (words[15] !== crc32(bytes.subarray(0, LABEL_HEADER_BYTES - 4))) {
    fail('offset 60', 'the header has a wrong checksum: label the image again');
  }
  if (words[2] !== LABEL_FILE_VERSION) {
    fail('offset 8', `version ${words[2]} of label files is not known, only 1 is: read it with a newer sharetop`);
  }
  if (words[3] !== PAGE_BYTES) fail('offset 12', `page size ${words[3]} is not supported, only ${PAGE_BYTES} is`);
  if (words[4] !== HASH_XXH64) fail('offset 16', `hash algorithm ${words[4]} is not known, only 1 (XXH64) is`);
  if (words[5] !== LABEL_HEADER_BYTES) fail('offset 20', `a header of ${words[5]} bytes is not known, only 64 is`);
  if (words[6] !== 0 || words[7] !== 0) fail('offset 24', 'the hash seed is not 0: label the image with seed 0');
  const [labels, files, packages, textBytes, imageBytes] = words.subarray(8, 13);
  const columns = 4 * (LABEL_COLUMNS * labels + FILE_COLUMNS * files + packages);
  const expected = LABEL_HEADER_BYTES + columns + textBytes;
  if (expected !== bytes.length) {
    fail('offset 32', `${bytes.length} bytes, but the header speaks of ${expected}: copy the file again`);
  }
  if (words[13] !== crc32(bytes.subarray(LABEL_HEADER_BYTES))) {
    fail('offset 52', 'wrong checksum, the labels are damaged: copy the file again or label the image again');
  }
  if (packages === 0) fail('offset 40', 'no package, not even the unknown one: label the image again');
  if (imageBytes > textBytes) fail('offset 48', `a name of ${imageBytes} bytes in ${textBytes} bytes of text`);
  return { labels, files, packages, textBytes, imageBytes };
}

class DecodedLabels implements LabelTable {
  readonly image: string;
  readonly labels: number;
  readonly files: number;
  readonly packages: number;
  readonly bytes: number;
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #file: Uint32Array;
  readonly #page: Uint32Array;
  readonly #more: Uint32Array;
  readonly #fileEnds: Uint32Array;
  readonly #filePackages: Uint32Array;
  readonly #packageEnds: Uint32Array;
  readonly #text: Uint8Array;
  readonly #imageBytes: number;
  /** The first row of each value of the high half's upper bits, and one past the last row. */
  readonly #bucketStarts: Uint32Array;
  readonly #bucketShift: number;

  constructor(bytes: Uint8Array, header: LabelHeader, source: string) {
    ({ labels: this.labels, files: this.files, packages: this.packages, imageBytes: this.#imageBytes } = header);
    let at = LABEL_HEADER_BYTES;
    const column = (words: number): Uint32Array => {
      const view = new Uint32Array(bytes.buffer, bytes.byteOffset + at, words);
      at += 4 * words;
      return view;
    };
    this.#low = column(this.labels);
    this.#high = column(this.labels);
    this.#file = column(this.labels);
    this.#page = column(this.labels);
    this.#more = column(this.labels);
    this.#fileEnds = column(this.files);
    this.#filePackages = column(this.files);
    this.#packageEnds = column(this.packages);
    this.#text = bytes.subarray(at);
    this.image = textDecoder.decode(this.#text.subarray(0, header.imageBytes));

    const problem = this.#problemOfNames() ?? this.#problemOfRows();
    if (problem !== undefined) throw new TraceError(source, '', `${problem}: label the image again`);
    const bits = Math.min(BUCKET_BITS_MAX, Math.max(1, Math.ceil(Math.log2(this.labels / ROWS_PER_BUCKET))));
    this.#bucketShift = 32 - bits;
    this.#bucketStarts = new Uint32Array(2 ** bits + 1);
    this.#fillBuckets();
    this.bytes = bytes.length + this.#bucketStarts.byteLength;
    for (let byte = 0; byte < 256; byte++) {
      if (this.rowOf(fillPageLow(byte), fillPageHigh(byte)) < 0) continue;
      throw new TraceError(source, '', `a label for the page of bytes ${byte}, which is no file's: label again`);
    }
  }

  #problemOfNames(): string | undefined {
    let end = this.#imageBytes;
    for (let i = 0; i < this.packages; i++) {
      if (this.#packageEnds[i] < end) return `the name of package ${i} ends before it begins`;
      end = this.#packageEnds[i];
    }
    if (this.#packageEnds[0] !== this.#imageBytes) return 'the first package is not the unknown one';
    for (let i = 0; i < this.files; i++) {
      if (this.#fileEnds[i] < end) return `the name of file ${i} ends before it begins`;
      if (this.#filePackages[i] >= this.packages)
        return `file ${i} is of package ${this.#filePackages[i]}, there is none`;
      end = this.#fileEnds[i];
    }
    return end === this.#text.length ? undefined : `names end at ${end}, the text at ${this.#text.length}`;
  }

  #problemOfRows(): string | undefined {
    const { labels, files } = this;
    const low = this.#low;
    const high = this.#high;
    const file = this.#file;
    for (let row = 0; row < labels; row++) {
      if (file[row] >= files) return `label ${row} names file ${file[row]}, there is none`;
      if (row === 0) continue;
      if (high[row] > high[row - 1]) continue;
      if (high[row] < high[row - 1] || low[row] <= low[row - 1]) return `label ${row} is not in the order of hashes`;
    }
    return undefined;
  }

  #fillBuckets(): void {
    const starts = this.#bucketStarts;
    const high = this.#high;
    let bucket = 0;
    for (let row = 0; row < this.labels; row++) {
      const own = high[row] >>> this.#bucketShift;
      while (bucket < own) starts[++bucket] = row;
    }
    starts.fill(this.labels, bucket + 1);
  }

  rowOf(low: number, high: number): number {
    const bucket = high >>> this.#bucketShift;
    let from = this.#bucketStarts[bucket];
    let to = this.#bucketStarts[bucket + 1];
    const lows = this.#low;
    const highs = this.#high;
    // A file may be made so that all rows are in one bucket: halving keeps that harmless.
    while (from < to) {
      const middle = (from + to) >>> 1;
      const isBefore = highs[middle] < high || (highs[middle] === high && lows[middle] < low);
      if (isBefore) from = middle + 1;
      else to = middle;
    }
    if (from >= this.labels || lows[from] !== low || highs[from] !== high) return -1;
    return from;
  }

  labelAt(row: number): ContentLabel {
    assert(row >= 0 && row < this.labels, 'a row of the label file');
    return {
      file: this.fileName(this.#file[row]),
      offset: this.#page[row] * PAGE_BYTES,
      package: this.packageName(this.packageAt(row)),
      image: this.image,
      more: this.#more[row],
    };
  }

  hashAt(row: number): string {
    return hashHex(this.#low[row], this.#high[row]);
  }

  fileAt(row: number): number {
    return this.#file[row];
  }

  packageAt(row: number): number {
    return this.#filePackages[this.#file[row]];
  }

  fileName(file: number): string {
    const start = file === 0 ? this.#packageEnds[this.packages - 1] : this.#fileEnds[file - 1];
    return textDecoder.decode(this.#text.subarray(start, this.#fileEnds[file]));
  }

  packageName(pkg: number): string {
    const start = pkg === 0 ? this.#imageBytes : this.#packageEnds[pkg - 1];
    return textDecoder.decode(this.#text.subarray(start, this.#packageEnds[pkg]));
  }
}
