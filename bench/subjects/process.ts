/** Whole processes: start, first paint, bytes and CPU of a quiet screen; htop beside it where it is installed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Bench, subject } from '../harness.js';

const ROOT = path.join(process.env['SHARETOP_BENCH_FOLDER'] ?? '.', '..');
const LAUNCHER = path.join(ROOT, 'bin/sharetop.js');
const TRACE = path.join(ROOT, 'fixtures/traces/kvm-five');
const TICKS_PER_SECOND = 100;

interface Pty {
  readonly pid: number;
  onData(listener: (data: string) => void): void;
  kill(): void;
}
interface PtyModule {
  spawn(file: string, args: string[], options: { cols: number; rows: number; env: NodeJS.ProcessEnv }): Pty;
}
// Has a compiled part, which a bundle cannot hold.
const pty = createRequire(path.join(ROOT, 'package.json'))('@lydell/node-pty') as PtyModule;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function wallMs(args: string[]): number {
  const start = performance.now();
  spawnSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - start;
}

/** CPU seconds of a process and its threads so far, and its resident bytes. */
function costOf(pid: number): { cpu: number; rss: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return { cpu: (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND, rss: Number(stat[21]) * 4096 };
}

interface Quiet {
  firstByteMs: number;
  firstFiguresMs: number;
  cpuPercent: number;
  bytesPerSecond: number;
  rssMb: number;
}

/** Starts a program in a window, waits for `figures` on it, lets it settle, then watches it for `seconds`. */
async function watch(
  file: string,
  args: string[],
  cols: number,
  rows: number,
  figures: string,
  seconds: number,
): Promise<Quiet> {
  const start = performance.now();
  const env = { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  const terminal = pty.spawn(file, args, { cols, rows, env });
  let bytes = 0;
  let firstByteMs = 0;
  let firstFiguresMs = 0;
  let text = '';
  terminal.onData((data) => {
    if (bytes === 0) firstByteMs = performance.now() - start;
    bytes += Buffer.byteLength(data);
    if (firstFiguresMs > 0) return;
    text += data;
    if (text.includes(figures)) firstFiguresMs = performance.now() - start;
  });
  while (firstFiguresMs === 0 && performance.now() - start < 20_000) await sleep(10);
  await sleep(seconds * 500);
  const before = costOf(terminal.pid);
  const bytesBefore = bytes;
  await sleep(seconds * 1000);
  const after = costOf(terminal.pid);
  terminal.kill();
  return {
    firstByteMs,
    firstFiguresMs,
    cpuPercent: (100 * (after.cpu - before.cpu)) / seconds,
    bytesPerSecond: (bytes - bytesBefore) / seconds,
    rssMb: after.rss / 1e6,
  };
}

async function run(bench: Bench): Promise<void> {
  if (process.platform !== 'linux') {
    bench.skip('whole processes', 'their cost is read from /proc');
    return;
  }
  const seconds = bench.small ? 1 : 10;
  const bare: number[] = [];
  const help: number[] = [];
  const quiet: Quiet[] = [];
  for (let i = 0; i < bench.repeats; i++) {
    bare.push(wallMs(['-e', '0']));
    help.push(wallMs([LAUNCHER, '--help']));
    quiet.push(await watch(process.execPath, [LAUNCHER, TRACE], 80, 24, 'Region', seconds));
  }
  const of = (key: keyof Quiet): number[] => quiet.map((one) => one[key]);
  bench.report({ name: 'node -e 0', unit: 'ms wall', values: bare });
  bench.report({ name: '--help', unit: 'ms wall', values: help, budget: { atMost: 100 } });
  bench.report({ name: 'first paint', unit: 'ms wall', values: of('firstByteMs'), budget: { atMost: 300 } });
  bench.report({ name: 'first figures', unit: 'ms wall', values: of('firstFiguresMs') });
  bench.report({ name: 'quiet screen at 80×24', unit: '% of a core', values: of('cpuPercent'), budget: { atMost: 8 } });
  bench.report({ name: 'quiet screen at 80×24', unit: 'MB resident', values: of('rssMb'), budget: { atMost: 150 } });
  bench.report({ name: 'quiet screen at 80×24', unit: 'B/s', values: of('bytesPerSecond') });
  if (spawnSync('htop', ['--version'], { stdio: 'ignore' }).status !== 0) {
    bench.skip('htop', 'not installed');
    return;
  }
  const htop = await watch('htop', ['-d', '10'], 80, 24, 'Load', seconds);
  bench.report({ name: 'htop at one refresh a second', unit: '% of a core', values: [htop.cpuPercent] });
  bench.report({ name: 'htop at one refresh a second', unit: 'B/s', values: [htop.bytesPerSecond] });
}

await subject(run);
