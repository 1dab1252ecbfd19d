/** The command line of `sharetop convert`. */
import type { Command } from 'commander';
import { givenTrace, NDJSON_HELP } from './given-trace.js';
import type { ProgramIo } from './program.js';

interface ConvertFlags {
  output: string;
  to?: string;
  ndjson?: boolean;
}

/** Adds the command; `done` takes its exit code. */
export function addConvert(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  program
    .command('convert')
    .description('turn a trace into its other form, binary or NDJSON: the same records, order and times')
    .argument('<trace>', 'trace directory, one .pgt or .ndjson file, or - (the standard input)')
    .requiredOption('-o, --output <path>', 'a new .ndjson or .pgt file, a new or empty directory, or - (stdout)')
    .option('--to <form>', 'ndjson or binary (default: the one that the trace is not in)')
    .option('--ndjson', NDJSON_HELP)
    .action(async (path: string, { output, to, ndjson }: ConvertFlags) => {
      const { convertCommand } = await import('./convert-command.js');
      done(await convertCommand({ trace: givenTrace(path, ndjson, io.stdin).trace, output, to }, io));
    });
}
