/** The command line of `sharetop label`. */
import type { Command } from 'commander';
import type { ProgramIo } from './program.js';

interface LabelFlags {
  list?: boolean;
}

/** Adds the command; `done` takes its exit code. */
export function addLabel(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  program
    .command('label')
    .description('say which file and package each page of an image is, in a label file that traces refer to')
    .argument('<path>', 'a label file')
    .option('--list', 'print every label: hash, file, offset, package, further files')
    .action(async (path: string, flags: LabelFlags) => {
      const { labelShowCommand } = await import('./label-show-command.js');
      done(labelShowCommand({ path, list: flags.list === true }, io));
    });
}
