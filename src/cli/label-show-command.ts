/** `sharetop label FILE`: what a label file holds; with `--trace` a trace refers to it from then on. */
import { readFileSync } from 'node:fs';
import { printable } from '../base/printable.js';
import { systemProblem } from '../base/system-problem.js';
import { OutputFiles } from '../source/output-files.js';
import { decodeLabelFile, type LabelTable } from '../trace/label-file.js';
import { TraceError } from '../trace/trace-error.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { referToLabels } from './label-reference.js';

/** What to show. */
export interface LabelShowOptions {
  readonly path: string;
  /** Every label. */
  readonly list: boolean;
  /** A trace directory that is to refer to the file. */
  readonly trace: string | undefined;
}

/** Lines are written in pieces of about this many characters. */
const PIECE_CHARACTERS = 64 * 1024;

/** Throws TraceError for what is no label file or trace, OutputError. Returns the exit code. */
export function labelShowCommand(given: LabelShowOptions, io: CommandIo): number {
  const table = readLabelFile(given.path);
  if (given.list) {
    let piece = '';
    for (let row = 0; row < table.labels; row++) {
      piece += listLine(table, row);
      if (piece.length < PIECE_CHARACTERS) continue;
      io.stdout.write(piece);
      piece = '';
    }
    io.stdout.write(piece);
    return EXIT.fine;
  }
  if (given.trace !== undefined) {
    refer(given.trace, given.path, io);
    return EXIT.fine;
  }
  const packages = table.packages - 1;
  io.stdout.write(
    `${printable(table.image)}: ${table.labels} contents of ${table.files} files in ${packages} packages\n`,
  );
  return EXIT.fine;
}

function refer(trace: string, path: string, io: CommandIo): void {
  const output = new OutputFiles(`${process.pid}.partial`);
  try {
    const isNew = referToLabels(trace, path, output);
    output.commit();
    io.stderr.write(`${printable(trace)}: ${isNew ? 'refers' : 'referred already'} to ${printable(path)}\n`);
  } finally {
    output.discard();
  }
}

/** Reads a label file. Throws TraceError. */
export function readLabelFile(path: string): LabelTable {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new TraceError(path, '', systemProblem(error));
  }
  return decodeLabelFile(bytes, path);
}

function listLine(table: LabelTable, row: number): string {
  const { file, offset, package: pkg, more } = table.labelAt(row);
  return `${table.hashAt(row)}\t${printable(file)}\t${offset}\t${printable(pkg)}\t${more}\n`;
}
