import { printable } from '../base/printable.js';
import type { Health, Snapshot, ViewRequest } from '../figures/snapshot.js';
import type { RecordSource } from '../source/record-source.js';
import { skewMicros } from './figures-of.js';
import { groupsNotice } from './groups-notice.js';
import { memoryNotice } from './memory-notice.js';
import type { Monitor } from './monitor.js';

/** The port is polled between two turns: a turn works no longer than this. */
const TURN_MS = 10;
/** A turn in which the trace is read a second time is this much longer. */
const READ_MS = 5;
/** Contents settled between two looks at the clock: 1 to 3 ms. */
const SETTLE_SLICE = 4096;
/** Frames applied between two looks at the clock: 2 to 4 ms where every one of them misses the cache. */
const APPLY_STEP = 2048;
const NOTICE_CHARACTERS_MAX = 200;

/** What the monitor asks of a source besides records. A finished trace has the defaults of `finishedSource`. */
export interface LiveSource extends RecordSource {
  readonly found: boolean;
  readonly backlogBytes: number;
  /** Wall time since when something is there that was not pulled, ms; null: everything was. */
  readonly behindSinceWallMs: number | null;
  readonly notices: readonly { readonly source: string; readonly text: string }[];
  /** Places where records are known to be missing. */
  readonly gaps: number;
}

/** The process as the monitor sees it, handed in by the worker's entry. */
export interface ProcessCost {
  /** Wall clock, ms. */
  now(): number;
  /** CPU time of the whole process so far, ms. */
  cpuMs(): number;
  /** Resident memory, bytes. */
  residentBytes(): number;
}

/**
 * The worker's loop: pulls records while there are any, answers requests in between. One turn is at most TURN_MS, so a
 * request is seen soon however much there is to ingest; a request that waits goes before further records.
 */
export class LiveMonitor {
  #request: ViewRequest | null = null;
  #scheduled = false;
  #closed = false;
  #ended = false;
  #cpuMs: number;
  #wallMs: number;
  readonly #now = (): number => this.cost.now();

  constructor(
    private readonly monitor: Monitor,
    private readonly source: LiveSource,
    private readonly cost: ProcessCost,
    /** `isFinished` is asked when all was pulled: nothing more will come. */
    private readonly trace: { readonly name: string; readonly isFinished: boolean },
    private readonly post: (snapshot: Snapshot) => void,
  ) {
    this.#cpuMs = cost.cpuMs();
    this.#wallMs = cost.now();
  }

  /** Something new is there, or may be. */
  wake(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  /** The newest request; an older one that still waits is dropped. */
  request(request: ViewRequest): void {
    this.#request = request;
    this.wake();
  }

  /** Ends the loop: nothing is pulled or answered any more. */
  close(): void {
    this.#closed = true;
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    const until = this.cost.now() + TURN_MS;
    if (this.#request !== null) {
      if (!this.#settled(until)) {
        this.wake();
        return;
      }
      // In the middle of a block there is no state that could be walked over and followed from: the next request asks.
      if (!this.monitor.isApplying) this.monitor.want(this.#request, this.cost.now());
    }
    // What is asked of the tables is answered for one state: until then nothing is applied.
    const walks = !this.monitor.isApplying && this.monitor.work(this.#now, until);
    if (this.#request !== null) this.#answer(this.#request);
    if (walks) {
      this.wake();
      return;
    }
    const more =
      !this.#applied(until) ||
      this.source.pull((stream, range) => {
        this.monitor.begin(stream, range);
        return this.#applied(until) && this.cost.now() < until;
      });
    this.#ended = !more && this.trace.isFinished;
    const reads = this.monitor.read(this.#now, this.cost.now() + READ_MS);
    if (more || reads || this.#request !== null) this.wake();
  }

  /** Goes on with the block under way; false if time is up before it is done. */
  #applied(until: number): boolean {
    while (this.monitor.step(APPLY_STEP)) {
      if (this.cost.now() < until) continue;
      // The source may read on before the next turn.
      this.monitor.keepRest();
      return false;
    }
    return true;
  }

  #settled(until: number): boolean {
    while (this.monitor.settle(SETTLE_SLICE)) if (this.cost.now() >= until) return false;
    return true;
  }

  #answer(request: ViewRequest): void {
    this.#request = null;
    this.post(this.monitor.snapshot(request, this.#health(), { name: this.trace.name, ended: this.#ended }));
  }

  #health(): Health {
    const { source, monitor, cost } = this;
    const now = cost.now();
    const cpuMs = cost.cpuMs();
    const wallMs = Math.max(1, now - this.#wallMs);
    const selfCpu = (cpuMs - this.#cpuMs) / wallMs;
    this.#cpuMs = cpuMs;
    this.#wallMs = now;
    return {
      gaps: { ...monitor.engine.gaps, damagedBlocks: source.damagedBlocks, missing: source.gaps },
      skewMicros: skewMicros(monitor.engine),
      lagMs: source.behindSinceWallMs === null ? 0 : Math.max(0, now - source.behindSinceWallMs),
      backlogBytes: source.backlogBytes,
      selfCpu,
      selfBytes: cost.residentBytes(),
      streams: source.streamNames.length,
      sourceFound: source.found,
      notice: printable(this.#notice(), NOTICE_CHARACTERS_MAX),
    };
  }

  #notice(): string {
    if (this.monitor.policies.notice !== '') return this.monitor.policies.notice;
    const full = memoryNotice(this.monitor);
    if (full !== '') return full;
    const notice = this.source.notices.at(-1);
    if (notice !== undefined) return `${notice.source}: ${notice.text}`;
    const damage = this.source.damage.at(-1);
    if (damage !== undefined) return `${damage.source}: ${damage.place}: ${damage.problem}`;
    if (this.monitor.labelNotice !== '') return this.monitor.labelNotice;
    // A domain that was named may come later: it is told once there is something to look at.
    return this.monitor.engine.records === 0 ? '' : groupsNotice(this.monitor);
  }
}
