/** One pass over one domain, in slices that the limits pace. */
import { PAGE_BYTES } from '../../base/units.js';
import { RecordBuffer } from '../../trace/record-buffer.js';
import { type DomainScan, ProcessForbidden, ProcessGone, ProcessUnfit } from '../processes/domain-scan.js';
import type { Pacer, PaceLimits } from './pacer.js';
import type { RecorderHost, RecorderOutput } from './recorder-host.js';
import type { FoundTarget } from './targets.js';

/** A domain of the trace and the process behind it. */
export interface RecordedDomain {
  readonly target: FoundTarget;
  readonly domid: number;
  readonly key: string;
  readonly group: string;
  readonly scan: DomainScan;
  /** Its reservation as declared; 0: not declared yet. */
  frames: number;
  /** The stream knows frames of it that an earlier recorder saw: the next pass names its whole state. */
  needsKeyframe: boolean;
  /** What its last pass lacks of what was asked for, for a person: not of one instant … ''; nothing. */
  shortfall: string;
}

/** What a pass cost, added up over its slices. */
export interface PassCosts {
  bytesRead: number;
  pagesHashed: number;
  framesChanged: number;
}

/** A slice takes about so long at the limit: short enough to be even, long enough for few turns. */
const SLICE_MS = 10;
const SLICE_BYTES_MIN = 16 * PAGE_BYTES;
const SLICE_BYTES_MAX = 1024 * PAGE_BYTES;
const FLUSH_MICROS = 1e6;
/** Shorter waits are booked and waited for with the next one: a timer rings no finer. */
const WAIT_MS_MIN = 1;

/** Passes over domains, one at a time. */
export class DomainPass {
  /** The recording ends then, µs. */
  deadlineMicros = Number.POSITIVE_INFINITY;
  readonly #slice = new RecordBuffer();
  readonly #sliceBytes: number;
  #flushedMicros: number;

  /** @param stamp the buffer that all times of the stream go through */
  constructor(
    readonly host: RecorderHost,
    readonly output: RecorderOutput,
    readonly pacer: Pacer,
    limits: PaceLimits,
    readonly stamp: RecordBuffer,
  ) {
    const bytes = Math.min(SLICE_BYTES_MAX, Math.max(SLICE_BYTES_MIN, (limits.bytesPerSecond * SLICE_MS) / 1000));
    this.#sliceBytes = Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;
    this.#flushedMicros = host.nowMicros();
  }

  /** The recorder is to end: no further slice is begun. */
  isOver(stop: AbortSignal): boolean {
    return stop.aborted || this.host.nowMicros() >= this.deadlineMicros;
  }

  /**
   * Passes over the domain; false if the recorder is to end before it is done. Throws as DomainScan does, and what the
   * output throws. Whatever happens, the process is not held any more afterwards.
   */
  async over(domain: RecordedDomain, costs: PassCosts, stop: AbortSignal): Promise<boolean> {
    const { pauser } = this.host;
    domain.shortfall = '';
    if (pauser === null) return this.#scan(domain, costs, stop, null);
    const { pid, startTicks, name } = domain.target;
    // What the pass before took beyond the limits, while its process waited.
    await this.#pace(0, stop, false);
    const held = await pauser.hold(pid, startTicks);
    if (held === 'gone') throw new ProcessGone(`process ${pid} has ended`);
    if (held === 'stopped-before') return this.#scan(domain, costs, stop, null);
    if (held !== 'held') {
      const why = held === 'refused' ? 'this user may not send it signals (CAP_KILL)' : 'the watchdog was ended';
      domain.shortfall = `${name} is not stopped for its passes: ${why}`;
      return this.#scan(domain, costs, stop, null);
    }
    try {
      const isWhole = await this.#scan(domain, costs, stop, (): void => pauser.beat());
      if (isWhole) domain.shortfall = domain.scan.clearWritten();
      return isWhole;
    } finally {
      if (!(await pauser.free())) {
        domain.scan.doubtWritten();
        domain.shortfall = `${name} was let go before its pass was over: it is not of one instant`;
      }
    }
  }

  /** @param beat null: the process runs, so the limits are kept; else it waits for us, and they are kept afterwards */
  async #scan(
    domain: RecordedDomain,
    costs: PassCosts,
    stop: AbortSignal,
    beat: (() => void) | null,
  ): Promise<boolean> {
    const { scan, domid } = domain;
    const beginMicros = this.host.nowMicros();
    const outlook = await scan.begin();
    this.#begin(domain, outlook.frames, beginMicros);
    const hasKeyframe = domain.needsKeyframe;
    try {
      for (;;) {
        if (this.isOver(stop)) return false;
        const sliceMicros = this.host.nowMicros();
        const slice = await this.#next(domain, sliceMicros);
        if (slice === null) break;
        costs.bytesRead += slice.bytesRead;
        costs.pagesHashed += slice.pagesHashed;
        costs.framesChanged += slice.framesChanged;
        beat?.();
        await this.#pace(slice.bytesRead, stop, beat !== null);
      }
    } catch (error) {
      // What the keyframe named so far counts for nothing when it begins anew.
      if (hasKeyframe) scan.forget();
      throw error;
    }
    this.#time(this.host.nowMicros());
    if (hasKeyframe) this.stamp.keyframeEnd(domid);
    this.stamp.scanEnd(domid);
    this.#drain(this.stamp);
    domain.needsKeyframe = false;
    return true;
  }

  #begin(domain: RecordedDomain, frames: number, beginMicros: number): void {
    const { domid, key, target, group } = domain;
    this.#time(beginMicros);
    if (frames !== domain.frames) this.stamp.domain(domid, key, target.name, group, target.kind, frames);
    domain.frames = frames;
    this.stamp.scanBegin(domid);
    if (domain.needsKeyframe) this.stamp.keyframeBegin(domid);
    this.#drain(this.stamp);
  }

  /** The next slice; what it found is of the time when it began. */
  async #next(domain: RecordedDomain, micros: number): ReturnType<DomainScan['next']> {
    try {
      return await domain.scan.next(domain.domid, this.#sliceBytes, this.#slice);
    } finally {
      if (this.#slice.recordCount > 0) {
        this.#time(micros);
        this.#drain(this.stamp);
        this.#drain(this.#slice);
      }
    }
  }

  async #pace(bytes: number, stop: AbortSignal, isHeld: boolean): Promise<void> {
    const { host } = this;
    const now = host.nowMicros();
    if (now - this.#flushedMicros >= FLUSH_MICROS) {
      this.#flushedMicros = now;
      await this.output.flush();
    }
    const wait = this.pacer.book(bytes, now / 1000, host.cpuMicros() / 1000);
    if (isHeld || wait < WAIT_MS_MIN) return;
    await host.sleep(Math.min(wait, (this.deadlineMicros - now) / 1000), stop);
  }

  #time(micros: number): void {
    this.stamp.timeIfChanged(Math.round(micros));
  }

  #drain(records: RecordBuffer): void {
    if (records.recordCount > 0) this.output.append(records);
    records.clear();
  }
}

/** What is wrong with one process, and not with the recorder: the other targets go on. */
export function isOfProcess(error: unknown): error is ProcessForbidden | ProcessUnfit {
  return error instanceof ProcessForbidden || error instanceof ProcessUnfit;
}
