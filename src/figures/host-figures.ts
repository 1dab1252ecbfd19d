import type { Micros } from '../base/units.js';

/** What the input lacked. Everything is counted and shown: a figure over gaps must say so. */
export interface GapFigures {
  /** Records that recorders said they dropped. */
  lost: number;
  /** Blocks (or NDJSON lines) skipped because they were damaged. */
  damagedBlocks: number;
  /** Records that arrived with a time older than the newest applied. */
  late: number;
  /** Records of a domid that no `domain` record has introduced. */
  orphans: number;
  /** Places where the source knows that records are missing: a segment gone, a file cut short or not readable. */
  missing: number;
  /** Well-formed records that cannot be true: a gfn at or above the reservation. */
  damagedRecords: number;
  /**
   * Frames, reads, writes, domains and images that were not taken in because a limit was reached (`--memory-limit`, or
   * the most domains or contents that the tables can number): the figures are of the rest.
   */
  unmodelled: number;
}

/**
 * Figures of all frames of all live domains; frames are 4 KiB. Zeros are left out of the contents and the savings.
 * Definitions: the table of figures (`figure-table.ts`), which the help prints.
 */
export interface HostFigures {
  /** Name and kind as the trace says; empty if it does not. */
  name: string;
  hypervisor: string;
  /** Memory of the machine in frames; 0 if unknown. */
  memoryFrames: number;
  /** Σ reservations. */
  reservedFrames: number;
  /** In use: zero + known + unknown. */
  frames: number;
  zeroFrames: number;
  knownFrames: number;
  unknownFrames: number;
  /** Known frames filled with one byte value other than zero (0xCC, 0xFF …). */
  fillPageFrames: number;
  /** D: distinct non-zero contents. */
  distinctContents: number;
  /** Contents with at least two holders. */
  sharedContents: number;
  /** known − D. */
  potentialSavedFrames: number;
  /** Σ (known_d − D_d). */
  selfSavedFrames: number;
  /** Σ D_d − D. */
  interSavedFrames: number;
}

/** Where the figures stand in the trace. */
export interface Position {
  /** Number of applied batches; every figure belongs to one epoch. */
  epoch: number;
  /** Newest trace time applied, µs of the trace's own clock. */
  timeMicros: Micros;
  /**
   * Time of the first record that is no declaration: history (region, heat, blocks written) reaches back to here.
   * Scripts often declare their domains before they tell a time.
   */
  sinceMicros: Micros;
  /** Records applied. */
  records: number;
}
