/** The recorder on machines of its own making: what it records is what the processes hold, at the pace that it may. */
import { describe, expect, test } from 'vitest';
import { CREDIT_MS } from '../../src/collect/recorder/pacer.js';
import { Recorder } from '../../src/collect/recorder/recorder.js';
import type { PassReport, RecorderOptions } from '../../src/collect/recorder/recorder-host.js';
import { KeptOutput, type PlainProcess, readPlainly, World } from './recorder-world.js';

const OPTIONS: RecorderOptions = {
  hostName: 'host',
  hypervisor: '',
  hostFrames: 1000,
  groups: new Map(),
  limits: { bytesPerSecond: Number.POSITIVE_INFINITY, duty: Number.POSITIVE_INFINITY },
  intervalMicros: 1e6,
  passes: Number.POSITIVE_INFINITY,
  forMicros: Number.POSITIVE_INFINITY,
  waits: true,
  before: [],
};

/** A recorder of the world, not yet running. */
function recorderOf(world: World, more: Partial<RecorderOptions> = {}) {
  const output = new KeptOutput();
  const notices: string[] = [];
  const passes: PassReport[] = [];
  const voice = { notice: (line: string) => notices.push(line), passed: (report: PassReport) => passes.push(report) };
  const recorder = new Recorder(world, output, { ...OPTIONS, ...more }, voice, 'a target');
  return { recorder, output, notices, passes, run: (stop = new AbortController()) => recorder.run(stop.signal) };
}

/** gfn → content, of what a process holds. */
function held({ memory }: PlainProcess): Map<number, number> {
  return new Map([...memory.entries()].filter(([, content]) => content !== 0));
}

/** Changes a few frames, starts a process, ends one: anything may happen between two slices. */
function mischief(world: World): void {
  const target = world.processes[world.random(world.processes.length)];
  for (let i = world.random(4); i > 0; i--) target.memory[world.random(target.memory.length)] = world.random(60);
  if (world.random(40) === 0) target.memory.push(...[1, 2, 3]);
  if (world.random(60) === 0) world.start(`later${world.random(3)}`, 1 + world.random(300));
  if (world.random(60) === 0 && world.processes.filter(({ lives }) => lives).length > 1) target.lives = false;
}

describe('what is recorded is what the processes hold', () => {
  test.each(Array.from({ length: 7 }, (_, seed) => seed))('guests come, change and go, seed %i', async (seed) => {
    const world = new World(seed);
    for (let i = 0; i < 3; i++) world.start(`web${i}`, 1 + world.random(900));
    if (seed % 3 === 0) world.usePauser();
    const limits = { bytesPerSecond: 4e6, duty: 0.5 };
    const calm = 20;
    const { run, output, passes } = recorderOf(world, { passes: calm + 1, limits });
    world.event = () => {
      if (passes.length < calm) mischief(world);
    };
    expect(await run()).toBe('passes');
    const { domains } = readPlainly(output.words);
    const living = world.processes.filter(({ lives }) => lives);
    expect([...domains.values()].map(({ key }) => key).sort()).toEqual(living.map(({ key }) => key).sort());
    for (const process of living) {
      const domain = [...domains.values()].find(({ key }) => key === process.key);
      expect(domain?.memory).toEqual(held(process));
      expect(domain?.frames).toBe(process.memory.length);
      expect(domain?.scansEnded).toBe(domain?.scansBegun);
    }
    expect(passes.map(({ number }) => number)).toEqual(Array.from({ length: calm + 1 }, (_, i) => i + 1));
    expect(world.pauser?.held ?? 0).toBe(0);
  });

  test('what an earlier recorder left is taken over, and what is no more is gone', async () => {
    const world = new World(1);
    const web = world.start('web', 50);
    world.start('db', 50);
    const first = recorderOf(world, { passes: 2 });
    await first.run();
    const left = readPlainly(first.output.words).domains;
    const before = [...left].map(([domid, { key }]) => ({ domid, key }));
    world.processes[1].lives = false;
    web.memory.fill(0, 10, 30);
    const third = world.start('third', 20);
    const second = recorderOf(world, { passes: 1, before });
    await second.run();
    const { domains } = readPlainly(second.output.words, left);
    expect([...domains].map(([domid, { key }]) => [domid, key])).toEqual([
      [1, web.key],
      [3, third.key],
    ]);
    // Those that the first one saw and that are untouched now.
    expect(domains.get(1)?.memory).toEqual(held(web));
  });
});

