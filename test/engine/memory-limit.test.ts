import { describe, expect, test } from 'vitest';
import { MemoryBudget } from '../../src/base/memory-budget.js';
import { auditEngine } from '../../src/engine/audit.js';
import { Engine } from '../../src/engine/engine.js';
import { memoryNotice } from '../../src/monitor/memory-notice.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { apply, ask } from '../monitor/ask.js';

const MIB = 2 ** 20;
const LIMIT = 24 * MIB;

function limited(): Monitor {
  const dlps = { region: 'unlimited', victim: 'sharers' } as const;
  return new Monitor({ names: ['dlps', 'oracle'], dlps, memoryLimitBytes: LIMIT });
}

/** What audits say, and whether a policy was switched off. */
function problems({ engine, policies }: Monitor): string[] {
  return [...auditEngine(engine), ...policies.slots.flatMap(({ policy }) => policy.audit()), policies.notice].filter(
    (line) => line !== '',
  );
}

describe('at the limit of memory', () => {
  test.each<[string, (records: RecordBuffer, round: number) => void]>([
    ['contents that are all different', (b, r) => fillDifferent(b, 1, r)],
    ['frames far apart', (b, r) => b.fill(1, (r * 2 ** 22 + 5) >>> 0, r + 1, 7, 0)],
    ['dirty frames by the million', (b, r) => b.dirty(1, r * 100_000, 100_000)],
    ['blocks read by the thousand', (b, r) => readDifferent(b, r)],
    ['blocks written all over the disks', (b, r) => writeFarApart(b, r)],
    ['contents that every domain has', (b, r) => fillInMany(b, r)],
  ])('%s: what is left out is counted, the rest agrees with its recount', (_, write) => {
    const monitor = limited();
    apply(monitor, 1, (b) => {
      b.image(1, 'disk', true, 0);
      for (let domid = 0; domid < 200; domid++) b.domain(domid, `d${domid}`, '', '', '', 0xffffffff);
    });
    // Until the limit, and some way beyond it.
    for (let round = 0, beyond = 0; round < 2000 && beyond < 10; round++) {
      apply(monitor, 1 + (round >> 5), (b) => write(b, round));
      if (monitor.engine.gaps.unmodelled > 0) beyond++;
    }
    expect(monitor.engine.gaps.unmodelled).toBeGreaterThan(0);
    expect(monitor.engine.budget.bytes).toBeLessThanOrEqual(LIMIT);
    expect(problems(monitor)).toEqual([]);
    expect(memoryNotice(monitor)).toMatch(/parts of the trace are not in the figures: memory limit of 24M reached/);
    expect(ask(monitor).domains.total).toBe(200);
  });

  test('a domain that goes makes room for others', () => {
    const engine = new Engine(undefined, new MemoryBudget(4 * MIB));
    const records = new RecordBuffer();
    for (let domid = 0; domid < 2; domid++) {
      records.domain(domid, `d${domid}`, '', '', '', 2 ** 20);
      records.dirty(domid, 0, 2 ** 20);
    }
    engine.apply(0, 0, records.words, 0, records.wordCount);
    const left = engine.gaps.unmodelled;
    expect(left).toBeGreaterThan(2 ** 20);
    records.clear();
    records.gone(0);
    records.dirty(1, 0, 100_000);
    engine.apply(0, 0, records.words, 0, records.wordCount);
    expect(engine.gaps.unmodelled).toBe(left);
    expect(auditEngine(engine)).toEqual([]);
  });
});

function fillDifferent(b: RecordBuffer, domid: number, round: number): void {
  for (let i = 0; i < 2000; i++) b.fill(domid, round * 2000 + i, round * 2000 + i + 1, 9, 0);
}

function fillInMany(b: RecordBuffer, round: number): void {
  for (let domid = 0; domid < 200; domid++) {
    for (let i = 0; i < 10; i++) b.fill(domid, round * 10 + i, round * 10 + i + 1, 9, 0);
  }
}

function readDifferent(b: RecordBuffer, round: number): void {
  for (let i = 0; i < 2000; i++) b.blockRead(1, 1, round * 2000 + i, i, round + 1, 0xffffffff, 3);
}

function writeFarApart(b: RecordBuffer, round: number): void {
  for (let i = 0; i < 100; i++) b.blockWrite(i, 1, round * 40_000, 1);
}
