/** `sharetop synth PRESET -o DIR`: a made-up trace, written at once. `replay` plays it at its own pace. */
import type { Writable } from 'node:stream';
import { printable } from '../base/printable.js';
import { parseDecimalSeconds } from '../collect/decimal-seconds.js';
import type { Preset, SynthSize } from '../collect/synth/preset.js';
import { PRESETS, sizeProblem, synthesize } from '../collect/synth/synthesize.js';
import { makeTraceDirectory, SegmentFiles } from '../source/segment-files.js';
import { STDIN_PATH } from '../source/stdin-source.js';
import { SegmentWriter } from '../trace/segment-writer.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { parseFrames } from './option-values.js';
import { ProgressLine } from './progress-line.js';
import { UsageError } from './usage-error.js';

/** The options as given. */
export interface SynthFlags {
  readonly output?: string;
  readonly seed: string;
  readonly domains?: string;
  readonly frames?: string;
  readonly seconds?: string;
  readonly list?: boolean;
}

const STREAM = 'synth';

/**
 * Throws UsageError for the command line, OutputError for the directory. Returns the exit code.
 * @param pipe the standard output, for `-o -`
 */
export async function synthCommand(
  name: string | undefined,
  flags: SynthFlags,
  io: CommandIo,
  pipe: Writable,
): Promise<number> {
  if (flags.list === true) {
    for (const preset of PRESETS) io.stdout.write(listed(preset));
    return EXIT.fine;
  }
  const preset = presetNamed(name);
  const size = readSize(preset, flags);
  const seed = wholeNumber('--seed', flags.seed, Number.MAX_SAFE_INTEGER);
  const { output } = flags;
  if (output === undefined || output === '') throw new UsageError('synth: name the directory of the new trace: -o DIR');
  if (output === STDIN_PATH) {
    if (io.stdout.isTTY) throw new UsageError('synth: a trace is not for a terminal: send it somewhere, or -o DIR');
    await writePipe(preset, size, seed, pipe);
    return EXIT.fine;
  }
  makeTraceDirectory(output);
  const writer = new SegmentWriter(STREAM, new SegmentFiles(output));
  const progress = new ProgressLine(io);
  let records = 0;
  for (const buffer of synthesize(preset, size, seed)) {
    writer.append(buffer);
    records += buffer.recordCount;
    progress.update(() => `synth ${preset.name}: ${records} records, ${writer.bytesWritten} bytes`);
  }
  writer.close();
  progress.end();
  const what = `${preset.name}, ${size.domains} domains of ${size.frames} frames, ${size.seconds} s, seed ${seed}`;
  io.stderr.write(`${printable(output)}: ${what}: ${records} records, ${writer.bytesWritten} bytes\n`);
  return EXIT.fine;
}

/** One segment, no faster than its reader. Errors of stdout are told where the process is set up. */
async function writePipe(preset: Preset, size: SynthSize, seed: number, pipe: Writable): Promise<void> {
  const sink = {
    open: () => undefined,
    write: (bytes: Uint8Array) => void pipe.write(Uint8Array.from(bytes)),
    close: () => undefined,
  };
  // One segment needs no opening, so nobody has to follow the state of the stream.
  const options = { rotateBytes: Number.POSITIVE_INFINITY, opening: () => undefined };
  const writer = new SegmentWriter(STREAM, sink, options);
  for (const buffer of synthesize(preset, size, seed)) {
    writer.append(buffer);
    if (pipe.writableNeedDrain) await new Promise<void>((resolve) => pipe.once('drain', () => resolve()));
  }
  writer.close();
}

function listed({ name, summary, size: { domains, frames, seconds } }: Preset): string {
  const size = `--domains ${domains} --frames ${frames} --seconds ${seconds}`;
  return `${name.padEnd(21)} ${summary}\n${' '.repeat(22)}${size}\n`;
}

function presetNamed(name: string | undefined): Preset {
  const names = PRESETS.map((preset) => preset.name).join(', ');
  if (name === undefined) throw new UsageError(`synth: name a preset: ${names}`);
  const preset = PRESETS.find((one) => one.name === name);
  if (preset === undefined) throw new UsageError(`synth: no preset is called '${printable(name)}': ${names}`);
  return preset;
}

function readSize(preset: Preset, flags: SynthFlags): SynthSize {
  const { size } = preset;
  const seconds = flags.seconds === undefined ? size.seconds * 1e6 : parseDecimalSeconds(flags.seconds);
  if (seconds === null) throw new UsageError(`--seconds '${printable(flags.seconds ?? '')}': write e.g. 120 or 0.5`);
  const given: SynthSize = {
    domains: flags.domains === undefined ? size.domains : wholeNumber('--domains', flags.domains, 65_535),
    frames: flags.frames === undefined ? size.frames : parseFrames('--frames', flags.frames),
    seconds: seconds / 1e6,
  };
  const problem = sizeProblem(preset, given);
  if (problem !== null) throw new UsageError(problem);
  return given;
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (value >= 0 && value <= most) return value;
  throw new UsageError(`${option} '${printable(text)}': write a whole number, up to ${most}`);
}
