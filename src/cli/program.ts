/** The commands and their options, as data for commander. Each command's own code is loaded when it runs. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import type { NameKind } from '../figures/name-figures.js';
import { TraceError } from '../trace/trace-error.js';
import type { CommandIo } from './command-io.js';
import { addCompare } from './compare-options.js';
import { addConvert } from './convert-options.js';
import { addDoctor } from './doctor-options.js';
import { addDiff } from './diff-options.js';
import { type GivenTrace, givenTrace, NDJSON_HELP, refuseStdin, type StandardInput } from './given-trace.js';
import { addLabel } from './label-options.js';
import type { LiveOptions } from './live-command.js';
import { collect, parseEvery, parseSpeed, readNames, untilMicros } from './option-values.js';
import { labelsFlag, policyFlags, SETTLE_HELP } from './policy-flags.js';
import { type GivenPolicyOptions, readPolicyOptions } from './policy-options.js';
import { addSynth } from './synth-options.js';
import { addRecord } from './record-options.js';
import { UsageError } from './usage-error.js';
import { VERSION } from './version.js';
import { addViewOptions, type GivenViewOptions, printedView, screenOptions } from './view-options.js';

/** The process as the commands see it. */
export interface ProgramIo extends CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Both ends are a terminal: a screen can be shown. */
  readonly isInteractive: boolean;
  /** The trace, where that is `-`; not touched where it is not. */
  readonly stdin: () => StandardInput;
  readonly columns: number | undefined;
}

interface ViewFlags extends GivenPolicyOptions, GivenViewOptions {
  at?: string;
  ndjson?: boolean;
  settle?: boolean;
}

const EXIT_CODES = `
Exit codes: 0 fine, 1 failed while running, 2 wrong usage, 3 trace missing or
unreadable, 4 trace damaged or larger than --memory-limit (what is printed is of
the rest). 130, 143, 129: ended by SIGINT, SIGTERM, SIGHUP; the keys q and
Ctrl-C quit with 0.`;

const TRACE_DEFAULT = 'trace';
const NO_TRACE = 'does not exist: name a trace, or see a recorded one with `sharetop demo`';
const DUMB = 'TERM=dumb is no terminal for a live screen: the view is printed once, as with --once';
const DEMO_SPEED = '4';
const SETTLE_LIVE = '--settle is for figures that are printed: add --once, or use report';

function viewOptions(command: Command): Command {
  return addViewOptions(labelsFlag(policyFlags(command)));
}

/** The recording that the package brings along. */
function bundledRecording(): string {
  // The bundle lies in dist/, unbundled sources in src/cli/.
  for (const up of ['../', '../../']) {
    const path = fileURLToPath(new URL(`${up}fixtures/traces/kvm-five`, import.meta.url));
    if (existsSync(path)) return path;
  }
  throw new UsageError('demo: this installation has no recording; name one: sharetop demo --recording TRACE');
}

