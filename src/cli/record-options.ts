/** The command line of `sharetop record`. */
import { type Command, Option } from 'commander';
import { STDIN_PATH } from '../source/stdin-source.js';
import type { Units } from '../views/screen-state.js';
import { THEME_CHOICES, type ThemeChoice } from './colours.js';
import { collect, parsePairs } from './option-values.js';
import { MEMORY_LIMIT_DEFAULT, readPolicyOptions, REGION_DEFAULT } from './policy-options.js';
import type { ProgramIo } from './program.js';
import type { RecordCommandOptions } from './record-command.js';
import { parseCount, parseDuty, parsePatterns, parsePids, parseRate, parseTime } from './record-values.js';
import { UsageError } from './usage-error.js';
import { type GivenViewOptions, screenOptions } from './view-options.js';

interface RecordFlags {
  output?: string;
  qemu?: boolean;
  pid?: string[];
  cgroup?: string[];
  match?: string[];
  group?: string[];
  host?: string;
  labels?: string;
  rate: string;
  duty: string;
  nice: string;
  interval: string;
  passes?: string;
  for?: string;
  consistent?: boolean;
  softDirty?: boolean;
  quiet?: boolean;
  live?: boolean;
  ascii?: boolean;
  color: boolean;
  theme?: ThemeChoice;
  units?: Units;
  policies: string;
  region: string;
}

const NICE = { least: -20, most: 19 };
const INTERVAL_SECONDS_MIN = 0.01;

/** Adds the command; `done` takes its exit code. */
export function addRecord(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  program
    .command('record')
    .description('record the memory of running guests and processes of this machine (Linux), pass after pass')
    .option('-o, --output <dir>', 'trace directory, gone on with if it is there; - is the standard output')
    .option('--qemu', 'every QEMU guest: its RAM; waits for guests to come')
    .option('--pid <pid,...>', 'processes (a QEMU: its guest)', collect)
    .option('--cgroup <path>', 'the processes in a control group and below, e.g. system.slice/web.service', collect)
    .option('--match <regex>', 'processes by their command line', collect)
    .option('--group <name=group,...>', 'trust groups, by name, uuid or pid', collect)
    .option('--host <name>', 'name of the host (default: its own)')
    .option('--labels <files>', 'label files of what they run, apart by commas (see `sharetop label`)')
    .option('--rate <bytes>', 'bytes scanned a second, or max', '100M')
    .option('--duty <percent>', 'CPU time: percent of one core, or off', '10%')
    .option('--nice <n>', 'nice value of the recorder, -20 … 19', '19')
    .option('--interval <time>', 'from the begin of a pass to that of the next', '5s')
    .option('--passes <n>', 'end after so many passes')
    .option('--for <time>', 'end after this time, e.g. 90s, 10m, 2h')
    .option('--consistent', 'stop each process for its pass (SIGSTOP), so that the pass is of one instant')
    .option(
      '--soft-dirty',
      'with --consistent: read only what was written; costs the process a fault for each such page',
    )
    .option('-q, --quiet', 'say nothing of each pass')
    .option('--live', 'watch it meanwhile; without -o the trace is in a temporary directory')
    .addOption(new Option('--policies <names>', 'with --live: as of sharetop itself').default('dlps,oracle'))
    .addOption(new Option('--region <size>', 'with --live: as of sharetop itself').default(REGION_DEFAULT))
    .option('--ascii', 'with --live: draw with ASCII only')
    .option('--no-color', 'with --live: no colours')
    .addOption(new Option('--theme <name>', 'with --live: colours').choices(THEME_CHOICES))
    .addOption(new Option('--units <unit>', 'with --live: of memory').choices(['iec', 'si', 'pages']))
    .action(async (flags: RecordFlags) => {
      const options = readOptions(flags);
      if (flags.live === true) {
        done(await live(flags, options, io));
        return;
      }
      if (options.output === null && io.stdout.isTTY) {
        throw new UsageError('record: a trace is not for a terminal; -o DIR, or send it into sharetop -');
      }
      const { recordCommand } = await import('./record-command.js');
      done(await recordCommand(options, io));
    });
}

async function live(flags: RecordFlags, options: RecordCommandOptions, io: ProgramIo): Promise<number> {
  if (options.output === null) throw new UsageError('record: --live shows what a directory gets; leave -o - out');
  if (!io.isInteractive || io.env.TERM === 'dumb') {
    throw new UsageError('record: --live needs a terminal; without it, -o DIR');
  }
  const drawing = {
    policies: readPolicyOptions({
      policies: flags.policies,
      region: flags.region,
      regionVictim: 'sharers',
      memoryLimit: MEMORY_LIMIT_DEFAULT,
    }),
    ...screenOptions(pick(flags), io.env),
  };
  const { recordLiveCommand } = await import('./record-live.js');
  return recordLiveCommand({ ...options, output: flags.output }, drawing);
}

/** The options of the screen that a recording has. */
function pick({ ascii, color, theme, units }: RecordFlags): GivenViewOptions {
  return {
    color,
    ...(ascii !== undefined && { ascii }),
    ...(theme !== undefined && { theme }),
    ...(units !== undefined && { units }),
  };
}

function readOptions(flags: RecordFlags): RecordCommandOptions {
  const { output, qemu = false } = flags;
  const { pid = [], cgroup: cgroups = [], match = [], group = [] } = flags;
  const pids = parsePids('--pid', pid);
  const matches = parsePatterns('--match', match);
  if (!qemu && pids.length + matches.length + cgroups.length === 0) {
    throw new UsageError('record: say what to record: --qemu, --pid PID, --cgroup PATH or --match REGEX');
  }
  if (output === undefined && flags.live !== true)
    throw new UsageError('record: name a directory for the trace: -o DIR');
  if (flags.softDirty === true && flags.consistent !== true)
    throw new UsageError('record: --soft-dirty is exact only while a process stands still; add --consistent');
  if (output === '') throw new UsageError("--output '': name a directory, or - for the standard output");
  return {
    choice: { qemu, pids, cgroups, matches },
    output: output === STDIN_PATH ? null : (output ?? ''),
    groups: parsePairs('--group', group),
    hostName: flags.host,
    labels: flags.labels,
    rate: parseRate('--rate', flags.rate),
    duty: parseDuty('--duty', flags.duty),
    nice: parseCount('--nice', flags.nice, NICE.least, NICE.most),
    intervalSeconds: parseTime('--interval', flags.interval, INTERVAL_SECONDS_MIN),
    passes: flags.passes === undefined ? Number.POSITIVE_INFINITY : parseCount('--passes', flags.passes, 1, 1e9 - 1),
    forSeconds: flags.for === undefined ? Number.POSITIVE_INFINITY : parseTime('--for', flags.for),
    consistent: flags.consistent === true,
    softDirty: flags.softDirty === true,
    quiet: flags.quiet === true,
    endsWithParent: false,
  };
}
