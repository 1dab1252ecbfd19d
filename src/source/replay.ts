/**
 * Plays a finished trace into a new one at its own pace, so that a recorded experiment can be watched as if it ran now.
 * The records and their times stay as they are; only the moment of writing is new. Several streams become one
 * (StreamUnion), in the merged order of `report`; gaps of the original (damage, lost segments) are not there to play.
 *
 * The first record about frames, blocks or the end of a domain starts the clock: declarations before it often carry an
 * earlier time, or none.
 *
 * A replay that was stopped, even by a kill in the middle of a write, can be resumed: the same records come again, so
 * those that are whole in the directory are passed over, and the next segment goes on behind them with its opening.
 */
import { fromHalves } from '../base/units.js';
import { KIND, kindOf, SLOT_WORDS, slotsOf } from '../trace/record.js';
import { SegmentWriter } from '../trace/segment-writer.js';
import { StreamState } from '../trace/stream-state.js';
import type { SourceDamage, SourceNotice } from './notices.js';
import { OutputTaken } from './output-error.js';
import { StreamUnion } from './stream-union.js';
import { makeTraceDirectory, SegmentFiles } from './segment-files.js';
import { openTrace, type FinishedTrace } from './trace-files.js';
import { readWrittenStream, RecordDigest, type WrittenStream } from './written-stream.js';

/** What was written reaches the reader at least this often. */
const FLUSH_MS = 50;
const STREAM = 'replay';
const BEFORE_THE_CLOCK = new Set<number>([
  KIND.time,
  KIND.host,
  KIND.image,
  KIND.domain,
  KIND.label,
  KIND.labelFile,
  KIND.mark,
]);

/** How to play; the clock and the sleep are the machine's own unless a test hands in others. */
export interface ReplayOptions {
  /** Trace seconds a wall second, above 0; Infinity: as fast as can be. */
  readonly speed: number;
  /** Ends the replay early; what was written by then is a whole trace. */
  readonly signal?: AbortSignal;
  /** Wall clock, ms. */
  readonly now?: () => number;
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Called about every 50 ms with the trace time reached, µs. */
  readonly onProgress?: (timeMicros: number) => void;
  readonly rotateBytes?: number;
  /** Goes on where an earlier replay of the same trace into the directory stopped, if there was one. */
  readonly resume?: boolean;
}

/** What a replay came to. */
export interface ReplayResult {
  /** False if the signal ended it. */
  readonly complete: boolean;
  readonly bytesWritten: number;
  /** Of the trace that was played. */
  readonly damagedBlocks: number;
  readonly damage: readonly SourceDamage[];
  readonly notices: readonly SourceNotice[];
}

/**
 * Plays `trace` into `directory`, which is made if it is not there and must hold no trace yet, unless it is to be
 * resumed. Throws TraceError if the one cannot be read, OutputError if the other cannot be written, and OutputTaken if
 * it holds what is not the beginning of this replay.
 */
export async function replayTrace(trace: string, directory: string, options: ReplayOptions): Promise<ReplayResult> {
  const source = openTrace(trace);
  try {
    const written = options.resume === true ? readWrittenStream(directory, STREAM) : null;
    if (written === null) makeTraceDirectory(directory);
    const player = new Player(trace, source, new SegmentFiles(directory), options, written);
    await player.play();
    const { damagedBlocks, damage } = source;
    const { bytesWritten, domainsNotKept } = player.writer;
    const notices = [...source.notices];
    if (domainsNotKept > 0) notices.push(notKeptNotice(directory, domainsNotKept));
    return { complete: !player.aborted, bytesWritten, damagedBlocks, damage, notices };
  } finally {
    source.close();
  }
}

/** Tells that segments of a trace open without the frames of some domains. */
export function notKeptNotice(directory: string, domains: number): SourceNotice {
  const text = `${domains} domain${domains === 1 ? ' is' : 's are'} too large for the openings of its segments`;
  return { wallMs: 0, source: directory, text, gap: false };
}

class Player {
  writer: SegmentWriter;
  readonly #now: () => number;
  readonly #sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly #union: StreamUnion | undefined;
  /** Wall and trace time of the start; the trace time follows the declarations until the clock runs. */
  #startMs = 0;
  #startMicros = 0;
  #running = false;
  #timeMicros = 0;
  #flushedMs: number;
  /** While records are passed over that are written already. */
  #passed: RecordDigest | undefined;
  readonly #state = new StreamState();

  constructor(
    trace: string,
    readonly source: FinishedTrace,
    readonly sink: SegmentFiles,
    readonly options: ReplayOptions,
    readonly written: WrittenStream | null,
  ) {
    this.writer = this.#newWriter();
    if (written !== null) this.#passed = new RecordDigest();
    this.#now = options.now ?? ((): number => performance.now());
    this.#sleep = options.sleep ?? abortableSleep;
    const streamCount = source.streamNames.length;
    this.#union = streamCount > 1 ? new StreamUnion(trace, streamCount) : undefined;
    this.#flushedMs = this.#now();
  }

