import type { LruCurveFigures, LruPoint } from '../figures/region-curve-figures.js';
import { SAMPLE_KEYS_MAX } from './parts/key-sample.js';
import { LruStack } from './parts/lru-stack.js';

/** Sizes are exact below this; above, 1024 buckets an octave (0.1 %). */
const EXACT = 2048;
const EXACT_BITS = 11;
const OCTAVE = EXACT / 2;
const BUCKETS = EXACT + (32 - EXACT_BITS) * OCTAVE;
/** When there are too many keys, about this share of them stays: rarer work than a key at a time (SHARDS). */
const KEPT_SHARE = 3 / 4;
const ALL = 2 ** 32;

/** Parts of the unlimited region for which the size needed is told. */
export const SIZE_SHARES = [0.5, 0.9, 0.99] as const;

/**
 * The reads that an LRU cache of each size would have avoided, live and in one pass: a histogram of stack distances
 * over a sample of the keys (SHARDS, Waldspurger et al., FAST 2015: spatial sampling by a hash of the key, fixed size
 * with a threshold that is lowered as keys come). A distance d in the sample stands for (d − 1) / rate + 1, a read for
 * 1 / rate reads, at the rate of its moment; the shares of the sample are those of all reads. (SHARDS-adj, which calls
 * what the sample has too few or too many the hits of the smallest size, is worse here: decisions/0018.)
 */
export class LruCurve {
  readonly #stack = new LruStack();
  /** Keys with a hash below are followed. */
  #threshold = ALL;
  readonly #buckets = new Float64Array(BUCKETS);
  /** Reads that those of the sample stand for, and those of them that no size avoids. */
  #weight = 0;
  #cold = 0;
  /** Eligible reads, sampled or not. */
  readsSeen = 0;

  /** @param keysMax keys followed at most; Infinity: all, the curve is exact */
  constructor(private readonly keysMax = SAMPLE_KEYS_MAX) {}

  /** Bytes held. */
  get bytes(): number {
    return this.#stack.bytes + this.#buckets.byteLength;
  }
  /** Share of the keys that is followed now. */
  get sampleRate(): number {
    return this.#threshold / ALL;
  }

  /** An eligible read of a key with this `sampleHash`. */
  read(groupImage: number, block: number, hash: number): void {
    this.readsSeen++;
    if (hash >= this.#threshold) return;
    const weight = ALL / this.#threshold;
    this.#weight += weight;
    const distance = this.#stack.read(groupImage, block, hash);
    if (distance > 0) {
      this.#buckets[bucketOf(Math.min(ALL - 1, Math.round((distance - 1) * weight) + 1))] += weight;
      return;
    }
    this.#cold += weight;
    if (this.#stack.size > this.keysMax) this.#lower();
  }

  #lower(): void {
    while (this.#stack.size > this.keysMax) {
      this.#threshold = Math.floor(this.#threshold * KEPT_SHARE);
      this.#stack.removeFrom(this.#threshold);
    }
  }

  /** Reads avoided by a cache of so many blocks; estimated if the rate is below 1. */
  readsAvoided(frames: number): number {
    const last = bucketOf(Math.min(ALL - 1, frames));
    let sum = 0;
    for (let bucket = 0; bucket < last; bucket++) sum += this.#buckets[bucket];
    const [low, width] = spanOf(last);
    const part = Math.min(1, (frames - low + 1) / width);
    return (sum + this.#buckets[last] * part) * this.#scale;
  }

  /** Reads for each that the sample stands for: it never has exactly its share of them. */
  get #scale(): number {
    return this.#weight === 0 ? 0 : this.readsSeen / this.#weight;
  }

  /** The smallest cache that avoids this many reads; null if none does, or there are none to avoid. */
  sizeFor(reads: number): number | null {
    if (reads <= 0) return null;
    const scale = this.#scale;
    let sum = 0;
    for (let bucket = 1; bucket < BUCKETS; bucket++) {
      const count = this.#buckets[bucket] * scale;
      const [low, width] = spanOf(bucket);
      if (sum + count >= reads - 1e-6) {
        const part = count === 0 ? 0 : Math.max(0, (reads - sum) / count);
        return low + Math.ceil(width * part - 1e-9) - 1;
      }
      sum += count;
    }
    return null;
  }

  /** @param sizes R of each point, frames, from small to large */
  figures(sizes: readonly number[]): LruCurveFigures {
    const readsAvoided = this.readsSeen - this.#cold * this.#scale;
    const points = sizes.map((regionFrames): LruPoint => ({
      regionFrames,
      readsAvoided: this.readsAvoided(regionFrames),
    }));
    return {
      sampleRate: this.sampleRate,
      sampledKeys: this.#stack.size,
      points,
      readsAvoided,
      sizes: SIZE_SHARES.map((share) => ({ share, avoidedFrames: this.sizeFor(share * readsAvoided) })),
    };
  }
}

/** Distances below EXACT each have a bucket; the others are in one of those of their octave. */
function bucketOf(distance: number): number {
  if (distance < EXACT) return distance;
  const octave = 32 - EXACT_BITS - Math.clz32(distance);
  return EXACT + (octave - 1) * OCTAVE + ((distance >>> octave) - OCTAVE);
}

/** The first distance of a bucket, and how many it has. */
function spanOf(bucket: number): [low: number, width: number] {
  if (bucket < EXACT) return [bucket, 1];
  const octave = Math.floor((bucket - EXACT) / OCTAVE) + 1;
  const width = 2 ** octave;
  return [(((bucket - EXACT) % OCTAVE) + OCTAVE) * width, width];
}
