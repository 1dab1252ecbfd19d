/** `sharetop compare TRACE`: every policy on the same trace, side by side. */
import { compareJsonText } from '../export/compare-json.js';
import { compareText } from '../export/compare-text.js';
import { comparisonOf } from '../monitor/comparison-of.js';
import type { CommandIo } from './command-io.js';
import { exitCodeOf, type ReadOptions, readTrace } from './read-trace.js';

/** What to compare, and how to print it. */
export interface CompareOptions extends ReadOptions {
  json: boolean;
  /** Cells of a line. */
  columns: number;
}

/** Returns the exit code. Throws TraceError if the trace is missing or unreadable. */
export async function compareCommand(options: CompareOptions, io: CommandIo): Promise<number> {
  const { monitor, settled } = await readTrace(options, io);
  const comparison = comparisonOf(monitor, settled, null);
  if (options.json) io.stdout.write(`${compareJsonText(comparison)}\n`);
  else io.stdout.write(`${compareText(comparison, options.columns).join('\n')}\n`);
  return exitCodeOf(monitor);
}
