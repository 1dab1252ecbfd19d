/** Command lines: every wrong one is refused in a line that names the option, none is taken half. */
import { CommanderError } from 'commander';
import { buildProgram } from '../../src/cli/program.js';
import { UsageError } from '../../src/cli/usage-error.js';
import { TraceError } from '../../src/trace/trace-error.js';
import { printableLine } from '../../src/base/printable.js';
import type { SeededRandom } from '../seeded-random.js';
import { type FuzzTarget, pick } from './fuzz-case.js';
import { hostileText } from './hostile-text.js';
import { lineProblems } from './trace-target.js';

/** Commands that write nothing: what is fuzzed must not be where the output goes. */
const COMMANDS: readonly (readonly string[])[] = [
  [],
  ['--once'],
  ['report'],
  ['report', '--json'],
  ['import'],
  ['help'],
];
const OPTIONS =
  '--region --region-victim --policies --memory-limit --at --json --audit --ascii --units --theme -x'.split(' ');
const VALUES = [
  '',
  '5%',
  '0%',
  '101%',
  '1e9',
  '-1',
  '0',
  '16M',
  '15M',
  '99999999999999999999',
  '999999999T',
  'unlimited',
  'dlps',
  'dlps,dlps',
  ',',
  'oracle,xyz',
  'lru',
  '1.5',
  '1:00',
  'NaN',
];

function commandLine(random: SeededRandom): string[] {
  const args = [...pick(random, COMMANDS)];
  for (let i = random.below(4); i > 0; i--) {
    const option = pick(random, OPTIONS);
    const value = random.chance(0.8) ? pick(random, VALUES) : hostileText(random);
    if (random.chance(0.5)) args.push(`${option}=${value}`);
    else args.push(option, value);
  }
  // A trace that is not there: whatever else is right ends at it. Never `-`, which reads the terminal.
  if (random.chance(0.8)) args.push(`no-such-trace${hostileText(random)}`);
  return args.map((arg) => (arg === '-' ? '--' : arg));
}

/** Arguments. */
export const ARGUMENTS: FuzzTarget = {
  name: 'arguments',
  share: 5,
  run: async (random) => {
    const problems: string[] = [];
    const lines: string[] = [];
    const write = (text: string): number => lines.push(text);
    const out = { write, isTTY: false };
    const stdin = (): never => {
      throw new Error('standard input was asked for');
    };
    const io = { stdin, stdout: out, stderr: out, now: () => 0, env: {}, isInteractive: false, columns: undefined };
    const program = buildProgram(io, () => problems.push('a trace that is not there was read'));
    for (const command of [program, ...program.commands]) {
      command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    }
    try {
      await program.parseAsync(['node', 'sharetop', ...commandLine(random)]);
    } catch (error) {
      const isTold = error instanceof CommanderError || error instanceof UsageError || error instanceof TraceError;
      if (!isTold) throw error;
      // As main() tells it.
      problems.push(...lineProblems(printableLine(error.message.replace(/\s*\n\s*/g, ' '))));
      if (error.message === '') problems.push('an empty message');
    }
    return problems;
  },
};
