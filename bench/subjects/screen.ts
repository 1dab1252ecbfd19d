/** Bytes that one frame costs when a good part of the rows changes, and beside it those of other tools here. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type Bench, subject } from '../harness.js';
import { startInWindow } from '../pty.js';
import { sleep } from '../watched-screen.js';

const SYNC_BEGIN = '\x1b[?2026h';
const FRAME_MS = 60;

/** The app on a made-up host of 16 domains: a quarter of them, every rate and the clock change with each frame. */
async function ownBytes(bench: Bench, columns: number, rows: number): Promise<number[]> {
  const values: number[] = [];
  const env = { FRAME_MS: String(FRAME_MS) };
  const app = path.join(import.meta.dirname, 'fake-host.mjs');
  const pty = startInWindow(process.execPath, [app, '16'], columns, rows, env);
  let text = '';
  pty.onData((data) => (text += data.toString('latin1')));
  while (text.split(SYNC_BEGIN).length < 10) await sleep(20);
  for (let i = 0; i < bench.repeats; i++) {
    text = '';
    await sleep(bench.small ? 500 : 2000);
    values.push(text.length / Math.max(1, text.split(SYNC_BEGIN).length - 1));
  }
  pty.kill('SIGKILL');
  return values;
}

/** Bytes a refresh of another top: all it wrote, by the refreshes that it was told to make. */
async function otherBytes(bench: Bench, file: string, args: string[], columns: number, rows: number): Promise<number> {
  const refreshMs = 1000;
  const pty = startInWindow(file, args, columns, rows);
  let bytes = 0;
  pty.onData((data) => (bytes += data.length));
  await sleep(bench.small ? 300 : 2500);
  const before = bytes;
  const ms = bench.small ? 1000 : 6000;
  await sleep(ms);
  pty.kill('SIGKILL');
  return (bytes - before) / (ms / refreshMs);
}

/** Other tools, at a refresh a second. */
const OTHERS: readonly { name: string; version: string; args: string[] }[] = [
  { name: 'htop', version: '--version', args: ['-d', '10'] },
  { name: 'top', version: '-v', args: ['-d', '1'] },
  { name: 'btop', version: '--version', args: ['-p', '0'] },
];

async function run(bench: Bench): Promise<void> {
  const installed = OTHERS.filter(({ name, version }) => {
    const { status } = spawnSync(name, [version], { stdio: 'ignore' });
    if (status !== 0) bench.skip(name, 'not installed');
    return status === 0;
  });
  for (const [columns, rows, atMost] of [
    [80, 24, 800],
    [200, 60, 2500],
  ] as const) {
    const size = `${columns}×${rows}`;
    const values = await ownBytes(bench, columns, rows);
    bench.report({ name: `bytes a frame at ${size}`, unit: 'B', values, budget: { atMost } });
    for (const { name, args } of installed) {
      const bytes = await otherBytes(bench, name, args, columns, rows);
      bench.report({ name: `${name}: bytes a refresh at ${size}`, unit: 'B', values: [bytes] });
    }
  }
}

await subject(run);
