/**
 * `npm run kills [-- --seed N --times T]`: kill -9 of writer and reader at random moments. The built `sharetop replay`
 * writes a trace, the monitor of the live view (the built worker) follows it; one or both are killed, T times in all,
 * and started again, the writer with `--resume`. When a recording is played to its end, the figures of `report` and of
 * the follower must equal those of an undisturbed run. Exit code 1 and the differences if they do not.
 *
 * When both are dead the last segment sometimes loses some bytes too, as after a crash of the machine. While a reader
 * lives that would be another thing: it may have read them.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const SHARETOP = path.join(root, 'bin/sharetop.js');
const READER = path.join(root, 'scripts/headless-monitor.mjs');
/** Recording and speed: about five seconds each when nothing disturbs. */
const RECORDINGS = [
  { name: 'kvm-five', speed: 60 },
  { name: 'xen-four', speed: 100 },
];
const ARRIVAL_LIMIT_MS = 120_000;

/** sfc32, as test/seeded-random.ts: the same moments for the same seed, as far as the machine keeps pace. */
function seededRandom(seed) {
  let [a, b, c, counter] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, 0x9e3779b9, 1];
  const next = () => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return { below: (bound) => Math.floor(next() * bound), chance: (probability) => next() < probability };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A process whose end can be waited for. */
class Child {
  constructor(args) {
    this.process = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    this.errors = '';
    this.process.stderr.on('data', (chunk) => (this.errors += chunk));
    this.running = true;
    this.ended = new Promise((resolve, reject) => {
      this.process.on('error', reject);
      this.process.on('close', (code) => {
        this.running = false;
        this.code = code;
        resolve(code);
      });
    });
  }

  async kill() {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}

class Reader extends Child {
  constructor(directory) {
    super([READER, directory]);
    this.answers = 0;
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      // The last line of a killed one may be torn.
      if (!line.endsWith('}')) return;
      this.last = JSON.parse(line);
      this.answers++;
    });
  }

  /** Its figures once it has everything up to this time. */
  async figuresAt(timeMicros) {
    const until = Date.now() + ARRIVAL_LIMIT_MS;
    for (;;) {
      const { answers } = this;
      while (this.running && this.answers === answers && Date.now() < until) await sleep(20);
      if (!this.running) throw new Error(`the reader ended: ${this.errors}`);
      const { last } = this;
      if (last !== undefined && last.time >= timeMicros && last.isUpToDate) return last.figures;
      if (Date.now() >= until) throw new Error(`the reader stands at ${last?.time} of ${timeMicros} µs`);
    }
  }
}

/** `sharetop report --json`: its figures, but not how many `time` records the blocks were cut into. */
async function report(directory) {
  const child = new Child([SHARETOP, 'report', directory, '--json']);
  let text = '';
  child.process.stdout.on('data', (chunk) => (text += chunk));
  await child.ended;
  // Nothing to report yet: the writer was killed before its first block.
  if (child.code === 3 && child.errors.includes('holds no trace')) return null;
  if (child.code !== 0) throw new Error(`report ${directory} ended with ${child.code}: ${child.errors}`);
  const { records, ...figures } = JSON.parse(text);
  return { figures, records };
}

/** Paths at which two plain values differ, with both. */
function differences(actual, expected, at = '') {
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) {
    return Object.is(actual, expected) ? [] : [`${at}: ${actual} instead of ${expected}`];
  }
  const keys = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...keys].flatMap((key) => differences(actual[key], expected[key], `${at}.${key}`));
}

function bytesIn(directory) {
  try {
    return readdirSync(directory).reduce((sum, name) => sum + statSync(path.join(directory, name)).size, 0);
  } catch {
    return 0;
  }
}

/** The end of the last segment is lost. */
function cutTail(directory, random) {
  const last = readdirSync(directory).sort().at(-1);
  if (last === undefined) return;
  const file = path.join(directory, last);
  const { size } = statSync(file);
  truncateSync(file, size - random.below(Math.min(size, 20_000) + 1));
}

/** One recording from its start to its end, with kills on the way. */
class Round {
  constructor(folder, recording, random, counts) {
    Object.assign(this, { directory: path.join(folder, 'killed'), recording, random, counts });
    rmSync(this.directory, { recursive: true, force: true });
    mkdirSync(this.directory);
  }

  startWriter() {
    const { name, speed } = this.recording;
    const trace = path.join(root, 'fixtures/traces', name);
    this.writer = new Child([SHARETOP, 'replay', trace, '-o', this.directory, '--speed', `${speed}`, '--resume']);
    this.bytesAtStart = bytesIn(this.directory);
  }

