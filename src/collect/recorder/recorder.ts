/**
 * Records the memory of running processes: pass after pass over all targets, each domain between a `scan` begin and its
 * end, no faster than the limits allow. What it needs of the machine is handed in (RecorderHost).
 *
 * A domain is declared when its first pass begins, and is `gone` when its process is: seen before each pass, or when it
 * ends under the scan. A recorder that ends leaves its domains as they are: they live on.
 */
import { RecordBuffer } from '../../trace/record-buffer.js';
import { ProcessForbidden, ProcessGone } from '../processes/domain-scan.js';
import { CounterChanges } from './counter-changes.js';
import { DomainIds } from './domain-ids.js';
import { DomainPass, isOfProcess, type PassCosts, type RecordedDomain } from './domain-pass.js';
import { Pacer } from './pacer.js';
import type {
  PassReport,
  RecorderHost,
  RecorderOptions,
  RecorderOutput,
  RecorderVoice,
  RecordingEnd,
} from './recorder-host.js';
import type { FoundTarget } from './targets.js';

/** With no target there, look again after so long. */
const WAIT_MICROS = 1e6;
const MARK_TEXT_MAX = 500;

/** One recording, from `run` to its end. */
export class Recorder {
  readonly #stamp = new RecordBuffer();
  readonly #live = new Map<string, RecordedDomain>();
  readonly #ids: DomainIds;
  readonly #pass: DomainPass;
  readonly #counterChanges = new CounterChanges();
  readonly #counters = new RecordBuffer();
  /** Targets that cannot be recorded, by who they are, and what was said of them. */
  readonly #told = new Map<string, string>();
  #segment = -1;
  #passes = 0;
  #saysWaiting = true;
  /** Of the last target that could not be recorded. */
  #isForbidden = false;

  constructor(
    readonly host: RecorderHost,
    readonly output: RecorderOutput,
    readonly options: RecorderOptions,
    readonly voice: RecorderVoice,
    readonly description: string,
  ) {
    this.#ids = new DomainIds(options.before);
    const pacer = new Pacer(options.limits, host.nowMicros() / 1000, host.cpuMicros() / 1000);
    this.#pass = new DomainPass(host, output, pacer, options.limits, this.#stamp);
  }

