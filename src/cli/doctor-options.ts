/** The command line of `sharetop doctor`. */
import type { Command } from 'commander';
import { givenTrace, NDJSON_HELP } from './given-trace.js';
import { untilMicros } from './option-values.js';
import { policyFlags } from './policy-flags.js';
import { type GivenPolicyOptions, readPolicyOptions } from './policy-options.js';
import type { ProgramIo } from './program.js';
import { UsageError } from './usage-error.js';

interface DoctorFlags extends GivenPolicyOptions {
  json?: boolean;
  at?: string;
  ndjson?: boolean;
}

/** Adds the command; `done` takes its exit code. */
export function addDoctor(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  policyFlags(program.command('doctor'))
    .description('why is nothing shared? of this host, or of a trace')
    .argument('[trace]', 'trace directory or file, or - (the standard input); left out: this host and its KSM')
    .option('--json', 'one JSON object')
    .option('--at <seconds>', 'of a trace: only records up to this time of its own clock')
    .option('--ndjson', NDJSON_HELP)
    .action(async (path: string | undefined, flags: DoctorFlags) => {
      const { doctorCommand } = await import('./doctor-command.js');
      const policies = readPolicyOptions(flags);
      const until = untilMicros(flags.at);
      if (path === undefined && (until !== null || flags.ndjson === true)) {
        throw new UsageError('doctor: --at and --ndjson are of a trace; name one');
      }
      const rest = { policies: { ...policies, times: true }, untilMicros: until, settle: false, pricesGroups: false };
      const read = path === undefined ? null : { trace: givenTrace(path, flags.ndjson, io.stdin).trace, ...rest };
      done(await doctorCommand(read, flags.json === true, io));
    });
}
