/** Presets whose pages come to all domains and go again: churn (a build's page cache) and mixed. */
import { NO_GFN } from '../../trace/record.js';
import { EventQueue } from './event-queue.js';
import type { Preset, SynthSize } from './preset.js';
import type { SynthTrace } from './synth-trace.js';

/** The domains that hold a page get it within so many seconds of one another. */
const SPREAD_SECONDS = 20;
/** Before the end nothing new comes, so that most of what came has lived its life. */
const QUIET_SECONDS = 100;
/** A page that is read is in memory a second later. */
const READ_SECONDS = 1;

const COME = 0;
const READ = 1;
const FILL = 2;
const OVERWRITE = 3;

/** Pages that come at an even rate. */
interface PageKind {
  readonly perSecond: number;
  readonly isRead: boolean;
  readonly staysForEver: boolean;
  /** Frames of each domain that these pages come to. */
  readonly firstGfn: number;
  readonly frames: number;
}

/** Draws lifetimes, s: of any ten in a row eight are in 30–300 (log-uniform), one in 5–30, one in 300–900. */
class Lifetimes {
  #deck: Uint32Array = new Uint32Array(0);
  #at = 0;

  next(trace: SynthTrace): number {
    if (this.#at === this.#deck.length) {
      this.#deck = trace.shuffled(10);
      this.#at = 0;
    }
    const card = this.#deck[this.#at++];
    const { random } = trace;
    if (card < 8) return 30 * 10 ** random.unit();
    return card === 8 ? 5 + 25 * random.unit() : 300 + 600 * random.unit();
  }
}

/** Frames of one domain that wait for a page: the one that waits longest is next. */
class FreeFrames {
  readonly #ring: Uint32Array<ArrayBuffer>;
  #first = 0;
  #count: number;

  constructor(firstGfn: number, frames: number) {
    this.#ring = Uint32Array.from({ length: frames }, (_, i) => firstGfn + i);
    this.#count = frames;
  }

  /** NO_GFN if all are in use. */
  take(): number {
    if (this.#count === 0) return NO_GFN;
    const gfn = this.#ring[this.#first];
    this.#first = (this.#first + 1) % this.#ring.length;
    this.#count--;
    return gfn;
  }

  give(gfn: number): void {
    this.#ring[(this.#first + this.#count) % this.#ring.length] = gfn;
    this.#count++;
  }
}

/** One kind of pages in all domains. Memory: what is on its way or there, not what has been. */
class PageStream {
  readonly #freeFrames: FreeFrames[] = [];
  readonly #lifetimes = new Lifetimes();
  readonly #queue = new EventQueue();
  /** From here on nothing new comes, s. */
  readonly #until: number;

  constructor(
    readonly kind: PageKind,
    readonly domains: number,
    seconds: number,
  ) {
    this.#until = Math.max(seconds - QUIET_SECONDS, seconds / 2);
    for (let d = 0; d < domains; d++) this.#freeFrames.push(new FreeFrames(kind.firstGfn, kind.frames));
    if (kind.perSecond > 0) this.#queue.push(0, COME, 0, 0);
  }

  get nextSeconds(): number {
    return this.#queue.nextSeconds;
  }

