/** What a recorder needs of the machine and gives to it: handed in, so that tests have their own of each. */
import type { RecordBuffer } from '../../trace/record-buffer.js';
import type { DomainScan, ScanTarget } from '../processes/domain-scan.js';
import type { PaceLimits } from './pacer.js';
import type { FoundTarget } from './targets.js';

/**
 * How a guest was stopped for its pass. `stopped-before`: by somebody else; `refused`: it may not be; `unwatched`:
 * nobody is there who would let it go if the recorder dies.
 */
export type HoldResult = 'held' | 'stopped-before' | 'gone' | 'refused' | 'unwatched';

/** Stops processes for a moment and always lets them go again. */
export interface Pauser {
  /** Stops the process. `stopped-before`: somebody else did, and it is left to them. */
  hold(pid: number, startTicks: number): Promise<HoldResult>;
  /** Says that the recorder is alive: without it what is held is let go after a moment. */
  beat(): void;
  /** Lets it go again. False: it had been let go before, so that the pass is not of one instant. */
  free(): Promise<boolean>;
}

/** Counters of the kernel or hypervisor that are recorded with the trace. */
export interface CounterSource {
  write(out: RecordBuffer, live: readonly { domid: number; pid: number; name: string }[]): void;
}

/** The machine. */
export interface RecorderHost {
  /** Unix time, µs; never steps back. */
  nowMicros(): number;
  /** CPU time of the recorder with all its threads, µs. */
  cpuMicros(): number;
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The processes to record that there are now. */
  find(): readonly FoundTarget[];
  open(target: ScanTarget): DomainScan;
  /** Null: nobody is stopped. */
  readonly pauser: Pauser | null;
  readonly counters: CounterSource | null;
}

/** Where the records go. What fails throws. */
export interface RecorderOutput {
  /** Takes the records; the buffer is used again at once. */
  append(records: RecordBuffer): void;
  /** What was appended reaches the reader; resolves when there is room for more. */
  flush(): Promise<void>;
  /** Bytes written so far. */
  readonly bytesWritten: number;
  /** Number of the segment being written: a new one begins without the counters of the one before. */
  readonly segment: number;
}

/** A domain that an earlier recorder left in the stream. */
export interface DomainBefore {
  readonly domid: number;
  readonly key: string;
}

/** How to record. */
export interface RecorderOptions {
  readonly hostName: string;
  readonly hypervisor: string;
  /** Memory of the machine, frames. */
  readonly hostFrames: number;
  /** Trust group by name, key, or pid of a domain. */
  readonly groups: ReadonlyMap<string, string>;
  readonly limits: PaceLimits;
  /** From the begin of a pass to the begin of the next; a pass that takes longer is followed at once. */
  readonly intervalMicros: number;
  /** Infinity: until it is stopped. */
  readonly passes: number;
  /** Time to record for; Infinity: until it is stopped. */
  readonly forMicros: number;
  /** A target may yet come: with none there, wait. */
  readonly waits: boolean;
  readonly before: readonly DomainBefore[];
}

/** What one pass over all domains came to. */
export interface PassReport {
  /** From 1. */
  readonly number: number;
  /** Domains that were passed over to their end. */
  readonly domains: number;
  readonly micros: number;
  readonly cpuMicros: number;
  readonly bytesRead: number;
  readonly pagesHashed: number;
  readonly framesChanged: number;
  readonly bytesWritten: number;
}

/** What the recorder says while it runs. */
export interface RecorderVoice {
  /** One line, for a person. */
  notice(line: string): void;
  passed(report: PassReport): void;
}

/**
 * Why a recording ended. `none-left`: all targets are gone and no other can come; `none-readable`: no target can be
 * recorded, for want of permission or memory.
 */
export type RecordingEnd = 'passes' | 'time' | 'stopped' | 'none-left' | 'none-readable';
