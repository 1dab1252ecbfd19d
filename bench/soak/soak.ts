/**
 * Days in minutes: the built tool in a real window, watching a host whose guests come and go (world.ts), while somebody
 * presses keys (person.ts). Trace time runs `--speed` times faster than the clock; everything else is as in a life.
 *
 * It fails if, by its trend over the second half, something grows by more than its limit over the length of the run; if
 * descriptors, timers, listeners or threads are more at the end than after the warm-up; if React's development build
 * was bundled; if the figures on the screen at the end are not those of `report --audit` on the whole trace; if a fair
 * share is not exactly 0 once every frame has a content of its own; or a figure is not 0 once every guest is gone.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SegmentFiles } from '../../src/source/segment-files.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { checkAllDifferent, checkGone, checkSame, type Report } from './end-checks.js';
import { Person } from './person.js';
import { type Sample, type ShownFigures, WatchedTool } from './tool.js';
import { type Limit, trendOf } from './trend.js';
import { SoakWorld } from './world.js';

const WRITE_MS = 40;
const SAMPLE_MS = 1_000;
const ROTATE_BYTES = 8 * 1024 * 1024;
const MB = 1e6;
/** Samples before the first ones that count: the tool is starting. */
const SAMPLES_SKIPPED = 1;
/** From here on a trend means something. */
const SAMPLES_FOR_A_TREND = 300;

/** One sample of the run: hours of trace time, and a value for each of the series. */
interface Row {
  readonly hours: number;
  readonly sample: Sample;
  readonly terminalBytes: number;
}

const SERIES: readonly { limit: Limit; of: (sample: Sample) => number }[] = [
  { limit: { name: 'resident memory', unit: 'MB', atMost: 10 }, of: ({ rss }) => rss / MB },
  { limit: { name: 'live heap, screen', unit: 'MB', atMost: 1 }, of: ({ main }) => main.heapUsed / MB },
  { limit: { name: 'live heap, engine', unit: 'MB', atMost: 1 }, of: ({ worker }) => worker.heapUsed / MB },
  { limit: { name: 'buffers, screen', unit: 'MB', atMost: 1 }, of: ({ main }) => main.external / MB },
  { limit: { name: 'buffers, engine', unit: 'MB', atMost: 4 }, of: ({ worker }) => worker.external / MB },
];

