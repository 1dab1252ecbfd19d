/** A reader that pulls whenever the tail wakes it, and what recorders write: records that can be told apart. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SeededRandom } from '../seeded-random.js';
import { DirectoryTail, type DirectoryTailOptions } from '../../src/source/directory.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { KIND, kindOf, slotsOf } from '../../src/trace/record.js';
import { SegmentWriter, type SegmentWriterOptions } from '../../src/trace/segment-writer.js';

/** Resolves when the condition holds. Not before, and never because time has passed: the test's own limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 3));
}

export class LiveReader {
  readonly tail: DirectoryTail;
  /** For each stream its touches (their gfns), in order; `all` in order of arrival. */
  readonly byStream = new Map<string, number[]>();
  readonly all: number[] = [];
  /** Kinds of all other records and how often. */
  readonly otherKinds = new Map<number, number>();
  /** Ranges after which `take` says stop: 1 is after each. */
  rangesPerPull = Infinity;

  constructor(directory: string, options: Partial<DirectoryTailOptions> = {}) {
    this.tail = new DirectoryTail(directory, { now: () => performance.now(), sweepMs: 20, ...options });
    onTestFinished(() => this.tail.close());
  }

  /** Follows by itself from here on. */
  start(): this {
    this.tail.start(() => {
      while (this.pull());
    });
    return this;
  }

  /** One sweep and all that it brings, as if a timer had done it. */
  sweep(): void {
    this.tail.sweep();
    while (this.pull());
  }

  pull(): boolean {
    let ranges = 0;
    return this.tail.pull((index, { words, start, end }) => {
      const name = this.tail.streamNames[index];
      let touches = this.byStream.get(name);
      if (touches === undefined) this.byStream.set(name, (touches = []));
      for (let at = start; at < end; at += slotsOf(words[at]) * 4) {
        const kind = kindOf(words[at]);
        if (kind === KIND.touch) {
          touches.push(words[at + 1]);
          this.all.push(words[at + 1]);
        } else {
          this.otherKinds.set(kind, (this.otherKinds.get(kind) ?? 0) + 1);
        }
      }
      return ++ranges < this.rangesPerPull;
    });
  }

  get texts(): string[] {
    return this.tail.notices.map((notice) => notice.text);
  }
}

/** `count` NDJSON lines that touch the frames from `first` on. */
export function touchLines(first: number, count: number): string {
  let lines = '';
  for (let i = first; i < first + count; i++) lines += `{"record":"touch","domid":1,"gfn":${i},"count":1}\n`;
  return lines;
}

export function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** One write of a recorder to a file. */
export interface Write {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** What a recorder writes that touches the frames 0 … count − 1 of a domain. */
export function recordedTouches(name: string, count: number, options: SegmentWriterOptions = {}): Write[] {
  const writes: Write[] = [];
  let fileName = '';
  const sink = {
    open: (opened: string): void => void (fileName = opened),
    write: (bytes: Uint8Array): void => void writes.push({ fileName, bytes: bytes.slice() }),
    close: (): void => undefined,
  };
  const writer = new SegmentWriter(name, sink, options);
  const buffer = new RecordBuffer();
  buffer.time(1);
  buffer.domain(1, 'd', 'd', 'default', '', 2 ** 20);
  for (let gfn = 0; gfn < 64; gfn++) buffer.fill(1, gfn, gfn, 1, 0);
  for (let i = 0; i < count; i++) {
    buffer.time(2 + i);
    buffer.touch(1, i, 1);
    if (i % 7 === 0) {
      writer.append(buffer);
      writer.flush();
      buffer.clear();
    }
  }
  writer.append(buffer);
  writer.close();
  return writes;
}

/** Appends the writes to files of the directory, cut at random, with pauses in which a reader runs. */
export async function appendCut(directory: string, writes: readonly Write[], random: SeededRandom): Promise<void> {
  for (const { fileName, bytes } of writes) {
    let at = 0;
    while (at < bytes.length) {
      const end = random.chance(0.5) ? bytes.length : at + 1 + random.below(bytes.length - at);
      append(`${directory}/${fileName}`, bytes.subarray(at, end));
      at = end;
      if (random.chance(0.05)) await new Promise((resolve) => setTimeout(resolve, random.below(15)));
    }
  }
}

export function append(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, content);
}
