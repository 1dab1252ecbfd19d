import type { RunningApp } from '../ui/run-app.js';
import type { Terminal } from '../ui/terminal.js';

/** A process that was stopped is on again within this; one that goes on by itself after it was not stopped at all. */
const NOT_STOPPED_MS = 100;

/** Called `process.stdout._refreshSize` in Node, which calls it on SIGWINCH; not public, so it may be missing. */
interface WithSize {
  _refreshSize?: () => void;
}

/**
 * Ctrl-Z, SIGTSTP and SIGCONT of the process. While it is stopped the shell has the terminal: SIGWINCH goes to the
 * shell alone, and the settings of the line are the shell's. So the size is read anew and everything is taken again
 * whenever the process goes on, also after a SIGSTOP, of which it knows nothing beforehand.
 */
export class JobControl {
  #app: RunningApp | null = null;
  #resume: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  readonly #onStop = (): void => this.#app?.suspend();
  readonly #onContinue = (): void => this.#continued();

  /** For the terminal that is handed to the app. */
  readonly suspend: NonNullable<Terminal['suspend']> = (whom, resume) => {
    this.#resume = resume;
    // Without a listener the signal does what it does by default: this whole process stops inside the next call.
    process.removeListener('SIGTSTP', this.#onStop);
    process.kill(whom === 'group' ? 0 : process.pid, 'SIGTSTP');
    // With no shell to come back to (a terminal of its own, a container) the kernel ignores the signal.
    this.#timer = setTimeout(this.#onContinue, NOT_STOPPED_MS);
  };

  /** Follows the signals for an app on the terminal, until `stop`. */
  watch(app: RunningApp): void {
    this.#app = app;
    process.on('SIGTSTP', this.#onStop);
    process.on('SIGCONT', this.#onContinue);
  }

  /** Takes the handlers away. */
  stop(): void {
    this.#app = null;
    clearTimeout(this.#timer);
    process.removeListener('SIGTSTP', this.#onStop);
    process.removeListener('SIGCONT', this.#onContinue);
  }

  #continued(): void {
    clearTimeout(this.#timer);
    if (this.#app === null) return;
    (process.stdout as WithSize)._refreshSize?.();
    const resume = this.#resume;
    this.#resume = null;
    if (resume === null) {
      this.#app.retake();
      return;
    }
    process.on('SIGTSTP', this.#onStop);
    resume();
  }
}
