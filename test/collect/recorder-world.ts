/**
 * A machine for the recorder: processes that come and go by seed, and a clock that moves by what is done; and a plain
 * reader of what it records.
 */
import type { DomainScan, PassOutlook, ScanTarget, SliceResult } from '../../src/collect/processes/domain-scan.js';
import { ProcessForbidden, ProcessGone } from '../../src/collect/processes/domain-scan.js';
import type { HoldResult, Pauser, RecorderHost, RecorderOutput } from '../../src/collect/recorder/recorder-host.js';
import type { FoundTarget } from '../../src/collect/recorder/targets.js';
import type { RecordBuffer } from '../../src/trace/record-buffer.js';
import { plainRecords, type TimedRecord } from '../model/plain-records.js';
import { SeededRandom } from '../seeded-random.js';

/** A process with known frames: gfn → content, 0 is nothing. */
export interface PlainProcess extends FoundTarget {
  readonly memory: number[];
  lives: boolean;
  forbidden: boolean;
}

/** What one slice did, and when. */
export interface SliceLog {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bytes: number;
  readonly cpuMs: number;
  readonly held: boolean;
}

const PAGE = 4096;

/** The machine. Time moves only by slices and sleeps. */
export class World implements RecorderHost {
  micros = 1_000_000_000;
  cpu = 0;
  readonly processes: PlainProcess[] = [];
  readonly slices: SliceLog[] = [];
  /** Called before each slice: what happens in the machine meanwhile. */
  event: () => void = () => undefined;
  beforeFind: () => void = () => undefined;
  counters: RecorderHost['counters'] = null;
  pauser: (Pauser & { held: number; log: string[]; keeps: boolean }) | null = null;
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  random(below: number): number {
    return this.#random.below(below);
  }

  nowMicros = (): number => this.micros;
  cpuMicros = (): number => this.cpu;

  sleep = (ms: number): Promise<void> => {
    // Timers ring late, never early.
    this.micros += Math.ceil(ms * 1000) + this.random(2000);
    return Promise.resolve();
  };

  find = (): PlainProcess[] => {
    this.beforeFind();
    return this.processes.filter(({ lives }) => lives);
  };

  start(name: string, frames: number, more: Partial<PlainProcess> = {}): PlainProcess {
    const pid = 100 + this.processes.length;
    const startTicks = 5000 + this.processes.length;
    const memory = Array.from({ length: frames }, () => this.random(4) * this.random(50));
    const kind = 'process';
    const key = `${name}@${startTicks}`;
    const layout = 'process' as const;
    const process = { pid, startTicks, layout, key, name, kind, memory, lives: true, forbidden: false, ...more };
    this.processes.push(process);
    return process;
  }

  open = (target: ScanTarget): DomainScan => {
    const process = this.processes.find(
      ({ pid, startTicks }) => pid === target.pid && startTicks === target.startTicks,
    );
    if (process === undefined) throw new Error('a target that was never there');
    return new PlainScan(this, process);
  };

  usePauser(): void {
    const pauser = {
      held: 0,
      log: [] as string[],
      keeps: true,
      hold: (pid: number): Promise<HoldResult> => {
        pauser.held++;
        pauser.log.push(`hold ${pid}`);
        return Promise.resolve('held');
      },
      beat: () => undefined,
      free: () => {
        pauser.held--;
        pauser.log.push('free');
        return Promise.resolve(pauser.keeps);
      },
    };
    this.pauser = pauser;
  }
}

class PlainScan implements DomainScan {
  #known: number[] = [];
  #at = 0;

  constructor(
    readonly world: World,
    readonly process: PlainProcess,
  ) {}

  begin(): Promise<PassOutlook> {
    this.#check();
    this.#at = 0;
    const frames = this.process.memory.length;
    return Promise.resolve({ frames, bytesToRead: frames * PAGE });
  }

