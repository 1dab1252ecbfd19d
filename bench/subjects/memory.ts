/** Bytes of the tables for each thing they hold, and what a process takes for it while it grows. */
import { Engine } from '../../src/engine/engine.js';
import { DLPS_DEFAULTS, DlpsPolicy } from '../../src/policy/dlps.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { READ_ALIGNED, READ_HASH_KNOWN } from '../../src/trace/record.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { type Bench, collectGarbage, subject } from '../harness.js';

const DOMAINS = 4;

function run(bench: Bench): void {
  const frames = bench.small ? 20_000 : 1_000_000;
  const random = new SeededRandom(3);
  collectGarbage();
  const before = process.memoryUsage.rss();
  const engine = new Engine((words, used) => policy.apply(words, used));
  const policy: DlpsPolicy = new DlpsPolicy(engine, { ...DLPS_DEFAULTS, region: 'unlimited' });
  const buffer = new RecordBuffer();
  let peak = 0;
  const flush = (): void => {
    engine.apply(0, 0, buffer.words, 0, buffer.wordCount);
    buffer.clear();
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  buffer.image(1, 'base', true, 0);
  for (let d = 1; d <= DOMAINS; d++) buffer.domain(d, `d${d}`, '', '', '', frames);
  // Half of each domain's frames are its own, half hold what all domains hold, a quarter of that came from disk.
  for (let i = 0; i < frames; i++) {
    const low = random.u32();
    const high = random.u32();
    const isCommon = i % 2 === 0;
    for (let d = 1; d <= DOMAINS; d++) {
      if (isCommon && i % 8 === 0) buffer.blockRead(d, 1, i, low, high, 0xffffffff, READ_ALIGNED | READ_HASH_KNOWN);
      buffer.fill(d, i, isCommon ? low : random.u32(), isCommon ? high : random.u32(), 0);
    }
    if (buffer.wordCount > 60_000) flush();
  }
  flush();
  engine.settle();
  policy.settle();
  collectGarbage();
  const settled = process.memoryUsage.rss();
  const held = frames * DOMAINS;
  const slots = policy.area.region.resident;
  const boundBytes = engine.frames.end * 8;
  const one = (name: string, bytes: number, things: number, atMost: number): void =>
    bench.report({ name, unit: 'B', values: [bytes / things], budget: { atMost } });
  one('a frame (engine + dlps)', engine.frames.bytes + boundBytes, held, 20);
  one('a content', engine.contents.bytes, engine.contents.size, 64);
  one('a further ⟨content, domain⟩', engine.holders.bytes, engine.holders.size, 24);
  one('a resident slot', policy.area.region.slotBytes, slots, 48);
  const tables = engine.frames.bytes + engine.contents.bytes + engine.holders.bytes + policy.bytes;
  bench.report({
    name: 'peak while growing / settled (resident memory)',
    unit: '×',
    values: [(peak - before) / (settled - before)],
    budget: { atMost: 1.3 },
  });
  bench.report({ name: 'resident memory / tables', unit: '×', values: [(settled - before) / tables] });
}

await subject(run);
