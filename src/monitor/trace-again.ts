import type { RecordSource } from '../source/record-source.js';

/** A trace that is read from its start once more, beside the reading that the figures come from. */
export interface TraceAgain extends RecordSource {
  close(): void;
}

/** Opens the trace once more. Throws TraceError if it cannot be read. Null where there is nothing to read again. */
export type OpenAgain = (() => TraceAgain) | null;

/** How much of each stream was applied: what a second reading has to go through to come to the same state. */
export class AppliedWords {
  /** By stream index: words of records. */
  readonly byStream: number[] = [];

  /** So many words of records of the stream were applied. */
  add(stream: number, words: number): void {
    this.byStream[stream] = (this.byStream[stream] ?? 0) + words;
  }
}
