/** What an import of dumps says memory holds: its records applied to plain maps, one record after another. */
import { importRecordings, type ImportResult } from '../../../src/collect/import.js';
import type { ImportOptions } from '../../../src/collect/import-plan.js';
import { checkRecords } from '../../../src/trace/record-check.js';
import { eachRecord } from '../plain-records.js';

/** gfn → content, of one guest. */
export type PlainMemory = ReadonlyMap<number, bigint>;

/** What was imported. */
export interface ImportedMemory {
  readonly result: ImportResult;
  /** The guest's memory behind each scan, in order: name, time in µs, frames, fills and frees that it took. */
  readonly scans: readonly { name: string; time: number; memory: PlainMemory; fills: number; frees: number }[];
  /** By guest, as declared. */
  readonly frames: ReadonlyMap<string, number>;
  /** At the end, by guest. */
  readonly memory: ReadonlyMap<string, PlainMemory>;
  readonly hostFrames: number;
}

/** Options of an import of these files, nothing else said. */
export function importOptions(files: string[], more: Partial<ImportOptions> = {}): ImportOptions {
  const none = new Map<string, never>();
  const maps = { images: none, domids: none, groups: none, offsetsMicros: none };
  return { files, ...maps, hostName: 'h', hypervisor: '', hostMemoryFrames: null, ...more };
}

interface Guest {
  readonly name: string;
  memory: Map<number, bigint>;
  /** Named since the keyframe began. */
  named: Set<number> | null;
  fills: number;
  frees: number;
}

/** Imports and applies all records; each is checked as a reader would. */
export async function importMemory(options: ImportOptions): Promise<ImportedMemory> {
  const guests = new Map<number, Guest>();
  const scans: ImportedMemory['scans'][number][] = [];
  const frames = new Map<string, number>();
  let hostFrames = -1;
  let time = 0;
  const guestOf = (domid: number): Guest => {
    const guest = guests.get(domid);
    if (guest === undefined) throw new Error(`no domain ${domid}`);
    return guest;
  };
  const other = (name: string, words: number[], at: number): void => {
    const guest = guestOf(words[0] >>> 16);
    if (name === 'scanBegin') [guest.fills, guest.frees] = [0, 0];
    else if (name === 'keyframeBegin') guest.named = new Set();
    else if (name === 'keyframeEnd') {
      for (const gfn of guest.memory.keys()) if (guest.named?.has(gfn) !== true) guest.memory.delete(gfn);
      guest.named = null;
    } else if (name === 'free') {
      for (let i = 0; i < words[2]; i++) if (guest.memory.delete(words[1] + i)) guest.frees++;
    } else if (name === 'scanEnd') {
      const { fills, frees } = guest;
      scans.push({ name: guest.name, time: at, memory: new Map(guest.memory), fills, frees });
    } else throw new Error(`no dump makes a record ${name}`);
  };
  const result = await importRecordings(options, ({ words, wordCount, recordCount }) => {
    if (checkRecords(words, 0, wordCount) !== recordCount) throw new Error('records that no reader takes');
    time = eachRecord(words, 0, wordCount, time, (record) => {
      if (record.kind === 'host') hostFrames = record.frames;
      else if (record.kind === 'domain') {
        frames.set(record.name, record.frames);
        guests.set(record.domid, { name: record.name, memory: new Map(), named: null, fills: 0, frees: 0 });
      } else if (record.kind === 'fill') {
        const guest = guestOf(record.domid);
        if (record.gfn >= (frames.get(guest.name) ?? 0)) throw new Error(`gfn ${record.gfn} above the reservation`);
        guest.memory.set(record.gfn, record.hash);
        guest.named?.add(record.gfn);
        guest.fills++;
      } else if (record.kind === 'other') other(record.name, record.words, record.time);
    });
  });
  const memory = new Map([...guests.values()].map((guest) => [guest.name, guest.memory]));
  return { result, scans, frames, memory, hostFrames };
}