/** Builds the program; `done` takes the exit code of the command that ran. */
export function buildProgram(io: ProgramIo, done: (exitCode: number) => void): Command {
  const drawing = (flags: ViewFlags): Omit<LiveOptions, 'trace' | 'untilMicros'> => ({
    policies: readPolicyOptions(flags),
    ...screenOptions(flags, io.env),
  });
  const isPrinted = (flags: ViewFlags, isInteractive: boolean): boolean => {
    if (flags.once === true || !isInteractive) return true;
    if (io.env.TERM !== 'dumb') return false;
    io.stderr.write(`sharetop: ${DUMB}\n`);
    return true;
  };
  const once = async ({ trace, name }: GivenTrace, flags: ViewFlags): Promise<number> => {
    const { onceCommand } = await import('./report-command.js');
    const policies = readPolicyOptions(flags);
    const settle = flags.settle === true;
    const read = { trace, traceName: name, policies, untilMicros: untilMicros(flags.at), settle, pricesGroups: false };
    return onceCommand(read, printedView(flags, io.env, io.columns), io);
  };

  // Options of a command are the command's own, though the view has options of the same names.
  const program = new Command('sharetop').enablePositionalOptions().helpCommand(true);
  viewOptions(program)
    .description('top for page sharing: what the domains of a Xen or KVM host hold, and what sharing it saves')
    .version(VERSION, '-V, --version')
    .helpOption('-h, --help')
    .argument('[trace]', 'trace directory to watch (default: $SHARETOP_TRACE, else ./trace); - is the standard input')
    .option('--at <seconds>', "stop at this time of the trace's own clock")
    .option('--ndjson', NDJSON_HELP)
    .option('--settle', `with --once: ${SETTLE_HELP}`)
    .action(async (given: string | undefined, flags: ViewFlags) => {
      const named = given ?? io.env.SHARETOP_TRACE;
      const trace = givenTrace(named ?? TRACE_DEFAULT, flags.ndjson, io.stdin);
      const isOnce = isPrinted(flags, typeof trace.trace === 'string' ? io.isInteractive : io.stdout.isTTY);
      if (isOnce) {
        if (named === undefined && !existsSync(trace.name)) throw new TraceError(trace.name, '', NO_TRACE);
        done(await once(trace, flags));
        return;
      }
      if (flags.settle === true) throw new UsageError(SETTLE_LIVE);
      const { liveCommand } = await import('./live-command.js');
      done(await liveCommand({ trace: trace.trace, untilMicros: untilMicros(flags.at), ...drawing(flags) }));
    })
    .addHelpText('after', EXIT_CODES);

  viewOptions(program.command('demo'))
    .description('play the bundled recording of five real guests into a temporary directory and watch it')
    .option('--speed <n>', 'trace seconds a second, or max', DEMO_SPEED)
    .option('--recording <trace>', 'another recording')
    .action(async (flags: ViewFlags & { speed: string; recording?: string }) => {
      const recording = flags.recording ?? bundledRecording();
      refuseStdin('demo', recording);
      const speed = parseSpeed('--speed', flags.speed);
      if (isPrinted(flags, io.isInteractive)) {
        done(await once({ trace: recording, name: 'demo' }, flags));
        return;
      }
      const { demoCommand } = await import('./live-command.js');
      done(await demoCommand({ recording, speed, ...drawing(flags) }));
    });

  reportCommands(program, io, done);
  traceCommands(program, io, done);
  addCompare(program, io, done);
  addDiff(program, io, done);
  addConvert(program, io, done);
  addSynth(program, io, done);
  addLabel(program, io, done);
  return program;
}

const EVERY_HELP = 'keep every k-th scan of each domain only: what slower scans would have seen';

/** Commands that read a trace to its end and print. */
function reportCommands(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  labelsFlag(policyFlags(program.command('report')))
    .description('read a trace and print its figures')
    .argument('<trace>', 'trace directory, one .pgt or .ndjson file, or - (the standard input)')
    .option('--json', 'one JSON object, described by docs/report.schema.json')
    .option('--audit', 'recount every figure the slow way first; exit 1 if one does not agree')
    .option('--at <seconds>', "only records up to this time of the trace's own clock")
    .option('--settle', SETTLE_HELP)
    .option('--every <k>', EVERY_HELP, '1')
    .addOption(new Option('--by <what>', 'saved memory by file or by package, alone').choices(['file', 'package']))
    .option('--top <n>', 'names at most (default: 20 with --by, else 5)')
    .option('--ndjson', NDJSON_HELP)
    .action(async (path: string, flags: ReportFlags) => {
      const { reportCommand } = await import('./report-command.js');
      const policies = readPolicyOptions(flags);
      const { json = false, audit = false, settle = false } = flags;
      const { trace } = givenTrace(path, flags.ndjson, io.stdin);
      const read = { trace, policies, untilMicros: untilMicros(flags.at), settle, pricesGroups: true };
      const names = readNames(flags.by, flags.top);
      done(await reportCommand({ ...read, json, audit, names, every: parseEvery('--every', flags.every) }, io));
    });
  addDoctor(program, io, done);
}

