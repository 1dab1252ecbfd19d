/**
 * A recording on disk, plain or gzip, read forward once. Whether it is gzip is told by its first bytes, not by its
 * name. Offsets are of the unpacked data: that is what a person can look at with `zcat FILE | tail -c +OFFSET`.
 *
 * Memory is bounded by what was asked for and is really there: a header that announces gigabytes over a file of ten
 * bytes costs ten bytes.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { assert } from '../base/assert.js';
import { TraceError } from '../trace/trace-error.js';
import { systemProblem } from '../base/system-problem.js';

const CHUNK_BYTES = 256 * 1024;
const TAKE_BYTES_FIRST = 64 * 1024;

/** Bytes of one file, unpacked, taken from the front. All of its methods throw TraceError if the file fails. */
export class InputFile {
  readonly #handle: FileHandle;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest = new Uint8Array(0);
  #offset = 0;
  #packedBytesRead = 0;

  private constructor(
    /** The file's name as the user gave it, for messages. */
    readonly path: string,
    handle: FileHandle,
    /** Bytes of the file on disk (packed, if it is gzip). */
    readonly sizeBytes: number,
    readonly isGzip: boolean,
  ) {
    this.#handle = handle;
    const packed = this.#readPacked();
    this.#chunks = isGzip ? gunzip(packed) : packed;
  }

  /** Opens the file. Throws TraceError if it is missing, unreadable or no file. */
  static async open(path: string): Promise<InputFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const stat = await handle.stat();
      if (stat.isDirectory()) throw new TraceError(path, '', 'is a directory; name the files in it');
      const magic = new Uint8Array(2);
      const { bytesRead } = await handle.read(magic, 0, 2, 0);
      return new InputFile(path, handle, stat.size, bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b);
    } catch (error) {
      await handle?.close();
      throw error instanceof TraceError ? error : new TraceError(path, '', systemProblem(error));
    }
  }

  /** Offset of the next byte, in unpacked data. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of the file on disk that were read so far: progress is this over `sizeBytes`. */
  get packedBytesRead(): number {
    return this.#packedBytesRead;
  }

  /** An error about this file at an offset of its unpacked data. */
  errorAt(offset: number, problem: string): TraceError {
    return new TraceError(this.path, `offset ${offset}${this.isGzip ? ' (unpacked)' : ''}`, problem);
  }

  /** The next bytes, any number of them, or null at the end. Valid until the next call. */
  async chunk(): Promise<Uint8Array | null> {
    if (this.#rest.length === 0 && !(await this.#more())) return null;
    const chunk = this.#rest;
    this.#rest = chunk.subarray(chunk.length);
    this.#offset += chunk.length;
    return chunk;
  }

  /** The next `bytes` bytes in memory of their own (so that they can be seen as u32), fewer if the file ends. */
  async take(bytes: number): Promise<Uint8Array> {
    let taken = new Uint8Array(Math.min(bytes, TAKE_BYTES_FIRST));
    let filled = 0;
    while (filled < bytes) {
      if (this.#rest.length === 0 && !(await this.#more())) break;
      const part = this.#rest.subarray(0, bytes - filled);
      if (filled + part.length > taken.length) {
        const grown = new Uint8Array(Math.min(bytes, Math.max(taken.length * 2, filled + part.length)));
        grown.set(taken.subarray(0, filled));
        taken = grown;
      }
      taken.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    this.#offset += filled;
    return taken.subarray(0, filled);
  }

  /** The next bytes without taking them: `bytes` of them, or all there are. */
  async peek(bytes: number): Promise<Uint8Array> {
    const offset = this.#offset;
    const start = await this.take(bytes);
    const joined = new Uint8Array(start.length + this.#rest.length);
    joined.set(start);
    joined.set(this.#rest, start.length);
    this.#rest = joined;
    this.#offset = offset;
    return start;
  }

  /** Releases the file; safe to call at any point, once. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
    await this.#handle.close();
  }

  async #more(): Promise<boolean> {
    try {
      const result = await this.#chunks.next();
      if (result.done === true) return false;
      assert(result.value.length > 0, 'a chunk has bytes');
      this.#rest = new Uint8Array(result.value);
      return true;
    } catch (error) {
      throw new TraceError(this.path, `byte ${this.#packedBytesRead} of the file`, systemProblem(error));
    }
  }

  async *#readPacked(): AsyncGenerator<Uint8Array> {
    for (;;) {
      // A new buffer each time: the unpacker may still hold the one before.
      const buffer = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#packedBytesRead);
      if (bytesRead === 0) return;
      this.#packedBytesRead += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

async function* gunzip(packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacker = createGunzip({ chunkSize: CHUNK_BYTES });
  // Both directions at once: the unpacker stops taking input while nobody takes its output.
  const feeding = feed(packed, unpacker);
  try {
    for await (const chunk of unpacker) yield chunk as Uint8Array;
    await feeding;
  } finally {
    unpacker.destroy();
    await feeding.catch(() => undefined);
    await packed.return(undefined);
  }
}

async function feed(packed: AsyncGenerator<Uint8Array>, unpacker: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of packed) {
      if (unpacker.destroyed) return;
      if (!unpacker.write(chunk))
        await new Promise((resolve) => unpacker.once('drain', resolve).once('close', resolve));
    }
    if (!unpacker.destroyed) unpacker.end();
  } catch (error) {
    unpacker.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
