/** The command line of `sharetop doctor`. */
import type { Command } from 'commander';
import { givenTrace } from './given-trace.js';
import { policyFlags } from './policy-flags.js';
import { type GivenPolicyOptions, readPolicyOptions } from './policy-options.js';
import type { ProgramIo } from './program.js';

/** Adds the command; `done` takes its exit code. */
export function addDoctor(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  policyFlags(program.command('doctor'))
    .description('why is nothing shared? of this host, or of a trace')
    .argument('[trace]', 'trace directory or file; left out: this host and its KSM')
    .option('--json', 'one JSON object')
    .action(async (path: string | undefined, flags: GivenPolicyOptions & { json?: boolean }) => {
      const { doctorCommand } = await import('./doctor-command.js');
      const policies = readPolicyOptions(flags);
      const rest = { policies, untilMicros: null, settle: false, pricesGroups: false };
      const read = path === undefined ? null : { trace: givenTrace(path, undefined, io.stdin).trace, ...rest };
      done(await doctorCommand(read, flags.json === true, io));
    });
}
