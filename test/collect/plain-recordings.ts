/**
 * Recordings read and written the plain way: a whole file at once, BigInt and Map. The tests' second source for
 * everything that src/collect does with typed arrays and streams.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const ZERO_HASH = 0xac869b6f32d8bbdbn;

/** Why a test that needs them is skipped. */
export const WITHOUT_RECORDINGS = 'the recordings are not here: set SHARETOP_DATA to the directory with kvm/ and xen/';

/** The original recordings: named by SHARETOP_DATA, else beside the repository; null if they are not there. */
export function recordingsDirectory(): string | null {
  const beside = fileURLToPath(new URL('../../../shared/data', import.meta.url));
  const directory = process.env['SHARETOP_DATA'] ?? beside;
  return existsSync(`${directory}/kvm/truth.json`) ? directory : null;
}

export interface PlainSnapshot {
  index: number;
  timeMillis: number;
  changes: [gfn: number, hash: bigint][];
}

export interface PlainSeries {
  pages: number;
  snapshots: PlainSnapshot[];
}

export interface PlainRequest {
  /** As written in the file. */
  time: string;
  op: string;
  domid: number;
  sector: number;
  sectors: number;
  hashes: string;
}

function unpacked(path: string): Buffer {
  const bytes = readFileSync(path);
  return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
}

export function readPlainSeries(path: string): PlainSeries {
  const bytes = unpacked(path);
  const series: PlainSeries = { pages: bytes.readUInt32LE(8), snapshots: [] };
  let at = 24;
  while (at < bytes.length) {
    const count = bytes.readUInt32LE(at + 8);
    const changes: [number, bigint][] = [];
    for (let i = 0; i < count; i++) {
      changes.push([bytes.readUInt32LE(at + 16 + 4 * i), bytes.readBigUInt64LE(at + 16 + 4 * count + 8 * i)]);
    }
    series.snapshots.push({ index: bytes.readUInt32LE(at), timeMillis: bytes.readUInt32LE(at + 4), changes });
    at += 16 + 12 * count;
  }
  return series;
}

export function writePlainSeries(series: PlainSeries): Buffer {
  const parts: Buffer[] = [Buffer.from('PGHD1\0\0\0')];
  const words = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
  parts.push(words(series.pages, 4096, series.snapshots.length, 0));
  for (const { index, timeMillis, changes } of series.snapshots) {
    parts.push(words(index, timeMillis, changes.length, 0), words(...changes.map(([gfn]) => gfn)));
    for (const [, hash] of changes) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(hash);
      parts.push(bytes);
    }
  }
  return Buffer.concat(parts);
}

export function readPlainRequests(path: string): PlainRequest[] {
  const [header, ...lines] = unpacked(path).toString('latin1').trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const fields = Object.fromEntries(line.split(',').map((field, i) => [names[i], field]));
    return {
      time: fields['t_rel_s'] ?? fields['t_s'] ?? '',
      op: fields['op'] ?? 'R',
      domid: Number(fields['domid'] ?? -1),
      sector: Number(fields['sector']),
      sectors: Number(fields['nsectors']),
      hashes: fields['hashes'] ?? '',
    };
  });
}

/** Microseconds of a decimal text through BigInt: the digits, padded to six places. */
export function plainMicros(text: string): number {
  const [whole, fraction = ''] = text.split('.');
  return Number(BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6)));
}
