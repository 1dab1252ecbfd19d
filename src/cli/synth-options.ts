/** The command line of `sharetop synth`. */
import type { Command } from 'commander';
import type { ProgramIo } from './program.js';
import type { SynthFlags } from './synth-command.js';

/** Adds the command; `done` takes its exit code. */
export function addSynth(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  program
    .command('synth')
    .description('make a synthetic trace: the same preset, size and seed give the same bytes (docs/SYNTH.md)')
    .argument('[preset]', 'what to make; --list names them')
    .option('-o, --output <dir>', 'directory of the new trace, or - (the standard output)')
    .option('--seed <n>', 'whole number that chance begins with', '1')
    .option('--domains <n>', "how many domains (this and the next two: default is the preset's)")
    .option('--frames <size>', 'reservation of each domain, e.g. 64M, or a number of frames')
    .option('--seconds <s>', 'trace time from the first to the last record')
    .option('--list', 'the presets and their sizes')
    .action(async (preset: string | undefined, flags: SynthFlags) => {
      const { synthCommand } = await import('./synth-command.js');
      done(await synthCommand(preset, flags, io, process.stdout));
    });
}
