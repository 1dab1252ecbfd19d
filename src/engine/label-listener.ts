import { KIND } from '../trace/record.js';
import { type LabelRecord, readLabelFileRecord, readLabelRecord } from '../trace/record-text.js';

/** Who wants to know what a trace calls its contents: the engine itself needs no names. */
export interface LabelListener {
  /** One content. */
  label(label: LabelRecord): void;
  /** A file of labels: its path as the trace has it. */
  labelFile(path: string): void;
}

/** Hands a `label` or `labelFile` record on; nobody asks: null. */
export function tellLabel(listener: LabelListener | null, kind: number, words: Uint32Array, at: number): void {
  if (listener === null) return;
  if (kind === KIND.label) listener.label(readLabelRecord(words, at));
  else listener.labelFile(readLabelFileRecord(words, at));
}
