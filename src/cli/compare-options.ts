/** The command line of `sharetop compare`. */
import type { Command } from 'commander';
import { POLICY_NAMES } from '../monitor/policy-registry.js';
import { givenTrace, NDJSON_HELP } from './given-trace.js';
import { untilMicros } from './option-values.js';
import { policyFlags, SETTLE_HELP } from './policy-flags.js';
import { type GivenPolicyOptions, readPolicyOptions } from './policy-options.js';
import type { ProgramIo } from './program.js';
import { printedColumns } from './view-options.js';

interface CompareFlags extends GivenPolicyOptions {
  json?: boolean;
  at?: string;
  settle?: boolean;
  quick?: boolean;
  ndjson?: boolean;
}

/** Adds the command; `done` takes its exit code. */
export function addCompare(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  policyFlags(program.command('compare'), POLICY_NAMES.join(','))
    .description('run every policy on the same trace and print their figures side by side')
    .argument('<trace>', 'trace directory, one .pgt or .ndjson file, or - (the standard input)')
    .option('--json', 'one JSON object, described by docs/compare.schema.json')
    .option('--at <seconds>', "only records up to this time of the trace's own clock")
    .option('--settle', SETTLE_HELP)
    .option('--quick', 'read the trace once only: no sensitivity to the scan interval')
    .option('--ndjson', NDJSON_HELP)
    .action(async (path: string, flags: CompareFlags) => {
      const { compareCommand } = await import('./compare-command.js');
      const policies = readPolicyOptions(flags);
      const { json = false, settle = false, quick = false } = flags;
      const { trace } = givenTrace(path, flags.ndjson, io.stdin);
      const until = untilMicros(flags.at);
      const read = { trace, policies: { ...policies, times: true }, untilMicros: until, settle, pricesGroups: true };
      const columns = printedColumns(io.env, io.columns);
      done(await compareCommand({ ...read, json, quick, columns }, io));
    });
}
