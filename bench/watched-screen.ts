/**
 * The built tool in a window as a person sees it: what is on the screen, and when the bytes that put it there arrived.
 * The probe (probe.mjs) in its threads tells what the screen was given and how long each event loop was away.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Terminal } from '@xterm/headless';
import { LAUNCHER, type Pty, ROOT, startInWindow } from './pty.js';

const xterm = createRequire(path.join(ROOT, 'package.json'))('@xterm/headless') as {
  Terminal: new (options: object) => Terminal;
};

const PROBE_MS = 200;
const WAIT_MS = 30_000;

/** What the probe writes of one thread; ms, `at` since the thread's process began. */
export interface ThreadLook {
  readonly at: number;
  readonly awayP99Ms: number;
  readonly awayMaxMs: number;
  readonly looks: number;
  readonly figures: { readonly position: { readonly records: number } } | null;
}

/** Resolves after this many milliseconds. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The tool on a trace. End it with `close`. */
export class WatchedScreen {
  readonly pty: Pty;
  bytes = 0;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'sharetop-screen-'));
  readonly #view: Terminal;
  #waiting: { holds: (text: string) => boolean; resolve: (atMs: number) => void } | null = null;

  /** @param bytesPerSecond how fast the window reads; left out: as fast as it can */
  constructor(args: readonly string[], columns: number, rows: number, bytesPerSecond = Number.POSITIVE_INFINITY) {
    this.#view = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    const env = { SHARETOP_PROBE: this.#folder, SHARETOP_PROBE_MS: String(PROBE_MS) };
    const probe = path.join(ROOT, 'bench/probe.mjs');
    this.pty = startInWindow(process.execPath, ['--import', probe, LAUNCHER, ...args], columns, rows, env);
    this.pty.onData((data) => {
      const atMs = performance.now();
      this.bytes += data.length;
      this.#view.write(data, () => this.#look(atMs));
      if (bytesPerSecond === Number.POSITIVE_INFINITY) return;
      this.pty.pause();
      setTimeout(() => this.pty.resume(), (data.length / bytesPerSecond) * 1000);
    });
  }

  /** The visible lines as one text. */
  get text(): string {
    const buffer = this.#view.buffer.active;
    const lines: string[] = [];
    for (let row = 0; row < this.#view.rows; row++) {
      lines.push(buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '');
    }
    return lines.join('\n');
  }

  /**
   * Resolves to the time (performance.now) at which the bytes arrived that made `holds` true. Not looked at between the
   * marks of a synchronised update: nobody sees half a frame. Throws, with the screen, after half a minute.
   */
  async seen(holds: (text: string) => boolean): Promise<number> {
    if (holds(this.text)) return performance.now();
    let limit: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { holds, resolve };
        const failed = (): void => reject(new Error(`not seen: ${String(holds)}\n${this.text}`));
        limit = setTimeout(failed, WAIT_MS);
      });
    } finally {
      clearTimeout(limit);
      this.#waiting = null;
    }
  }

  /** Milliseconds from a key to the frame that shows what it does. */
  async keyToPaint(key: string, holds: (text: string) => boolean): Promise<number> {
    const start = performance.now();
    this.pty.write(key);
    return (await this.seen(holds)) - start;
  }

  /** Main thread and worker as the probe saw them last; null while one has not written yet. */
  threads(): { main: ThreadLook; worker: ThreadLook } | null {
    const names = readdirSync(this.#folder).filter((name) => /^thread-\d+\.json$/.test(name));
    const [main, worker] = names
      .sort()
      .map((name) => JSON.parse(readFileSync(path.join(this.#folder, name), 'utf8')) as ThreadLook);
    return main === undefined || worker === undefined ? null : { main, worker };
  }

  /** Records that the screen knows to be applied, per second, over `seconds`. */
  async recordsPerSecond(seconds: number): Promise<number> {
    const before = this.threads()?.main;
    await sleep(seconds * 1000);
    const after = this.threads()?.main;
    if (before === undefined || after === undefined) return 0;
    const records = (look: ThreadLook): number => look.figures?.position.records ?? 0;
    return ((records(after) - records(before)) / (after.at - before.at)) * 1000;
  }

  close(): void {
    this.pty.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }

  #look(atMs: number): void {
    const waiting = this.#waiting;
    if (waiting === null || this.#view.modes.synchronizedOutputMode) return;
    if (waiting.holds(this.text)) waiting.resolve(atMs);
  }
}
