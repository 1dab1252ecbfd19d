/**
 * A trace that comes through a pipe. The pipe is the queue: bytes are taken from the input only when the engine has
 * room for them, and an input that nobody takes from stops reading, so a producer that is faster waits in its `write`.
 *
 * Nothing is known of what is to come, so records are applied in their order, and `untilMicros` ends the trace at the
 * first record that is later.
 */
import { systemProblem } from '../base/system-problem.js';
import { fromHalves } from '../base/units.js';
import { NdjsonDecoder } from '../trace/ndjson-decoder.js';
import { KIND, kindOf, SLOT_WORDS, slotsOf, type RecordBlock } from '../trace/record.js';
import { SegmentChain } from '../trace/segment-chain.js';
import { streamForm, type StreamForm } from '../trace/stream-form.js';
import { TraceError } from '../trace/trace-error.js';
import { NoticeList, type SourceDamage, type SourceNotice } from './notices.js';
import type { RangeTaker, RecordRange, RecordSource } from './record-source.js';

/** The name of the source in messages. */
export const STDIN_NAME = 'stdin';
/** How the standard input is written where a trace is named. */
export const STDIN_PATH = '-';

/** The parts of a Readable, in paused mode, that are used; `process.stdin` is one. */
export interface ByteInput {
  /** Bytes that were read ahead. */
  readonly readableLength: number;
  /** What was read ahead, or null: wait for `readable`. Taking it makes the input read on. */
  read(): Uint8Array | null;
  on(event: 'readable' | 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(): unknown;
}

/** How to read; the clock is for `behindSinceWallMs`. */
export interface StdinOptions {
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Up to the first record later than this, µs; default: to the end. */
  readonly untilMicros?: number;
  /** What the bytes are; default: as the first ones say. */
  readonly form?: StreamForm | undefined;
}

/** Reads one input once. `pull` throws TraceError if it is no trace, cannot be read, or is of a newer format. */
export class StdinSource implements RecordSource {
  readonly found = true;
  /** All was pulled, and nothing more will come. */
  ended = false;
  /** Wall time since when something is there that was not pulled, ms; null: everything was. */
  behindSinceWallMs: number | null = null;

  readonly #untilMicros: number;
  readonly #notices: NoticeList;
  #decoder: SegmentChain | NdjsonDecoder | undefined;
  /** The first bytes, while they do not tell yet what they are. */
  #head = new Uint8Array(0);
  #bytesRead = 0;
  #inputEnded = false;
  #decoderEnded = false;
  #failure: TraceError | undefined;
  #gapsTold = 0;
  #onWake: () => void = () => undefined;

  constructor(
    readonly input: ByteInput,
    readonly options: StdinOptions,
  ) {
    this.#untilMicros = options.untilMicros ?? Number.POSITIVE_INFINITY;
    this.#notices = new NoticeList(options.now);
    if (options.form !== undefined) this.#start(options.form);
    input.on('readable', () => {
      this.behindSinceWallMs ??= options.now();
      this.#onWake();
    });
    input.on('error', (error) => {
      this.#failure ??= new TraceError(STDIN_NAME, `offset ${this.#bytesRead}`, systemProblem(error));
      this.#onWake();
    });
    input.on('end', () => this.#end());
    // Also where no more is to be had for another reason.
    input.on('close', () => this.#end());
  }

  /** Calls `onWake` whenever there may be something to pull. */
  start(onWake: () => void): void {
    this.#onWake = onWake;
    onWake();
  }

  /** Resolves when there may be something to pull: for a caller that has nothing else to do. */
  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#inputEnded || this.#failure !== undefined || this.input.readableLength > 0) resolve();
      else this.#onWake = resolve;
    });
  }

  get streamNames(): readonly string[] {
    const count = this.#decoder instanceof SegmentChain ? this.#decoder.streamIndex + 1 : 1;
    return Array.from({ length: count }, (_, i) => (i === 0 ? STDIN_NAME : `${STDIN_NAME}-${i + 1}`));
  }

