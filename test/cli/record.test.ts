/** `sharetop record` by the built tool: processes with known memory are recorded while they run. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ensureFreshBuild } from '../fresh-build.js';
import { SeededRandom } from '../seeded-random.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { framesOf, memoryIn, patternHash, recordsIn, startKnown, stateOf } from './known-process.js';
import { plainEnvironment, SHARETOP, sharetop } from './run-tool.js';

const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

/** Starts the recorder; it ends with the test. */
function startRecorder(args: readonly string[], options: { uid?: number } = {}) {
  ensureFreshBuild();
  const child = spawn(process.execPath, [SHARETOP, 'record', ...args], {
    ...options,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = { text: '' };
  child.stderr.on('data', (chunk: Buffer) => (said.text += chunk.toString()));
  const closed = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? ''));
  });
  return { child, said, closed };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 4000; tries++) {
    if (condition()) return;
    await wait(5);
  }
  throw new Error(`never: ${what}`);
}

/** Number of the last pass that was told. */
function lastPass({ text }: { text: string }): number {
  return Number([...text.matchAll(/^pass (\d+):/gm)].at(-1)?.[1] ?? 0);
}

async function afterPasses(said: { text: string }, more: number): Promise<void> {
  const goal = lastPass(said) + more;
  await until(() => lastPass(said) >= goal, `pass ${goal}`);
}

