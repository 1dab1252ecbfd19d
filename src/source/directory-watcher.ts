/**
 * Wake-up calls for a directory, by chokidar. Only calls: chokidar loses the last changes of a burst, is blind after
 * the directory was removed and made again, and knows nothing of network file systems; the sweep of DirectoryTail is
 * what finds out. A burst costs chokidar much more than the sweep, so under steady fire it is closed for a while.
 */
import { watch, type FSWatcher } from 'chokidar';

const CALLS_PER_SECOND_MAX = 60;
const PAUSE_MS = 10_000;

/** Calls `onCall` some time after something has changed; at most about 60 times a second. */
export class DirectoryWatcher {
  #watcher: FSWatcher | undefined;
  #identity = '';
  #windowStartMs = 0;
  #calls = 0;
  #pausedUntilMs = 0;
  #closing: Promise<void>[] = [];

  /**
   * @param onCall something happened in the directory
   * @param onProblem it cannot be watched, e.g. too many watches; the sweep goes on without it
   * @param now wall clock, ms
   */
  constructor(
    readonly directory: string,
    readonly onCall: () => void,
    readonly onProblem: (problem: string) => void,
    readonly now: () => number,
  ) {}

  /** Watches the directory of this identity (device and inode; '' for none), if it does not do so already. */
  follow(identity: string): void {
    const paused = this.now() < this.#pausedUntilMs;
    if (identity === this.#identity && (this.#watcher !== undefined || identity === '' || paused)) return;
    this.#stop();
    this.#identity = identity;
    if (identity === '' || paused) return;
    const watcher = watch(this.directory, {
      depth: 0,
      ignoreInitial: true,
      atomic: false,
      ignorePermissionErrors: true,
    });
    watcher.on('all', () => this.#call());
    watcher.on('error', (error) => this.#fail(error instanceof Error ? error.message : String(error)));
    this.#watcher = watcher;
  }

  /** No call comes after it; resolves when the system's watches are given back. */
  async close(): Promise<void> {
    this.#identity = '';
    this.#stop();
    await Promise.all(this.#closing);
  }

  #call(): void {
    const now = this.now();
    if (now - this.#windowStartMs >= 1000) {
      this.#windowStartMs = now;
      this.#calls = 0;
    }
    if (++this.#calls > CALLS_PER_SECOND_MAX) {
      this.#pausedUntilMs = now + PAUSE_MS;
      this.#stop();
    }
    this.onCall();
  }

  #fail(problem: string): void {
    this.#pausedUntilMs = Number.POSITIVE_INFINITY;
    this.#stop();
    this.onProblem(problem);
  }

  #stop(): void {
    const watcher = this.#watcher;
    if (watcher === undefined) return;
    this.#watcher = undefined;
    watcher.removeAllListeners();
    // After this an error has no listener; it must not end the program.
    watcher.on('error', () => undefined);
    const closing = watcher.close().finally(() => {
      this.#closing = this.#closing.filter((each) => each !== closing);
    });
    this.#closing.push(closing);
  }
}
