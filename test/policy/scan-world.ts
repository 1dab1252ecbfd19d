/** A few words a record for hand-written cases of the scanners, each applied at once to an engine with one policy. */
import { expect } from 'vitest';
import { auditEngine } from '../../src/engine/audit.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineView } from '../../src/engine/effects.js';
import type { DomainPolicyFigures } from '../../src/figures/domain-figures.js';
import type { PolicyFigures } from '../../src/figures/policy-figures.js';
import type { Policy } from '../../src/policy/policy.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { FILL_CLASS } from '../../src/trace/record.js';
import { encode, type TimedRecord, type TraceRecord } from '../model/plain-records.js';
import { ZERO_HASH } from '../model/slow-engine.js';
import { SeededRandom } from '../seeded-random.js';

/** An engine and one policy, without histories: seconds are not sampled, what is owed is done at the next effect. */
export class ScanWorld<Scanner extends Policy> {
  readonly engine: Engine;
  readonly policy: Scanner;
  readonly #buffer = new RecordBuffer();
  #seconds = 0;

  /** @param keys of domains 1, 2, …; image 1 is read-only */
  constructor(create: (engine: EngineView) => Scanner, keys: readonly string[] = []) {
    this.engine = new Engine((words, used) => {
      this.policy.apply(words, used);
    });
    this.policy = create(this.engine);
    if (keys.length > 0) this.say({ kind: 'image', id: 1, name: 'disk', readOnly: true, blocks: 1000 });
    for (const [i, key] of keys.entries()) this.domain(i + 1, key);
  }

  say(record: TraceRecord): this {
    return this.apply([{ stream: 0, time: Math.round(this.#seconds * 1e6), record }]);
  }

  /** Applies records of one stream as one block; they may be of several times. */
  apply(records: readonly TimedRecord[]): this {
    const buffer = this.#buffer;
    buffer.clear();
    const [{ stream, time }] = records;
    let now = time;
    for (const record of records) {
      if (record.time !== now && record.record.kind !== 'time') buffer.time(record.time);
      encode(buffer, record);
      now = record.time;
    }
    this.engine.apply(stream, time, buffer.words, 0, buffer.wordCount);
    return this;
  }

  /** It is so late now: what fell due until then is done. */
  at(seconds: number): this {
    this.#seconds = seconds;
    this.say({ kind: 'time' });
    return this.settle();
  }

  domain(domid: number, key: string, group = '', frames = 2 ** 24): this {
    return this.say({ kind: 'domain', domid, key, name: '', group, type: '', frames });
  }

  fill(domid: number, gfn: number, ...hashes: bigint[]): this {
    for (let i = 0; i < hashes.length; i += 126) {
      this.say({ kind: 'fillSpan', domid, gfn: gfn + i, hashes: hashes.slice(i, i + 126) });
    }
    return this;
  }

  thpZero(domid: number, gfn: number): this {
    return this.say({ kind: 'fill', domid, gfn, hash: ZERO_HASH, class: FILL_CLASS.thpZero });
  }

  dirty(domid: number, gfn: number): this {
    return this.say({ kind: 'dirty', domid, gfn, count: 1 });
  }

  free(domid: number, gfn: number, count = 1): this {
    return this.say({ kind: 'free', domid, gfn, count });
  }

  read(domid: number, hash: bigint | null, gfn: number | null = null): this {
    return this.say({ kind: 'blockRead', domid, image: 1, block: 1, hash, gfn, aligned: true });
  }

  settle(): this {
    this.engine.settle();
    while (this.policy.settle(100));
    return this;
  }

  converge(): this {
    while (this.policy.converge?.(100));
    return this.settle();
  }

  /** All that a policy says, settled; audits are silent and fair shares add up. */
  get figures(): PolicyFigures {
    this.settle();
    const figures = this.policy.figures();
    expect([...auditEngine(this.engine), ...this.policy.audit()]).toEqual([]);
    const fair = this.domains.reduce((sum, { fairSavedFrames }) => sum + fairSavedFrames, 0);
    expect(fair).toBeCloseTo(figures.savedFrames, 6);
    expect(this.policy.sums()).toMatchObject({
      savedFrames: figures.savedFrames,
      zeroSavedFrames: figures.zeroSavedFrames,
    });
    return figures;
  }

  /** By domain, in the order in which they appeared. */
  get domains(): DomainPolicyFigures[] {
    const live = this.engine.domains.live().sort((a, b) => a.life - b.life);
    return live.map(({ slot }) => this.policy.domainFigures(slot));
  }
}

/** So many contents that nobody else has. */
export function freshContents(count: number, seed = 0): bigint[] {
  return Array.from({ length: count }, (_, i) => (BigInt(seed + 1) << 48n) | BigInt(i + 1));
}

/**
 * The records cut at random into blocks and steps, with looks (settling in slices) at random in between: nothing of it
 * may show in any figure.
 */
export function applyInPieces<Scanner extends Policy>(
  world: ScanWorld<Scanner>,
  records: readonly TimedRecord[],
  seed: number,
): void {
  const random = new SeededRandom(seed);
  for (let at = 0; at < records.length;) {
    let end = at + 1;
    const most = at + 1 + random.below(40);
    while (end < most && end < records.length && records[end].stream === records[at].stream) end++;
    world.apply(records.slice(at, end));
    if (random.chance(0.3)) world.engine.settle();
    if (random.chance(0.3)) world.policy.settle(random.below(20));
    at = end;
  }
}
