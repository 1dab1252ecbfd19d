/** A trace that a test writes piece by piece, and how much of it a process has read. */
import { mkdirSync, readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { SegmentFiles } from '../../src/source/segment-files.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { SeededRandom } from '../seeded-random.js';

const DOMAINS = 3;
const FRAMES = 1 << 14;
const FILLS = 20_000;
/** A fill by itself is one slot of the format. */
const SLOT_BYTES = 16;

/** Three domains whose memory changes at every step. */
export class SteppedTrace {
  /** At least so many bytes have been written. */
  bytes = 0;
  #timeMicros = 1_000_000;
  readonly #writer: SegmentWriter;
  readonly #records = new RecordBuffer();
  readonly #random = new SeededRandom(5);

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#writer = new SegmentWriter('stepped', new SegmentFiles(directory));
    this.#records.time(this.#timeMicros);
    for (let domid = 1; domid <= DOMAINS; domid++) {
      this.#records.domain(domid, `step${domid}`, `step${domid}`, 'default', '', FRAMES);
    }
    this.pour();
    onTestFinished(() => this.#writer.close());
  }

  /** Some thousands of fills more, a second of the trace's time later. */
  pour(): void {
    this.#timeMicros += 1_000_000;
    this.#records.time(this.#timeMicros);
    for (let i = 0; i < FILLS; i++) {
      const content = 1 + this.#random.below(5000);
      this.#records.fill(1 + this.#random.below(DOMAINS), this.#random.below(FRAMES), content, content, 0);
    }
    this.#writer.append(this.#records);
    this.#writer.flush();
    this.#records.clear();
    this.bytes += FILLS * SLOT_BYTES;
  }
}

/** Bytes that a process has read so far, from whatever. */
export function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}
