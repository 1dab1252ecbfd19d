/**
 * Which processes are recorded: found anew before each pass, because guests come and go.
 *
 * A target that is a QEMU is one guest, its RAM alone; any other process is taken as if it were a domain of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { MemoryLayout, ScanTarget } from '../processes/domain-scan.js';
import { parseQemuCommandLine } from '../processes/qemu-command-line.js';
import { hasEnded, type ProcessList, type ProcessStat } from './process-list.js';

/** What to look for. A process that several of them name is one target. */
export interface TargetChoice {
  /** Every QEMU. */
  readonly qemu: boolean;
  readonly pids: readonly number[];
  /** Control groups: all processes in them and below. */
  readonly cgroups: readonly string[];
  /** Processes whose command line, arguments joined by blanks, matches one of these. */
  readonly matches: readonly RegExp[];
}

/** A process to record, as a domain. */
export interface FoundTarget extends ScanTarget {
  /** Who it is in the trace: a guest's uuid, else its name and the start of its process. */
  readonly key: string;
  readonly name: string;
  /** `kvm`, `tcg` …, of a guest; `process`. */
  readonly kind: string;
}

const CGROUP_ROOT = '/sys/fs/cgroup';
const KIND_PROCESS = 'process';
const CGROUP_DEPTH_MAX = 32;

/** Finds the targets of a choice in the list of processes. */
export class TargetFinder {
  readonly #hidden: ReadonlySet<number>;

  /**
   * @param own pid of the recorder: it, and those that started it, are meant by no pattern and by no control group
   * @param cgroupRoot where the control groups are mounted
   */
  constructor(
    readonly choice: TargetChoice,
    readonly processes: ProcessList,
    own: number,
    readonly cgroupRoot = CGROUP_ROOT,
  ) {
    this.#hidden = ancestors(processes, own);
  }

  /** Whether a target may yet come that is not there now. */
  get mayCome(): boolean {
    const { qemu, cgroups, matches } = this.choice;
    return qemu || cgroups.length > 0 || matches.length > 0;
  }

  /** What is looked for, for messages. */
  get description(): string {
    const { qemu, pids, cgroups, matches } = this.choice;
    const parts = [
      ...(qemu ? ['a QEMU process'] : []),
      ...(pids.length > 0 ? [`pid ${pids.join(', ')}`] : []),
      ...cgroups.map((path) => `a process in the control group ${path}`),
      ...matches.map((pattern) => `a process whose command line matches ${pattern.source}`),
    ];
    return parts.join(' or ');
  }

  /** The targets there are now, by pid. */
  find(): FoundTarget[] {
    const found: FoundTarget[] = [];
    for (const pid of this.#pids()) {
      const target = this.#target(pid);
      if (target !== null) found.push(target);
    }
    return found;
  }

  #pids(): number[] {
    const { qemu, pids, cgroups, matches } = this.choice;
    const chosen = new Set(pids);
    for (const path of cgroups) {
      for (const pid of cgroupPids(cgroupDirectory(path, this.cgroupRoot))) {
        if (!this.#hidden.has(pid)) chosen.add(pid);
      }
    }
    if (qemu || matches.length > 0) {
      for (const pid of this.processes.pids()) {
        if (!chosen.has(pid) && !this.#hidden.has(pid) && this.#isMeant(pid)) chosen.add(pid);
      }
    }
    return [...chosen].sort((a, b) => a - b);
  }

  #isMeant(pid: number): boolean {
    const argv = this.processes.commandLine(pid);
    if (argv.length === 0) return false;
    if (this.choice.qemu && parseQemuCommandLine(argv) !== null) return true;
    const line = argv.join(' ');
    return this.choice.matches.some((pattern) => pattern.test(line));
  }

  #target(pid: number): FoundTarget | null {
    const argv = this.processes.commandLine(pid);
    const stat = this.processes.stat(pid);
    // Kernel threads have no arguments, and no memory of their own.
    if (stat === null || argv.length === 0 || hasEnded(stat)) return null;
    const { startTicks } = stat;
    const guest = parseQemuCommandLine(argv);
    const layout: MemoryLayout = guest === null ? 'process' : 'guest-ram';
    if (guest === null) {
      const name = `${stat.name}-${pid}`;
      return { pid, startTicks, layout, key: `${name}@${startTicks}`, name, kind: KIND_PROCESS };
    }
    const name = guest.name ?? `qemu-${pid}`;
    return { pid, startTicks, layout, key: guest.uuid ?? `${name}@${startTicks}`, name, kind: guest.kind };
  }
}

/** Why a pid that was asked for is no target; null if it is one. */
export function pidProblem(processes: ProcessList, pid: number, exists: (pid: number) => boolean): string | null {
  const stat = processes.stat(pid);
  if (stat === null) {
    if (!exists(pid)) return `there is no process ${pid}`;
    return `process ${pid} is of another user and hidden (/proc is mounted with hidepid); run as root`;
  }
  if (hasEnded(stat)) return `process ${pid} has ended (a zombie)`;
  const group = processes.threadGroup(pid);
  if (group !== null && group !== pid) return `${pid} is a thread of process ${group}: name that`;
  if (processes.commandLine(pid).length === 0) return `process ${pid} is a kernel thread, without memory of its own`;
  return null;
}

/** The directory of a control group: given as it is, or relative to where they are mounted. */
export function cgroupDirectory(path: string, root = CGROUP_ROOT): string {
  if (isAbsolute(path) && (path === root || path.startsWith(`${root}/`))) return path;
  return join(root, path);
}

/** The processes in a control group and below; none if it is not there. */
function cgroupPids(directory: string, depth = 0): number[] {
  if (depth > CGROUP_DEPTH_MAX) return [];
  try {
    const own = readFileSync(join(directory, 'cgroup.procs'), 'utf8');
    // 0 is a process outside our pid namespace.
    const pids = own.split('\n').map(Number);
    const inside = pids.filter((pid) => Number.isSafeInteger(pid) && pid > 0);
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) inside.push(...cgroupPids(join(directory, entry.name), depth + 1));
    }
    return inside;
  } catch {
    return [];
  }
}

/** The process and those that started it, up to the first one. */
function ancestors(processes: ProcessList, pid: number): ReadonlySet<number> {
  const found = new Set<number>();
  let next: ProcessStat | null = processes.stat(pid);
  found.add(pid);
  while (next !== null && next.parent > 0 && !found.has(next.parent)) {
    found.add(next.parent);
    next = processes.stat(next.parent);
  }
  return found;
}
