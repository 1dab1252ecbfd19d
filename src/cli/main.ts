/** The command line of sharetop: hands the process in, and makes every failure one line and an exit code. */
import { type Command, CommanderError } from 'commander';
import { printableLine } from '../base/printable.js';
import { OwnPolicyError } from '../monitor/own-policy-file.js';
import { OutputTaken } from '../source/output-error.js';
import { TraceError } from '../trace/trace-error.js';
import { EXIT } from './exit-codes.js';
import { buildProgram, type ProgramIo } from './program.js';
import { UsageError } from './usage-error.js';

const io: ProgramIo = {
  stdout: { write: (text) => process.stdout.write(text), isTTY: process.stdout.isTTY },
  stderr: { write: (text) => process.stderr.write(text), isTTY: process.stderr.isTTY },
  now: () => performance.now(),
  env: process.env,
  isInteractive: process.stdout.isTTY && process.stdin.isTTY,
  stdin: () => process.stdin,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
};

function say(line: string): void {
  process.stderr.write(`sharetop: ${printableLine(line)}\n`);
}

/** What commander says of a wrong command line, without its prefix and line ends. */
function oneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}

function helpOf(command: Command): string {
  return command.parent === null ? 'sharetop --help' : `sharetop ${command.name()} --help`;
}

/** The command that runs; the program itself while no other was told from the command line. */
let running: Command | undefined;

/** The exit code for what a command threw; tells it in one line. */
function failureCode(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version were printed; a wrong command line was told by commander, with the hint below.
    if (error.exitCode === 0) return EXIT.fine;
    return EXIT.usage;
  }
  const isOwnUsage = error instanceof OwnPolicyError && error.isUsage;
  if (error instanceof UsageError || error instanceof OutputTaken || isOwnUsage) {
    say(`${error.message} (see ${running === undefined ? 'sharetop --help' : helpOf(running)})`);
    return EXIT.usage;
  }
  say(error instanceof Error ? error.message : String(error));
  return error instanceof TraceError ? EXIT.trace : EXIT.failure;
}

async function main(): Promise<number> {
  let exitCode: number = EXIT.fine;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  program.hook('preAction', (_program, command) => {
    running = command;
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      outputError: (text) => say(`${oneLine(text)} (see ${helpOf(command)})`),
    });
  }
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    return failureCode(error);
  }
  return exitCode;
}

// The reader of a pipe that went away is no failure of ours: head(1) has seen enough.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.fine);
    if (stream.isTTY) {
      // The terminal is gone, and Node's own way out would reset it, fail at that and abort: as if SIGHUP had come.
      process.kill(process.pid, 'SIGHUP');
      return;
    }
    if (stream === process.stdout) say(`cannot write the output: ${error.message}`);
    process.exit(EXIT.failure);
  });
}
process.on('uncaughtException', (error) => process.exit(failureCode(error)));

process.exitCode = await main();
// The live view has waited for its terminal as long as anything moved. What it did not take must not keep the process.
if (process.stdout.isTTY && process.stdout.writableLength > 0) process.exit();
