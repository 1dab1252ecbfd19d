/** Hand-written cases for `satori`: a few words a record, applied at once beside `dlps` and `oracle`. */
import { assert, expect } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import type { SatoriFigures } from '../../src/figures/satori-figures.js';
import { hostFigures } from '../../src/monitor/figures-of.js';
import { PolicySet } from '../../src/monitor/policy-set.js';
import { DlpsPolicy } from '../../src/policy/dlps.js';
import type { DomainPolicyFigures } from '../../src/figures/domain-figures.js';
import { OraclePolicy } from '../../src/policy/oracle.js';
import type { RegionOptions } from '../../src/policy/parts/sharing-area.js';
import type { Policy } from '../../src/policy/policy.js';
import { SatoriPolicy } from '../../src/policy/satori.js';
import { GuardedPolicy } from '../../src/monitor/guarded-policy.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { encode, type TimedRecord, type TraceRecord } from '../model/plain-records.js';

const UNLIMITED: RegionOptions = { region: 'unlimited', victim: 'sharers' };
const READ = { gfn: null as number | null, image: 1, aligned: true };

/** Engine and the three policies over the same records. */
export class SatoriWorld {
  readonly engine: Engine;
  readonly policies = new PolicySet();
  readonly satori: SatoriPolicy;
  readonly dlps: DlpsPolicy;
  readonly oracle: OraclePolicy;
  readonly #buffer = new RecordBuffer();
  readonly #times: number[] = [];

  constructor(options: RegionOptions = UNLIMITED, fifo = 16_777_216) {
    this.engine = new Engine((words, used) => {
      this.policies.apply(words, used);
    });
    const names = ['satori', 'dlps', 'oracle'] as const;
    this.policies.start(this.engine, { names, dlps: options, satori: { fifo } });
    const running = (at: number): Policy | null => {
      const { policy } = this.policies.slots[at];
      assert(policy instanceof GuardedPolicy, 'policies are guarded');
      return policy.running;
    };
    const [satori, dlps, oracle] = [running(0), running(1), running(2)];
    assert(satori instanceof SatoriPolicy && dlps instanceof DlpsPolicy && oracle instanceof OraclePolicy);
    [this.satori, this.dlps, this.oracle] = [satori, dlps, oracle];
  }

  /** Records of one stream as one block. */
  apply(records: readonly TimedRecord[]): void {
    const [{ stream, time }] = records;
    const base = this.#times[stream] ?? time;
    let now = base;
    this.#buffer.clear();
    for (const record of records) {
      if (record.time !== now && record.record.kind !== 'time') this.#buffer.time(record.time);
      encode(this.#buffer, record);
      now = record.time;
    }
    this.#times[stream] = now;
    this.engine.apply(stream, base, this.#buffer.words, 0, this.#buffer.wordCount);
  }

  /** Audits say nothing, nobody was switched off, and shares add up. */
  check(replay = ''): void {
    this.engine.settle();
    while (this.policies.settle(100));
    const [satori, , oracle] = this.policies.slots.map(({ policy }) => policy.figures());
    const own = satori.satori;
    assert(own !== undefined, `${replay} satori has its own figures`);
    expect(this.satori.audit(), replay).toEqual([]);
    expect(this.policies.notice, replay).toBe('');
    expect(own.savedByBlock + own.savedByContent, replay).toBe(own.savedFrames);
    expect(own.entitlementFrames, replay).toBe(own.savedFrames);
    expect(own.repaid + own.enomem, replay).toBe(own.broken);
    // A frame whose block was read with an unknown hash is shared, and unknown to the oracle until it is seen.
    const unseen = hostFigures(this.engine).unknownFrames;
    expect(own.savedFrames, replay).toBeLessThanOrEqual(oracle.savedFrames + unseen);
    expect(own.fifoFrames, replay).toBeLessThanOrEqual(own.boundFrames - own.savedFrames);
  }
}

/** A world to which records are said one by one; domains 1, 2, … of the given keys, and image 1, which is read-only. */
export class SatoriCase extends SatoriWorld {
  #seconds = 0;

  constructor(keys: string[], options?: RegionOptions, fifo?: number) {
    super(options, fifo);
    this.image(1, true).image(2, false).image(3, true);
    for (const [i, key] of keys.entries()) this.domain(i + 1, key);
  }

  say(record: TraceRecord): this {
    this.apply([{ stream: 0, time: Math.round(this.#seconds * 1e6), record }]);
    return this;
  }

  /** What follows is of this time. */
  at(seconds: number): this {
    this.#seconds = seconds;
    return this;
  }

  domain(domid: number, key: string, { group = '', frames = 100 } = {}): this {
    return this.say({ kind: 'domain', domid, key, name: '', group, type: '', frames });
  }

  image(id: number, readOnly: boolean): this {
    return this.say({ kind: 'image', id, name: `image${id}`, readOnly, blocks: 1000 });
  }

  read(domid: number, block: number, hash: bigint | null, more: Partial<typeof READ> = {}): this {
    return this.say({ kind: 'blockRead', domid, block, hash, ...READ, ...more });
  }

  write(domid: number, block: number, image = 1): this {
    return this.say({ kind: 'blockWrite', domid, image, block, count: 1 });
  }

  fill(domid: number, gfn: number, ...hashes: bigint[]): this {
    return this.say({ kind: 'fillSpan', domid, gfn, hashes });
  }

  dirty(domid: number, gfn: number): this {
    return this.say({ kind: 'dirty', domid, gfn, count: 1 });
  }

  free(domid: number, gfn: number): this {
    return this.say({ kind: 'free', domid, gfn, count: 1 });
  }

  gone(domid: number): this {
    return this.say({ kind: 'gone', domid });
  }

  get figures(): SatoriFigures {
    this.check();
    const { satori } = this.satori.figures();
    assert(satori !== undefined);
    return satori;
  }

  /** The part of the domain that has a key. */
  part(key: string): DomainPolicyFigures {
    this.check();
    const domain = this.engine.domains.byKey.get(key);
    assert(domain !== undefined, `${key} lives`);
    return this.satori.domainFigures(domain.slot);
  }
}
