/** The built tool in a window, with the probe in each of its threads, and what can be seen of it from outside. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DomainRow } from '../../src/figures/snapshot.js';
import type { HostFigures, Position } from '../../src/figures/host-figures.js';
import type { PolicyFigures } from '../../src/figures/policy-figures.js';
import type { Window } from '../../src/figures/window.js';
import { type Pty, startInWindow } from '../pty.js';

/** The figures that the screen was given last. */
export interface ShownFigures {
  readonly position: Position;
  readonly host: HostFigures;
  readonly policy: PolicyFigures;
  readonly domains: Window<DomainRow>;
}

/** What the probe writes of one thread (../probe.mjs). Bytes; counts. */
interface ThreadState {
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly resources: number;
  readonly listeners: number;
  readonly measures: number;
  readonly snapshots: number;
  readonly figures: ShownFigures | null;
}

/** One look at the tool. */
export interface Sample {
  readonly rss: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly main: ThreadState;
  readonly worker: ThreadState;
}

const PROBE_MS = 1_000;
const COLLECT_MS = 20_000;
const FIGURES_MS = 120_000;
const PAGE_BYTES = 4096;

/** The tool, watching a directory. */
export class WatchedTool {
  readonly pty: Pty;
  readonly exit: Promise<number>;
  bytes = 0;
  hasEnded = false;

  /** @param folder holds the copy of the tool and the probe, and takes what the probe writes */
  constructor(
    private readonly folder: string,
    trace: string,
  ) {
    const probe = path.join(folder, 'probe.mjs');
    const args = ['--import', probe, path.join(folder, 'tool/bin/sharetop.js'), trace];
    const env = {
      SHARETOP_PROBE: folder,
      SHARETOP_PROBE_MS: String(PROBE_MS),
      SHARETOP_PROBE_COLLECT_MS: String(COLLECT_MS),
    };
    this.pty = startInWindow(process.execPath, args, 80, 24, env);
    this.pty.onData((data) => (this.bytes += data.length));
    this.exit = new Promise((resolve) =>
      this.pty.onExit(({ exitCode, signal }) => {
        this.hasEnded = true;
        resolve(signal === undefined || signal === 0 ? exitCode : 128 + signal);
      }),
    );
  }

  /** Null until both threads have written. Throws if the tool has ended. */
  look(): Sample | null {
    if (this.hasEnded) throw new Error('the tool ended by itself');
    const names = readdirSync(this.folder).filter((name) => /^thread-\d+\.json$/.test(name));
    const [main, worker] = names.sort().map((name) => this.#read(name));
    if (main === undefined || worker === undefined) return null;
    const proc = `/proc/${this.pty.pid}`;
    const rss = Number(readFileSync(`${proc}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
    const descriptors = readdirSync(`${proc}/fd`).length;
    return { rss, descriptors, threads: readdirSync(`${proc}/task`).length, main, worker };
  }

  /**
   * What the screen is given of a policy once `records` records are applied. Presses keys until it is that policy:
   * whatever screen somebody has left, Esc leads out of it and `P` to the next policy, unless the view is paused, so
   * every second time it is Space. Throws after two minutes.
   */
  async figuresAt(records: number, policy: string): Promise<ShownFigures> {
    const end = performance.now() + FIGURES_MS;
    let pressedAt = -Infinity;
    let tries = 0;
    for (;;) {
      const figures = this.look()?.main.figures ?? null;
      const isThere = figures !== null && figures.position.records === records;
      if (isThere && figures.policy.name === policy) return figures;
      if (performance.now() > end) {
        const at = `${figures?.position.records ?? 0} of ${records} records`;
        throw new Error(`the screen did not come to the end: ${at}, ${figures?.policy.name ?? 'none'} for ${policy}`);
      }
      if (isThere && performance.now() - pressedAt > 2 * PROBE_MS) {
        pressedAt = performance.now();
        this.pty.write('\x1b');
        await new Promise((resolve) => setTimeout(resolve, 300));
        this.pty.write(tries++ % 2 === 0 ? 'P' : ' ');
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #read(name: string): ThreadState {
    return JSON.parse(readFileSync(path.join(this.folder, name), 'utf8')) as ThreadState;
  }
}
