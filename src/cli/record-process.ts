/** The recorder as a process: its priority, its clock, and that it outlives its terminal. */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { isatty } from 'node:tty';

const STANDARD_DESCRIPTORS = [0, 1, 2];
const SLEEP_MS_MAX = 2 ** 31 - 1;

/** SIGHUP ends nothing from here on, and what stderr does not take any more is dropped. */
export function surviveTerminal(): void {
  // Asked now: a terminal that is gone does not say any more that it is one.
  const terminals = STANDARD_DESCRIPTORS.filter((descriptor) => isatty(descriptor));
  const leave = (): void => {
    for (const descriptor of terminals.splice(0)) leaveTerminal(descriptor);
  };
  process.on('SIGHUP', leave);
  process.stderr.removeAllListeners('error');
  process.stderr.on('error', leave);
}

/**
 * A terminal that is gone fails when Node gives it back at its end, and Node aborts of that: with another file in its
 * place it has nothing to give back.
 */
function leaveTerminal(descriptor: number): void {
  closeSync(descriptor);
  // The lowest number that is free: the one just closed.
  openSync('/dev/null', 'r+');
}

/** Sets the nice value of all threads that there are now: Linux keeps one for each. */
export function beNice(nice: number): void {
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      setPriority(Number(thread), nice);
    } catch {
      // It has ended, or a lower value than ours is not allowed: then it stays.
    }
  }
}

/** Unix time, µs, of a clock that never steps back; it begins behind `leastMicros`, where an earlier recorder ended. */
export function steadyClock(leastMicros: number): () => number {
  const startMicros = Math.max(performance.timeOrigin * 1000 + performance.now() * 1000, leastMicros);
  const startMs = performance.now();
  return () => Math.floor(startMicros + (performance.now() - startMs) * 1000);
}

/** CPU time of the process, all threads, µs. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** A timer that an abort ends. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(Math.ceil(ms), SLEEP_MS_MAX));
    signal.addEventListener('abort', end);
  });
}