async function reportOf(directory: string) {
  const { code, stdout, stderr } = await sharetop(['report', '--json', directory]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as { totals: Record<string, number>; domains: { name: string; knownFrames: number }[] };
}

const each = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe.skipIf(!isLinux)('processes with known memory (needs Linux)', () => {
  test('identical, own, zero and changing pages are told, and who ends is gone', async () => {
    const [a, b] = [await startKnown(), await startKnown()];
    await a.tell('fill 0 64 1000', 'fill 64 40 2000', 'zero 200 32');
    await b.tell('fill 0 64 1000', 'fill 64 40 3000');
    const directory = join(temporaryDirectory(), 'trace');
    const pids = ['--pid', `${a.pid},${b.pid}`];
    const { child, said, closed } = startRecorder([
      ...pids,
      '--interval',
      '50ms',
      '--rate',
      'max',
      '--duty',
      'off',
      '-o',
      directory,
    ]);
    await afterPasses(said, 1);
    const both = memoryIn(directory);
    const names = [`node-${a.pid}`, `node-${b.pid}`];
    expect([...both.keys()].sort()).toEqual([...names].sort());
    expect(framesOf(both.get(names[0]), 1000, 0, 64)).toEqual(each(64, 1));
    expect(framesOf(both.get(names[1]), 1000, 0, 64)).toEqual(each(64, 1));
    expect(framesOf(both.get(names[0]), 2000, 64, 40)).toEqual(each(40, 1));
    expect(framesOf(both.get(names[1]), 2000, 64, 40)).toEqual(each(40, 0));
    expect(framesOf(both.get(names[0]), 0, 0, 1)[0]).toBeGreaterThanOrEqual(32);
    const shared = (await reportOf(directory)).totals;

    await a.tell('fill 10 5 4000', 'fill 64 40 3000');
    await b.kill();
    await afterPasses(said, 2);
    child.kill('SIGINT');
    expect(await closed).toBe(130);
    const alone = memoryIn(directory);
    expect([...alone.keys()]).toEqual([names[0]]);
    expect(framesOf(alone.get(names[0]), 1000, 0, 20)).toEqual([...each(10, 1), ...each(5, 0), ...each(5, 1)]);
    expect(framesOf(alone.get(names[0]), 4000, 10, 5)).toEqual(each(5, 1));
    expect(framesOf(alone.get(names[0]), 3000, 64, 40)).toEqual(each(40, 1));
    // Two processes of one program share more than what they were told.
    expect(shared.interSavedFrames).toBeGreaterThanOrEqual(64);
    const { totals, domains } = await reportOf(directory);
    expect(totals.interSavedFrames).toBe(0);
    const held = [...(alone.get(names[0])?.values() ?? [])];
    expect(domains.map(({ name, knownFrames }) => [name, knownFrames])).toEqual([
      [names[0], held.filter((hash) => hash !== patternHash(0, 0)).length],
    ]);
  });

  test('killed at any moment and started again, it leaves one readable trace that is true', async () => {
    const random = new SeededRandom(5);
    const known = await startKnown();
    const directory = join(temporaryDirectory(), 'trace');
    const args = ['--pid', String(known.pid), '--interval', '10ms', '--rate', 'max', '--duty', 'off', '-o', directory];
    for (let run = 0; run < 3; run++) {
      await known.tell(`fill ${8 * run} 100 ${1000 + run}`);
      const { child, closed, said } = startRecorder(args);
      if (run > 0) await until(() => said.text !== '', 'a pass');
      await wait(random.below(run === 0 ? 300 : 60));
      child.kill('SIGKILL');
      expect(await closed).toBe('SIGKILL');
    }
    const { code, said } = await finished(startRecorder([...args, '--passes', '1']));
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/^pass 1: 1 domain, /) as string });
    const memory = memoryIn(directory).get(`node-${known.pid}`);
    expect(framesOf(memory, 1002, 16, 100)).toEqual(each(100, 1));
    expect(framesOf(memory, 1001, 8, 8)).toEqual(each(8, 1));
    const report = await reportOf(directory);
    expect(report.domains.map(({ knownFrames }) => knownFrames)).toEqual([
      [...(memory?.values() ?? [])].filter((hash) => hash !== patternHash(0, 0)).length,
    ]);
    expect(readdirSync(directory).filter((name) => name.endsWith('.pgt')).length).toBeGreaterThan(1);
  });

  test('a pass over what does not change writes little, and the pipe shows it at once', async () => {
    const known = await startKnown();
    await known.tell('fill 0 100 7');
    // It waits for its input: nothing of it changes, so long as nobody looks through its garbage.
    process.kill(known.pid, 'SIGSTOP');
    const trace = join(temporaryDirectory(), 'trace');
    const common = [
      '--pid',
      String(known.pid),
      '--interval',
      '10ms',
      '--rate',
      'max',
      '--duty',
      'off',
      '--passes',
      '4',
    ];
    const { code, said } = await finished(startRecorder([...common, '--consistent', '-o', trace]));
    expect(code).toBe(0);
    const written = [...said.matchAll(/^pass \d+: .* (\d+) B written$/gm)].map(([, bytes]) => Number(bytes));
    expect(written).toHaveLength(3);
    for (const bytes of written) expect(bytes).toBeLessThan(500);
    // Whom somebody else has stopped stays stopped.
    expect(stateOf(known.pid)).toBe('T');
    const pipe = `"$NODE" "$TOOL" record ${common.join(' ')} -q -o - | "$NODE" "$TOOL" --once -`;
    const env = plainEnvironment({ NODE: process.execPath, TOOL: SHARETOP });
    const shown = execFileSync('sh', ['-c', pipe], { env, encoding: 'utf8' });
    expect(shown).toContain(`node-${known.pid}`);
  });

  test('--consistent: the guest runs again when the recorder is killed in the middle of its pass', async () => {
    const known = await startKnown(512);
    await known.tell('fill 0 8192 9');
    const directory = join(temporaryDirectory(), 'trace');
    const args = [
      '--pid',
      String(known.pid),
      '--interval',
      '10ms',
      '--rate',
      '1G',
      '--duty',
      'off',
      '--consistent',
      '-o',
      directory,
    ];
    const { child } = startRecorder(args);
    await until(() => stateOf(known.pid) === 'T', 'stopped');
    child.kill('SIGKILL');
    await until(() => stateOf(known.pid) !== 'T', 'let go');
    await known.tell('fill 0 1 10');
    const begins = recordsIn(directory).filter(({ record }) => record.kind === 'scanBegin').length;
    expect(begins).toBeLessThan(1000);
  });
});

describe.skipIf(!isLinux)('who else is there (needs Linux)', () => {
  test('a second recorder is refused; without its watchdog the first lets the guest go and goes on', async () => {
    const known = await startKnown();
    const directory = join(temporaryDirectory(), 'trace');
    const args = ['--pid', String(known.pid), '--interval', '10ms', '--rate', '20M', '--duty', 'off', '-o', directory];
    const { child, said, closed } = startRecorder([...args, '--consistent']);
    await until(() => stateOf(known.pid) === 'T', 'stopped');
    const second = await finished(startRecorder(args));
    expect(second.said).toContain(`${directory}: process ${child.pid} is recording into it; name another directory`);
    expect(second.said).toMatch(/^[^\n]+\n$/);
    expect(second.code).toBe(2);
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
    expect(children).toHaveLength(1);
    await until(() => stateOf(known.pid) === 'T', 'stopped once more');
    process.kill(Number(children[0]), 'SIGKILL');
    await until(() => stateOf(known.pid) !== 'T', 'let go');
    await afterPasses(said, 2);
    expect(stateOf(known.pid)).not.toBe('T');
    expect(said.text).toContain('is not stopped for its passes: the watchdog was ended');
    child.kill('SIGINT');
    expect(await closed).toBe(130);
  });
});

