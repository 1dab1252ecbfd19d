/**
 * The bytes of a dump by their offset: a plain file is read where it is asked (pread), a gzip'd one is unpacked forward
 * and begun again when somebody asks for what lies behind. Offsets are of the unpacked data.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { systemProblem } from '../../base/system-problem.js';
import { TraceError } from '../../trace/trace-error.js';
import { InputFile } from '../input-file.js';

/** The start of a gzip'd dump is kept: its headers are read in no order. */
const HEAD_BYTES = 64 * 1024;

/** Random access to a dump. All methods throw TraceError if the file fails. */
export interface DumpBytes {
  /** As the user gave it. */
  readonly path: string;
  /** Bytes of the data; null if only reading to its end can tell. */
  readonly size: number | null;
  /** Bytes of the file on disk. */
  readonly packedSize: number;
  /** Bytes on disk that the reading of data at the present offset has cost, from 0 to `packedSize`. */
  readonly packedOffset: number;
  /** Times that unpacking began, at least 1. */
  readonly passes: number;
  /** Reads into `target` from `offset` on, until it is full or the data ends; the answer is how many bytes. */
  read(offset: number, target: Uint8Array): Promise<number>;
  /** An error about this file at an offset of its data; `field` names what stands there. */
  errorAt(offset: number, field: string, problem: string): TraceError;
  close(): Promise<void>;
}

/** Takes the bytes of the file on disk and how many of them are read. */
export type OnRead = (packedSize: number, packedOffset: number) => void;

/** Opens a file; `onRead` is called after each piece of a packed one. Throws TraceError if it cannot be read. */
export async function openDumpBytes(path: string, onRead: OnRead): Promise<DumpBytes> {
  const file = await InputFile.open(path);
  if (file.isGzip) return await GzipBytes.open(file, onRead);
  await file.close();
  return await PlainBytes.open(path, file.sizeBytes);
}

function errorOf(path: string, offset: number, isGzip: boolean, field: string, problem: string): TraceError {
  const where = `offset ${offset}${isGzip ? ' (unpacked)' : ''}`;
  return new TraceError(path, field === '' ? where : `${where}: ${field}`, problem);
}

class PlainBytes implements DumpBytes {
  packedOffset = 0;
  readonly passes = 1;

  private constructor(
    readonly path: string,
    readonly size: number,
    readonly handle: FileHandle,
  ) {}

  static async open(path: string, size: number): Promise<PlainBytes> {
    try {
      return new PlainBytes(path, size, await open(path, 'r'));
    } catch (error) {
      throw new TraceError(path, '', systemProblem(error));
    }
  }

  get packedSize(): number {
    return this.size;
  }

  async read(offset: number, target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const bytesRead = await this.#readOnce(target, filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.packedOffset = offset + filled;
    return filled;
  }

  errorAt(offset: number, field: string, problem: string): TraceError {
    return errorOf(this.path, offset, false, field, problem);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  async #readOnce(target: Uint8Array, filled: number, offset: number): Promise<number> {
    try {
      return (await this.handle.read(target, filled, target.length - filled, offset)).bytesRead;
    } catch (error) {
      throw errorOf(this.path, offset, false, '', systemProblem(error));
    }
  }
}

class GzipBytes implements DumpBytes {
  readonly size = null;
  passes = 1;
  /** What was unpacked and not asked for yet: the data from #position on. */
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;

  private constructor(
    public file: InputFile,
    readonly head: Uint8Array,
    readonly onRead: OnRead,
  ) {}

  static async open(file: InputFile, onRead: OnRead): Promise<GzipBytes> {
    try {
      return new GzipBytes(file, await file.peek(HEAD_BYTES), onRead);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get path(): string {
    return this.file.path;
  }

  get packedSize(): number {
    return this.file.sizeBytes;
  }

  get packedOffset(): number {
    return this.file.packedBytesRead;
  }

  async read(offset: number, target: Uint8Array): Promise<number> {
    // A head that is shorter than it could be is all there is.
    if (offset + target.length <= this.head.length || this.head.length < HEAD_BYTES) {
      const part = this.head.subarray(Math.min(offset, this.head.length), offset + target.length);
      target.set(part);
      return part.length;
    }
    if (offset < this.#position) await this.#begin();
    let filled = 0;
    while (filled < target.length) {
      if (this.#rest.length === 0) {
        const chunk = await this.file.chunk();
        if (chunk === null) break;
        this.#rest = chunk;
        this.onRead(this.packedSize, this.packedOffset);
      }
      const skip = Math.min(offset + filled - this.#position, this.#rest.length);
      const part = this.#rest.subarray(skip, skip + target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#position += skip + part.length;
      this.#rest = this.#rest.subarray(skip + part.length);
    }
    return filled;
  }

  errorAt(offset: number, field: string, problem: string): TraceError {
    return errorOf(this.path, offset, true, field, problem);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async #begin(): Promise<void> {
    await this.file.close();
    this.file = await InputFile.open(this.path);
    if (!this.file.isGzip) throw new TraceError(this.path, '', 'changed while it was read');
    this.#rest = new Uint8Array(0);
    this.#position = 0;
    this.passes++;
  }
}
