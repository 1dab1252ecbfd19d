/** The presets by name, and how one becomes records. */
import { assert } from '../../base/assert.js';
import type { RecordBuffer } from '../../trace/record-buffer.js';
import { BOOT_STORM, CONTENT_CHANGE_STORM, HOT_SET, SHARED_IMAGE } from './image-readers.js';
import { CHURN, MIXED } from './page-lives.js';
import type { Preset, SynthSize } from './preset.js';
import { CLONE_FARM, IDLE_DOMAINS, RANDOM_PAGES } from './still-memory.js';
import { SynthTrace } from './synth-trace.js';

/** All presets, in the order of the documentation. */
export const PRESETS: readonly Preset[] = [
  BOOT_STORM,
  SHARED_IMAGE,
  CONTENT_CHANGE_STORM,
  CHURN,
  MIXED,
  HOT_SET,
  IDLE_DOMAINS,
  CLONE_FARM,
  RANDOM_PAGES,
];

/** Records are handed on when there are about as many as a block of a segment holds. */
const DRAIN_WORDS = 12 * 1024;

/** Domids are 1, 2, …; gfns and blocks are numbered in 28 bits. */
const LIMITS: SynthSize = { domains: 65_535, frames: 2 ** 28, seconds: 1e7 };
/** Contents have 32 bits: those of the frames, and those that come with time (at most 0.0005 a frame and second). */
const FRAMES_MAX = 2 ** 30;
const FRAME_SECONDS_MAX = 2 ** 40;

/** Why a preset cannot be of this size, with the option that is to be mended; null if it can. */
export function sizeProblem(preset: Preset, size: SynthSize): string | null {
  const { domains, frames, seconds } = size;
  const { framesMin, name } = preset;
  if (domains < 1 || domains > LIMITS.domains) return `--domains ${domains}: write 1 to ${LIMITS.domains}`;
  if (frames < framesMin || frames > LIMITS.frames) {
    return `--frames ${frames}: ${name} has ${framesMin} to ${LIMITS.frames} frames (1T) a domain`;
  }
  if (seconds <= 0 || seconds > LIMITS.seconds) return `--seconds ${seconds}: write a number above 0, up to 10000000`;
  if (domains * frames > FRAMES_MAX) return `--domains × --frames is ${domains * frames}: at most 2^30 (4T) in all`;
  if (domains * frames * seconds > FRAME_SECONDS_MAX) return '--domains × --frames × --seconds: at most 2^40';
  return null;
}

/**
 * The records of a preset, in pieces; each is valid until the next one is asked for.
 *
 * @param size one in which `sizeProblem` finds nothing
 * @param seed any integer; the same one gives the same records
 */
export function* synthesize(preset: Preset, size: SynthSize, seed: number): Generator<RecordBuffer> {
  assert(sizeProblem(preset, size) === null, 'the size is checked');
  const trace = new SynthTrace(seed);
  const { records } = trace;
  const steps = preset.write(trace, size);
  for (let step = steps.next(); step.done !== true; step = steps.next()) {
    if (records.wordCount < DRAIN_WORDS) continue;
    yield records;
    records.clear();
  }
  yield records;
}
