/** `sharetop diff A B`: two runs, or one trace under two sets of knobs, figure by figure. */
import { readFileSync, statSync } from 'node:fs';
import { systemProblem } from '../base/system-problem.js';
import { compareJson } from '../export/compare-json.js';
import { reportJson } from '../export/report-json.js';
import { type DiffSide, diffJsonText, differences, diffText, isDifferent } from '../export/run-diff.js';
import { comparisonOf } from '../monitor/comparison-of.js';
import { reportFigures } from '../monitor/report-figures.js';
import { openTrace } from '../source/trace-files.js';
import { readMarkRecord } from '../trace/record-text.js';
import { KIND, kindOf, slotsOf } from '../trace/record.js';
import { TraceError } from '../trace/trace-error.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { exitCodeOf, type ReadOptions, readTrace } from './read-trace.js';
import { UsageError } from './usage-error.js';

/** One side: a trace with its knobs, or a file that `report --json` or `compare --json` printed. */
export interface DiffInput extends DiffSide {
  path: string;
  /** Null: the file is such an object. */
  read: ReadOptions | null;
}

/** What to set beside what. */
export interface DiffOptions {
  a: DiffInput;
  b: DiffInput;
  /** The time axis of each side begins at its first mark with this text; null: at 0. */
  align: string | null;
  json: boolean;
  /** Equal figures too. */
  all: boolean;
  /** Exit code 1 if a figure differs. */
  exitCode: boolean;
}

type Kind = 'report' | 'compare';

const JSON_BYTES_MAX = 256 * 2 ** 20;

function readObject(path: string): { kind: Kind; value: unknown } {
  let value: unknown;
  try {
    if (statSync(path).size > JSON_BYTES_MAX) throw new Error(`is larger than ${JSON_BYTES_MAX} bytes`);
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new TraceError(path, '', error instanceof SyntaxError ? 'is no JSON' : systemProblem(error));
  }
  const isObject = typeof value === 'object' && value !== null && 'schema' in value && 'policies' in value;
  if (!isObject) throw new TraceError(path, '', 'is not what report --json or compare --json prints');
  return { kind: 'pairs' in (value as object) ? 'report' : 'compare', value };
}

/** Time of the first mark with the text, and of the newest record, µs. Throws TraceError if there is no such mark. */
function markTimes(path: string, text: string): { mark: number; end: number } {
  const source = openTrace(path, Number.POSITIVE_INFINITY);
  let [mark, end] = [-1, 0];
  const names = new Set<string>();
  while (
    source.pull((_stream, { words, start, end: stop, baseTimeMicros }) => {
      let time = baseTimeMicros;
      for (let at = start; at < stop; at += slotsOf(words[at]) * 4) {
        const kind = kindOf(words[at]);
        if (kind === KIND.time) time = words[at + 2] * 2 ** 32 + words[at + 1];
        if (kind !== KIND.mark) continue;
        const found = readMarkRecord(words, at);
        names.add(found);
        if (found === text && mark < 0) mark = time;
      }
      end = Math.max(end, time);
      return true;
    })
  );
  if (mark >= 0) return { mark, end };
  const others = names.size === 0 ? 'it has no marks' : `its marks: ${[...names].slice(0, 8).join(', ')}`;
  throw new TraceError(path, '', `has no mark '${text}'; ${others}`);
}

/** Both sides up to the same time behind their marks: `--at`, else as far as the shorter one goes. */
function aligned({ a, b, align }: DiffOptions): [DiffInput, DiffInput] {
  if (align === null) return [a, b];
  const times = [a, b].map(({ path, read }) => {
    if (read === null || typeof read.trace !== 'string') {
      throw new UsageError(`--align: ${path} is no trace in files, and only such have marks that can be looked for`);
    }
    return markTimes(path, align);
  });
  const shorter = Math.min(...times.map(({ mark, end }) => end - mark));
  const [first, second] = [a, b].map((side, index): DiffInput => {
    const { read } = side;
    return read === null
      ? side
      : { ...side, read: { ...read, untilMicros: times[index].mark + (read.untilMicros ?? shorter) } };
  });
  return [first, second];
}

interface Run {
  value: unknown;
  exitCode: number;
}

async function runOf(side: DiffInput, kind: Kind, io: CommandIo): Promise<Run> {
  if (side.read === null) return { value: readObject(side.path).value, exitCode: EXIT.fine };
  const { monitor, settled } = await readTrace(side.read, io);
  const value =
    kind === 'report' ? reportJson(reportFigures(monitor, settled)) : compareJson(comparisonOf(monitor, settled, null));
  return { value: JSON.parse(JSON.stringify(value)) as unknown, exitCode: exitCodeOf(monitor) };
}

/** Returns the exit code. Throws TraceError if a side cannot be read, UsageError if they do not go together. */
export async function diffCommand(options: DiffOptions, io: CommandIo): Promise<number> {
  const [a, b] = aligned(options);
  const kinds = [a, b].filter(({ read }) => read === null).map(({ path }) => readObject(path).kind);
  if (kinds.length === 2 && kinds[0] !== kinds[1]) {
    throw new UsageError(`${a.path} and ${b.path}: one is of report --json, the other of compare --json`);
  }
  const kind = kinds[0] ?? 'compare';
  const first = await runOf(a, kind, io);
  const second = await runOf(b, kind, io);
  const all = differences(first.value, second.value);
  if (options.json) io.stdout.write(`${diffJsonText(a, b, all, options.all)}\n`);
  else io.stdout.write(`${diffText(a, b, all, options.all).join('\n')}\n`);
  const worst = Math.max(first.exitCode, second.exitCode);
  if (worst !== EXIT.fine) return worst;
  return options.exitCode && all.some(isDifferent) ? EXIT.failure : EXIT.fine;
}
