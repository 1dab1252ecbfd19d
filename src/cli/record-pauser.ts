/** The recorder's end of the watchdog that stops guests: see record-watchdog.ts. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { isStopped, ProcessList } from '../collect/recorder/process-list.js';
import type { HoldResult, Pauser } from '../collect/recorder/recorder-host.js';

const HOLD_RESULTS: readonly string[] = ['held', 'stopped-before', 'gone', 'refused'];
/** Many slices are shorter than this; the watchdog is patient for much longer. */
const BEAT_MS = 250;

/** A pauser and the end of it. */
export interface WatchedPauser extends Pauser {
  /** Ends the watchdog; what is held is let go. */
  close(): void;
}

/** Starts the watchdog. It keeps nobody alive: it ends with the recorder. */
export function startPauser(now: () => number): WatchedPauser {
  const path = fileURLToPath(new URL('./record-watchdog.js', import.meta.url));
  const child = spawn(process.execPath, [path], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  return new WatchdogPauser(child, now);
}

class WatchdogPauser implements WatchedPauser {
  readonly #answers: ((line: string) => void)[] = [];
  readonly #processes = new ProcessList();
  #ended = false;
  #beatMs = 0;
  #held: { pid: number; startTicks: number } | null = null;

  constructor(
    readonly child: ChildProcessByStdio<Writable, Readable, null>,
    readonly now: () => number,
  ) {
    child.stdin.on('error', () => undefined);
    child.on('error', () => this.#end());
    child.on('exit', () => this.#end());
    createInterface({ input: child.stdout }).on('line', (line) => this.#answers.shift()?.(line));
    child.unref();
  }

  async hold(pid: number, startTicks: number): Promise<HoldResult> {
    const before = this.#processes.stat(pid);
    if (before !== null && isStopped(before)) return 'stopped-before';
    this.#held = { pid, startTicks };
    const answer = await this.#ask(`hold ${pid} ${startTicks}`);
    if (answer !== 'held') this.#held = null;
    return HOLD_RESULTS.includes(answer) ? (answer as HoldResult) : 'unwatched';
  }

  beat(): void {
    const now = this.now();
    if (now - this.#beatMs < BEAT_MS) return;
    this.#beatMs = now;
    if (!this.#ended) this.child.stdin.write('beat\n');
  }

  async free(): Promise<boolean> {
    const answer = await this.#ask('free');
    this.#held = null;
    return answer === 'freed';
  }

  close(): void {
    this.child.stdin.end();
  }

  #ask(line: string): Promise<string> {
    if (this.#ended) return Promise.resolve('');
    // Else nothing keeps us running when it is killed meanwhile, and we end before we hear of it: with a guest stopped.
    this.child.ref();
    return new Promise((resolve) => {
      this.#answers.push((answer) => {
        this.child.unref();
        resolve(answer);
      });
      this.child.stdin.write(`${line}\n`);
    });
  }

  /** The watchdog was killed: what it held we let go ourselves. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const held = this.#held;
    this.#held = null;
    if (held !== null && this.#processes.stat(held.pid)?.startTicks === held.startTicks) letGo(held.pid);
    for (const answer of this.#answers.splice(0)) answer('');
  }
}

function letGo(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It has ended in between.
  }
}
