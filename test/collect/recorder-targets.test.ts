/** Which processes are recorded, read from a /proc and control groups of the test's own making. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProcessList } from '../../src/collect/recorder/process-list.js';
import { parseQemuCommandLine } from '../../src/collect/processes/qemu-command-line.js';
import { pidProblem, type TargetChoice, TargetFinder } from '../../src/collect/recorder/targets.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';

const NOTHING: TargetChoice = { qemu: false, pids: [], cgroups: [], matches: [] };

/** A directory like /proc. */
class Machine {
  readonly root = temporaryDirectory();
  readonly processes = new ProcessList(this.root);

  start(pid: number, argv: readonly string[], more: { name?: string; state?: string; parent?: number } = {}): void {
    const { name = (argv[0] ?? 'kthread').replace(/^.*\//, '').slice(0, 15), state = 'S', parent = 1 } = more;
    const directory = join(this.root, String(pid));
    mkdirSync(directory);
    const rest = Array.from({ length: 30 }, (_, i) => String(100 * pid + i)).join(' ');
    // Field 22 is the 18th behind the parent.
    writeInto(directory, 'stat', `${pid} (${name}) ${state} ${parent} ${rest}\n`);
    writeInto(directory, 'cmdline', argv.map((word) => `${word}\0`).join(''));
    writeInto(directory, 'status', `Name:\t${name}\nTgid:\t${pid}\n`);
  }

  finder(choice: Partial<TargetChoice>, own = 1, cgroups = this.root): TargetFinder {
    return new TargetFinder({ ...NOTHING, ...choice }, this.processes, own, cgroups);
  }
}

describe('targets', () => {
  const uuid = '6F1D0C5E-0000-4000-8000-00000000BEEF';
  const web = ['/usr/bin/qemu-system-x86_64', '-name', 'guest=web1,debug-threads=on', '-uuid', uuid, '-enable-kvm'];

  test('guests by their uuid, processes by name and start; a name may hold anything', () => {
    const machine = new Machine();
    machine.start(10, web);
    machine.start(11, ['qemu-system-arm', '-m', '1G']);
    machine.start(12, ['/usr/lib/xen/bin/qemu-system-i386', '-xen-domid', '3']);
    machine.start(13, ['nginx', '-g', 'daemon off;'], { name: 'a) S 9 (b' });
    machine.start(14, []);
    machine.start(15, ['nginx'], { state: 'Z' });
    const found = machine.finder({ qemu: true, matches: [/^nginx/u] }).find();
    const start = (pid: number): number => 100 * pid + 17;
    const named = found.map(({ pid, key, name, kind, layout, startTicks }) => [
      pid,
      key,
      name,
      kind,
      layout,
      startTicks - start(pid),
    ]);
    expect(named).toEqual([
      [10, uuid.toLowerCase(), 'web1', 'kvm', 'guest-ram', 0],
      [11, `qemu-11@${start(11)}`, 'qemu-11', 'tcg', 'guest-ram', 0],
      [13, `a) S 9 (b-13@${start(13)}`, 'a) S 9 (b-13', 'process', 'process', 0],
    ]);
  });

  test('a pattern never means the recorder or who started it', () => {
    const machine = new Machine();
    machine.start(1, ['init']);
    machine.start(20, ['sudo', 'sharetop', 'record', '--match', 'web']);
    machine.start(21, ['node', 'sharetop', 'record', '--match', 'web'], { parent: 20 });
    machine.start(22, ['web']);
    expect(machine.finder({ matches: [/web/u] }, 21).find()).toMatchObject([{ pid: 22 }]);
    // Who is named by pid is meant.
    expect(machine.finder({ pids: [20] }, 21).find()).toMatchObject([{ pid: 20 }]);
  });

  test('the processes of a control group and below; one that is gone has none', () => {
    const machine = new Machine();
    const cgroups = temporaryDirectory();
    mkdirSync(join(cgroups, 'web/worker'), { recursive: true });
    for (const pid of [30, 31, 32]) machine.start(pid, ['node']);
    writeInto(join(cgroups, 'web'), 'cgroup.procs', '30\n0\n99\n');
    writeInto(join(cgroups, 'web/worker'), 'cgroup.procs', '32\n');
    for (const path of ['web', join(cgroups, 'web')]) {
      expect(machine.finder({ cgroups: [path] }, 1, cgroups).find()).toMatchObject([{ pid: 30 }, { pid: 32 }]);
    }
    rmSync(join(cgroups, 'web'), { recursive: true });
    expect(machine.finder({ cgroups: ['web'] }, 1, cgroups).find()).toEqual([]);
  });

  test('why a pid is no target', () => {
    const machine = new Machine();
    machine.start(40, ['a']);
    machine.start(41, ['a'], { state: 'Z' });
    machine.start(42, []);
    machine.start(43, ['a']);
    writeInto(join(machine.root, '43'), 'status', 'Tgid:\t40\n');
    const problem = (pid: number, isThere = true): string | null => pidProblem(machine.processes, pid, () => isThere);
    expect(problem(40)).toBeNull();
    expect(problem(41)).toContain('has ended');
    expect(problem(42)).toContain('kernel thread');
    expect(problem(43)).toContain('a thread of process 40');
    expect(problem(44)).toContain('hidepid');
    expect(problem(44, false)).toBe('there is no process 44');
  });
});

describe('the command line of a QEMU', () => {
  const ram = (mebibytes: number) => [{ bytes: mebibytes * 2 ** 20, path: '', said: '-m' }];
  const cases: [string, Partial<ReturnType<typeof parseQemuCommandLine>> | null][] = [
    ['qemu-system-x86_64 -name web1 -m 2048', { name: 'web1', ram: ram(2048), kind: 'tcg', uuid: null }],
    ['/usr/libexec/qemu-kvm --name process=x,guest=a,,b -m size=2G,maxmem=4G', { name: 'a,b', ram: ram(2048) }],
    ['qemu-kvm -m 512M', { kind: 'kvm', ram: ram(512), name: null }],
    ['qemu-system-aarch64 -machine virt,accel=kvm:tcg', { kind: 'kvm' }],
    ['qemu-system-x86_64 -M q35 -accel tcg,thread=multi', { kind: 'tcg' }],
    ['qemu-system-x86_64 -accel xen -m lots', { kind: 'other', ram: ram(128) }],
    ['qemu-system-x86_64 -name', { name: null }],
    ['qemu-system-x86_64 --xen-domid 3 -m 64', null],
    ['qemu-img convert a b', null],
    ['vim qemu-system-x86_64', null],
    ['', null],
  ];

  test.each(cases)('%s', (line, expected) => {
    const guest = parseQemuCommandLine(line.split(' '));
    if (expected === null) expect(guest).toBeNull();
    else expect(guest).toMatchObject(expected);
  });
});
