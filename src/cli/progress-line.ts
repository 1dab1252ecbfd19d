/**
 * Progress of a command that takes long: one line painted over on a terminal, a line every ten seconds elsewhere.
 * Nothing at all if the work is done before the first one is due.
 */
import type { CommandIo } from './command-io.js';

const TERMINAL_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;
const ERASE_LINE = '\r\u001b[K';

/** Shows the newest progress on stderr; call `end` before any other message. */
export class ProgressLine {
  readonly #startMs: number;
  #nextMs: number;
  #painted = false;
  #phase = '';
  #phaseStartMs: number;

  constructor(readonly io: CommandIo) {
    this.#startMs = io.now();
    this.#phaseStartMs = this.#startMs;
    this.#nextMs = this.#startMs + this.#intervalMs;
  }

  get #intervalMs(): number {
    return this.io.stderr.isTTY ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
  }

  /** Seconds since the start, at least a millisecond: rates are over this. */
  get seconds(): number {
    return Math.max(0.001, (this.io.now() - this.#startMs) / 1000);
  }

  /** Says which piece of the work this is; another one begins a new `phaseSeconds`. */
  phase(name: string): void {
    if (name === this.#phase) return;
    this.#phase = name;
    this.#phaseStartMs = this.io.now();
  }

  /** Seconds since the phase began, at least a millisecond. */
  get phaseSeconds(): number {
    return Math.max(0.001, (this.io.now() - this.#phaseStartMs) / 1000);
  }

  /** Shows the text if a line is due; `text` is called only then. */
  update(text: () => string): void {
    const now = this.io.now();
    if (now < this.#nextMs) return;
    this.#nextMs = now + this.#intervalMs;
    this.io.stderr.write(this.io.stderr.isTTY ? `${ERASE_LINE}${text()}` : `${text()}\n`);
    this.#painted = this.io.stderr.isTTY;
  }

  /** Takes a painted line away: what follows begins on an empty line. */
  end(): void {
    if (this.#painted) this.io.stderr.write(ERASE_LINE);
    this.#painted = false;
  }
}
