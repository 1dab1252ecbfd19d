import { KIND } from '../trace/record.js';

/** Whether a record only declares: it may stand before the time that the trace begins at. */
export function isDeclaration(kind: number): boolean {
  if (kind === KIND.host || kind === KIND.image || kind === KIND.domain) return true;
  return kind === KIND.label || kind === KIND.labelFile || kind === KIND.mark;
}