async function finished({ said, closed }: ReturnType<typeof startRecorder>): Promise<{ code: unknown; said: string }> {
  const code = await closed;
  return { code, said: said.text };
}

/** A file system and a user of its own need rights that not every machine gives. */
const canMount = isLinux && spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe('what cannot be', () => {
  test.skipIf(!canMount)(
    'a full disk ends it with one line, and what is there is a trace (needs to mount one)',
    async () => {
      await sharetop(['--version']);
      const directory = temporaryDirectory();
      const script = `set -e
mkdir disk && mount -t tmpfs -o size=28k none disk
set +e
"$NODE" -e 'const m = new Uint32Array(new WebAssembly.Memory({ initial: 16 }).buffer); let i = 0;
setInterval(() => { i++; for (let p = 0; p < 256; p++) m[p * 1024] = i * 256 + p; }, 5)' & PID=$!
sleep 0.2
"$NODE" "$TOOL" record --pid $PID -q --rate max --duty off --interval 10ms -o disk/t 2> said; echo "exit $?" >> said
kill -9 $PID
"$NODE" "$TOOL" report disk/t --json > report.json; echo "exit $?" >> said`;
      writeInto(directory, 'run.sh', script);
      execFileSync('unshare', ['-Urm', 'bash', 'run.sh'], {
        cwd: directory,
        env: plainEnvironment({ NODE: process.execPath, TOOL: SHARETOP }),
        stdio: 'ignore',
      });
      expect(readFileSync(join(directory, 'said'), 'utf8')).toMatch(
        /^sharetop: disk\/t\/record\.000001\.pgt: offset \d+: cannot be written: no space left .*\nexit 1\nexit 0\n$/,
      );
      expect(readFileSync(join(directory, 'report.json'), 'utf8')).toContain('node-');
    },
  );

  test.skipIf(!isLinux || !isRoot)('of a process of another: one line names the capability (needs root)', async () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o777);
    const [forbidden, own] = [await startKnown(), await startKnown(32, { uid: NOBODY })];
    await own.tell('fill 0 10 5');
    const record = (pids: string, name: string) =>
      finished(
        startRecorder(['--pid', pids, '-q', '--passes', '2', '--interval', '10ms', '-o', join(directory, name)], {
          uid: NOBODY,
        }),
      );
    const both = await record(`${forbidden.pid},${own.pid}`, 'both');
    expect(both.said).toMatch(/^sharetop: record: node-\d+ is not recorded: [^\n]*CAP_SYS_PTRACE[^\n]*\n$/);
    expect(both.code).toBe(0);
    expect(framesOf(memoryIn(join(directory, 'both')).get(`node-${own.pid}`), 5, 0, 10)).toEqual(each(10, 1));
    const alone = await record(String(forbidden.pid), 'alone');
    expect(alone.said).toMatch(/^sharetop: record: [^\n]*CAP_SYS_PTRACE[^\n]*\n$/);
    expect(alone.code).toBe(1);
  });

  const cases: [string, string[], number, string[]][] = [
    ['nothing to record', ['-o', 'x'], 2, ['--qemu', '--match', '--help']],
    ['nowhere to write', ['--qemu'], 2, ['-o DIR']],
    ['a pid that is none', ['--pid', 'web1', '-o', 'x'], 2, ["'web1'"]],
    ['a process that is not there', ['--pid', '4194303', '-o', 'x'], 1, ['there is no process 4194303']],
    ['a control group that is not there', ['--cgroup', 'no/such', '-o', 'x'], 1, ['/sys/fs/cgroup/no/such']],
    ['a pattern that is none', ['--match', '(', '-o', 'x'], 2, ["--match '('"]],
    ['a rate that is none', ['--qemu', '--rate', 'fast', '-o', 'x'], 2, ['100M', 'max']],
    ['soft-dirty bits of what runs', ['--qemu', '--soft-dirty', '-o', 'x'], 2, ['--consistent']],
    ['a screen without a terminal', ['--qemu', '--live'], 2, ['--live needs a terminal']],
  ];

  test.skipIf(!isLinux).each(cases)('%s: one line with the mend (needs Linux)', async (_name, args, code, parts) => {
    const outcome = await sharetop(['record', ...args]);
    expect(outcome.stderr).toMatch(/^sharetop: [^\n]+\n$/);
    for (const part of parts) expect(outcome.stderr).toContain(part);
    expect(outcome.code).toBe(code);
  });
});
