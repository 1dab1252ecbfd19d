/** `sharetop doctor [TRACE]`: why nothing is shared, on this host or in a trace. */
import { byWeight, type Finding } from '../base/finding.js';
import { printableJson } from '../base/printable.js';
import { hostFindings } from '../collect/host-counters/host-findings.js';
import { traceFindings } from '../export/trace-findings.js';
import { skewMicros } from '../monitor/figures-of.js';
import { reportFigures } from '../monitor/report-figures.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { runXl } from './run-xl.js';
import { type ReadOptions, readTrace } from './read-trace.js';

/** @param read the trace; null: this host. Returns the exit code. Throws TraceError if the trace is unreadable. */
export async function doctorCommand(read: ReadOptions | null, json: boolean, io: CommandIo): Promise<number> {
  const findings = byWeight(read === null ? hostFindings('', runXl) : await ofTrace(read, io));
  if (json) io.stdout.write(`${printableJson(JSON.stringify({ schema: 1, findings }))}\n`);
  else io.stdout.write(`${findingsText(findings).join('\n')}\n`);
  return EXIT.fine;
}

async function ofTrace(read: ReadOptions, io: CommandIo): Promise<Finding[]> {
  const { monitor } = await readTrace(read, io);
  return traceFindings(reportFigures(monitor), skewMicros(monitor.engine));
}

/** Three lines a finding: what, evidence, mend. */
export function findingsText(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return ['nothing found that keeps pages from being shared'];
  return findings.flatMap(({ what, evidence, mend }) => [what, `  seen: ${evidence}`, `  mend: ${mend}`]);
}