  step(trace: SynthTrace): void {
    const queue = this.#queue;
    queue.pop();
    const { seconds, kind, domid, value } = queue;
    if (kind === COME) {
      this.#come(trace, seconds, value);
    } else if (kind === READ) {
      trace.at(seconds);
      trace.read(domid, value);
    } else if (kind === FILL) {
      const gfn = this.#freeFrames[domid - 1].take();
      if (gfn === NO_GFN) return;
      trace.at(seconds);
      trace.fill(domid, gfn, value);
      if (!this.kind.staysForEver) queue.push(seconds + this.#lifetimes.next(trace), OVERWRITE, domid, gfn);
    } else {
      trace.at(seconds);
      trace.fill(domid, value, trace.fresh());
      this.#freeFrames[domid - 1].give(value);
    }
  }

  /** Page number `number` comes to each domain, and the next one is due. */
  #come(trace: SynthTrace, seconds: number, number: number): void {
    const content = this.kind.isRead ? number : trace.fresh();
    for (let domid = 1; domid <= this.domains; domid++) {
      const from = seconds + READ_SECONDS + SPREAD_SECONDS * trace.random.unit();
      if (this.kind.isRead) this.#queue.push(from - READ_SECONDS, READ, domid, content);
      this.#queue.push(from, FILL, domid, content);
    }
    const next = (number + 1) / this.kind.perSecond;
    if (next < this.#until) this.#queue.push(next, COME, 0, number + 1);
  }
}

function* pageLives(trace: SynthTrace, name: string, size: SynthSize, kinds: readonly PageKind[]): Generator<void> {
  const { domains, frames, seconds } = size;
  const read = kinds.find(({ isRead }) => isRead);
  trace.host(name, domains, frames, Math.ceil((read?.perSecond ?? 0) * seconds));
  for (let domid = 1; domid <= domains; domid++) {
    trace.domain(domid, `guest-${domid}`, frames);
    trace.records.keyframeBegin(domid);
    trace.fills(domid, 0, frames, trace.fresh(frames));
    trace.records.keyframeEnd(domid);
    yield;
  }
  const streams = kinds.map((kind) => new PageStream(kind, domains, seconds));
  for (;;) {
    const first = streams.reduce((a, b) => (b.nextSeconds < a.nextSeconds ? b : a));
    if (first.nextSeconds > seconds) break;
    first.step(trace);
    yield;
  }
  trace.at(seconds);
}

/** Seven parts: three of frames that never change, two and two for pages that come and go. */
function areas(frames: number): readonly [first: number, second: number, length: number] {
  const length = Math.floor((2 * frames) / 7);
  return [frames - 2 * length, frames - length, length];
}

/** At 3,500 frames a domain. Each page is in memory for 155 s on the mean: 220 of 1,000 frames are in use. */
const BUILD_PAGES_PER_SECOND = 2000 / 1400;
const MIXED_READ_PAGES_PER_SECOND = 120 / 1400;
const RATE_FRAMES = 3500;

/** The page cache of builds of the same sources in two domains. */
export const CHURN: Preset = {
  name: 'churn',
  summary: 'page caches of the same build: pages are read by all, and four fifths live 30 to 300 s',
  size: { domains: 2, frames: RATE_FRAMES, seconds: 1500 },
  framesMin: 70,
  *write(trace: SynthTrace, size: SynthSize): Generator<void> {
    const [firstGfn, , frames] = areas(size.frames);
    const perSecond = (BUILD_PAGES_PER_SECOND * size.frames) / RATE_FRAMES;
    yield* pageLives(trace, 'churn', size, [{ perSecond, isRead: true, staysForEver: false, firstGfn, frames }]);
  },
};

/** Most of what all have was never read from a disk and stays; beside it a trickle of pages as of a build. */
export const MIXED: Preset = {
  name: 'mixed',
  summary: 'most identical pages were not read and stay; beside them a trickle of pages as in churn',
  size: { domains: 2, frames: RATE_FRAMES, seconds: 1500 },
  framesMin: 70,
  *write(trace: SynthTrace, size: SynthSize): Generator<void> {
    const [first, second, frames] = areas(size.frames);
    const long = Math.max(size.seconds - QUIET_SECONDS, size.seconds / 2);
    yield* pageLives(trace, 'mixed', size, [
      { perSecond: (0.9 * frames) / long, isRead: false, staysForEver: true, firstGfn: first, frames },
      {
        perSecond: (MIXED_READ_PAGES_PER_SECOND * size.frames) / RATE_FRAMES,
        isRead: true,
        staysForEver: false,
        firstGfn: second,
        frames,
      },
    ]);
  },
};
