/** What a preset leaves in memory and reads from the disk, recounted with Maps and Sets from its records alone. */
import type { Preset, SynthSize } from '../../src/collect/synth/preset.js';
import { synthesize } from '../../src/collect/synth/synthesize.js';
import { plainRecords, type TimedRecord } from '../model/plain-records.js';

export const ZERO = 0xac869b6f32d8bbdbn;

/** All records of a preset. */
export function* recordsOf(preset: Preset, size: SynthSize, seed: number): Generator<TimedRecord> {
  let now = 0;
  for (const { words, wordCount } of synthesize(preset, size, seed)) {
    for (const timed of plainRecords(0, now, words, 0, wordCount)) {
      now = timed.time;
      yield timed;
    }
  }
}

/** Frames by domain and gfn; null: written, content unknown. Reads by block. */
export class PlainHost {
  readonly memories = new Map<number, Map<number, bigint | null>>();
  readonly reads = new Map<number, number[]>();

  apply({ record }: TimedRecord): void {
    const { kind } = record;
    if (kind === 'domain')
      this.memories.set(record.domid, this.memories.get(record.domid) ?? new Map<number, bigint | null>());
    else if (kind === 'gone') this.memories.delete(record.domid);
    else if (kind === 'keyframeBegin') this.#memory(record.domid).clear();
    else if (kind === 'fill') this.#memory(record.domid).set(record.gfn, record.hash);
    else if (kind === 'fillSpan') {
      for (const [i, hash] of record.hashes.entries()) this.#memory(record.domid).set(record.gfn + i, hash);
    } else if (kind === 'fillRun') {
      for (let i = 0; i < record.count; i++) this.#memory(record.domid).set(record.gfn + i, record.hash);
    } else if (kind === 'dirty') {
      for (let i = 0; i < record.count; i++) this.#memory(record.domid).set(record.gfn + i, null);
    } else if (kind === 'free') {
      for (let i = 0; i < record.count; i++) this.#memory(record.domid).delete(record.gfn + i);
    } else if (kind === 'blockRead') this.#read(record.block, record.domid);
    else if (kind === 'blockReadSpan') record.hashes.forEach((_, i) => this.#read(record.block + i, record.domid));
  }

  /** Frames with known content that is not zero; different such contents; zero frames; reads; blocks ever read. */
  counts() {
    const contents = [...this.memories.values()].flatMap((memory) => [...memory.values()]);
    const known = contents.filter((content) => content !== null && content !== ZERO);
    return {
      known: known.length,
      distinct: new Set(known).size,
      zeros: contents.filter((content) => content === ZERO).length,
      reads: [...this.reads.values()].reduce((sum, domids) => sum + domids.length, 0),
      blocks: this.reads.size,
    };
  }

  #memory(domid: number): Map<number, bigint | null> {
    const memory = this.memories.get(domid);
    if (memory === undefined) throw new Error(`domain ${domid} was not declared`);
    return memory;
  }

  #read(block: number, domid: number): void {
    const domids = this.reads.get(block);
    if (domids === undefined) this.reads.set(block, [domid]);
    else domids.push(domid);
  }
}
