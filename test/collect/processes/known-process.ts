/** Processes with known memory, and a plain picture of what the records of a scan say of one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PAGE_BYTES } from '../../../src/base/units.js';
import type { DomainScan, ScanTarget } from '../../../src/collect/processes/domain-scan.js';
import { RecordBuffer } from '../../../src/trace/record-buffer.js';
import { domidOf, flagsOf, KIND, kindOf, SLOT_WORDS, slotsOf } from '../../../src/trace/record.js';

/** A child that is told things by lines and answers each with one. */
export class KnownProcess {
  readonly #answers: AsyncIterator<string>;

  private constructor(readonly child: ChildProcess) {
    if (child.stdout === null) throw new Error('the child has no output');
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts a program; resolves when it has said its first line. */
  static async start(command: string, args: readonly string[]): Promise<KnownProcess> {
    const known = new KnownProcess(spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    await known.#line();
    return known;
  }

  /** The Node program that knows its memory. */
  static async holder(mebibytes: number): Promise<KnownProcess> {
    const file = path.join(import.meta.dirname, 'memory-holder.mjs');
    return KnownProcess.start(process.execPath, ['--expose-gc', file, '-m', `${mebibytes}M`]);
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  target(layout: ScanTarget['layout']): ScanTarget {
    return { pid: this.pid, startTicks: startTicks(this.pid), layout };
  }

  /** Says a line and returns the answer to it. */
  async ask(line: string): Promise<string> {
    this.child.stdin?.write(`${line}\n`);
    return this.#line();
  }

  /** page → hash of 16 hex digits, as the process itself has them. */
  async hashes(): Promise<Map<number, string>> {
    const answer = await this.ask('hashes');
    return new Map(
      answer.split(' ').map((entry) => {
        const [page, hash] = entry.split(':');
        return [Number(page), hash];
      }),
    );
  }

  /** Ends it; resolves when it is no more. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }

  async #line(): Promise<string> {
    const next = await this.#answers.next();
    if (next.done === true) throw new Error('the child has ended');
    return next.value;
  }
}

export function startTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

/** What a pass of a scan said. */
export interface Pass {
  readonly frames: number;
  readonly bytesToRead: number;
  readonly bytesRead: number;
  readonly pagesHashed: number;
  readonly framesChanged: number;
  readonly slices: number;
}

/** gfn → 16 hex digits of its hash, with ` thp` behind those of class thp-zero; from records alone. */
export class Picture {
  readonly frames = new Map<number, string>();

  /** Runs one pass in slices of `bytesMax` and applies its records. */
  async pass(scan: DomainScan, bytesMax = 2 ** 20): Promise<Pass> {
    const { frames, bytesToRead } = await scan.begin();
    const sum = { frames, bytesToRead, bytesRead: 0, pagesHashed: 0, framesChanged: 0, slices: 0 };
    const records = new RecordBuffer();
    for (;;) {
      records.clear();
      const slice = await scan.next(7, bytesMax, records);
      const applied = this.#apply(records, frames);
      if (slice === null) return sum;
      if (applied !== slice.framesChanged) throw new Error(`${applied} frames, not ${slice.framesChanged}`);
      if (slice.bytesRead > Math.max(bytesMax, PAGE_BYTES)) throw new Error(`${slice.bytesRead} bytes in a slice`);
      sum.bytesRead += slice.bytesRead;
      sum.pagesHashed += slice.pagesHashed;
      sum.framesChanged += slice.framesChanged;
      sum.slices++;
    }
  }

  /** How often each hash stands in a frame. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const hash of this.frames.values()) counts.set(hash, (counts.get(hash) ?? 0) + 1);
    return counts;
  }

  #apply(records: RecordBuffer, frames: number): number {
    const { words } = records;
    let named = 0;
    for (let at = 0; at < records.wordCount; at += SLOT_WORDS * slotsOf(words[at])) {
      if (domidOf(words[at]) !== 7) throw new Error('a record of another domain');
      const kind = kindOf(words[at]);
      const isOne = kind === KIND.fill;
      if (!isOne && kind !== KIND.fillRun && kind !== KIND.fillSpan && kind !== KIND.free) {
        throw new Error(`a record of kind ${kind}`);
      }
      const count = isOne ? 1 : words[at + 2];
      for (let i = 0; i < count; i++) {
        const gfn = words[at + 1] + i;
        if (gfn >= frames) throw new Error(`frame ${gfn} of ${frames}`);
        named++;
        if (kind === KIND.free) {
          this.frames.delete(gfn);
          continue;
        }
        const hashAt = isOne ? at + 2 : kind === KIND.fillRun ? at + 4 : at + 4 + 2 * i;
        const hex = (word: number): string => word.toString(16).padStart(8, '0');
        const mark = kind !== KIND.fillSpan && flagsOf(words[at]) === 1 ? ' thp' : '';
        this.frames.set(gfn, hex(words[hashAt + 1]) + hex(words[hashAt]) + mark);
      }
    }
    return named;
  }
}
