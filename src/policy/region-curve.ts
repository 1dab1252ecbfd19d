import { fromHalves } from '../base/units.js';
import {
  EFFECT_DOMAIN,
  EFFECT_FRAME,
  EFFECT_GONE,
  EFFECT_GROUP,
  EFFECT_MEMORY,
  EFFECT_READ,
  EFFECT_TIME,
  EFFECT_WORDS,
  EFFECT_WRITE,
  type EngineView,
  READ_FLAG_ALIGNED,
  READ_FLAG_READ_ONLY_IMAGE,
} from '../engine/effects.js';
import type { RegionCurveFigures } from '../figures/region-curve-figures.js';
import { LruCurve } from './lru-curve.js';
import { sampleHash } from './parts/key-sample.js';
import { DomainBlocks } from './parts/domain-blocks.js';
import { RegionTrials, type TrialOptions, TRIAL_PERCENTS } from './region-trials.js';

/** A read that may be answered from a region as far as its request and image go. */
const ELIGIBLE_FLAGS = READ_FLAG_ALIGNED | READ_FLAG_READ_ONLY_IMAGE;

/** What is curious about the size of the region. Plain data: it goes to the worker. */
export interface RegionCurveOptions extends TrialOptions {
  /** Also run `dlps` at each size, on a sample; else there is the LRU curve alone. */
  trials: boolean;
}

/**
 * How large should the region be? Takes effects beside the policies and finds the eligible reads among them, by the
 * rules of `dlps` (aligned, read-only image, block never written by the domain), for the two curves.
 */
export class RegionCurve {
  readonly #lru = new LruCurve();
  readonly #trials: RegionTrials | null;
  readonly #written: DomainBlocks;
  /** Trust group by domain slot. */
  #group = new Uint32Array(8);
  #memoryFrames = 0;

  constructor(
    private readonly engine: EngineView,
    options: RegionCurveOptions,
  ) {
    this.#written = new DomainBlocks((bytes) => engine.hasRoom(bytes));
    this.#trials = options.trials ? new RegionTrials(engine, options) : null;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#lru.bytes + this.#written.bytes + (this.#trials?.bytes ?? 0);
  }

  /** Takes an effects batch, as a policy does. */
  apply(words: Uint32Array, used: number): void {
    const trials = this.#trials;
    trials?.beginBatch();
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      if (kind === EFFECT_FRAME) {
        trials?.frame(head, words[at + 1], words[at + 2], words[at + 3], words[at + 4]);
      } else if (kind === EFFECT_READ) this.#read(words, at);
      else if (kind === EFFECT_TIME) trials?.time(fromHalves(words[at + 1], words[at + 2]));
      else if (kind === EFFECT_WRITE) {
        const isKept = this.#written.add(head >>> 16, words[at + 1], words[at + 2], words[at + 3]);
        if (!isKept) this.engine.countUnmodelled();
      } else this.#rare(kind, words, at);
    }
    trials?.endBatch();
  }

  #read(words: Uint32Array, at: number): void {
    const head = words[at];
    const domain = head >>> 16;
    const image = words[at + 3];
    const block = words[at + 4];
    const isAllowed = ((head >>> 8) & ELIGIBLE_FLAGS) === ELIGIBLE_FLAGS;
    const isEligible = isAllowed && !this.#written.has(domain, image, block);
    const groupImage = (image | (this.#group[domain] << 16)) >>> 0;
    const hash = sampleHash(groupImage, block);
    if (isEligible) this.#lru.read(groupImage, block, hash);
    this.#trials?.read(isEligible, hash, words, at);
  }

  #rare(kind: number, words: Uint32Array, at: number): void {
    const domain = words[at] >>> 16;
    if (kind === EFFECT_DOMAIN || kind === EFFECT_GROUP) {
      if (domain >= this.#group.length) {
        const grown = new Uint32Array(Math.max(domain + 1, 2 * this.#group.length));
        grown.set(this.#group);
        this.#group = grown;
      }
      this.#group[domain] = words[at + 1];
      this.#trials?.other(words, at);
    } else if (kind === EFFECT_GONE) {
      this.#written.clear(domain);
      this.#trials?.other(words, at);
    } else if (kind === EFFECT_MEMORY) {
      this.#memoryFrames = fromHalves(words[at + 1], words[at + 2]);
      this.#trials?.memory(this.#memoryFrames);
    }
  }

  /** Recounts the trials: one line for each figure that does not agree. */
  audit(): string[] {
    return this.#trials?.audit() ?? [];
  }

  /** Both curves, as of the last batch. */
  figures(): RegionCurveFigures {
    const memoryFrames = this.#memoryFrames;
    const percents = memoryFrames === 0 ? [] : TRIAL_PERCENTS;
    const sizes = percents.map((percent) => Math.max(1, Math.floor((memoryFrames * percent) / 100)));
    const { readsSeen } = this.#lru;
    return { memoryFrames, readsSeen, lru: this.#lru.figures(sizes), dlps: this.#trials?.figures(readsSeen) ?? null };
  }
}
