/** How a trace refers to a label file: a `labelFile` record, by a path that stays true when both move together. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ByteSink, OutputFiles } from '../source/output-files.js';
import { openTrace } from '../source/trace-files.js';
import { RecordBuffer } from '../trace/record-buffer.js';
import { readLabelFileRecord } from '../trace/record-text.js';
import { KIND, kindOf, slotsOf, SLOT_WORDS, TEXT_BYTES_MAX } from '../trace/record.js';
import { SegmentWriter } from '../trace/segment-writer.js';
import { UsageError } from './usage-error.js';

/** Label files this near are moved together with their trace: `../labels/x`, but not `../../../x`. */
const LEVELS_UP_MAX = 2;
const STREAM = 'labels';

/**
 * The path of a label file as a trace in `directory` names it: relative to the directory if the file is in or near it,
 * else absolute. Neither needs to exist yet, but what they are in. Throws UsageError for a path too long for a record.
 */
export function labelFilePath(directory: string, file: string): string {
  const absolute = realPath(file);
  const near = relative(realPath(directory), absolute);
  const levelsUp = near.split(sep).filter((part) => part === '..').length;
  const isFar = directory === '/' || levelsUp > LEVELS_UP_MAX || isAbsolute(near);
  const path = isFar ? absolute : near;
  if (Buffer.byteLength(path) > TEXT_BYTES_MAX) {
    throw new UsageError(`${path}: a trace cannot name a path of more than ${TEXT_BYTES_MAX} bytes`);
  }
  return path;
}

/** Links resolved as far as the path exists. */
function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
  }
}

/**
 * Makes a trace refer to a label file: a small stream beside the others, which stay as they are. False, and nothing is
 * made, if the trace refers to the file already. Throws TraceError for the trace, OutputError.
 *
 * @param output where the stream is made; the caller commits
 */
export function referToLabels(directory: string, file: string, output: OutputFiles): boolean {
  const path = labelFilePath(directory, file);
  const { names, paths } = referencesOf(directory);
  if (paths.some((known) => resolve(realPath(directory), known) === realPath(file))) return false;
  let sink: ByteSink | undefined;
  const writer = new SegmentWriter(freeName(names), {
    open: (fileName) => {
      sink = output.create(join(directory, fileName));
    },
    write: (bytes) => sink?.write(bytes),
    close: () => sink?.close(),
  });
  const records = new RecordBuffer();
  records.labelFile(path);
  writer.append(records);
  writer.close();
  return true;
}

/**
 * The records of `--labels FILE,…` for the start of a trace in `directory`; none if the option is not given.
 * Throws UsageError.
 *
 * @param directory null: a pipe, whose reader may be anywhere
 */
export function labelFileRecords(directory: string | null, option: string | undefined): RecordBuffer {
  const records = new RecordBuffer();
  for (const file of new Set(option?.split(','))) {
    if (file === '') throw new UsageError(`--labels '${option}': name label files, apart by commas`);
    if (!existsSync(file)) throw new UsageError(`--labels '${file}': does not exist; make it with \`sharetop label\``);
    records.labelFile(labelFilePath(directory ?? '/', file));
  }
  return records;
}

/** Streams of a trace, and the label files that it refers to before its first instant. */
function referencesOf(directory: string): { names: readonly string[]; paths: readonly string[] } {
  const trace = openTrace(directory, 0);
  const paths: string[] = [];
  try {
    trace.pull((_stream, { words, start, end }) => {
      for (let at = start; at < end; at += slotsOf(words[at]) * SLOT_WORDS) {
        if (kindOf(words[at]) === KIND.labelFile) paths.push(readLabelFileRecord(words, at));
      }
      return true;
    });
  } finally {
    trace.close();
  }
  return { names: trace.streamNames, paths };
}

function freeName(taken: readonly string[]): string {
  for (let number = 2, name = STREAM; ; number++) {
    if (!taken.includes(name)) return name;
    name = `${STREAM}-${number}`;
  }
}