/** What must not be more at the end than it was at most in the first half. */
const COUNTS: readonly { name: string; of: (sample: Sample) => number }[] = [
  { name: 'file descriptors', of: ({ descriptors }) => descriptors },
  { name: 'threads', of: ({ threads }) => threads },
  { name: 'timers and handles, screen', of: ({ main }) => main.resources },
  { name: 'timers and handles, engine', of: ({ worker }) => worker.resources },
  { name: 'listeners, screen', of: ({ main }) => main.listeners },
  { name: 'listeners, engine', of: ({ worker }) => worker.listeners },
];

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Soak {
  readonly #trace: string;
  readonly #writer: SegmentWriter;
  readonly #world: SoakWorld;
  readonly #buffer = new RecordBuffer();
  readonly #rows: Row[] = [];
  readonly #problems: string[] = [];

  constructor(
    private readonly folder: string,
    private readonly options: { hours: number; seed: number; speed: number },
  ) {
    this.#trace = path.join(folder, 'trace');
    mkdirSync(this.#trace);
    this.#writer = new SegmentWriter('soak', new SegmentFiles(this.#trace), { rotateBytes: ROTATE_BYTES });
    this.#world = new SoakWorld(options.seed);
  }

  /** Resolves to the problems found. */
  async run(): Promise<readonly string[]> {
    const start = performance.now();
    this.#world.begin(this.#buffer);
    this.#write();
    const tool = new WatchedTool(this.folder, this.#trace);
    while (tool.look() === null) await sleep(100);
    const person = new Person(tool.pty, this.options.seed);
    await this.#live(tool);
    person.stop();
    await this.#end(tool);
    this.#writer.close();
    const seconds = (performance.now() - start) / 1000;
    this.#tell(tool, person, seconds);
    return this.#problems;
  }

  get csv(): string {
    const names = [...SERIES.map(({ limit }) => `${limit.name} ${limit.unit}`), ...COUNTS.map(({ name }) => name)];
    const lines = this.#rows.map(({ hours, sample, terminalBytes }) =>
      [
        hours.toFixed(4),
        terminalBytes,
        ...[...SERIES, ...COUNTS].map(({ of }) => Number(of(sample).toFixed(3))),
      ].join(),
    );
    return `${['hours', 'bytes to the terminal', ...names].join()}\n${lines.join('\n')}\n`;
  }

  #write(): void {
    this.#writer.append(this.#buffer);
    this.#writer.flush();
    this.#buffer.clear();
  }

  /** Trace time runs until the hours are over. */
  async #live(tool: WatchedTool): Promise<void> {
    const seconds = this.options.hours * 3600;
    const start = performance.now();
    let sampledAt = start;
    while (this.#world.second < seconds) {
      const due = Math.min(seconds, ((performance.now() - start) / 1000) * this.options.speed);
      while (this.#world.second < due) {
        this.#world.advance(this.#buffer);
        if (this.#buffer.wordCount > 200_000) this.#write();
      }
      this.#write();
      if (performance.now() - sampledAt >= SAMPLE_MS) {
        sampledAt = performance.now();
        this.#sample(tool);
      }
      await sleep(WRITE_MS);
    }
  }

  #sample(tool: WatchedTool): void {
    const sample = tool.look();
    if (sample === null) return;
    const hours = this.#world.second / 3600;
    this.#rows.push({ hours, sample, terminalBytes: tool.bytes });
    if (this.#rows.length % 60 !== 1) return;
    const { rss, main, worker, descriptors } = sample;
    const mb = (bytes: number): string => (bytes / MB).toFixed(1);
    const heaps = `heaps ${mb(main.heapUsed)} and ${mb(worker.heapUsed)} MB`;
    console.log(`${hours.toFixed(1)} h: ${mb(rss)} MB resident, ${heaps}, ${descriptors} descriptors`);
  }

  async #end(tool: WatchedTool): Promise<void> {
    tool.pty.resize(160, 45);
    await this.#compare(tool, 'at the end');
    this.#world.makeAllDifferent(this.#buffer);
    this.#write();
    this.#problems.push(...checkAllDifferent(await this.#compare(tool, 'all different')));
    this.#world.end(this.#buffer);
    this.#write();
    this.#problems.push(...checkGone(await this.#compare(tool, 'all gone')));
    tool.pty.write('q');
    const exitCode = await Promise.race([tool.exit, sleep(20_000).then(() => null)]);
    if (exitCode !== 0) this.#problems.push(`the tool did not quit with 0 but with ${exitCode}`);
  }

  /** What the screen shows of each policy at the end of what is written, compared with the report on all of it. */
  async #compare(tool: WatchedTool, when: string): Promise<ShownFigures[]> {
    const report = this.#report();
    const shown: ShownFigures[] = [];
    const now = tool.look()?.main.figures?.policy.name;
    const policies = Object.keys(report.policies).sort((a, b) => Number(b === now) - Number(a === now));
    for (const policy of policies) shown.push(await tool.figuresAt(report.records, policy));
    this.#problems.push(...checkSame(when, report, shown));
    return shown;
  }

  #report(): Report {
    const argv = [path.join(this.folder, 'tool/bin/sharetop.js'), 'report', this.#trace, '--json', '--audit'];
    const text = execFileSync(process.execPath, argv, { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: 'pipe' });
    return JSON.parse(text) as Report;
  }

  #tell(tool: WatchedTool, person: Person, seconds: number): void {
    const { hours, seed } = this.options;
    const rows = this.#rows.slice(SAMPLES_SKIPPED);
    const samples = rows.map(({ sample }) => sample);
    const frames = samples.at(-1)?.main.snapshots ?? 0;
    console.log(
      `\n${hours} h of trace time in ${(seconds / 60).toFixed(1)} min, seed ${seed}: ${this.#world.boots} guests, ` +
        `${(this.#writer.bytesWritten / MB).toFixed(0)} MB in ${this.#writer.segment} segments, ${person.keys} keys, ` +
        `${person.resizes} resizes, ${frames} answers, ${(tool.bytes / MB).toFixed(1)} MB to the terminal`,
    );
    if (samples.length < 2) {
      this.#problems.push('fewer than two samples: the run was too short');
      return;
    }
    this.#tellTrends(rows);
    const half = samples.length >> 1;
    for (const { name, of } of COUNTS) {
      const first = Math.max(...samples.slice(0, half).map(of));
      const last = Math.min(...samples.slice(-5).map(of));
      console.log(`${name}: at most ${first} in the first half, ${last} at the end`);
      if (last > first) this.#problems.push(`${name}: ${last} at the end, ${first} in the first half`);
    }
    const measures = Math.max(...samples.map(({ main }) => main.measures));
    console.log(`entries of React's development build: ${measures}`);
    if (measures > 0) this.#problems.push(`${measures} entries of React's development build`);
  }

  #tellTrends(rows: readonly Row[]): void {
    const isLong = rows.length >= SAMPLES_FOR_A_TREND;
    if (!isLong) console.log(`${rows.length} samples: too few for a trend (${SAMPLES_FOR_A_TREND})`);
    const times = rows.map(({ hours }) => hours);
    for (const { limit, of } of SERIES) {
      const values = rows.map(({ sample }) => of(sample));
      const { from, growth, isKept } = trendOf(times, values, limit);
      const span = `${(times.at(-1) ?? 0).toFixed(1)} h`;
      const grown = `${growth >= 0 ? '+' : ''}${growth.toFixed(2)} ${limit.unit} in ${span}, limit ${limit.atMost}`;
      console.log(`${limit.name}: ${from.toFixed(1)} ${limit.unit}${isLong ? `, ${grown}` : ''}`);
      if (isLong && !isKept) this.#problems.push(`${limit.name} grows: ${grown}`);
    }
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hours: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    speed: { type: 'string', default: '72' },
    csv: { type: 'string' },
  },
});
const soak = new Soak(positionals[0], {
  hours: Number(values.hours),
  seed: Number(values.seed),
  speed: Number(values.speed),
});
const problems = await soak.run();
if (values.csv !== undefined) writeFileSync(values.csv, soak.csv);
for (const problem of problems) console.log(`FAILED: ${problem}`);
console.log(problems.length === 0 ? 'soak passed' : `soak failed: ${problems.length} problems`);
// The window's end may still be open.
process.exit(problems.length === 0 ? 0 : 1);
