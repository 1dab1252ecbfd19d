import type { Monitor } from './monitor.js';

/** The line that says that not all of the trace is in the figures and how to mend it; empty while all of it is. */
export function memoryNotice({ engine }: Monitor): string {
  const { unmodelled } = engine.gaps;
  if (unmodelled === 0) return '';
  const { limitBytes, bytes } = engine.budget;
  const mebibytes = (amount: number): string => `${Math.ceil(amount / 2 ** 20)}M`;
  const left = `${unmodelled.toLocaleString('en-US')} parts of the trace are not in the figures`;
  if (!engine.budget.isTight) return `${left}: more domains, trust groups, images or contents than can be numbered`;
  return `${left}: memory limit of ${mebibytes(limitBytes)} reached (${mebibytes(bytes)} held); raise --memory-limit`;
}
