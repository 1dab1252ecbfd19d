/**
 * A terminal behind a line of 1,200 B/s while the engine is as busy as it can be: the screen's event loop must not wait
 * for the line, and the engine must not wait for the screen.
 */
import { Flood } from '../flood.js';
import { type Bench, subject } from '../harness.js';
import { sleep, WatchedScreen } from '../watched-screen.js';

const POUR_PER_SECOND = 1_500_000;
const AHEAD_RECORDS = 4_000_000;
const LINE_BYTES_PER_SECOND = 1_200;

interface Measured {
  readonly recordsPerSecond: number;
  readonly awayP99Ms: number;
  readonly awayMaxMs: number;
  readonly bytesPerSecond: number;
}

async function measure(bench: Bench, bytesPerSecond: number): Promise<Measured> {
  const flood = new Flood(1);
  flood.write(bench.small ? 100_000 : AHEAD_RECORDS);
  flood.pour(bench.small ? 100_000 : POUR_PER_SECOND);
  const screen = new WatchedScreen([flood.directory], 80, 24, bytesPerSecond);
  try {
    await screen.seen((text) => text.includes('flood1'));
    await sleep(bench.small ? 500 : 4000);
    const bytesBefore = screen.bytes;
    const seconds = bench.small ? 1 : 10;
    const recordsPerSecond = await screen.recordsPerSecond(seconds);
    const main = screen.threads()?.main;
    if (main === undefined) throw new Error('the probe wrote nothing');
    const { awayP99Ms, awayMaxMs } = main;
    return { recordsPerSecond, awayP99Ms, awayMaxMs, bytesPerSecond: (screen.bytes - bytesBefore) / seconds };
  } finally {
    screen.close();
    flood.close();
  }
}

async function run(bench: Bench): Promise<void> {
  const fast = await measure(bench, Number.POSITIVE_INFINITY);
  const slow = await measure(bench, LINE_BYTES_PER_SECOND);
  const line = `a line of ${LINE_BYTES_PER_SECOND} B/s`;
  bench.report({
    name: `${line}: event loop away, p99`,
    unit: 'ms',
    values: [slow.awayP99Ms],
    budget: { atMost: 150 },
  });
  bench.report({ name: `${line}: event loop away, longest`, unit: 'ms', values: [slow.awayMaxMs] });
  bench.report({ name: `${line}: bytes taken`, unit: 'B/s', values: [slow.bytesPerSecond] });
  const note = 'records applied a second, beside a fast terminal';
  bench.report({
    name: `${line}: ingest`,
    unit: '×',
    values: [slow.recordsPerSecond / fast.recordsPerSecond],
    budget: { atLeast: 0.9 },
    note,
  });
}

await subject(run);
