/** `sharetop replay TRACE -o DIR`: plays a trace into a directory at its own pace times a speed. */
import { printable } from '../base/printable.js';
import { replayTrace } from '../source/replay.js';
import type { CommandIo } from './command-io.js';
import { EXIT } from './exit-codes.js';
import { ProgressLine } from './progress-line.js';
import { tellSource } from './source-lines.js';

/** What to play, and where to. */
export interface ReplayCommandOptions {
  readonly trace: string;
  readonly output: string;
  /** Trace seconds a wall second; Infinity: as fast as can be. */
  readonly speed: number;
  /** Go on behind an earlier replay that was stopped. */
  readonly resume: boolean;
}

/** Throws TraceError for the trace, OutputError for the directory. Returns the exit code: 4 if blocks were damaged. */
export async function replayCommand(given: ReplayCommandOptions, io: CommandIo): Promise<number> {
  const progress = new ProgressLine(io);
  try {
    const result = await replayTrace(given.trace, given.output, {
      speed: given.speed,
      resume: given.resume,
      onProgress: (timeMicros) => progress.update(() => `replay at ${(timeMicros / 1e6).toFixed(1)} s`),
    });
    progress.end();
    tellSource(result, io);
    io.stderr.write(`${printable(given.output)}: ${result.bytesWritten} bytes\n`);
    return result.damagedBlocks > 0 ? EXIT.damaged : EXIT.fine;
  } catch (error) {
    progress.end();
    throw error;
  }
}
