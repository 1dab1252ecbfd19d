/** `sharetop compare TRACE`: every policy on the same trace, side by side. */
import { compareJsonText } from '../export/compare-json.js';
import { compareText } from '../export/compare-text.js';
import type { ComparedInterval } from '../figures/compare-figures.js';
import { comparisonOf, intervalOf } from '../monitor/comparison-of.js';
import type { Monitor } from '../monitor/monitor.js';
import type { CommandIo } from './command-io.js';
import { exitCodeOf, type ReadOptions, readTrace } from './read-trace.js';

/** What to compare, and how to print it. */
export interface CompareOptions extends ReadOptions {
  json: boolean;
  /** Read the trace once only: no sensitivity to the scan interval. */
  quick: boolean;
  /** Cells of a line. */
  columns: number;
}

/** Every so many-th scan is kept beside all of them, to see what slower scans would have saved. */
const INTERVALS = [2, 4] as const;

/**
 * What was saved with all scans, and with every second and every fourth one of each domain: the trace is read again for
 * each. Null where it comes only once.
 */
async function intervalsOf(
  monitor: Monitor,
  options: CompareOptions,
  io: CommandIo,
): Promise<ComparedInterval[] | null> {
  if (options.quick || typeof options.trace !== 'string') return null;
  const intervals = [intervalOf(monitor, 1)];
  // What there is to say of the trace was said by the first reading.
  const silent: CommandIo = { ...io, now: () => io.now(), stderr: { write: () => true, isTTY: false } };
  const policies = { ...options.policies, times: false, price: false };
  for (const every of INTERVALS) {
    const thinned = await readTrace({ ...options, policies, pricesGroups: false, every }, silent);
    intervals.push(intervalOf(thinned.monitor, every));
  }
  return intervals;
}

/** Returns the exit code. Throws TraceError if the trace is missing or unreadable. */
export async function compareCommand(options: CompareOptions, io: CommandIo): Promise<number> {
  const { monitor, settled } = await readTrace(options, io);
  const comparison = comparisonOf(monitor, settled, await intervalsOf(monitor, options, io));
  if (options.json) io.stdout.write(`${compareJsonText(comparison)}\n`);
  else io.stdout.write(`${compareText(comparison, options.columns).join('\n')}\n`);
  return exitCodeOf(monitor);
}
