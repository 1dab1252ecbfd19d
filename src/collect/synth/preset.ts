/** What a preset of `sharetop synth` is. */
import type { SynthTrace } from './synth-trace.js';

/** How large a synthetic trace is; what else a preset has is derived from these three (docs/SYNTH.md). */
export interface SynthSize {
  readonly domains: number;
  /** Reservation of each domain, frames of 4 KiB. */
  readonly frames: number;
  /** Trace time from the first to the last record, s. */
  readonly seconds: number;
}

/** A made-up host. The same preset, size and seed make the same records on every machine. */
export interface Preset {
  readonly name: string;
  /** What it models, in a line. */
  readonly summary: string;
  /** The size where none is given: that of the published case where there is one. */
  readonly size: SynthSize;
  /** Below this a preset's parts round to nothing. */
  readonly framesMin: number;
  /** Writes the records, times rising; yields where they may be taken. */
  write(trace: SynthTrace, size: SynthSize): Generator<void>;
}
