/**
 * Turns a trace into its other form, binary ↔ NDJSON: the same records in the same order at the same times.
 *
 * Into a directory each stream goes by itself and keeps its name. One file, or a pipe, is one stream: several are
 * merged in the order of `report` and numbered anew (StreamUnion).
 */
import { readdirSync, statSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import type { StreamForm } from '../trace/stream-form.js';
import { TraceError } from '../trace/trace-error.js';
import { plainName } from './directory-listing.js';
import type { SourceDamage, SourceNotice } from './notices.js';
import { OutputError } from './output-error.js';
import { type ByteSink, OutputFiles } from './output-files.js';
import type { RecordRange, RecordSource } from './record-source.js';
import { StdinSource } from './stdin-source.js';
import { streamWriter, type StreamPlace, type StreamWriter } from './stream-writer.js';
import { StreamUnion } from './stream-union.js';
import { FinishedTrace, openTrace, streamsOf } from './trace-files.js';

/** A turn works no longer than this before signals and a full pipe are looked at, ms. */
const TURN_MS = 50;
const STREAM = 'trace';

/** One place that takes bytes, a pipe: it says when it has enough. */
export interface BytePipe {
  write(bytes: Uint8Array): void;
  /** Nothing more should be written before `drained` resolves. */
  readonly isFull: boolean;
  drained(): Promise<void>;
}

/** Where to write to. */
export type ConvertOutput =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'pipe'; readonly pipe: BytePipe };

/** How to convert. */
export interface ConvertOptions {
  /** The form to write; default: the one that the input does not have. */
  readonly to: StreamForm | undefined;
  /** Ends the conversion: nothing is left of it, but for what a pipe has taken. */
  readonly signal: AbortSignal;
  /** Of temporary names. */
  readonly suffix: string;
  /** Wall clock, ms. */
  readonly now: () => number;
  readonly onProgress: (bytesWritten: number, timeMicros: number) => void;
}

/** What came of it. */
export interface ConvertResult {
  /** False if the signal ended it. */
  readonly complete: boolean;
  readonly bytesWritten: number;
  readonly damagedBlocks: number;
  readonly damage: readonly SourceDamage[];
  readonly notices: readonly SourceNotice[];
}

/** The form to write must be named: the input has both. */
export class FormNeeded extends Error {
  override name = 'FormNeeded';
}

/** One source, and where each of its streams goes. */
interface Part {
  readonly source: FinishedTrace | StdinSource;
  /** Form of the input; of stdin known only later. */
  readonly form: () => StreamForm | undefined;
  readonly streamName: (index: number) => string;
  /** All streams are to become one. */
  readonly union: StreamUnion | undefined;
}

/**
 * Converts `input`, a path or the standard input. Throws TraceError for the input, OutputError for the output, and
 * FormNeeded.
 */
export async function convertTrace(
  input: string | StdinSource,
  output: ConvertOutput,
  options: ConvertOptions,
): Promise<ConvertResult> {
  const files = new OutputFiles(options.suffix);
  const parts = partsOf(input, output);
  try {
    if (output.kind === 'directory') {
      checkNames(parts, options.to, output.path);
      files.makeDirectory(output.path);
    }
    const conversion = new Conversion(placeOf(output, files), output, options);
    for (const part of parts) await conversion.convert(part);
    const complete = !options.signal.aborted;
    if (complete) files.commit();
    else files.discard();
    const sources = parts.map(({ source }) => source);
    return {
      complete,
      bytesWritten: conversion.bytesWritten,
      damagedBlocks: sources.reduce((sum, source) => sum + source.damagedBlocks, 0),
      damage: sources.flatMap((source) => source.damage),
      notices: sources.flatMap((source) => source.notices),
    };
  } catch (error) {
    files.discard();
    throw error;
  } finally {
    for (const { source } of parts) source.close();
  }
}

/** Tells in one line what is in the way of the output, or null: nothing is. */
export function outputInTheWay(output: ConvertOutput): string | null {
  if (output.kind === 'pipe') return null;
  const stat = statOf(output.path);
  if (stat === null) return null;
  if (output.kind === 'file') return `${output.path} exists already: remove it or name another`;
  if (!stat.isDirectory()) return `${output.path} is a file: name a directory, or a file that ends in .ndjson or .pgt`;
  const held = readdirSync(output.path).find((name) => name.endsWith('.pgt') || name.endsWith('.ndjson'));
  return held === undefined ? null : `${output.path} holds a trace already (${held}): name an empty or a new directory`;
}