  /** Records until it is stopped, or there is nothing more to do. What the output throws goes through. */
  async run(stop: AbortSignal): Promise<RecordingEnd> {
    const { host, options } = this;
    const startMicros = host.nowMicros();
    const deadline = startMicros + options.forMicros;
    this.#pass.deadlineMicros = deadline;
    this.#time(startMicros);
    this.#stamp.host(options.hostName, options.hypervisor, options.hostFrames);
    this.#drain();
    try {
      for (;;) {
        const beginMicros = host.nowMicros();
        const found = host.find();
        this.#reconcile(found);
        let pause = WAIT_MICROS;
        if (found.length > 0) {
          const readable = await this.#passOver(found, stop);
          if (!readable && !stop.aborted && this.#isHopeless()) return 'none-readable';
          if (readable) this.#passes++;
          pause = options.intervalMicros;
        } else {
          await this.output.flush();
          if (!options.waits) return 'none-left';
          this.#sayWaiting();
        }
        if (stop.aborted) return 'stopped';
        if (this.#passes >= options.passes) return 'passes';
        const now = host.nowMicros();
        if (now >= deadline) return 'time';
        await host.sleep(Math.max(0, Math.min(beginMicros + pause, deadline) - now) / 1000, stop);
        if (stop.aborted) return 'stopped';
        if (host.nowMicros() >= deadline) return 'time';
      }
    } finally {
      for (const domain of this.#live.values()) await domain.scan.close();
    }
  }

  /** The experimenter's mark, now. */
  mark(text: string): void {
    this.#time(this.host.nowMicros());
    this.#stamp.mark(text);
    this.#drain();
  }

  /** Ends the domains whose process is not there any more. */
  #reconcile(found: readonly FoundTarget[]): void {
    const there = new Set(found.map(identity));
    for (const domain of this.#live.values()) if (!there.has(identity(domain.target))) this.#gone(domain);
    for (const id of this.#told.keys()) if (!there.has(id)) this.#told.delete(id);
    for (const domid of this.#ids.leave(found.map(({ key }) => key))) this.#writeGone(domid);
  }

  /** True if at least one domain could be read. */
  async #passOver(found: readonly FoundTarget[], stop: AbortSignal): Promise<boolean> {
    const { host, output } = this;
    const beginMicros = host.nowMicros();
    const cpuMicros = host.cpuMicros();
    const bytesBefore = output.bytesWritten;
    const costs: PassCosts = { bytesRead: 0, pagesHashed: 0, framesChanged: 0 };
    let domains = 0;
    for (const target of found) {
      if (this.#pass.isOver(stop)) break;
      if (await this.#passOverOne(target, costs, stop)) domains++;
    }
    const isWhole = !this.#pass.isOver(stop);
    // Whom an earlier recorder left and nobody took over is not recorded any more.
    if (isWhole) for (const domid of this.#ids.leave([])) this.#writeGone(domid);
    const micros = host.nowMicros() - beginMicros;
    const cost = { ...costs, micros, cpuMicros: host.cpuMicros() - cpuMicros };
    if (domains > 0 && isWhole) this.#writeCounters(cost);
    await output.flush();
    if (domains === 0) return false;
    const bytesWritten = output.bytesWritten - bytesBefore;
    this.voice.passed({ number: this.#passes + 1, domains, ...cost, bytesWritten });
    return true;
  }

  async #passOverOne(target: FoundTarget, costs: PassCosts, stop: AbortSignal): Promise<boolean> {
    const domain = this.#live.get(identity(target)) ?? this.#newDomain(target);
    try {
      const isWhole = await this.#pass.over(domain, costs, stop);
      if (!isWhole) return domain.frames > 0;
      if (domain.shortfall === '') this.#told.delete(identity(target));
      else this.#tell(domain, domain.shortfall);
      return true;
    } catch (error) {
      if (error instanceof ProcessGone) {
        this.#gone(domain);
      } else if (isOfProcess(error)) {
        this.#isForbidden = error instanceof ProcessForbidden;
        this.#tell(domain, `${domain.target.name} is not recorded: ${error.message}`);
        // It was never declared: the next pass tries it as a new one.
        if (domain.frames === 0) await this.#forget(domain);
      } else {
        throw error;
      }
      return false;
    }
  }

  /** Nothing could be recorded yet, and neither permission nor a process's own memory will come by waiting. */
  #isHopeless(): boolean {
    return this.#passes === 0 && this.#told.size > 0 && (this.#isForbidden || !this.options.waits);
  }

  #newDomain(target: FoundTarget): RecordedDomain {
    const { groups } = this.options;
    const isTaken = [...this.#live.values()].some(({ key }) => key === target.key);
    // A guest that is migrated within its host is there twice.
    const key = isTaken ? `${target.key}#${target.pid}` : target.key;
    const { domid, isKnown } = this.#ids.take(key);
    const group = groups.get(target.name) ?? groups.get(key) ?? groups.get(String(target.pid)) ?? 'default';
    const scan = this.host.open(target);
    const domain = { target, domid, key, group, scan, frames: 0, needsKeyframe: isKnown, shortfall: '' };
    this.#live.set(identity(target), domain);
    return domain;
  }

  #gone(domain: RecordedDomain): void {
    if (domain.frames > 0 || domain.needsKeyframe) this.#writeGone(domain.domid);
    void this.#forget(domain);
  }

  #writeGone(domid: number): void {
    this.#time(this.host.nowMicros());
    this.#stamp.gone(domid);
    this.#drain();
    this.#counterChanges.forgetDomain(domid);
  }

  async #forget(domain: RecordedDomain): Promise<void> {
    this.#live.delete(identity(domain.target));
    this.#ids.give(domain.domid);
    await domain.scan.close();
  }

  /** What the pass cost, and what the kernel counts; unchanged ones are left out. */
  #writeCounters(cost: Omit<PassReport, 'number' | 'domains' | 'bytesWritten'>): void {
    const { segment } = this.output;
    if (segment !== this.#segment) this.#counterChanges.forget();
    this.#segment = segment;
    const counters = this.#counters;
    counters.clear();
    counters.counter(null, 'record.pass_micros', Math.round(cost.micros));
    counters.counter(null, 'record.cpu_micros', Math.round(cost.cpuMicros));
    counters.counter(null, 'record.bytes_read', cost.bytesRead);
    counters.counter(null, 'record.pages_hashed', cost.pagesHashed);
    counters.counter(null, 'record.frames_changed', cost.framesChanged);
    const live = [...this.#live.values()].filter(({ frames }) => frames > 0);
    this.host.counters?.write(
      counters,
      live.map(({ domid, target: { pid, name } }) => ({ domid, pid, name })),
    );
    this.#time(this.host.nowMicros());
    this.#counterChanges.pass(counters, this.#stamp);
    this.#drain();
  }

  /** Says a line of a target once, as long as it stays the same; the trace says it, too. */
  #tell({ target }: RecordedDomain, line: string): void {
    const id = identity(target);
    if (this.#told.get(id) === line) return;
    this.#told.set(id, line);
    this.voice.notice(line);
    this.mark(`record: ${line}`.slice(0, MARK_TEXT_MAX));
  }

  #sayWaiting(): void {
    if (this.#saysWaiting) this.voice.notice(`waiting for ${this.description}: there is none yet`);
    this.#saysWaiting = false;
  }

  #time(micros: number): void {
    this.#stamp.timeIfChanged(Math.round(micros));
  }

  #drain(): void {
    this.output.append(this.#stamp);
    this.#stamp.clear();
  }
}

function identity({ pid, startTicks }: { pid: number; startTicks: number }): string {
  return `${pid}@${startTicks}`;
}
