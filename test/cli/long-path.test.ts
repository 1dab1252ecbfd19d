/** A path longer than the system takes: every command that is given one says so in one line, as of other bad paths. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { printableLine } from '../../src/base/printable.js';
import { buildProgram } from '../../src/cli/program.js';
import { UsageError } from '../../src/cli/usage-error.js';
import { OwnPolicyError } from '../../src/monitor/own-policy-file.js';
import { OutputError } from '../../src/source/output-error.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { temporaryDirectory } from '../temporary-directory.js';

const TRACE = path.resolve(import.meta.dirname, '../../fixtures/traces/kvm-five');
/** One name of more than 255 bytes; a path of more than 4096 bytes. */
const LONG = ['a'.repeat(3000), 'b/'.repeat(4000)];
const TELLING = 'the path is too long';

async function refusal(args: readonly string[]): Promise<unknown> {
  const out = { write: () => true, isTTY: false };
  const stdin = (): never => {
    throw new Error('standard input was asked for');
  };
  const io = { stdin, stdout: out, stderr: out, now: () => 0, env: {}, isInteractive: false, columns: undefined };
  const program = buildProgram(io, () => undefined);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  }
  try {
    await program.parseAsync(['node', 'sharetop', ...args]);
  } catch (error) {
    return error;
  }
  return null;
}

test('a path too long is one line that says so, at every command that takes one', async () => {
  const output = path.join(temporaryDirectory(), 'new');
  for (const long of LONG) {
    const rows: [kind: new (...args: never[]) => Error, telling: string, args: string[]][] = [
      [TraceError, TELLING, ['--once', long]],
      [TraceError, TELLING, ['report', long]],
      [TraceError, TELLING, ['compare', long]],
      [TraceError, TELLING, ['diff', long, TRACE]],
      [TraceError, TELLING, ['doctor', long]],
      [TraceError, TELLING, ['replay', long, '-o', output]],
      [TraceError, TELLING, ['convert', long, '-o', output]],
      [OutputError, TELLING, ['convert', TRACE, '-o', long]],
      [TraceError, TELLING, ['import', long, '-o', output]],
      [OutputError, TELLING, ['synth', 'clone-farm', '-o', long]],
      [TraceError, TELLING, ['label', long, '-o', `${output}.labels`]],
      [TraceError, TELLING, ['label', long]],
      [OutputError, TELLING, ['label', TRACE, '-o', long]],
      [UsageError, TELLING, ['report', TRACE, '--groups', long]],
      [UsageError, 'does not exist', ['report', TRACE, '--labels', long]],
      [OwnPolicyError, TELLING, ['report', TRACE, '--policy', long]],
    ];
    for (const [kind, telling, args] of rows) {
      const error = await refusal(args);
      expect.soft(error, args.join(' ').slice(0, 60)).toBeInstanceOf(kind);
      // The line of the tool keeps its end, where the problem stands.
      const line = printableLine((error as Error).message);
      expect.soft(line, args.join(' ').slice(0, 60)).toContain(telling);
      expect.soft(line.length).toBeLessThanOrEqual(2000);
    }
  }
});
