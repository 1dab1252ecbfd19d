/**
 * What an earlier writer left of a stream, read for a writer that goes on behind it: how many records, and a digest of
 * them, by which one that makes the same records again knows where to go on.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { systemProblem } from '../base/system-problem.js';
import { fromHalves } from '../base/units.js';
import { KIND, kindOf, SLOT_WORDS, slotsOf } from '../trace/record.js';
import { SegmentDecoder } from '../trace/segment-decoder.js';
import { TraceError } from '../trace/trace-error.js';
import { listStreams } from './directory-listing.js';
import { OutputTaken } from './output-error.js';

const READ_BYTES = 1024 * 1024;

/** Counts and digests records, each with its time; `time` records are not counted: how many there are is no matter. */
export class RecordDigest {
  records = 0;
  /** Trace time of the last record, µs. */
  timeMicros = 0;
  #a = 0x811c9dc5;
  #b = 0x9747b28c;

  /** Equal for equal records, and for others with a chance of 2^-64. */
  get value(): string {
    return `${(this.#a >>> 0).toString(16)}-${(this.#b >>> 0).toString(16)}`;
  }

  /** Takes records in words[start, end) until there are `recordsMax`; returns where it stopped. */
  take(words: Uint32Array, start: number, end: number, baseTimeMicros: number, recordsMax = Infinity): number {
    this.timeMicros = baseTimeMicros;
    let at = start;
    while (at < end && this.records < recordsMax) {
      const next = at + slotsOf(words[at]) * SLOT_WORDS;
      if (kindOf(words[at]) === KIND.time) {
        this.timeMicros = fromHalves(words[at + 1], words[at + 2]);
      } else {
        this.#mix(this.timeMicros >>> 0);
        this.#mix(Math.floor(this.timeMicros / 2 ** 32));
        for (let i = at; i < next; i++) this.#mix(words[i]);
        this.records++;
      }
      at = next;
    }
    return at;
  }

  #mix(word: number): void {
    const a = Math.imul(this.#a ^ word, 0x01000193);
    this.#a = a ^ (a >>> 15);
    const b = Math.imul(this.#b + word, 0x85ebca6b);
    this.#b = b ^ (b >>> 13);
  }
}

/** A stream that somebody wrote until it was stopped. */
export interface WrittenStream {
  /** All whole records, each once. */
  readonly digest: RecordDigest;
  /** Number of the segment to go on with. */
  readonly nextSegment: number;
  /** Bytes of the last segment that has a whole header, up to its last whole block. */
  readonly previousBytes: number;
}

/**
 * Reads the segments of a stream in a directory that holds nothing else; null if there is none yet. A torn end of any
 * segment is what a kill leaves: the writer behind it has written those records again. Throws OutputTaken if
 * there are other streams, TraceError if anything is missing or damaged: then nobody knows where to go on.
 */
export function readWrittenStream(directory: string, stream: string): WrittenStream | null {
  const streams = listStreams(directory) ?? [];
  const own = streams.find(({ name, kind }) => name === stream && kind === 'segments');
  const other = streams.find((each) => each !== own);
  if (other !== undefined) {
    const problem = `holds another trace (${other.files[0].fileName}); name an empty or a new directory`;
    throw new OutputTaken(directory, problem);
  }
  if (own === undefined) return null;
  const digest = new RecordDigest();
  let previousBytes = 0;
  for (const [i, { number, fileName }] of own.files.entries()) {
    if (number !== i + 1) throw new TraceError(join(directory, fileName), '', 'the segment before it is not there');
    previousBytes = digestSegment(join(directory, fileName), digest) || previousBytes;
  }
  return { digest, nextSegment: own.files.length + 1, previousBytes };
}

/** Returns the bytes of its header and its whole blocks. */
function digestSegment(path: string, digest: RecordDigest): number {
  const decoder = new SegmentDecoder(path);
  decoder.skipOpening = true;
  const buffer = new Uint8Array(READ_BYTES);
  let descriptor = -1;
  let total = 0;
  try {
    descriptor = openSync(path, 'r');
    for (let bytes = 1; bytes > 0;) {
      bytes = readSync(descriptor, buffer, 0, buffer.length, null);
      total += bytes;
      decoder.push(buffer.subarray(0, bytes));
      if (bytes === 0) decoder.end();
      for (let block = decoder.next(); block !== null; block = decoder.next()) {
        digest.take(block.words, block.start, block.end, block.baseTimeMicros);
      }
    }
  } catch (error) {
    throw error instanceof TraceError ? error : new TraceError(path, '', systemProblem(error));
  } finally {
    if (descriptor >= 0) closeSync(descriptor);
  }
  const [damage] = decoder.damage;
  if (damage === undefined) return total - decoder.tornTailBytes;
  throw new TraceError(path, damage.place, `${damage.problem}: cannot go on behind it; name a new directory`);
}
