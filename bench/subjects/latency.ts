/**
 * The built tool in a real window while the engine is as busy as it can be: key → paint, and how long the event loop
 * of each thread is away. Then at rest: from an append to the frame that shows it.
 */
import { SegmentFiles } from '../../src/source/segment-files.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { SeededRandom } from '../../test/seeded-random.js';
import { Flood } from '../flood.js';
import { type Bench, percentile, subject } from '../harness.js';
import { QuietHost } from '../quiet-host.js';
import { sleep, WatchedScreen } from '../watched-screen.js';

const FRAME_MS = 250;
/** More than the engine takes: it is behind from the first second to the last. */
const POUR_PER_SECOND = 1_500_000;
const AHEAD_RECORDS = 4_000_000;

const isHot = (text: string): boolean => /\[Hot/.test(text);
const isDomains = (text: string): boolean => /\[Domains\]/.test(text);
const isOpen = (text: string): boolean => !isHot(text) && !isDomains(text);

/** Reports p50 without and p99 with the budget. */
function report(bench: Bench, name: string, values: readonly number[], atMost: number): void {
  const unit = 'ms';
  bench.report({ name: `${name}, median`, unit, values: [percentile(values, 50)] });
  const note = `${values.length} samples`;
  bench.report({ name: `${name}, p99`, unit, values: [percentile(values, 99)], budget: { atMost }, note });
}

async function keysUnderLoad(bench: Bench): Promise<void> {
  const flood = new Flood(1);
  flood.write(bench.small ? 100_000 : AHEAD_RECORDS);
  flood.pour(bench.small ? 100_000 : POUR_PER_SECOND);
  const screen = new WatchedScreen([flood.directory], 80, 24);
  const random = new SeededRandom(2);
  try {
    await screen.seen(isDomains);
    await sleep(bench.small ? 500 : 4000);
    const moved: number[] = [];
    for (let i = 0; i < (bench.small ? 4 : 240); i++) {
      await sleep(10 + random.below(60));
      moved.push(await screen.keyToPaint('\t', i % 2 === 0 ? isHot : isDomains));
    }
    report(bench, 'key → paint, the engine at full rate', moved, 100);
    const opened: number[] = [];
    for (let i = 0; i < (bench.small ? 2 : 60); i++) {
      await sleep(10 + random.below(60));
      opened.push(await screen.keyToPaint('\r', isOpen));
      await sleep(30);
      await screen.keyToPaint('\x7f', isDomains);
    }
    report(bench, 'key that asks the engine (drill-down) → paint', opened, 100);
    const rate = await screen.recordsPerSecond(bench.small ? 1 : 4);
    bench.report({ name: 'applied meanwhile', unit: 'M records/s', values: [rate / 1e6] });
    const threads = screen.threads();
    if (threads === null) throw new Error('the probe wrote nothing');
    const { main, worker } = threads;
    const unit = 'ms';
    bench.report({
      name: 'between two looks at the port, p99',
      unit,
      values: [worker.awayP99Ms],
      budget: { atMost: 15 },
    });
    bench.report({ name: 'between two looks at the port, longest', unit, values: [worker.awayMaxMs] });
    bench.report({ name: "the screen's event loop away, p99", unit, values: [main.awayP99Ms] });
  } finally {
    screen.close();
    flood.close();
  }
}

/** A domain gets another name: a record like any other, and what it changes on the screen cannot be mistaken. */
async function appends(bench: Bench): Promise<void> {
  const host = new QuietHost(16);
  const screen = new WatchedScreen([host.directory], 120, 40);
  const writer = new SegmentWriter('names', new SegmentFiles(host.directory));
  const buffer = new RecordBuffer();
  const random = new SeededRandom(3);
  try {
    await screen.seen((text) => text.includes('quiet-9'));
    const values: number[] = [];
    for (let i = 0; i < (bench.small ? 3 : 110); i++) {
      await sleep(50 + random.below(FRAME_MS));
      buffer.clear();
      buffer.time(QuietHost.SECONDS * 1e6 + i);
      host.rename(buffer, 1, `n${i}!`);
      const start = performance.now();
      writer.append(buffer);
      writer.flush();
      values.push((await screen.seen((text) => text.includes(`n${i}!`))) - start);
    }
    // The first opens the stream's file.
    report(bench, 'append → visible', values.slice(1), FRAME_MS + 150);
  } finally {
    screen.close();
    writer.close();
    host.close();
  }
}

async function run(bench: Bench): Promise<void> {
  await keysUnderLoad(bench);
  await appends(bench);
}

await subject(run);