  get aborted(): boolean {
    return this.options.signal?.aborted === true;
  }

  async play(): Promise<void> {
    // A range is the source's memory only until the next pull, and playing it takes time: it is copied.
    let words = new Uint32Array(0);
    let timeMicros = 0;
    let more = true;
    while (more && !this.aborted) {
      words = new Uint32Array(0);
      more = this.source.pull((streamIndex, range) => {
        words = range.words.slice(range.start, range.end);
        timeMicros = range.baseTimeMicros;
        this.#union?.renumber(streamIndex, words, 0, words.length);
        return false;
      });
      if (this.#passed === undefined) await this.#playRange(words, timeMicros);
      else await this.#pass(this.#passed, words, timeMicros);
    }
    if (this.#passed !== undefined && !this.aborted) this.#endPassing(this.#passed);
    this.writer.close();
  }

  #newWriter(state?: StreamState): SegmentWriter {
    const { rotateBytes } = this.options;
    const { nextSegment = 1, previousBytes = 0 } = this.written ?? {};
    return new SegmentWriter(STREAM, this.sink, {
      ...(rotateBytes === undefined ? {} : { rotateBytes }),
      ...(state === undefined ? {} : { state, firstSegment: nextSegment, previousBytes }),
    });
  }

  /** Passes over records that are written already, and plays what is behind the last of them. */
  async #pass(passed: RecordDigest, words: Uint32Array, timeMicros: number): Promise<void> {
    const recordsMax = this.written?.digest.records ?? 0;
    const at = passed.take(words, 0, words.length, timeMicros, recordsMax);
    this.#state.followBlock({ baseTimeMicros: timeMicros, words, start: 0, end: at });
    if (passed.records < recordsMax) return;
    this.#endPassing(passed);
    await this.#playRange(words.subarray(at), passed.timeMicros);
  }

  #endPassing(passed: RecordDigest): void {
    const { written } = this;
    if (passed.records !== written?.digest.records || passed.value !== written.digest.value) {
      const problem = 'holds what is not the beginning of this replay; name an empty or a new directory';
      throw new OutputTaken(this.sink.directory, problem);
    }
    this.#passed = undefined;
    this.writer = this.#newWriter(this.#state);
  }

  async #playRange(words: Uint32Array, timeMicros: number): Promise<void> {
    let start = 0;
    let at = 0;
    let startMicros = timeMicros;
    this.#timeMicros = timeMicros;
    while (at < words.length) {
      const head = words[at];
      const kind = kindOf(head);
      if (kind === KIND.time) this.#timeMicros = fromHalves(words[at + 1], words[at + 2]);
      else if (!this.#running && !BEFORE_THE_CLOCK.has(kind)) this.#startClock();
      // Only where the time may have changed.
      if ((at === 0 || kind === KIND.time) && !this.#isDue()) {
        this.#append(words, start, at, startMicros);
        await this.#waitUntilDue();
        if (this.aborted) return;
        start = at;
        startMicros = this.#timeMicros;
      }
      at += slotsOf(head) * SLOT_WORDS;
    }
    this.#append(words, start, at, startMicros);
    // Also when nothing has to be waited for, the reader sees it soon, and the event loop gets its turn.
    if (this.#now() - this.#flushedMs >= FLUSH_MS) await this.#flushAndSleep(0);
  }

  #append(words: Uint32Array, start: number, end: number, baseTimeMicros: number): void {
    if (start < end) this.writer.appendBlock({ baseTimeMicros, words, start, end });
  }

  #startClock(): void {
    this.#running = true;
    this.#startMs = this.#now();
    this.#startMicros = this.#timeMicros;
  }

  /** Wall time at which the record at #timeMicros is due, ms. */
  get #dueMs(): number {
    return this.#startMs + (this.#timeMicros - this.#startMicros) / 1000 / this.options.speed;
  }

  #isDue(): boolean {
    return !this.#running || this.#dueMs <= this.#now();
  }

  async #waitUntilDue(): Promise<void> {
    while (!this.#isDue() && !this.aborted) {
      await this.#flushAndSleep(Math.max(FLUSH_MS, this.#dueMs - this.#now()));
    }
  }

  async #flushAndSleep(ms: number): Promise<void> {
    this.writer.flush();
    this.options.onProgress?.(this.#timeMicros);
    await this.#sleep(ms, this.options.signal);
    this.#flushedMs = this.#now();
  }
}

/** A timer that an abort ends; nothing is left of either. Timers hold 2^31 − 1 ms at most: longer is slept in parts. */
async function abortableSleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, 2 ** 31 - 1));
    signal?.addEventListener('abort', end);
  });
}