/** Commands that make traces. */
function traceCommands(program: Command, io: ProgramIo, done: (exitCode: number) => void): void {
  addRecord(program, io, done);
  program
    .command('import')
    .description('make a trace of recordings: dumps of memory, page-hash series, block traces and logs')
    .argument('[files...]', "told by their content, gzipped or not; a guest's name is its file's (docs/IMPORT.md)")
    .requiredOption('-o, --output <dir>', 'directory of the new trace')
    .option('--raw <file>', 'a raw image of memory (may be given again)', collect, [])
    .option('--at-time <file=seconds>', 'when a dump was made: several dumps of a guest are one trace', collect, [])
    .option('--image <guest[:disk]=image,...>', 'read-only base images, of a guest or of one of its disks', collect, [])
    .option('--domid <guest=domid,...>', 'domids, as in a block trace with a domid column', collect, [])
    .option('--group <guest=group,...>', 'trust groups', collect, [])
    .option('--offset <file=seconds>', 'added to the times of a file whose clock differs', collect, [])
    .option('--host-memory <size>', 'memory of the host, e.g. 2G (default: the sum of the guests)')
    .option('--host <name>', 'name of the host (default: the output directory)')
    .option('--hypervisor <name>', 'hypervisor of the host')
    .option('--follow', 'go on reading block logs as they grow, also from - (a pipe), until SIGINT', false)
    .option('--image-file <image=file>', 'raw file of a base image, for the contents of what was read', collect, [])
    .option('--image-offset <image=bytes>', 'where the disk begins in that file (a partition)', collect, [])
    .option('--key <guest=key,...>', 'what another recorder knows a guest by (default: its name)', collect, [])
    .option('--action <letter>', 'of blkparse: the lines to take, one of a request, Q, G, I, D or C', 'Q')
    .option(
      '--guest <file=guest>',
      'the file is of this guest, whatever its name; of a log, all its requests',
      collect,
      [],
    )
    .option('--dom0', "logs of blkparse are of Xen's dom0: guests by the domids in the names of backend threads")
    .option('--labels <files>', "label files of the guests' images, apart by commas (see `sharetop label`)")
    .option('--ksm-extra <file>', "mergeable memory beside the guests' RAM, such as ROMs (docs/POLICIES.md, ksm)")
    .option('--xl-info <file>', 'what `xl info` printed at the end of the recording: what Xen itself shares')
    .option('--xl-sharing <file>', 'what `xl sharing` printed: how much of each domain')
    .action(async (files: string[], flags: ImportFlags) => {
      if (flags.follow) {
        const { followCommand } = await import('./follow-command.js');
        done(await followCommand({ files, ...flags }, io, io.stdin));
        return;
      }
      const { importCommand } = await import('./import-command.js');
      for (const file of [...files, ...flags.raw]) refuseStdin('import', file);
      done(await importCommand({ files, ...flags }, io));
    });

  program
    .command('replay')
    .description('play a trace into a directory at its own pace')
    .argument('<trace>', 'trace directory or file')
    .requiredOption('-o, --output <dir>', 'directory to write to')
    .option('--speed <n>', 'trace seconds a second, or max', '1')
    .option('--resume', 'go on where an earlier replay into the directory stopped')
    .action(async (trace: string, flags: { output: string; speed: string; resume?: boolean }) => {
      const { replayCommand } = await import('./replay-command.js');
      refuseStdin('replay', trace);
      const speed = parseSpeed('--speed', flags.speed);
      done(await replayCommand({ trace, output: flags.output, speed, resume: flags.resume === true }, io));
    });
}

interface ReportFlags extends GivenPolicyOptions {
  by?: NameKind;
  top?: string;
  json?: boolean;
  audit?: boolean;
  settle?: boolean;
  every: string;
  at?: string;
  ndjson?: boolean;
}

interface ImportFlags {
  output: string;
  image: string[];
  domid: string[];
  group: string[];
  offset: string[];
  raw: string[];
  atTime: string[];
  hostMemory?: string;
  host?: string;
  hypervisor?: string;
  follow: boolean;
  imageFile: string[];
  imageOffset: string[];
  key: string[];
  action: string;
  guest: string[];
  dom0?: boolean;
  ksmExtra?: string;
  labels?: string;
  xlInfo?: string;
  xlSharing?: string;
}
