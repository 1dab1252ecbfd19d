/**
 * The history of one content. The engine keeps none, so the trace is read once more when a page is opened, up to where
 * the engine was then, while a second follower takes what is applied from then on; both together are everything.
 */
import type { Engine } from '../engine/engine.js';
import { CHUNK_MASK, CHUNK_SHIFT } from '../engine/layout.js';
import type { HistoryReach, PageHistory, Rows } from '../figures/page-figures.js';
import type { RecordRange } from '../source/record-source.js';
import { EventLog } from './event-log.js';
import type { HolderList } from './holder-list.js';
import { PageFollower } from './page-follower.js';
import type { OpenAgain, TraceAgain } from './trace-again.js';

/** A reading of the trace from its start to a known place in each stream. */
interface Reading {
  readonly trace: TraceAgain;
  readonly follower: PageFollower;
  /** By stream of the engine: words to go through, and gone through. */
  readonly limits: readonly number[];
  readonly done: number[];
  /** By stream of the reading: its index in the engine, -1 for one that the engine has not met. */
  readonly streams: readonly number[];
  readonly whole: number;
}

/** See the head of this file. */
export class PagePast {
  readonly #live: PageFollower;
  #log = new EventLog();
  #past = new EventLog();
  #reading: Reading | null = null;
  #reach: HistoryReach;
  /** Holders by key of their domain when the page was opened: what the reading must come to. */
  readonly #holdersThen: Map<string, number>;
  /** Trace time when the page was opened. */
  readonly #openedMicros: number;

  /**
   * @param holders the holders of now; null if there are none
   * @param applied by stream: words of records that the engine has applied
   * @param names by stream: its name, as the source calls it
   */
  constructor(
    private readonly engine: Engine,
    private readonly hash: { low: number; high: number },
    holders: HolderList | null,
    applied: readonly number[],
    names: readonly string[],
    openAgain: OpenAgain,
  ) {
    this.#live = new PageFollower(hash.low, hash.high, (event) => this.#log.add(event), engine.now);
    this.#begin(holders, applied.length);
    this.#holdersThen = this.#live.holders();
    this.#openedMicros = engine.now;
    this.#reach = { kind: 'since', sinceMicros: engine.now, reason: 'this trace cannot be read a second time' };
    if (openAgain !== null) this.#open(openAgain, applied, names);
  }

  /** The live follower begins where the engine is. */
  #begin(holders: HolderList | null, streams: number): void {
    const { domains, images } = this.engine;
    for (const domain of domains.live()) {
      const { bindings, key, name, reservedFrames } = domain;
      for (let i = 0; i < bindings.length; i += 2) {
        // A number may have been given to another domain since.
        const isBound = domains.slotOf(bindings[i], bindings[i + 1]) === domain.slot;
        if (isBound) this.#live.bind(bindings[i], bindings[i + 1], key, name, reservedFrames);
      }
    }
    for (let stream = 0; stream < streams; stream++) {
      for (const [id, image] of images.ofStream(stream)) this.#live.nameImage(stream, id, image.name);
    }
    if (holders === null) return;
    const held = holders.domains.map(({ key, name, reservedFrames }) => this.#live.held(key, name, reservedFrames));
    for (let i = 0; i < holders.count; i++) this.#live.hold(held[holders.owners[i]], holders.gfns[i]);
    for (const { key, keyframeNamed } of holders.domains) {
      if (keyframeNamed === null) continue;
      this.#live.openKeyframe(key, (gfn) => {
        const bits = keyframeNamed.get(gfn >>> CHUNK_SHIFT);
        return bits !== undefined && ((bits[(gfn & CHUNK_MASK) >>> 5] >>> (gfn & 31)) & 1) !== 0;
      });
    }
  }

  #open(openAgain: NonNullable<OpenAgain>, applied: readonly number[], names: readonly string[]): void {
    let trace: TraceAgain;
    try {
      trace = openAgain();
    } catch {
      this.#reach = {
        kind: 'since',
        sinceMicros: this.#openedMicros,
        reason: 'the trace is no longer there to be read',
      };
      return;
    }
    const follower = new PageFollower(this.hash.low, this.hash.high, (event) => this.#past.add(event));
    const limits = names.map((_, stream) => applied[stream] ?? 0);
    const streams = trace.streamNames.map((name) => names.indexOf(name));
    const whole = limits.reduce((sum, words) => sum + words, 0);
    this.#reading = { trace, follower, limits, done: names.map(() => 0), streams, whole };
    this.#reach = { kind: 'reading', done: 0 };
  }

  /** Takes what the engine has just applied. */
  follow(stream: number, range: RecordRange): void {
    this.#live.follow(stream, range.baseTimeMicros, range.words, range.start, range.end);
  }

  /** The trace is still being read. */
  get busy(): boolean {
    return this.#reading !== null;
  }

  /** Reads on until `untilMs`. */
  read(now: () => number, untilMs: number): void {
    const reading = this.#reading;
    if (reading === null) return;
    let sum = 0;
    let more: boolean;
    try {
      more = reading.trace.pull((index, range) => {
        takeRange(reading, index, range);
        return now() < untilMs;
      });
    } catch {
      this.#finish('the trace is no longer there to be read');
      return;
    }
    for (const words of reading.done) sum += words;
    if (sum >= reading.whole) this.#finish(null);
    else if (!more) this.#finish('the files hold less than was read from them');
    else this.#reach = { kind: 'reading', done: reading.whole === 0 ? 1 : sum / reading.whole };
  }

  /** The past is read, or (`problem`) cannot be. */
  #finish(problem: string | null): void {
    const reading = this.#reading;
    if (reading === null) return;
    this.#reading = null;
    reading.trace.close();
    const sinceMicros = this.#openedMicros;
    if (problem === null && !isSame(reading.follower.holders(), this.#holdersThen)) {
      problem = 'the files hold other records than were read from them';
    }
    if (problem !== null) {
      this.#reach = { kind: 'since', sinceMicros, reason: problem };
      return;
    }
    this.#past.append(this.#log);
    this.#log = this.#past;
    this.#reach = { kind: 'whole' };
  }

  /** Gives descriptors back. */
  close(): void {
    this.#reading?.trace.close();
    this.#reading = null;
  }

  /** The part [offset, offset + count) of what is kept. */
  figures({ offset, count }: Rows): PageHistory {
    // While the past is read it is what is shown; what came since is appended to it.
    const log = this.#reading === null ? this.#log : this.#past;
    const rows = log.rows();
    const start = Math.max(0, Math.min(offset, rows.length - Math.min(count, rows.length)));
    return {
      rows: { offset: start, total: rows.length, rows: rows.slice(start, start + count) },
      events: log.total,
      reach: this.#reach,
    };
  }
}

function takeRange(reading: Reading, index: number, range: RecordRange): void {
  const stream = reading.streams[index];
  if (stream === undefined || stream < 0) return;
  const room = reading.limits[stream] - reading.done[stream];
  const words = Math.min(room, range.end - range.start);
  if (words <= 0) return;
  reading.done[stream] += words;
  // Cut at a place where the engine has stopped too, so between two records.
  reading.follower.follow(stream, range.baseTimeMicros, range.words, range.start, range.start + words);
}

function isSame(a: Map<string, number>, b: Map<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, count]) => b.get(key) === count);
}
