/** One process that is stopped for a moment, and let go again: by the one who stopped it, and by nobody else. */
import { errorCode } from '../../base/system-problem.js';
import { hasEnded, isStopped, type ProcessList } from './process-list.js';
import type { HoldResult } from './recorder-host.js';

/** All its threads have stopped after a few ms; one in the kernel may take longer, and cannot write meanwhile. */
const STOPS_MS_MAX = 200;
const LOOK_MS = 2;

/** Sends a signal; throws as process.kill. */
export type SendSignal = (pid: number, signal: 'SIGSTOP' | 'SIGCONT') => void;

/** Holds at most one process. */
export class Hold {
  #held: { pid: number; startTicks: number } | null = null;

  constructor(
    readonly processes: ProcessList,
    readonly send: SendSignal,
  ) {}

  /** Stops the process, unless it is stopped already: then somebody else did, and it stays as it is. */
  async take(pid: number, startTicks: number): Promise<HoldResult> {
    this.free();
    const stat = this.processes.stat(pid);
    if (stat === null || stat.startTicks !== startTicks || hasEnded(stat)) return 'gone';
    if (isStopped(stat)) return 'stopped-before';
    // Noted first: from here on it is let go whatever happens.
    this.#held = { pid, startTicks };
    try {
      this.send(pid, 'SIGSTOP');
    } catch (error) {
      this.#held = null;
      return errorCode(error) === 'ESRCH' ? 'gone' : 'refused';
    }
    for (let waited = 0; waited < STOPS_MS_MAX; waited += LOOK_MS) {
      const now = this.processes.stat(pid);
      if (now === null || now.startTicks !== startTicks) return this.#lost();
      if (isStopped(now)) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return 'held';
  }

  /**
   * Lets it go again. False: it was not held any more, or ran, set going by somebody else. A pid that is another
   * process's by now is left alone.
   */
  free(): boolean {
    const held = this.#held;
    if (held === null) return false;
    this.#held = null;
    const stat = this.processes.stat(held.pid);
    if (stat?.startTicks !== held.startTicks || hasEnded(stat)) return true;
    try {
      this.send(held.pid, 'SIGCONT');
    } catch {
      // It has ended in between.
    }
    // Not stopped and neither running nor asleep: in the kernel since before, where it cannot write.
    return stat.state !== 'R' && stat.state !== 'S';
  }

  #lost(): HoldResult {
    this.#held = null;
    return 'gone';
  }
}
