/**
 * What `/proc` says of the processes of this machine. Every answer may be out of date when it is given: a process that
 * has ended meanwhile is null, or not in the list.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of `/proc/PID/stat` that tells one process from another. */
export interface ProcessStat {
  readonly pid: number;
  /** Its short name: up to 15 bytes, not to be trusted. */
  readonly name: string;
  /** One letter: T is stopped by a signal, t by a tracer, Z a zombie, X dead. */
  readonly state: string;
  readonly parent: number;
  /** Its start, in clock ticks since boot (field 22): another process with the same pid has another one. */
  readonly startTicks: number;
}

/** Fields 3 on stand behind the name, which may hold blanks and brackets itself. */
const STATE_FIELD = 0;
const PARENT_FIELD = 1;
const START_FIELD = 19;

/** Reads `/proc`, or a directory that looks like it. */
export class ProcessList {
  constructor(readonly root = '/proc') {}

  /** All pids that are visible, rising. */
  pids(): number[] {
    try {
      const names = readdirSync(this.root).filter((name) => /^[1-9]\d{0,9}$/.test(name));
      return names.map(Number).sort((a, b) => a - b);
    } catch {
      return [];
    }
  }

  /** Null: there is no such process, or it is hidden. */
  stat(pid: number): ProcessStat | null {
    return parseStat(this.#read(pid, 'stat'));
  }

  /** The arguments that it was started with; empty for kernel threads and processes that have ended. */
  commandLine(pid: number): string[] {
    const text = this.#read(pid, 'cmdline');
    return text === '' ? [] : text.replace(/\0$/, '').split('\0');
  }

  /** The process that a thread belongs to: its own pid for a process. Null if there is none. */
  threadGroup(pid: number): number | null {
    const match = /^Tgid:\s*(\d+)$/m.exec(this.#read(pid, 'status'));
    return match === null ? null : Number(match[1]);
  }

  /** Processes of other users are not shown to this one (mount option `hidepid`). */
  get hidesOthers(): boolean {
    return /^\S+ \/proc proc \S*\bhidepid=(1|2|4|noaccess|invisible|ptraceable)\b/m.test(this.#text('self/mounts'));
  }

  /** Memory of the machine, bytes; 0 if `/proc/meminfo` does not say it. */
  get memoryBytes(): number {
    const match = /^MemTotal:\s*(\d{1,12}) kB$/m.exec(this.#text('meminfo'));
    return match === null ? 0 : Number(match[1]) * 1024;
  }

  #read(pid: number, name: string): string {
    return this.#text(`${pid}/${name}`);
  }

  #text(name: string): string {
    try {
      return readFileSync(join(this.root, name), 'utf8');
    } catch {
      return '';
    }
  }
}

/** The text of `/proc/PID/stat`; null if it is none. */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  const pid = Number.parseInt(text, 10);
  const startTicks = Number(fields[START_FIELD]);
  if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(startTicks)) return null;
  return {
    pid,
    name: text.slice(open + 1, close),
    state: fields[STATE_FIELD],
    parent: Number(fields[PARENT_FIELD]),
    startTicks,
  };
}

/** Stopped, by a signal or by a tracer. */
export function isStopped({ state }: ProcessStat): boolean {
  return state === 'T' || state === 't';
}

/** It has ended, though its entry is still there. */
export function hasEnded({ state }: ProcessStat): boolean {
  return state === 'Z' || state === 'X' || state === 'x';
}