  next(domid: number, bytesMax: number, out: RecordBuffer): Promise<SliceResult | null> {
    this.world.event();
    this.#check();
    const { memory } = this.process;
    if (this.#at >= memory.length) return Promise.resolve(null);
    const to = Math.min(memory.length, this.#at + Math.max(1, Math.floor(bytesMax / PAGE)));
    let framesChanged = 0;
    const pages = to - this.#at;
    for (; this.#at < to; this.#at++) {
      const content = memory[this.#at];
      if (content === (this.#known[this.#at] ?? 0)) continue;
      this.#known[this.#at] = content;
      framesChanged++;
      if (content === 0) out.free(domid, this.#at, 1);
      else out.fill(domid, this.#at, content, 7, 0);
    }
    const micros = 50 + this.world.random(3000);
    const fromMs = this.world.micros / 1000;
    this.world.micros += micros;
    const cpuMicros = this.world.random(micros);
    this.world.cpu += cpuMicros;
    const toMs = this.world.micros / 1000;
    const held = (this.world.pauser?.held ?? 0) > 0;
    this.world.slices.push({ fromMs, toMs, bytes: pages * PAGE, cpuMs: cpuMicros / 1000, held });
    return Promise.resolve({ bytesRead: pages * PAGE, pagesHashed: pages, framesChanged, cpuMicros });
  }

  clearWritten(): string {
    if (this.world.pauser?.held !== 1) throw new Error('bits are cleared of a process that runs');
    this.world.pauser.log.push('clear');
    return '';
  }

  doubtWritten(): void {
    this.world.pauser?.log.push('doubt');
  }

  forget(): void {
    this.#known = [];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #check(): void {
    if (!this.process.lives) throw new ProcessGone(`process ${this.process.pid} has ended`);
    if (this.process.forbidden) throw new ProcessForbidden(`process ${this.process.pid}: CAP_SYS_PTRACE is missing`);
  }
}

/** Keeps all records. */
export class KeptOutput implements RecorderOutput {
  readonly words: number[] = [];
  flushes = 0;
  segment = 1;

  get bytesWritten(): number {
    return this.words.length * 4;
  }

  append(records: RecordBuffer): void {
    for (let i = 0; i < records.wordCount; i++) this.words.push(records.words[i]);
  }

  flush(): Promise<void> {
    this.flushes++;
    return Promise.resolve();
  }
}

/** A domain as the records leave it. */
export interface PlainDomain {
  readonly key: string;
  readonly group: string;
  readonly frames: number;
  /** gfn → low half of its hash; the zero of this world is nothing. */
  memory: Map<number, number>;
  keyframe: Map<number, number> | null;
  scansBegun: number;
  scansEnded: number;
}

/** Reads the records one by one, behind those that an earlier recorder left. */
export function readPlainly(words: readonly number[], domains = new Map<number, PlainDomain>()) {
  const all = Uint32Array.from(words);
  const timed: TimedRecord[] = [...plainRecords(0, 0, all, 0, all.length)];
  for (const { record } of timed) {
    if (record.kind === 'domain') {
      const { domid, key, group, frames } = record;
      const old = domains.get(domid);
      const fresh = { memory: new Map<number, number>(), keyframe: null, scansBegun: 0, scansEnded: 0 };
      domains.set(domid, { ...(old?.key === key ? old : fresh), key, group, frames });
      continue;
    }
    if (!('domid' in record) || record.domid === null) continue;
    const domain = domains.get(record.domid);
    if (domain === undefined) throw new Error(`${record.kind} of an undeclared domain ${record.domid}`);
    follow(domain, record);
    if (record.kind === 'gone') domains.delete(record.domid);
  }
  return { timed, domains };
}

function follow(domain: PlainDomain, record: TimedRecord['record']): void {
  if (record.kind === 'scanBegin') domain.scansBegun++;
  if (record.kind === 'scanEnd') domain.scansEnded++;
  if (record.kind === 'keyframeBegin') domain.keyframe = new Map();
  if (record.kind === 'keyframeEnd' && domain.keyframe !== null) {
    domain.memory = domain.keyframe;
    domain.keyframe = null;
  }
  for (const map of [domain.memory, domain.keyframe]) {
    if (record.kind === 'fill') map?.set(record.gfn, Number(record.hash & 0xffffffffn));
    if (record.kind === 'free') for (let i = 0; i < record.count; i++) map?.delete(record.gfn + i);
  }
}
