/**
 * Hand-written cases: a few words a record, each applied at once to the fast engine and to the slow model, so that a
 * number worked out by hand proves both.
 */
import { expect } from 'vitest';
import type { DlpsFigures } from '../../src/figures/policy-figures.js';
import type { TraceRecord } from './plain-records.js';
import { agreeOnFairShares, fastFigures, FastWorld, slowFigures, SlowWorld } from './side-by-side.js';
import type { SlowRegion, SlowVictim } from './slow-dlps.js';

/** Contents: any non-zero hashes. */
export const [A, B, C, D] = [0xaaaa_0000_0000_0001n, 0xbbbb_0000_0000_0002n, 0xcccc_0000_0000_0003n, 4n];

export const UNLIMITED: SlowRegion = { frames: Number.POSITIVE_INFINITY };

const ALIGNED = { gfn: null as number | null, image: 1, aligned: true };

export class Case {
  readonly fast: FastWorld;
  readonly slow: SlowWorld;
  #seconds = 0;
  #stream = 0;

  /** Starts with domains 1, 2, … of the given keys (domid 1 is the first) and image 1, which is read-only. */
  constructor(keys: string[] = [], region: SlowRegion = UNLIMITED, victim: SlowVictim = 'sharers') {
    this.fast = new FastWorld(region, victim);
    this.slow = new SlowWorld(region, victim);
    this.image(1, 'disk', true);
    for (const [i, key] of keys.entries()) this.domain(i + 1, key);
  }

  say(record: TraceRecord): this {
    const timed = { stream: this.#stream, time: Math.round(this.#seconds * 1e6), record };
    this.fast.apply([timed]);
    this.slow.apply([timed]);
    return this;
  }

  /** What follows is of this time. */
  at(seconds: number): this {
    this.#seconds = seconds;
    return this;
  }

  /** What follows is of this stream. */
  from(stream: number): this {
    this.#stream = stream;
    return this;
  }

  domain(domid: number, key: string, { group = '', frames = 100 } = {}): this {
    return this.say({ kind: 'domain', domid, key, name: '', group, type: '', frames });
  }

  image(id: number, name: string, readOnly: boolean): this {
    return this.say({ kind: 'image', id, name, readOnly, blocks: 1000 });
  }

  fill(domid: number, gfn: number, ...hashes: bigint[]): this {
    return this.say({ kind: 'fillSpan', domid, gfn, hashes });
  }

  dirty(domid: number, gfn: number, count = 1): this {
    return this.say({ kind: 'dirty', domid, gfn, count });
  }

  free(domid: number, gfn: number, count = 1): this {
    return this.say({ kind: 'free', domid, gfn, count });
  }

  gone(domid: number): this {
    return this.say({ kind: 'gone', domid });
  }

  read(domid: number, block: number, hash: bigint | null, more: Partial<typeof ALIGNED> = {}): this {
    return this.say({ kind: 'blockRead', domid, block, hash, ...ALIGNED, ...more });
  }

  write(domid: number, block: number, count = 1): this {
    return this.say({ kind: 'blockWrite', domid, image: 1, block, count });
  }

  /** All figures; the slow model has the same, and audits are silent. */
  get figures(): ReturnType<typeof fastFigures> {
    this.fast.settle();
    const kept = fastFigures(this.fast);
    const counted = slowFigures(this.slow, this.fast.engine.changes.pairsExact);
    agreeOnFairShares(kept, counted);
    expect(kept).toEqual(counted);
    expect(this.fast.audit()).toEqual([]);
    return kept;
  }

  get host(): ReturnType<typeof fastFigures>['host'] {
    return this.figures.host;
  }

  get dlps(): DlpsFigures {
    const { dlps } = this.figures.dlps;
    if (dlps === undefined) throw new Error('dlps has its own figures');
    return dlps;
  }
}
