/** The command line of `sharetop label`. */
import type { Command } from 'commander';
import { pathKind } from '../source/path-kind.js';
import type { ProgramIo } from './program.js';
import { UsageError } from './usage-error.js';

interface LabelFlags {
  output?: string;
  name?: string;
  threads?: string;
  oneFileSystem?: boolean;
  list?: boolean;
  trace?: string;
}

/** Adds the command; `done` takes its exit code. */
export function addLabel(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  program
    .command('label')
    .description('say which file and package each page of an image is, in a label file that traces refer to')
    .argument('<path>', "the root directory of an image's file system; or a label file, to see what it holds")
    .option('-o, --output <file>', 'the label file to write')
    .option('--name <image>', "name of the image (default: the root's)")
    .option('--threads <n>', 'hashing threads (default: one a core)')
    .option('-x, --one-file-system', 'stay on the file system of the root')
    .option('--trace <dir>', 'make this trace refer to the label file: its views and reports name contents by it')
    .option('--list', 'of a label file: print every label: hash, file, offset, package, further files')
    .action(async (path: string, flags: LabelFlags) => {
      const { output, list = false, name, threads, oneFileSystem = false, trace } = flags;
      if (output !== undefined) {
        if (list) throw new UsageError('--list is for a label file that is there already');
        const { labelCommand } = await import('./label-command.js');
        done(await labelCommand({ root: path, output, image: name, threads, oneFileSystem, trace }, io));
        return;
      }
      if (pathKind(path) === 'directory') {
        throw new UsageError('name the label file to write: sharetop label ROOT -o FILE');
      }
      const { labelShowCommand } = await import('./label-show-command.js');
      done(labelShowCommand({ path, list, trace }, io));
    });
}
