import { lowHalf } from '../base/units.js';
import {
  EFFECT_READ,
  EFFECT_TIME,
  EFFECT_WORDS,
  type EngineView,
  READ_FLAG_ALIGNED,
  READ_FLAG_READ_ONLY_IMAGE,
} from '../engine/effects.js';
import { FIRST_CONTENT, FRAME_WORDS, NO_FRAME, STATE_PROVISIONAL } from '../engine/layout.js';
import type { SizeNeeded, TrialFigures, TrialPoint } from '../figures/region-curve-figures.js';
import { DlpsPolicy } from './dlps.js';
import { SIZE_SHARES } from './lru-curve.js';
import { SAMPLE_KEYS_MAX, sampleHash } from './parts/key-sample.js';
import { SampledFrames } from './parts/sampled-frames.js';
import type { RegionVictim } from './parts/shared-region.js';

/** R of the trials, % of the memory: about evenly spaced on a logarithmic scale, the default size among them. */
export const TRIAL_PERCENTS = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50] as const;
const ALL = 2 ** 32;
const BUFFER_EFFECTS = 4096;
/** Slots settled after a batch: nobody asks a trial for fair shares, but the list of changed slots is to stay short. */
const SETTLE_SLOTS = 4096;

/** What a set of trials is made of. */
export interface TrialOptions {
  /** Order of victims. */
  victim: RegionVictim;
  /** Keys followed at most; Infinity: all. */
  keysMax?: number;
  /** Share of the keys that is followed at first; halved when there are too many. */
  sampleRate?: number;
  /** Sizes, % of the memory, from small to large. */
  percents?: readonly number[];
}
const TRIAL_DEFAULTS = { keysMax: SAMPLE_KEYS_MAX, sampleRate: 1, percents: TRIAL_PERCENTS as readonly number[] };

/** One region size: the policy itself on the sample, and what it counted at earlier, higher rates. */
interface Trial {
  readonly policy: DlpsPolicy;
  /** Of the memory; Infinity: unlimited. */
  readonly percent: number;
  /** Weighted reads of earlier rates, and the counters when this rate began. */
  avoided: number;
  avoidedBefore: number;
}

/**
 * What `dlps` avoids and saves at regions of 16 sizes and without limit: miniature simulations (Waldspurger et al.,
 * USENIX ATC 2017) of the policy itself. Each sees the reads of the keys below a hash threshold and has R × rate
 * slots; of frames it sees those that hold, or may hold, a content that was read from such a key. That filter loses
 * nothing: with all keys sampled each trial is the policy (a test says so). Its only error is that of the sample.
 */
export class RegionTrials {
  readonly #keysMax: number;
  readonly #trials: Trial[];
  readonly #unlimited: Trial;
  readonly #frames = new SampledFrames();
  /** Bits by content id: read from a sampled key, so that a frame with it may be bound. Never too few. */
  #marked = new Uint32Array(64);
  readonly #words = new Uint32Array(BUFFER_EFFECTS * EFFECT_WORDS);
  #used = 0;
  /** The newest time, and that which the trials know: times between two effects that matter are left out. */
  #timeMicros = 0;
  #toldMicros = 0;
  /** The last read that the trials know was a sampled one. */
  #isReadSampled = false;
  #memoryFrames = 0;
  #threshold = ALL;
  /** Weighted eligible reads of the sample at earlier rates, reads at this one. */
  #weightBefore = 0;
  #reads = 0;
  /** Keys when they were last counted, and the reads issued then: each more may be a new key. */
  #keys = 0;
  #issuedBefore = 0;