describe('the pace', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'no span of time has more bytes or CPU than the limits allow, seed %i',
    async (seed) => {
      const world = new World(seed);
      for (let i = 0; i < 2; i++) world.start(`web${i}`, 2000);
      const limits = { bytesPerSecond: [2e6, 2e7, Infinity][seed % 3], duty: [0.1, Infinity][seed % 2] };
      await recorderOf(world, { passes: 3, limits, intervalMicros: 1e4 }).run();
      const { slices } = world;
      let excess = 0;
      for (let from = 0; from < slices.length; from++) {
        let bytes = 0;
        let cpu = 0;
        for (let to = from; to < slices.length; to++) {
          bytes += slices[to].bytes;
          cpu += slices[to].cpuMs;
          // A slice is not cut: the last one may go beyond.
          const ms = slices[to].fromMs - slices[from].fromMs + CREDIT_MS + 2;
          const bytesMax = (limits.bytesPerSecond * ms) / 1000 + slices[from].bytes + slices[to].bytes;
          const cpuMax = limits.duty * ms + slices[from].cpuMs + slices[to].cpuMs;
          excess = Math.max(excess, bytes - bytesMax, cpu - cpuMax);
        }
      }
      expect(excess).toBe(0);
      // And it is used: no needless waiting, whichever limit is the nearer one.
      const ms = slices[slices.length - 1].toMs - slices[0].fromMs;
      const all = slices.reduce((sum, { bytes, cpuMs }) => ({ bytes: sum.bytes + bytes, cpu: sum.cpu + cpuMs }), {
        bytes: 0,
        cpu: 0,
      });
      const needed = Math.max((all.bytes / limits.bytesPerSecond) * 1000, all.cpu / limits.duty, 0);
      if (needed > 500) expect(ms).toBeLessThan(needed * 1.2 + 100);
    },
  );

  test('a process that waits for us is not paced; what was used is made up for afterwards', async () => {
    const world = new World(3);
    world.start('web', 3000);
    world.usePauser();
    await recorderOf(world, { passes: 4, limits: { bytesPerSecond: 1e7, duty: Infinity }, intervalMicros: 1 }).run();
    expect(world.slices.every(({ held: isHeld }) => isHeld)).toBe(true);
    expect(world.pauser?.log).toEqual(Array.from({ length: 4 }, () => ['hold 100', 'clear', 'free']).flat());
    const bytes = 3 * 3000 * 4096;
    const ms = world.slices[world.slices.length - 1].fromMs - world.slices[0].fromMs;
    expect(ms).toBeGreaterThan((bytes / 1e7) * 1000 - 2 * CREDIT_MS - 500);
  });
});

describe('how a recording ends', () => {
  test('a target that may not be read is told once, and marked; the others go on', async () => {
    const world = new World(4);
    const secret = world.start('secret', 10, { forbidden: true });
    world.start('open', 10);
    const { run, notices, output } = recorderOf(world, { passes: 3 });
    expect(await run()).toBe('passes');
    const line = `secret is not recorded: process ${secret.pid}: CAP_SYS_PTRACE is missing`;
    expect(notices).toEqual([line]);
    const { timed, domains } = readPlainly(output.words);
    const marks = timed.flatMap(({ record }) => (record.kind === 'mark' ? [record.text] : []));
    expect(marks).toEqual([`record: ${line}`]);
    expect([...domains.values()].map(({ key }) => key)).toEqual([world.processes[1].key]);
  });

  test('with nobody who can be read there is nothing to wait for', async () => {
    const world = new World(5);
    world.start('secret', 10, { forbidden: true });
    expect(await recorderOf(world).run()).toBe('none-readable');
  });

  test('when all targets have ended it ends, unless others may come: then it says once that it waits', async () => {
    const world = new World(6);
    const only = world.start('only', 200);
    world.event = () => (only.lives = false);
    const { run, output } = recorderOf(world, { waits: false });
    expect(await run()).toBe('none-left');
    expect(readPlainly(output.words).domains.size).toBe(0);
    const waiting = recorderOf(world, { forMicros: 10e6 });
    expect(await waiting.run()).toBe('time');
    expect(waiting.notices).toEqual(['waiting for a target: there is none yet']);
  });

  test('a process that ends while it is held is let go of, and gone', async () => {
    const world = new World(7);
    const victim = world.start('victim', 5000);
    world.usePauser();
    world.event = () => (victim.lives = world.slices.length < 3);
    const { run, output } = recorderOf(world, { waits: false });
    expect(await run()).toBe('none-left');
    expect(world.pauser?.log).toEqual(['hold 100', 'free']);
    expect(readPlainly(output.words).domains.size).toBe(0);
  });

  test('a process that was set going under its pass is told, and its next pass relies on nothing', async () => {
    const world = new World(10);
    const only = world.start('only', 100);
    world.usePauser();
    if (world.pauser !== null) world.pauser.keeps = false;
    const { run, notices } = recorderOf(world, { passes: 2 });
    await run();
    expect(world.pauser?.log).toEqual([1, 2].flatMap(() => ['hold 100', 'clear', 'free', 'doubt']));
    expect(notices).toEqual([`${only.name} was let go before its pass was over: it is not of one instant`]);
  });

  test('stopped, or out of time, in the middle of a pass: that pass has no end', async () => {
    for (const ending of ['stopped', 'time'] as const) {
      const world = new World(8);
      world.start('web', 5000);
      const stop = new AbortController();
      world.event = () => {
        if (ending === 'stopped' && world.slices.length === 4) stop.abort();
      };
      const limits = { bytesPerSecond: 1e6, duty: Number.POSITIVE_INFINITY };
      const forMicros = ending === 'time' ? 3e6 : Number.POSITIVE_INFINITY;
      const { run, output } = recorderOf(world, { limits, forMicros });
      const from = world.micros;
      expect(await run(stop)).toBe(ending);
      const [domain] = readPlainly(output.words).domains.values();
      expect([domain.scansBegun, domain.scansEnded]).toEqual([1, 0]);
      if (ending === 'time') expect(world.micros - from).toBeLessThan(3.1e6);
    }
  });

  test('two passes that find nothing new are a few dozen bytes apart', async () => {
    const world = new World(9);
    world.start('web', 300);
    const { run, output, passes } = recorderOf(world, { passes: 5 });
    world.counters = { write: (out) => Array.from({ length: 30 }, (_, i) => out.counter(null, `ksm.${i}`, i)) };
    await run();
    expect(Math.max(...passes.slice(1).map(({ bytesWritten }) => bytesWritten))).toBeLessThan(250);
    const { timed } = readPlainly(output.words);
    expect(timed.filter(({ record }) => record.kind === 'counter' && record.name === 'ksm.7')).toHaveLength(1);
  });
});
