/** Bytes a second of the demo on the wire: as it is, and with `--low-bandwidth`. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Bench, subject } from '../harness.js';

const ROOT = path.join(process.env['SHARETOP_BENCH_FOLDER'] ?? '.', '..');

interface Pty {
  onData(listener: (data: string) => void): void;
  onExit(listener: () => void): void;
  write(keys: string): void;
}
interface PtyModule {
  spawn(file: string, args: string[], options: { cols: number; rows: number; env: NodeJS.ProcessEnv }): Pty;
}
// Has a compiled part, which a bundle cannot hold.
const pty = createRequire(path.join(ROOT, 'package.json'))('@lydell/node-pty') as PtyModule;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Bytes a second over `seconds`, after half as long to settle. */
async function bytesPerSecond(cols: number, rows: number, args: string[], seconds: number): Promise<number> {
  const env = { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  const launcher = [path.join(ROOT, 'bin/sharetop.js'), 'demo', '--speed', '4', ...args];
  const terminal = pty.spawn(process.execPath, launcher, { cols, rows, env });
  let bytes = 0;
  terminal.onData((data) => (bytes += Buffer.byteLength(data)));
  const ended = new Promise<void>((resolve) => terminal.onExit(resolve));
  await sleep(seconds * 500);
  const before = bytes;
  await sleep(seconds * 1000);
  const after = bytes;
  terminal.write('q');
  await ended;
  return (after - before) / seconds;
}

async function run(bench: Bench): Promise<void> {
  const seconds = bench.small ? 1 : 30;
  for (const [cols, rows] of [
    [80, 24],
    [160, 45],
  ]) {
    for (const args of [[], ['--low-bandwidth']]) {
      const values = [await bytesPerSecond(cols, rows, args, seconds)];
      bench.report({ name: ['demo', ...args, `at ${cols}×${rows}`].join(' '), unit: 'B/s', values });
    }
  }
}

await subject(run);