  constructor(
    private readonly engine: EngineView,
    options: TrialOptions,
  ) {
    const { victim, keysMax, sampleRate, percents } = { ...TRIAL_DEFAULTS, ...options };
    this.#keysMax = keysMax;
    this.#threshold = Math.floor(ALL * sampleRate);
    const view = this.#view();
    this.#trials = [...percents, Number.POSITIVE_INFINITY].map((percent) => {
      const region = Number.isFinite(percent) ? { frames: 0 } : 'unlimited';
      return { policy: new DlpsPolicy(view, { region, victim }), percent, avoided: 0, avoidedBefore: 0 };
    });
    this.#unlimited = this.#trials[this.#trials.length - 1];
  }

  /** What a trial may know: the engine, with the numbers of sampled frames for frame ids. */
  #view(): EngineView {
    const { engine } = this;
    const frames = this.#frames;
    return {
      frameWords: () => frames.words,
      contentWords: () => engine.contentWords(),
      domainOfFrame: (number) => frames.domainOf(number),
      keyOfDomain: (slot) => engine.keyOfDomain(slot),
      frameIdEnd: () => frames.end,
      chunkNumber: (number) => engine.chunkNumber(frames.frameOf(number)),
      domainSlotEnd: () => engine.domainSlotEnd(),
      pin: (id) => engine.pin(id),
      unpin: (id) => engine.unpin(id),
      hasRoom: (bytes) => engine.hasRoom(bytes),
      countUnmodelled: () => engine.countUnmodelled(),
    };
  }

  /** Share of the keys that is followed now. */
  get sampleRate(): number {
    return this.#threshold / ALL;
  }

  /** Bytes held. */
  get bytes(): number {
    let bytes = this.#marked.byteLength + this.#words.byteLength + this.#frames.bytes(this.#frameIdEnd);
    for (const { policy } of this.#trials) bytes += policy.bytes;
    return bytes;
  }
  get #frameIdEnd(): number {
    return Math.floor(this.engine.frameWords().length / FRAME_WORDS);
  }

  /** Before the effects of a batch. */
  beginBatch(): void {
    this.#frames.reserveFrames(this.#frameIdEnd);
  }

  /** Behind the effects of a batch: the trials take theirs. */
  endBatch(): void {
    this.#deliver();
    const keys = this.#keys + this.#unlimited.policy.area.counts.readsIssued - this.#issuedBefore;
    if (keys <= this.#keysMax) return;
    this.#countKeys();
    while (this.#keys > this.#keysMax) this.#lower();
  }

  /** The memory that percentages are of changed. */
  memory(frames: number): void {
    this.#memoryFrames = frames;
    this.#deliver();
    this.#resize();
  }

  #resize(): void {
    for (const { policy, percent } of this.#trials) {
      if (Number.isFinite(percent)) policy.resize(Math.round(this.#framesOf(percent) * this.sampleRate));
    }
  }

  #framesOf(percent: number): number {
    return this.#memoryFrames === 0 ? 0 : Math.max(1, Math.floor((this.#memoryFrames * percent) / 100));
  }

  /** Time moved on. */
  time(micros: number): void {
    this.#timeMicros = micros;
  }

  /** A read, eligible or not; `hash` is the sampleHash of its key. */
  read(isEligible: boolean, hash: number, words: Uint32Array, at: number): void {
    const head = words[at];
    const content = words[at + 2];
    if (isEligible && hash < this.#threshold) {
      this.#reads++;
      this.#isReadSampled = true;
      if (content >= FIRST_CONTENT) this.#mark(content);
      this.#push(head, NO_FRAME, content, words[at + 3], words[at + 4]);
    } else if (words[at + 1] !== NO_FRAME && this.#isReadSampled) {
      // The frame that comes next is not that of the read which the trials saw last: one that is not aligned says so.
      this.#forgetRead((head & ~((READ_FLAG_ALIGNED | READ_FLAG_READ_ONLY_IMAGE) << 8)) >>> 0);
    }
  }

  /** A read that is not eligible. @param head of its effect, without flags */
  #forgetRead(head: number): void {
    this.#isReadSampled = false;
    this.#push(head, NO_FRAME, 0, 0, 0);
  }

  /** A frame changed. */
  frame(head: number, frameId: number, old: number, next: number, cause: number): void {
    if (!this.#matters(old) && !this.#matters(next)) return;
    // What a frame of unknown hash is seen to hold may become the content of its slot.
    if (old === STATE_PROVISIONAL && next >= FIRST_CONTENT) this.#mark(next);
    let number = this.#frames.find(frameId);
    if (number < 0) {
      // Of reads into frames only the sampled ones bind.
      if (!this.#matters(next) || (next === STATE_PROVISIONAL && !this.#isReadSampled)) return;
      if (!this.engine.hasRoom(this.#frames.growthBytes)) {
        this.engine.countUnmodelled();
        return;
      }
      number = this.#frames.add(frameId, head >>> 16);
    }
    this.#frames.setState(number, next);
    this.#push(head, number, old, next, cause);
    if (!this.#matters(next)) this.#frames.leave(number);
  }

  /** Any other effect: all trials see it. */
  other(words: Uint32Array, at: number): void {
    this.#push(words[at], words[at + 1], words[at + 2], words[at + 3], words[at + 4]);
  }

  /** Whether a frame in this state may be bound. */
  #matters(state: number): boolean {
    if (state < FIRST_CONTENT) return state === STATE_PROVISIONAL;
    const word = state >>> 5;
    return word < this.#marked.length && ((this.#marked[word] >>> (state & 31)) & 1) !== 0;
  }

  #mark(content: number): void {
    const word = content >>> 5;
    if (word >= this.#marked.length) {
      const grown = new Uint32Array(Math.max(word + 1, 2 * this.#marked.length));
      grown.set(this.#marked);
      this.#marked = grown;
    }
    this.#marked[word] |= 1 << (content & 31);
  }

  #push(head: number, a: number, b: number, c: number, d: number): void {
    if (this.#timeMicros !== this.#toldMicros) {
      const time = (this.#toldMicros = this.#timeMicros);
      this.#put(EFFECT_TIME, lowHalf(time), Math.floor(time / ALL), 0, 0);
    }
    this.#put(head, a, b, c, d);
  }

  #put(head: number, a: number, b: number, c: number, d: number): void {
    if (this.#used === this.#words.length) this.#deliver();
    const words = this.#words;
    const at = this.#used;
    words[at] = head;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = c;
    words[at + 4] = d;
    this.#used = at + EFFECT_WORDS;
  }

  #deliver(): void {
    if (this.#used === 0) return;
    for (const { policy } of this.#trials) {
      policy.apply(this.#words, this.#used);
      policy.settle(SETTLE_SLOTS);
    }
    this.#used = 0;
    this.#frames.endBatch();
  }

  // --- the sample -----------------------------------------------------------------------------------------------

  /** Keys that the unlimited region has: all that were read since they are followed. */
  #countKeys(): void {
    const { region, counts } = this.#unlimited.policy.area;
    this.#keys = 0;
    for (let slot = 1; slot < region.end; slot++) if (region.isUsed(slot)) this.#keys++;
    this.#issuedBefore = counts.readsIssued;
  }

  /** Half of the keys go, and with them half of each region. */
  #lower(): void {
    const { sampleRate } = this;
    // The frame of the last read may be in the next batch, and its slot among those that go.
    this.#forgetRead(EFFECT_READ);
    this.#deliver();
    this.#weightBefore += this.#reads / sampleRate;
    this.#reads = 0;
    for (const trial of this.#trials) {
      trial.avoided = this.#avoided(trial);
      trial.avoidedBefore = trial.policy.area.counts.readsAvoided;
    }
    this.#threshold = Math.floor(this.#threshold / 2);
    for (const { policy } of this.#trials) {
      const { region } = policy.area;
      for (let slot = 1; slot < region.end; slot++) {
        if (!region.isUsed(slot)) continue;
        if (sampleHash(region.groupImageOf(slot), region.blockOf(slot)) >= this.#threshold) policy.area.drop(slot);
      }
    }
    this.#resize();
    this.#countKeys();
    this.#forgetFrames();
  }

  /** What matters no more since keys have gone. A frame that is bound anywhere keeps its number. */
  #forgetFrames(): void {
    this.#marked.fill(0);
    for (const { policy } of this.#trials) {
      for (let slot = 1; slot < policy.area.region.end; slot++) {
        const content = policy.area.region.isUsed(slot) ? policy.area.region.contentOf(slot) : 0;
        if (content >= FIRST_CONTENT) this.#mark(content);
      }
    }
    const rows = this.engine.frameWords();
    for (let number = 0; number < this.#frames.end; number++) {
      const frameId = this.#frames.frameOf(number);
      if (frameId < 0 || this.#matters(rows[frameId * FRAME_WORDS])) continue;
      if (this.#trials.every(({ policy }) => policy.area.region.slotOfFrame(number) === 0)) this.#frames.leave(number);
    }
    this.#frames.endBatch();
  }

  /** Recounts every trial the slow way: one line for each figure that does not agree. */
  audit(): string[] {
    return this.#trials.flatMap(({ policy, percent }) =>
      policy.audit().map((line) => `region of ${percent} %: ${line}`),
    );
  }

  // --- figures --------------------------------------------------------------------------------------------------

  /** Reads avoided by a trial, as many as its sample stands for. */
  #avoided({ policy, avoided, avoidedBefore }: Trial): number {
    return avoided + (policy.area.counts.readsAvoided - avoidedBefore) / this.sampleRate;
  }

  #point(trial: Trial, scale: number): TrialPoint {
    const { boundFrames, usedSlots, resident } = trial.policy.area.region;
    const frameScale = scale / this.sampleRate;
    const residentSlots = resident * frameScale;
    return {
      regionFrames: Number.isFinite(trial.percent) ? this.#framesOf(trial.percent) : residentSlots,
      readsAvoided: this.#avoided(trial) * scale,
      residentSlots,
      savedFrames: (boundFrames - usedSlots) * frameScale,
      netSavedFrames: (boundFrames - resident) * frameScale,
    };
  }

  /** @param readsSeen all eligible reads: the sample never has exactly its share of them */
  figures(readsSeen: number): TrialFigures {
    const { sampleRate } = this;
    this.#countKeys();
    const weight = this.#weightBefore + this.#reads / sampleRate;
    const scale = weight === 0 ? 1 : readsSeen / weight;
    const points = this.#trials.map((trial) => this.#point(trial, scale));
    const unlimited = points[points.length - 1];
    const limited = this.#memoryFrames === 0 ? [] : points.slice(0, -1);
    const steps = limited.filter(({ regionFrames }) => regionFrames < unlimited.regionFrames);
    steps.push(unlimited);
    const sizes = SIZE_SHARES.map((share): SizeNeeded => ({
      share,
      avoidedFrames: sizeFor(steps, (point) => point.readsAvoided, share),
      savedFrames: sizeFor(steps, (point) => point.savedFrames, share),
    }));
    return { sampleRate, sampledKeys: this.#keys, points: limited, unlimited, sizes };
  }
}

/**
 * The size at which a figure first reaches a share of what the last step has, on straight lines between the steps,
 * the first of them from 0. Null if the last step has nothing.
 */
function sizeFor(steps: readonly TrialPoint[], figure: (point: TrialPoint) => number, share: number): number | null {
  const wanted = share * figure(steps[steps.length - 1]);
  if (wanted <= 0) return null;
  const at = steps.findIndex((point) => figure(point) >= wanted);
  const [low, lowFigure] = at === 0 ? [0, 0] : [steps[at - 1].regionFrames, figure(steps[at - 1])];
  const { regionFrames } = steps[at];
  return low + ((regionFrames - low) * (wanted - lowFigure)) / (figure(steps[at]) - lowFigure);
}
