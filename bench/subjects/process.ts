/** Whole processes: start, first paint, bytes and CPU of a quiet screen; htop beside it where it is installed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Bench, subject } from '../harness.js';
import { LAUNCHER, startInWindow } from '../pty.js';
import { QuietHost } from '../quiet-host.js';
import { sleep } from '../watched-screen.js';

const TICKS_PER_SECOND = 100;

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
  /** How much more at the end of the watch than at its beginning. */
  rssGrownMb: number;
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
  const terminal = startInWindow(file, args, cols, rows);
  let bytes = 0;
  let firstByteMs = 0;
  let firstFiguresMs = 0;
  let text = '';
  terminal.onData((data) => {
    if (bytes === 0) firstByteMs = performance.now() - start;
    bytes += data.length;
    if (firstFiguresMs > 0) return;
    text += data.toString();
    if (text.includes(figures)) firstFiguresMs = performance.now() - start;
  });
  while (firstFiguresMs === 0 && performance.now() - start < 20_000) await sleep(10);
  await sleep(seconds * 500);
  const before = costOf(terminal.pid);
  const bytesBefore = bytes;
  await sleep(seconds * 1000);
  const after = costOf(terminal.pid);
  terminal.kill('SIGKILL');
  return {
    firstByteMs,
    firstFiguresMs,
    cpuPercent: (100 * (after.cpu - before.cpu)) / seconds,
    bytesPerSecond: (bytes - bytesBefore) / seconds,
    rssMb: after.rss / 1e6,
    rssGrownMb: (after.rss - before.rss) / 1e6,
  };
}

/** Other tops at four refreshes a second (the fastest that top and htop are told here), and what is on their screen. */
const OTHERS: readonly { name: string; version: string; args: string[]; figures: string }[] = [
  { name: 'htop', version: '--version', args: ['-d', '2'], figures: 'Load' },
  { name: 'top', version: '-v', args: ['-d', '0.25'], figures: 'PID' },
  { name: 'btop', version: '--version', args: ['-p', '0'], figures: 'proc' },
];

async function others(bench: Bench, seconds: number): Promise<void> {
  for (const { name, version, args, figures } of OTHERS) {
    if (spawnSync(name, [version], { stdio: 'ignore' }).status !== 0) {
      bench.skip(name, 'not installed');
      continue;
    }
    const seen = await watch(name, args, 80, 24, figures, seconds);
    const label = `${name} ${args.join(' ')} at 80×24`;
    bench.report({ name: label, unit: '% of a core', values: [seen.cpuPercent] });
    bench.report({ name: label, unit: 'B/s', values: [seen.bytesPerSecond] });
    bench.report({ name: label, unit: 'MB resident', values: [seen.rssMb] });
  }
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
  const host = new QuietHost(16);
  try {
    for (let i = 0; i < bench.repeats; i++) {
      bare.push(wallMs(['-e', '0']));
      help.push(wallMs([LAUNCHER, '--help']));
      quiet.push(await watch(process.execPath, [LAUNCHER, host.directory], 80, 24, 'quiet-1', seconds));
    }
  } finally {
    host.close();
  }
  const of = (key: keyof Quiet): number[] => quiet.map((one) => one[key]);
  const toBare = (values: readonly number[]): number[] => values.map((value, i) => value / bare[i]);
  const start = of('firstByteMs');
  const one = (name: string, unit: string, values: readonly number[], atMost?: number): void =>
    bench.report({ name, unit, values, ...(atMost === undefined ? {} : { budget: { atMost } }) });
  one('node -e 0', 'ms wall', bare);
  one('--help', 'ms wall', help, 100);
  // The budgets were set where bare Node takes 55 ms: this is what they are of that.
  one('--help / node -e 0', '×', toBare(help), 1.8);
  one('first paint', 'ms wall', start, 300);
  one('first paint / node -e 0', '×', toBare(start), 5.5);
  one('first figures', 'ms wall', of('firstFiguresMs'));
  const screen = '16 quiet domains, 4 frames/s, 80×24';
  one(screen, '% of a core', of('cpuPercent'), 8);
  one(screen, 'MB resident', of('rssMb'), 150);
  one(`${screen}: grown in ${seconds} s`, 'MB', of('rssGrownMb'));
  one(screen, 'B/s', of('bytesPerSecond'));
  await others(bench, seconds);
}

await subject(run);
