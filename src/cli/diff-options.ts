/** The command line of `sharetop diff`. */
import { Command, CommanderError } from 'commander';
import { POLICY_NAMES } from '../monitor/policy-registry.js';
import { STDIN_PATH } from '../source/stdin-source.js';
import type { DiffInput } from './diff-command.js';
import { givenTrace, NDJSON_HELP } from './given-trace.js';
import { collect, untilMicros } from './option-values.js';
import { policyFlags, SETTLE_HELP } from './policy-flags.js';
import { type GivenPolicyOptions, readPolicyOptions } from './policy-options.js';
import type { ProgramIo } from './program.js';
import { UsageError } from './usage-error.js';

interface RunFlags extends GivenPolicyOptions {
  at?: string;
  settle?: boolean;
}

interface DiffFlags extends RunFlags {
  with?: string[];
  align?: string;
  json?: boolean;
  all?: boolean;
  exitCode?: boolean;
  ndjson?: boolean;
}

const HELP = `
Examples:
  sharetop diff before/ after/            two traces, each at its end
  sharetop diff before/ after/ --align "load on" --at 60
                                          60 s behind the mark of each
  sharetop diff before.json after.json    what report or compare --json printed
  sharetop diff trace/ --with "--region 5%" --with "--region 10%"
                                          one trace under two sets of knobs

Exit code 0 whether figures differ or not; with --exit-code 1 if one does.`;

/** The options that a run has: those of its policies, and up to where it is read. */
function runFlags(command: Command): Command {
  return policyFlags(command, POLICY_NAMES.join(','))
    .option('--at <seconds>', "only records up to this time of the trace's own clock (with --align: of the mark's)")
    .option('--settle', SETTLE_HELP);
}

/** Words as a shell would split them: at spaces, but for what is in quotes. */
function wordsOf(text: string): string[] {
  return (text.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/s, '$2'));
}

/** The options in the text of a `--with`, over those that both runs have. Throws UsageError. */
function withFlags(text: string, common: RunFlags): RunFlags {
  const command = runFlags(new Command('with')).exitOverride().helpOption(false);
  command.configureOutput({ writeErr: () => undefined }).allowExcessArguments(false);
  try {
    command.parse(wordsOf(text), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new UsageError(`--with '${text}': ${error.message.replace(/^error: /, '').replace(/\n/g, ' ')}`);
  }
  const own = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) === 'cli');
  return { ...common, ...(Object.fromEntries(own) as Partial<RunFlags>) };
}

function inputOf(path: string, knobs: string, flags: RunFlags, given: DiffFlags, io: ProgramIo): DiffInput {
  const name = knobs === '' ? path : `${path} ${knobs}`;
  if (path.endsWith('.json')) return { path, name, read: null };
  const { trace } = givenTrace(path, path === STDIN_PATH ? given.ndjson : undefined, io.stdin);
  const policies = readPolicyOptions(flags);
  const settle = flags.settle === true;
  return { path, name, read: { trace, policies, untilMicros: untilMicros(flags.at), settle, pricesGroups: true } };
}

/** Both sides, from the paths and the sets of knobs. Throws UsageError where they do not make two runs. */
function sidesOf(paths: readonly string[], flags: DiffFlags, io: ProgramIo): [DiffInput, DiffInput] {
  const { with: sets = [] } = flags;
  const [first, second = first] = paths;
  if (paths.length > 2) throw new UsageError('diff: two runs are compared, not more');
  if (paths.length === 1 && sets.length !== 2) {
    throw new UsageError('diff: name two runs, or one trace and two sets of knobs: --with "…" --with "…"');
  }
  if (sets.length !== 0 && sets.length !== 2) {
    throw new UsageError('--with: give it for both runs, in order, or for neither');
  }
  if (first === STDIN_PATH && second === STDIN_PATH) throw new UsageError('-: the standard input comes only once');
  const [a = '', b = ''] = sets;
  if (sets.length > 0 && (first.endsWith('.json') || second.endsWith('.json'))) {
    throw new UsageError('--with: a file of figures has its knobs behind it; name traces');
  }
  return [
    inputOf(first, a, a === '' ? flags : withFlags(a, flags), flags, io),
    inputOf(second, b, b === '' ? flags : withFlags(b, flags), flags, io),
  ];
}

/** Adds the command; `done` takes its exit code. */
export function addDiff(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  runFlags(program.command('diff'))
    .description('two runs, or one trace under two sets of knobs: which figures differ, and by how much')
    .argument(
      '<runs...>',
      'one or two of: a trace directory or file, - (the standard input), a file of figures (.json)',
    )
    .option(
      '--with <options>',
      'policies and knobs of one run, e.g. "--region 10%"; twice, in the order of the runs',
      collect,
    )
    .option('--align <mark>', 'begin the time of each run at its first mark with this text')
    .option('--json', 'one JSON object')
    .option('--all', 'equal figures too')
    .option('--exit-code', 'exit code 1 if a figure differs')
    .option('--ndjson', NDJSON_HELP)
    .addHelpText('after', HELP)
    .action(async (paths: string[], flags: DiffFlags) => {
      const { diffCommand } = await import('./diff-command.js');
      const [a, b] = sidesOf(paths, flags, io);
      const { align = null, json = false, all = false, exitCode = false } = flags;
      done(await diffCommand({ a, b, align, json, all, exitCode }, io));
    });
}
