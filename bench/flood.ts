/** A trace that is longer than anybody can read: it is written ahead of the reader for as long as a bench needs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SegmentFiles } from '../src/source/segment-files.js';
import { RecordBuffer } from '../src/trace/record-buffer.js';
import { READ_ALIGNED, READ_HASH_KNOWN } from '../src/trace/record.js';
import { SegmentWriter } from '../src/trace/segment-writer.js';
import { SeededRandom } from '../test/seeded-random.js';

const DOMAINS = 4;
const FRAMES = 1 << 18;
/** Records made once and written again and again: 32 MB. */
const RECORDS = 1 << 21;
const SLICE_RECORDS = 1 << 15;
const WRITE_MS = 25;

/** Random frames of four domains, nine fills to one block read: the input of the pipeline bench. */
export class Flood {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'sharetop-flood-'));
  /** Never rotates, so that the writer need not follow what it writes: it must cost next to nothing. */
  readonly #writer = new SegmentWriter('flood', new SegmentFiles(this.directory), {
    rotateBytes: 2 ** 40,
    opening: () => undefined,
  });
  readonly #slices: RecordBuffer[] = [];
  #next = 0;
  #timeMicros = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param seed of the records */
  constructor(seed: number) {
    const random = new SeededRandom(seed);
    for (let at = 0; at < RECORDS; at += SLICE_RECORDS) {
      const slice = new RecordBuffer();
      for (let i = 0; i < SLICE_RECORDS; i++) addRecord(slice, random, i % 10 === 0);
      this.#slices.push(slice);
    }
    const first = new RecordBuffer();
    first.host('bench', '', DOMAINS * FRAMES);
    first.image(1, 'base', true, 0);
    for (let d = 1; d <= DOMAINS; d++) first.domain(d, `flood${d}`, '', '', '', FRAMES);
    this.#writer.append(first);
  }

  /** Writes so many records now. */
  write(records: number): void {
    for (let written = 0; written < records; written += SLICE_RECORDS) {
      const time = new RecordBuffer();
      time.time((this.#timeMicros += 100_000));
      this.#writer.append(time);
      this.#writer.append(this.#slices[this.#next++ % this.#slices.length]);
    }
    this.#writer.flush();
  }

  /** Writes on at this rate until `close`. */
  pour(recordsPerSecond: number): void {
    const start = performance.now();
    let written = 0;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - start) / 1000) * recordsPerSecond;
      if (due - written < SLICE_RECORDS) return;
      this.write(due - written);
      written = due;
    }, WRITE_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#writer.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function addRecord(buffer: RecordBuffer, random: SeededRandom, isRead: boolean): void {
  const domid = 1 + random.below(DOMAINS);
  const content = random.below(FRAMES);
  const low = Math.imul(content, 0x9e3779b1) >>> 0;
  const high = Math.imul(content, 0x85ebca77) >>> 0;
  if (isRead) buffer.blockRead(domid, 1, content, low, high, 0xffffffff, READ_ALIGNED | READ_HASH_KNOWN);
  else buffer.fill(domid, random.below(FRAMES), low, high, 0);
}
