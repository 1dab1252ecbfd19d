/** Traces that grow while a test watches: recordings at a pace that the test can hold, and floods. */
import { mkdirSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { replayTrace, type ReplayResult } from '../../src/source/replay.js';
import { SegmentFiles } from '../../src/source/segment-files.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { SeededRandom } from '../seeded-random.js';

/** Plays a recording into a directory by a clock that stands still while the test holds it. */
export class PacedReplay {
  /** Resolves when all is written. */
  readonly done: Promise<ReplayResult>;
  readonly #abort = new AbortController();
  #speed: number;
  /** The replay's clock, ms, at `#sinceMs` of the wall clock. */
  #clockMs = 0;
  #sinceMs = performance.now();
  #isHeld = false;

  /** @param speed trace seconds a wall second */
  constructor(recording: string, directory: string, speed: number) {
    this.#speed = speed;
    onTestFinished(() => this.#abort.abort());
    this.done = replayTrace(recording, directory, {
      speed: 1,
      signal: this.#abort.signal,
      now: () => this.#now(),
      // The clock may be held, or made faster, while it sleeps.
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 10))),
    });
  }

  /** The clock stands still: nothing more is written. */
  hold(): void {
    this.#clockMs = this.#now();
    this.#isHeld = true;
  }

  /** It goes on from where it stood. */
  go(speed = this.#speed): void {
    this.#clockMs = this.#now();
    this.#sinceMs = performance.now();
    this.#speed = speed;
    this.#isHeld = false;
  }

  #now(): number {
    if (this.#isHeld) return this.#clockMs;
    return this.#clockMs + (performance.now() - this.#sinceMs) * this.#speed;
  }
}

const FLOOD_DOMAINS = 4;
const FLOOD_FRAMES = 1 << 18;
const FLOOD_CONTENTS = 50_000;
const FLOOD_FILLS = 20_000;

/** Writes random fills without a pause until the test ends: more than can be shown, for as long as it takes. */
export function flood(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const writer = new SegmentWriter('flood', new SegmentFiles(directory));
  const random = new SeededRandom(11);
  const records = new RecordBuffer();
  let timeMicros = 1_000_000;
  records.time(timeMicros);
  for (let domid = 1; domid <= FLOOD_DOMAINS; domid++) {
    records.domain(domid, `flood${domid}`, `flood${domid}`, 'default', '', FLOOD_FRAMES);
  }
  const pour = (): void => {
    timeMicros += 10_000;
    records.time(timeMicros);
    for (let i = 0; i < FLOOD_FILLS; i++) {
      const content = 1 + random.below(FLOOD_CONTENTS);
      records.fill(1 + random.below(FLOOD_DOMAINS), random.below(FLOOD_FRAMES), content, content, 0);
    }
    writer.append(records);
    writer.flush();
    records.clear();
  };
  pour();
  const timer = setInterval(pour, 5);
  onTestFinished(() => {
    clearInterval(timer);
    writer.close();
  });
}
