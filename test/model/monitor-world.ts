/** A monitor over the records of the slow model, and a second reading of them. */
import { Monitor } from '../../src/monitor/monitor.js';
import type { TraceAgain } from '../../src/monitor/trace-again.js';
import type { RangeTaker } from '../../src/source/record-source.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { encode, type TimedRecord } from './plain-records.js';
import type { World } from './random-traces.js';

interface Kept {
  readonly stream: number;
  readonly baseTimeMicros: number;
  readonly words: Uint32Array;
  readonly start: number;
  readonly end: number;
}

/** Gives kept blocks once more, one at a time. */
class KeptTrace implements TraceAgain {
  readonly streamNames = ['s0', 's1'];
  readonly damagedBlocks = 0;
  readonly damage = [];
  isClosed = false;
  #next = 0;

  constructor(private readonly blocks: readonly Kept[]) {}

  pull(take: RangeTaker): boolean {
    while (this.#next < this.blocks.length) {
      const block = this.blocks[this.#next++];
      if (!take(block.stream, block)) return true;
    }
    return false;
  }

  close(): void {
    this.isClosed = true;
  }
}

export class MonitorWorld {
  readonly monitor: Monitor;
  /** Every reading that was opened. */
  readonly readings: KeptTrace[] = [];
  /** Blocks that are no longer there to be read a second time. */
  lost = 0;
  readonly #kept: Kept[] = [];
  readonly #times: number[] = [];

  constructor({ region, victim }: Pick<World, 'region' | 'victim'>, canReadAgain = true) {
    const openAgain = (): KeptTrace => {
      const reading = new KeptTrace(this.#kept.slice(this.lost));
      this.readings.push(reading);
      return reading;
    };
    this.monitor = new Monitor(
      { names: ['dlps', 'oracle'], dlps: { region, victim } },
      { openAgain: canReadAgain ? openAgain : null, streamNames: () => ['s0', 's1'] },
    );
  }

  /** Applies records of one stream as one block, whose base time is that of the stream so far. */
  apply(records: readonly TimedRecord[]): void {
    const [{ stream, time }] = records;
    const baseTimeMicros = this.#times[stream] ?? time;
    const buffer = new RecordBuffer();
    let now = baseTimeMicros;
    for (const record of records) {
      if (record.time !== now && record.record.kind !== 'time') buffer.time(record.time);
      encode(buffer, record);
      now = record.time;
    }
    this.#times[stream] = now;
    const block = { stream, baseTimeMicros, words: buffer.words, start: 0, end: buffer.wordCount };
    this.#kept.push(block);
    this.monitor.apply(stream, block);
  }
}