/** Null also where the path cannot be looked at: writing will tell why. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

const formOfKind = (kind: 'segments' | 'ndjson'): StreamForm => (kind === 'ndjson' ? 'ndjson' : 'binary');

function partsOf(input: string | StdinSource, output: ConvertOutput): Part[] {
  if (typeof input !== 'string') {
    const streamName = (index: number): string => input.streamNames[index];
    return [{ source: input, form: () => input.form, streamName, union: undefined }];
  }
  const { directory, streams } = streamsOf(input);
  if (output.kind === 'directory') {
    return streams.map((stream) => ({
      source: new FinishedTrace(directory, [stream], Number.POSITIVE_INFINITY),
      form: () => formOfKind(stream.kind),
      streamName: () => plainName(stream),
      union: undefined,
    }));
  }
  const forms = new Set(streams.map(({ kind }) => formOfKind(kind)));
  const union = streams.length > 1 ? new StreamUnion(input, streams.length) : undefined;
  const form = (): StreamForm | undefined => (forms.size === 1 ? [...forms][0] : undefined);
  return [{ source: openTrace(input), form, streamName: () => STREAM, union }];
}

/** Two streams must not become one file. */
function checkNames(parts: readonly Part[], to: StreamForm | undefined, path: string): void {
  const seen = new Set<string>();
  if (to === undefined && new Set(parts.map(({ form }) => form())).size > 1) throw new FormNeeded();
  for (const { streamName, source } of parts) {
    if (source instanceof StdinSource) return;
    const name = streamName(0);
    if (seen.has(name)) throw new OutputError(path, `two streams are called ${name}: rename one of them`);
    seen.add(name);
  }
}

function placeOf(output: ConvertOutput, files: OutputFiles): StreamPlace {
  if (output.kind === 'directory') return { rotates: true, open: (name) => files.create(join(output.path, name)) };
  if (output.kind === 'file') return { rotates: false, open: () => files.create(output.path) };
  const sink: ByteSink = { write: (bytes) => output.pipe.write(bytes), close: () => undefined };
  return { rotates: false, open: () => sink };
}

class Conversion {
  bytesWritten = 0;

  constructor(
    readonly place: StreamPlace,
    readonly output: ConvertOutput,
    readonly options: ConvertOptions,
  ) {}

  async convert(part: Part): Promise<void> {
    const { source } = part;
    const { signal, now } = this.options;
    const writers: StreamWriter[] = [];
    const onAbort = (): void => source.close();
    signal.addEventListener('abort', onAbort);
    try {
      for (;;) {
        const until = now() + TURN_MS;
        let timeMicros = 0;
        const more = source.pull((index, range) => {
          timeMicros = range.baseTimeMicros;
          this.#take(part, writers, index, range);
          return now() < until && !this.#isFull;
        });
        if (!more) for (const writer of writers) writer.flush();
        const bytes = writers.reduce((sum, { bytesWritten }) => sum + bytesWritten, this.bytesWritten);
        if (timeMicros > 0) this.options.onProgress(bytes, timeMicros);
        await this.#pause(source, more);
        if (signal.aborted) return;
        if (!more && isOver(source)) break;
      }
      if (writers.length === 0) writers.push(this.#writer(part, 0));
      for (const writer of writers) writer.close();
    } finally {
      signal.removeEventListener('abort', onAbort);
      for (const { bytesWritten } of writers) this.bytesWritten += bytesWritten;
    }
  }

  get #isFull(): boolean {
    return this.output.kind === 'pipe' && this.output.pipe.isFull;
  }

  /** Signals get their turn, the pipe is waited for, and so is an input that has nothing for now. */
  async #pause(source: RecordSource, more: boolean): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (this.output.kind === 'pipe' && this.output.pipe.isFull) await this.output.pipe.drained();
    if (!more && source instanceof StdinSource && !source.ended) await source.wait();
  }

  #take({ source, streamName, union, form }: Part, writers: StreamWriter[], index: number, range: RecordRange): void {
    const isOne = this.output.kind !== 'directory';
    if (isOne && index > 0 && union === undefined) {
      throw new TraceError(streamName(0), '', 'holds several streams: convert them into a directory');
    }
    const part = { source, streamName, union, form };
    const writer = (writers[isOne ? 0 : index] ??= this.#writer(part, index));
    if (union === undefined) {
      writer.append(range);
      return;
    }
    // In place: the words are the source's.
    const words = range.words.slice(range.start, range.end);
    union.renumber(index, words, 0, words.length);
    writer.append({ baseTimeMicros: range.baseTimeMicros, words, start: 0, end: words.length });
  }

  #writer({ form, streamName }: Part, index: number): StreamWriter {
    const from = form();
    const to = this.options.to ?? (from === undefined ? undefined : from === 'binary' ? 'ndjson' : 'binary');
    if (to === undefined) throw new FormNeeded();
    const name = this.output.kind === 'file' ? basename(this.output.path) : streamName(index);
    return streamWriter(to, name, this.place);
  }
}

function isOver(source: FinishedTrace | StdinSource): boolean {
  return source instanceof StdinSource ? source.ended : true;
}
