/**
 * What the kernel's blktrace writes (struct blk_io_trace of linux/blktrace_api.h), so that the real blkparse can print
 * it: the second source for the reader of its text.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ACTIONS = { Q: 1, M: 2, G: 4, D: 7, C: 8, P: 9, U: 10, I: 12, A: 15 } as const;
const CATEGORIES = { R: 1, W: 2, F: 4, S: 8, A: 1 << 11, M: 1 << 12, D: 1 << 13, X: 1 << 15 } as const;
const NOTIFY = 1 << 10;
const OF_ACTION: Partial<Record<keyof typeof ACTIONS, number>> = { D: 64, C: 128 };

/** One line of blkparse to be. */
export interface PlainEvent {
  readonly nanos: number;
  readonly action: keyof typeof ACTIONS;
  /** Letters of CATEGORIES, e.g. `RA`; X is forced unit access, a leading F a flush. */
  readonly flags: string;
  readonly sector: number;
  readonly count: number;
  readonly pid: number;
  readonly major: number;
  readonly minor: number;
  readonly error?: number;
  /** Of an A line: from where. */
  readonly from?: { readonly major: number; readonly minor: number; readonly sector: number };
}

const device = (major: number, minor: number): number => ((major << 20) | minor) >>> 0;

function record(event: PlainEvent, sequence: number, action: number, extra: Buffer): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.writeUInt32LE(0x65617407, 0);
  bytes.writeUInt32LE(sequence, 4);
  bytes.writeBigUInt64LE(BigInt(event.nanos), 8);
  bytes.writeBigUInt64LE(BigInt(event.sector), 16);
  bytes.writeUInt32LE(event.count * 512, 24);
  bytes.writeUInt32LE(action >>> 0, 28);
  bytes.writeUInt32LE(event.pid, 32);
  bytes.writeUInt32LE(device(event.major, event.minor), 36);
  bytes.writeUInt16LE(event.error ?? 0, 44);
  bytes.writeUInt16LE(extra.length, 46);
  return Buffer.concat([bytes, extra]);
}

function remap({ from, major, minor }: PlainEvent): Buffer {
  const bytes = Buffer.alloc(from === undefined ? 0 : 16);
  if (from === undefined) return bytes;
  bytes.writeUInt32BE(device(from.major, from.minor), 0);
  bytes.writeUInt32BE(device(major, minor), 4);
  bytes.writeBigUInt64BE(BigInt(from.sector), 8);
  return bytes;
}

/** The bytes of a `NAME.blktrace.0`; the first event is blkparse's second 0. */
export function blktraceBytes(events: readonly PlainEvent[], processes: ReadonlyMap<number, string>): Buffer {
  const parts: Buffer[] = [];
  const [{ major, minor }] = events;
  const silent = { nanos: 0, action: 'Q', flags: '', sector: 0, count: 0, major, minor } as const;
  for (const [pid, name] of processes) {
    const comm = Buffer.alloc(16);
    comm.write(name, 0, 15, 'latin1');
    parts.push(record({ ...silent, pid }, 0, NOTIFY << 16, comm));
  }
  for (const [i, event] of events.entries()) {
    let categories = OF_ACTION[event.action] ?? 16;
    for (const letter of event.flags) categories |= CATEGORIES[letter as keyof typeof CATEGORIES];
    const extra = event.action === 'U' ? Buffer.alloc(8, 1) : remap(event);
    parts.push(record(event, i + 1, ACTIONS[event.action] | (categories << 16), extra));
  }
  return Buffer.concat(parts);
}

/** Whether the real blkparse is on this machine. */
export const HAS_BLKPARSE = spawnSync('blkparse', ['-V']).error === undefined;

/** What the real blkparse prints for it, as Latin-1. */
export function blkparseText(bytes: Uint8Array, options: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'sharetop-blkparse-'));
  try {
    writeFileSync(join(folder, 'log.blktrace.0'), bytes);
    const { stdout, status } = spawnSync('blkparse', [...options, '-i', 'log'], { cwd: folder, encoding: 'latin1' });
    if (status !== 0) throw new Error(`blkparse: ${status}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
