/** Who shares with whom, and what would be lost with a domain. Plain data. */
import type { Rows } from './page-figures.js';

/** What a pair screen asks for: a part of the matrix, domains in order of domid, and one pair of it. */
export interface PairsRequest {
  rows: Rows;
  columns: Rows;
  /** Indices of the pair under the cursor in the whole list. */
  cursor: { row: number; column: number };
}

/** A domain at the edge of the matrix. */
export interface PairHead {
  slot: number;
  domid: number;
  key: string;
  name: string;
  distinctContents: number;
}

/** What a question that walks all contents was answered with, and when. */
export interface Stop {
  /** Frames that the potential (of the oracle: its gross saving) would be less. */
  potentialFrames: number;
  /** Frames that the shown policy's gross saving would be less; null where it cannot tell. */
  policyFrames: number | null;
}

/** The pair under the cursor. */
export interface PairAnswer {
  /** Epoch and trace time that it is of: it is not asked again at every tick. */
  epoch: number;
  timeMicros: number;
  /** Contents that these two and nobody else hold, and the frames that hold them; on the diagonal this one alone. */
  onlyContents: number;
  onlyFrames: number;
  row: Stop;
  column: Stop;
}

/** The answer to a PairsRequest. */
export interface PairsDetail {
  /** Domains. */
  total: number;
  rowOffset: number;
  rows: PairHead[];
  columnOffset: number;
  columns: PairHead[];
  /**
   * Row by row: distinct contents that both hold; on the diagonal frames less distinct contents of the one domain.
   * -1: being counted (above 128 domains, where they are counted on demand).
   */
  counts: number[];
  /** Epoch that the counts are of. */
  countsEpoch: number;
  /** Domains of the pair asked for; -1 when they are no longer there. */
  cursor: { row: number; column: number };
  /** Null while it is counted. */
  answer: PairAnswer | null;
}
