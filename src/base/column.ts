/**
 * A column of u32 that grows in place.
 *
 * Small columns are plain buffers, doubled by copying. From 1 MiB on the column lives in a growable SharedArrayBuffer,
 * which reserves address space once and grows without copying and without a moment in which old and new both exist: the
 * engine's tables of a gigabyte must not need two. It is reserved at 4 GiB, which is the limit of one column (1 Gi
 * words). Nobody shares it. But a buffer that is not shared can only grow by being detached (WebAssembly.Memory) or
 * resizable; and as soon as one buffer was detached, V8 checks every access to every typed array for it, which made the
 * engine slower by half. Views are of fixed length: those that follow the buffer's length are ten times slower.
 *
 * `u32` is replaced on growth: hot loops fetch it after `reserve`, never across one.
 */
const WORDS_PLAIN_MAX = 256 * 1024;
/** Growth is in steps of 64 KiB: whole pages on every machine. */
const WORDS_PER_STEP = 16 * 1024;
/** The most words one column can hold. */
export const COLUMN_WORDS_MAX = 2 ** 30;

/** The part of ES2024 that columns use: Node has it, the library types of ES2023 do not name it. */
interface GrowableSharedBuffer extends SharedArrayBuffer {
  readonly maxByteLength: number;
  grow(byteLength: number): void;
}
const SharedBuffer = SharedArrayBuffer as unknown as new (
  byteLength: number,
  options: { maxByteLength: number },
) => GrowableSharedBuffer;

/** What the growing of a column says when its limit is reached. */
export class ColumnFullError extends Error {
  override name = 'ColumnFullError';
}

/** One growing column; see the head of this file. Words are u32, new ones 0. */
export class Column {
  /** The words; `u32.length` is the capacity, new words are zero. */
  u32: Uint32Array;
  #memory: GrowableSharedBuffer | undefined;

  /** @param name what the column holds, for messages. @param words the first capacity. */
  constructor(
    readonly name: string,
    words = 64,
  ) {
    this.u32 = new Uint32Array(0);
    if (words > 0) this.reserve(words);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.u32.byteLength;
  }

  /** Bytes that `reserve` of the same would add. */
  growthBytes(words: number, exact = false): number {
    return words <= this.u32.length ? 0 : 4 * (this.#grownWords(words, exact) - this.u32.length);
  }

  /**
   * Makes the capacity at least `words`. Throws ColumnFullError past COLUMN_WORDS_MAX or when memory is out.
   * @param exact no more than that and a step: for a column that follows another one, which grows ahead of use already
   */
  reserve(words: number, exact = false): void {
    const have = this.u32.length;
    if (words <= have) return;
    if (words > COLUMN_WORDS_MAX) {
      throw new ColumnFullError(`${this.name}: ${words} words needed, the limit is ${COLUMN_WORDS_MAX}`);
    }
    if (words <= WORDS_PLAIN_MAX) {
      const grown = new Uint32Array(this.#grownWords(words, exact));
      grown.set(this.u32);
      this.u32 = grown;
      return;
    }
    this.#growMemory(this.#grownWords(words, exact));
  }

  /** The capacity that `reserve(words)` leaves. */
  #grownWords(words: number, exact: boolean): number {
    const have = exact ? 0 : this.u32.length;
    if (words <= WORDS_PLAIN_MAX) return Math.min(WORDS_PLAIN_MAX, Math.max(words, have * 2));
    // A sixteenth more than before: growth costs nothing but page faults, so small steps keep the waste small.
    const wanted = Math.min(COLUMN_WORDS_MAX, Math.max(words, Math.ceil(have * 1.0625)));
    return Math.ceil(wanted / WORDS_PER_STEP) * WORDS_PER_STEP;
  }

  #growMemory(words: number): void {
    const bytes = words * 4;
    try {
      if (this.#memory === undefined || bytes > this.#memory.maxByteLength) {
        const memory = reserved(bytes);
        const view = new Uint32Array(memory, 0, words);
        view.set(this.u32);
        this.#memory = memory;
        this.u32 = view;
        return;
      }
      this.#memory.grow(bytes);
      this.u32 = new Uint32Array(this.#memory, 0, words);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const size = `${Math.ceil(bytes / 2 ** 20)} MiB`;
      throw new ColumnFullError(
        `memory is out: ${size} for ${this.name} were refused; give a smaller --memory-limit, or raise \`ulimit -v\``,
      );
    }
  }
}

/**
 * A buffer of so many bytes with as much address space behind it as the system gives (`ulimit -v` may leave little):
 * all that a column can ever need, or less, and then it is copied when that is full. Throws RangeError if there is
 * not even room for the bytes.
 */
function reserved(bytes: number): GrowableSharedBuffer {
  for (let maxByteLength = COLUMN_WORDS_MAX * 4; maxByteLength > bytes; maxByteLength /= 4) {
    try {
      return new SharedBuffer(bytes, { maxByteLength });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return new SharedBuffer(bytes, { maxByteLength: bytes });
}