  /** What the bytes are; undefined until the first ones were pulled. */
  get form(): StreamForm | undefined {
    if (this.#decoder === undefined) return undefined;
    return this.#decoder instanceof SegmentChain ? 'binary' : 'ndjson';
  }

  get damagedBlocks(): number {
    return this.#decoder?.damagedBlocks ?? 0;
  }

  get damage(): readonly SourceDamage[] {
    return (this.#decoder?.damage ?? []).map((each) => ({ source: STDIN_NAME, ...each }));
  }

  get notices(): readonly SourceNotice[] {
    return this.#notices.kept;
  }

  /** Places where records are known to be missing. */
  get gaps(): number {
    return this.#notices.gaps;
  }

  /** Bytes that were read ahead. What the producer still holds is not known. */
  get backlogBytes(): number {
    return this.input.readableLength;
  }

  pull(take: RangeTaker): boolean {
    while (!this.ended) {
      const block = this.#decoder?.next() ?? null;
      if (block === null) {
        if (this.#feed()) continue;
        this.behindSinceWallMs = null;
        return false;
      }
      const streamIndex = this.#decoder instanceof SegmentChain ? this.#decoder.streamIndex : 0;
      const range = this.#untilMicros === Number.POSITIVE_INFINITY ? block : this.#cut(block);
      if (range.start < range.end && !take(streamIndex, range)) return !this.ended;
    }
    return false;
  }

  /** Reads no further: a producer that goes on is told so by SIGPIPE. */
  close(): void {
    this.ended = true;
    this.input.destroy();
  }

  /** Hands the decoder what was read ahead; false if there is nothing for now, or nothing any more. */
  #feed(): boolean {
    this.#tellGaps();
    if (this.#failure !== undefined) throw this.#failure;
    const chunk = this.input.read();
    if (chunk !== null) {
      this.#bytesRead += chunk.length;
      this.#push(chunk);
      return true;
    }
    if (!this.#inputEnded) return false;
    if (this.#decoderEnded) {
      this.ended = true;
      return false;
    }
    this.#decoderEnded = true;
    if (this.#decoder === undefined) this.#sniff();
    this.#decoder?.end();
    return true;
  }

  #push(chunk: Uint8Array): void {
    if (this.#decoder !== undefined) {
      this.#decoder.push(chunk);
      return;
    }
    const head = new Uint8Array(this.#head.length + chunk.length);
    head.set(this.#head);
    head.set(chunk, this.#head.length);
    this.#head = head;
    this.#sniff();
  }

  /** Starts the decoder as soon as the first bytes tell which. Throws TraceError if they are of no trace. */
  #sniff(): void {
    const form = streamForm(this.#head, this.#decoderEnded);
    if (form === null) return;
    if (typeof form !== 'string') {
      this.#failure = new TraceError(STDIN_NAME, '', form.problem);
      throw this.#failure;
    }
    this.#start(form).push(this.#head);
    this.#head = new Uint8Array(0);
  }

  #start(form: StreamForm): SegmentChain | NdjsonDecoder {
    return (this.#decoder = form === 'binary' ? new SegmentChain(STDIN_NAME) : new NdjsonDecoder(STDIN_NAME));
  }

  /** The records of the block up to the time to stop at; behind them the trace is over. */
  #cut(block: RecordBlock): RecordRange {
    const { baseTimeMicros, words, start } = block;
    let timeMicros = baseTimeMicros;
    for (let at = start; at < block.end; at += slotsOf(words[at]) * SLOT_WORDS) {
      if (kindOf(words[at]) === KIND.time) timeMicros = fromHalves(words[at + 1], words[at + 2]);
      if (timeMicros <= this.#untilMicros) continue;
      this.ended = true;
      return { baseTimeMicros, words, start, end: at };
    }
    return block;
  }

  #tellGaps(): void {
    if (!(this.#decoder instanceof SegmentChain)) return;
    for (const { place, problem } of this.#decoder.gaps.slice(this.#gapsTold)) {
      this.#notices.add(`${STDIN_NAME}: ${place}`, problem, true);
    }
    this.#gapsTold = this.#decoder.gaps.length;
  }

  #end(): void {
    this.#inputEnded = true;
    this.#onWake();
  }
}
