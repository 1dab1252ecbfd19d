/** Asking a monitor without a worker or a screen. */
import type { Health, Snapshot, ViewRequest } from '../../src/figures/snapshot.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';

/** A source in which nothing is wrong. */
export const HEALTH: Health = {
  gaps: { lost: 0, damagedBlocks: 0, late: 0, orphans: 0, damagedRecords: 0, unmodelled: 0, missing: 0 },
  skewMicros: 0,
  lagMs: 0,
  backlogBytes: 0,
  selfCpu: 0,
  selfBytes: 0,
  streams: 1,
  sourceFound: true,
  notice: '',
};

/** What a main screen asks. */
export function request(more: Partial<ViewRequest> = {}): ViewRequest {
  return {
    id: 1,
    policy: 'dlps',
    withZeros: false,
    domains: { pane: 'domains', sort: 'saved', descending: true, offset: 0, count: 10 },
    hot: { pane: 'hot', sort: 'heat', descending: true, offset: 0, count: 10 },
    domainKey: null,
    partners: { pane: 'partners', sort: 'both', descending: true, offset: 0, count: 0 },
    historyPoints: 10,
    ...more,
  };
}

/** A monitor with both policies and a region without a limit. */
export function newMonitor(): Monitor {
  return new Monitor({ names: ['dlps', 'oracle'], dlps: { region: 'unlimited', victim: 'sharers' } });
}

/** Applies what `write` writes, and settles. */
export function apply(monitor: Monitor, seconds: number, write: (records: RecordBuffer) => void): void {
  const records = new RecordBuffer();
  records.time(seconds * 1e6);
  write(records);
  monitor.apply(0, { baseTimeMicros: seconds * 1e6, words: records.words, start: 0, end: records.wordCount });
  monitor.settle(Number.POSITIVE_INFINITY);
}

export function ask(monitor: Monitor, more: Partial<ViewRequest> = {}): Snapshot {
  return monitor.snapshot(request(more), HEALTH, { name: 'x', ended: false });
}