  /** Until a random moment: mostly a little after the writer has begun to write, else any. */
  async untilMoment() {
    const { random, writer } = this;
    if (random.chance(0.7)) {
      while (writer.running && bytesIn(this.directory) === this.bytesAtStart) await sleep(5);
    }
    const ms = random.below(700);
    await Promise.race([sleep(ms), writer.ended]);
  }

  async kill() {
    const { random, counts, directory } = this;
    const which = random.below(100);
    const isBoth = which >= 70;
    if (which < 45 || isBoth) {
      await this.writer.kill();
      counts.writer++;
    }
    if (which >= 45) {
      await this.reader.kill();
      counts.reader++;
    }
    if (isBoth && random.chance(0.5)) {
      cutTail(directory, random);
      counts.cut++;
    }
    if (random.chance(0.1)) {
      await report(directory);
      counts.reports++;
    }
    if (!this.writer.running) this.startWriter();
    if (!this.reader.running) this.reader = new Reader(directory);
  }

  async play(timesLeft) {
    this.startWriter();
    this.reader = new Reader(this.directory);
    try {
      for (; timesLeft() > 0; this.counts.moments++) {
        await this.untilMoment();
        if (!this.writer.running) break;
        await this.kill();
      }
      await this.writer.ended;
      if (this.writer.code !== 0) throw new Error(`replay ended with ${this.writer.code}: ${this.writer.errors}`);
      const expected = this.recording.undisturbed;
      const { figures } = await report(this.directory);
      const live = await this.reader.figuresAt(expected.timeMicros);
      this.counts.segments += readdirSync(this.directory).length;
      return [...differences(figures, expected.figures, 'report'), ...differences(live, expected.live, 'live')];
    } finally {
      await this.stop();
    }
  }

  async stop() {
    await this.writer.kill();
    await this.reader.kill();
  }
}

/** What the figures are when nobody is killed. */
async function undisturbed(folder, { name }) {
  const directory = path.join(folder, name);
  const trace = path.join(root, 'fixtures/traces', name);
  const writer = new Child([SHARETOP, 'replay', trace, '-o', directory, '--speed', 'max']);
  if ((await writer.ended) !== 0) throw new Error(`replay ended with ${writer.code}: ${writer.errors}`);
  const { figures } = await report(directory);
  const { figures: original } = await report(trace);
  const differs = differences(figures, original, 'replay');
  if (differs.length > 0) throw new Error(`the replay is not its recording: ${differs.join('\n')}`);
  const reader = new Reader(directory);
  const timeMicros = Math.round(figures.time * 1e6);
  const live = await reader.figuresAt(timeMicros);
  await reader.kill();
  return { figures, live, timeMicros };
}

/**
 * Kills `times` times; plays as many recordings as that takes. Resolves to what was done and what differs.
 * @param {{ seed: number, times: number, say?: (line: string) => void }} options
 */
export async function runKills({ seed, times, say = () => undefined }) {
  const random = seededRandom(seed);
  const folder = mkdtempSync(path.join(tmpdir(), 'sharetop-kills-'));
  const counts = { moments: 0, writer: 0, reader: 0, cut: 0, reports: 0, segments: 0, rounds: 0 };
  const problems = [];
  try {
    while (counts.moments < times && problems.length === 0) {
      const recording = RECORDINGS[counts.rounds++ % RECORDINGS.length];
      recording.undisturbed ??= await undisturbed(folder, recording);
      const round = new Round(folder, recording, random, counts);
      problems.push(...(await round.play(() => times - counts.moments)));
      say(`${recording.name}: ${problems.length === 0 ? 'equal' : 'DIFFERENT'} after ${counts.moments} kills so far`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return { counts, problems };
}

function numberOption(name, otherwise) {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const seed = numberOption('--seed', 1);
  const times = numberOption('--times', 200);
  const start = Date.now();
  const { counts, problems } = await runKills({ seed, times, say: (line) => console.log(line) });
  for (const problem of problems) console.log(problem);
  const seconds = Math.round((Date.now() - start) / 1000);
  const { moments, writer, reader, cut, reports, segments, rounds } = counts;
  console.log(
    `seed ${seed}: ${moments} kills (writer ${writer}, reader ${reader}; ${cut} with lost bytes), ` +
      `${rounds} recordings ` +
      `in ${segments} segments, ${reports} reports meanwhile, ${seconds} s: ` +
      (problems.length === 0 ? 'every final figure equals the undisturbed run' : `${problems.length} figures differ`),
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
