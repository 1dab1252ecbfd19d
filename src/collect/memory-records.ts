/**
 * What is known of guests' memory, as records: the snapshots of page-hash series and the dumps of a guest, in the order
 * in which they come. Each kind writes what changed since its own last word; where another kind spoke between, it
 * writes the whole state.
 */
import type { RecordBuffer } from '../trace/record-buffer.js';
import type { Dump } from './dumps/dump.js';
import { DumpRecords } from './dumps/dump-records.js';
import { type BatchRoom, batchRoom } from './dumps/page-batches.js';
import type { ImportGuest } from './import-plan.js';
import type { PageHashSeries } from './page-hash-series.js';
import { SeriesRecords } from './series-records.js';

interface GuestMemory {
  /** Who wrote last. */
  last: 'nobody' | 'series' | 'dump';
  series: SeriesRecords | undefined;
  dumps: DumpRecords | undefined;
}

/** Appends the records of memory to a buffer, which its owner gives times and drains. */
export class MemoryRecords {
  readonly #guests = new Map<ImportGuest, GuestMemory>();
  #room: BatchRoom | undefined;

  /** @param drain takes the records of the buffer if there are many */
  constructor(
    readonly out: RecordBuffer,
    readonly drain: () => void,
  ) {}

  /** The snapshot that the guest's series has read. */
  snapshot(guest: ImportGuest, series: PageHashSeries): void {
    const memory = this.#memoryOf(guest);
    memory.series ??= new SeriesRecords(guest.domid, series.pages, guest.hasDumps);
    memory.series.write(series, memory.last === 'dump', this.out, this.drain);
    memory.last = 'series';
  }

  /** A dump of the guest; `onBatch` is called after each MiB. */
  async dump(guest: ImportGuest, dump: Dump, onBatch: () => void): Promise<void> {
    const memory = this.#memoryOf(guest);
    this.#room ??= batchRoom();
    memory.dumps ??= new DumpRecords(guest.domid, this.#room);
    const drain = (): void => {
      this.drain();
      onBatch();
    };
    await memory.dumps.write(dump, memory.last === 'series', { out: this.out, drain });
    memory.last = 'dump';
  }

  #memoryOf(guest: ImportGuest): GuestMemory {
    const known = this.#guests.get(guest);
    if (known !== undefined) return known;
    const memory: GuestMemory = { last: 'nobody', series: undefined, dumps: undefined };
    this.#guests.set(guest, memory);
    return memory;
  }
}
