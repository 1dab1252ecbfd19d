/** Hand-written cases for the slow scanners: a few words a record, at most one visit a second. */
import type { TraceRecord } from './plain-records.js';
import { SlowEngine, ZERO_HASH } from './slow-engine.js';
import { SlowKsm, type SlowKsmKnobs } from './slow-ksm.js';
import { SlowXlh, type SlowXlhKnobs } from './slow-xlh.js';

const VISIT_A_SECOND: SlowXlhKnobs = {
  pages_to_scan: 1,
  sleep_millisecs: 1000,
  max_page_sharing: 256,
  use_zero_pages: 0,
  hints: 8,
};

export class ScanCase<Scanner extends SlowKsm> {
  readonly engine: SlowEngine;
  #seconds = 0;

  constructor(
    readonly scanner: Scanner,
    keys: readonly string[],
  ) {
    this.engine = new SlowEngine([scanner]);
    this.say({ kind: 'image', id: 1, name: 'disk', readOnly: true, blocks: 100 });
    for (const [i, key] of keys.entries()) this.domain(i + 1, key);
  }

  say(record: TraceRecord): this {
    this.engine.apply({ stream: 0, time: this.#seconds * 1e6, record });
    return this;
  }

  domain(domid: number, key: string, group = ''): this {
    return this.say({ kind: 'domain', domid, key, name: '', group, type: '', frames: 100 });
  }

  fill(domid: number, gfn: number, ...hashes: bigint[]): this {
    return this.say({ kind: 'fillSpan', domid, gfn, hashes });
  }

  thpZero(domid: number, gfn: number): this {
    return this.say({ kind: 'fill', domid, gfn, hash: ZERO_HASH, class: 1 });
  }

  dirty(domid: number, gfn: number): this {
    return this.say({ kind: 'dirty', domid, gfn, count: 1 });
  }

  read(domid: number, hash: bigint, gfn: number | null = null): this {
    return this.say({ kind: 'blockRead', domid, image: 1, block: 1, hash, gfn, aligned: true });
  }

  /** So many seconds pass: so many visits are done. */
  pass(seconds: number): this {
    this.#seconds += seconds;
    return this.say({ kind: 'time' });
  }
}

/** A case for ksm. */
export function ksmCase(
  keys: readonly string[],
  knobs: Partial<SlowKsmKnobs> = {},
  extraOf?: ReadonlyMap<string, readonly bigint[]>,
): ScanCase<SlowKsm> {
  return new ScanCase(new SlowKsm({ ...VISIT_A_SECOND, ...knobs }, extraOf), keys);
}

/** A case for xlh. */
export function xlhCase(keys: readonly string[], knobs: Partial<SlowXlhKnobs> = {}): ScanCase<SlowXlh> {
  return new ScanCase(new SlowXlh({ ...VISIT_A_SECOND, ...knobs }), keys);
}
