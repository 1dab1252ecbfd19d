import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ensureFreshBuild } from '../fresh-build.js';
import { plainTrace } from '../source/plain-trace.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { plainEnvironment, SHARETOP } from './run-tool.js';

const line = (sector: number): string =>
  `1@1795468883.${String(sector).padStart(6, '0')}:virtio_blk_handle_read ` +
  `vdev 0x1 req 0x2 sector ${sector} nsectors 8\n`;

/** The blocks that the trace says were read, in order; empty while there is no trace. */
function blocksIn(output: string): number[] {
  try {
    return plainTrace(output).lines.flatMap((text) => {
      const match = /web1 read base (\d+)/.exec(text);
      return match === null ? [] : [Number(match[1])];
    });
  } catch {
    return [];
  }
}

async function until(output: string, blocks: readonly number[]): Promise<void> {
  for (let i = 0; i < 200 && blocksIn(output).length < blocks.length; i++) await sleep(25);
  expect(blocksIn(output)).toEqual(blocks);
}

interface Follower {
  child: ChildProcess;
  ended: Promise<number | null>;
  /** What it said on stderr so far. */
  readonly said: () => string;
}

function follow(args: readonly string[]): Follower {
  ensureFreshBuild();
  const child = spawn(process.execPath, [SHARETOP, 'import', '--follow', ...args], {
    env: plainEnvironment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stderr?.on('data', (bytes: Buffer) => (text += bytes.toString()));
  return { child, ended: new Promise((resolve) => child.on('close', resolve)), said: () => text };
}

test('a log is followed: not there yet, grown, torn, rotated, emptied; ended by a signal', async () => {
  const directory = temporaryDirectory();
  const [log, output] = [`${directory}/web1.log`, `${directory}/trace`];
  const { child, ended } = follow([log, '-o', output, '--image', 'web1=base']);
  await sleep(300);
  writeFileSync(log, line(8) + line(16));
  await until(output, [1, 2]);
  appendFileSync(log, line(24) + line(32).slice(0, 40));
  await until(output, [1, 2, 3]);
  appendFileSync(log, line(32).slice(40));
  await until(output, [1, 2, 3, 4]);
  renameSync(log, `${log}.1`);
  appendFileSync(`${log}.1`, line(40));
  writeFileSync(log, line(48));
  await until(output, [1, 2, 3, 4, 5, 6]);
  writeFileSync(log, line(56).replace('1@', '2@'));
  await until(output, [1, 2, 3, 4, 5, 6, 7]);
  // Emptied, so shorter than what was read of it; then begun anew.
  writeFileSync(log, '');
  await sleep(400);
  writeFileSync(log, line(64).replace('1@', '3@'));
  await until(output, [1, 2, 3, 4, 5, 6, 7, 8]);
  appendFileSync(log, line(72).trimEnd());
  await sleep(250);
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
  expect(blocksIn(output)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
}, 20_000);

test('a pipe is followed to its end, also of half a line; killed, it leaves a trace', async () => {
  const output = `${temporaryDirectory()}/trace`;
  const args = ['-', '--guest', '-=web1', '--image', 'web1=base', '-o', output];
  const first = follow(args);
  first.child.stdin?.write(line(8) + line(16) + line(24).slice(0, 30));
  await until(output, [1, 2]);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(blocksIn(output)).toEqual([1, 2]);
  // The next one goes on in a segment of its own.
  const second = follow(args);
  second.child.stdin?.end(line(32) + line(40).trimEnd());
  expect({ code: await second.ended, said: second.said() }).toEqual({
    code: 0,
    said: `${output}: 2 requests followed\n`,
  });
  expect(blocksIn(output)).toEqual([1, 2, 4, 5]);
}, 20_000);

test.each([
  ['nothing of a log', 'hello\n', 0, '-: no line of blkparse or of QEMU in it'],
  ['a megabyte of something else', 'hello\n'.repeat(200_000), 3, '-: is no block log: neither blkparse nor QEMU'],
])('a pipe with %s is one line', async (_name, text, code, part) => {
  const { child, ended, said } = follow(['-', '--guest', '-=web1', '-o', `${temporaryDirectory()}/trace`]);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(text);
  expect(await ended).toBe(code);
  expect(said().split('\n')[0]).toBe(`sharetop: ${part}`);
});
