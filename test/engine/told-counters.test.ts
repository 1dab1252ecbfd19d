/** What kernel and hypervisor told: the newest value counts, a domain that is gone has none, and memory is bounded. */
import { describe, expect, test } from 'vitest';
import { MemoryBudget } from '../../src/base/memory-budget.js';
import { Engine } from '../../src/engine/engine.js';
import { COUNTER_NAMES_MAX, COUNTER_VALUES_MAX, HOST_OWNER, ToldCounters } from '../../src/engine/told-counters.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';

function apply(engine: Engine, make: (records: RecordBuffer) => void): void {
  const records = new RecordBuffer();
  make(records);
  engine.apply(0, Math.max(0, engine.timeMicros), records.words, 0, records.wordCount);
}

const told = (engine: Engine, owner: number): object => Object.fromEntries(engine.domains.told.of(owner));

describe('counters in the engine', () => {
  test('the newest one counts, of the host and of each domain apart', () => {
    const engine = new Engine();
    apply(engine, (records) => {
      records.domain(7, 'a', 'a', '', '', 4);
      records.domain(8, 'b', 'b', '', '', 4);
      records.counter(null, 'x', 1);
      records.counter(7, 'x', -(2 ** 53 - 1));
      records.counter(8, 'x', 3);
      records.counter(null, 'x', 2 ** 53 - 1);
      records.counter(null, 'y', -1);
    });
    const slot = (key: string): number => engine.domains.byKey.get(key)!.slot;
    expect(told(engine, HOST_OWNER)).toEqual({ x: 2 ** 53 - 1, y: -1 });
    expect(told(engine, slot('a'))).toEqual({ x: -(2 ** 53 - 1) });
    expect(told(engine, slot('b'))).toEqual({ x: 3 });
  });

  test('a domain that is gone has none, nor has the next one in its slot; an unknown domid is an orphan', () => {
    const engine = new Engine();
    apply(engine, (records) => {
      records.domain(7, 'a', 'a', '', '', 4);
      records.counter(7, 'x', 1);
      records.counter(9, 'x', 1);
    });
    const { slot } = engine.domains.byKey.get('a')!;
    expect(engine.gaps.orphans).toBe(1);
    apply(engine, (records) => records.gone(7));
    expect(told(engine, slot)).toEqual({});
    engine.settle();
    apply(engine, (records) => records.domain(7, 'b', 'b', '', '', 4));
    expect(engine.domains.byKey.get('b')!.slot).toBe(slot);
    expect(told(engine, slot)).toEqual({});
    expect(engine.domains.told.bytes).toBeLessThan(10_000);
  });

  test('names without end are refused and counted; those that are known go on', () => {
    const engine = new Engine();
    apply(engine, (records) => {
      for (let i = 0; i < COUNTER_NAMES_MAX + 50; i++) records.counter(null, `name ${i}`, i);
      records.counter(null, 'name 5', 77);
    });
    expect(engine.gaps.unmodelled).toBe(50);
    expect(engine.domains.told.of(HOST_OWNER)).toHaveLength(COUNTER_NAMES_MAX);
    expect(told(engine, HOST_OWNER)).toMatchObject({ 'name 5': 77 });
  });

  test('values are bounded over all owners, and come back when an owner goes', () => {
    const counters = new ToldCounters(new MemoryBudget());
    const owners = COUNTER_VALUES_MAX / 256;
    let refused = 0;
    for (let owner = 0; owner < owners; owner++) {
      for (let i = 0; i < 256; i++) if (!counters.set(owner, `n${i}`, i)) refused++;
    }
    expect(refused).toBe(0);
    expect(counters.set(owners, 'n0', 0)).toBe(false);
    expect(counters.set(3, 'n0', 9)).toBe(true);
    counters.forget(0);
    expect(counters.set(owners, 'n0', 0)).toBe(true);
  });

  test('a tight memory limit refuses them', () => {
    const engine = new Engine(undefined, new MemoryBudget(1));
    apply(engine, (records) => records.counter(null, 'x', 1));
    expect(engine.gaps.unmodelled).toBe(1);
    expect(told(engine, HOST_OWNER)).toEqual({});
  });
});
