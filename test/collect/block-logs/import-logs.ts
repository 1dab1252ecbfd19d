/** Imports of block logs for the tests: options with defaults, records as plain objects. */
import { expect } from 'vitest';
import { importRecordings, type ImportResult } from '../../../src/collect/import.js';
import { type ImportOptions, LOGS_DEFAULT, type LogOptions } from '../../../src/collect/import-plan.js';
import { checkRecords } from '../../../src/trace/record-check.js';
import { eachRecord, type PlainRecord } from '../plain-records.js';

/** Options of an import of these files; `logs` may be in part. */
export function optionsOf(
  files: readonly string[],
  { logs, ...more }: Partial<Omit<ImportOptions, 'logs'>> & { readonly logs?: Partial<LogOptions> } = {},
): ImportOptions {
  const none = new Map<string, never>();
  const maps = { images: none, domids: none, groups: none, offsetsMicros: none };
  const host = { hostName: 'h', hypervisor: '', hostMemoryFrames: null };
  return { files, ...maps, ...host, ...more, logs: { ...LOGS_DEFAULT, ...logs } };
}

/** All records of an import, each checked for its structure as a reader would. */
export async function importAll(options: ImportOptions): Promise<{ records: PlainRecord[]; result: ImportResult }> {
  const records: PlainRecord[] = [];
  let time = 0;
  const result = await importRecordings(options, (buffer) => {
    expect(checkRecords(buffer.words, 0, buffer.wordCount)).toBe(buffer.recordCount);
    time = eachRecord(buffer.words, 0, buffer.wordCount, time, (record) => records.push(record));
  });
  return { records, result };
}

/** Blocks read and written, and unaligned requests, by `domain image`: one line each, in order. */
export function requestLines(records: readonly PlainRecord[]): string[] {
  const domains = new Map<number, string>();
  const images = new Map<number, string>();
  const lines: string[] = [];
  for (const record of records) {
    if (record.kind === 'domain') domains.set(record.domid, record.name);
    else if (record.kind === 'image') images.set(record.id, record.name);
    else if (record.kind === 'read' || record.kind === 'write') {
      const whose = `${record.time} ${domains.get(record.domid)} ${images.get(record.image)}`;
      const blocks = record.kind === 'write' ? `${record.block}+${record.count}` : `${record.block}`;
      const odd = record.kind === 'read' && !record.aligned ? ' unaligned' : '';
      lines.push(`${whose} ${record.kind} ${blocks}${odd}`);
    }
  }
  return lines;
}
