// Wrote fixtures/versions/v1.pgt once, byte by byte from docs/FORMAT.md and without any code of src/: a second, plain
// reading of the format. The fixture is never written again (a version stays what it was); run with a file name to
// see that it still comes out the same: node scripts/make-v1-fixture.mjs OUT
import { writeFileSync } from 'node:fs';

/** CRC-32/ISO-HDLC bit by bit. */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

export const u16 = (...values) => values.flatMap((v) => [v & 255, v >>> 8]);
export const u32 = (...values) => values.flatMap((v) => [v & 255, (v >>> 8) & 255, (v >>> 16) & 255, v >>> 24]);
/** A u64 from 16 hex digits, as hashes are written, or from a number. */
export const u64 = (value) => {
  const big = typeof value === 'string' ? BigInt(`0x${value}`) : BigInt(value);
  return Array.from({ length: 8 }, (_, i) => Number((big >> BigInt(8 * i)) & 255n));
};
/** The first word of a record. */
export const head = (kind, furtherSlots, flags, domid) => u16(kind | (furtherSlots << 6) | (flags << 12), domid);
/** Text, padded to whole slots of 16 bytes. */
export const text = (string) => {
  const bytes = [...new TextEncoder().encode(string)];
  return [...bytes, ...Array(-bytes.length & 15).fill(0)];
};

export function segmentHeader(fields = {}) {
  const { version = 1, pageSize = 4096, algorithm = 1, headerBytes = 64, seed = 0, start = 0 } = fields;
  const { segment = 1, previous = 0 } = fields;
  const bytes = [0x89, 0x50, 0x47, 0x54, 0x0d, 0x0a, 0x1a, 0x0a];
  bytes.push(...u32(version, pageSize, algorithm, headerBytes), ...u64(seed), ...u64(start), ...u32(segment));
  bytes.push(...u64(previous), ...Array(8).fill(0));
  return [...bytes, ...u32(crc32(bytes))];
}

export function block(records, { base = 0, flags = 0, sequence = 0, count = records.length } = {}) {
  const payload = records.flat();
  const bytes = [...new TextEncoder().encode('PGTb'), ...u32(payload.length, count, crc32(payload)), ...u64(base)];
  bytes.push(...u32(flags | (sequence << 8)));
  return [...bytes, ...u32(crc32(bytes)), ...payload];
}

const T0 = 1_700_000_000_000_000;
const OPENING = [
  [...head(1, 0, 0, 0), ...u64(T0), ...u32(0)],
  [...head(2, 1, 0, 0), ...u64(2 ** 33), ...u16(4, 8), ...text('xen1xen-4.17')],
  [...head(3, 1, 1, 0), ...u32(7, 524288, 12), ...text('debian.qcow2')],
  [...head(3, 0, 0, 0), ...u32(8, 4294967295, 0)],
  // é is two bytes: lengths count bytes.
  [...head(4, 2, 0, 3), ...u32(65536), ...u16(6, 5, 7, 2), ...text('uuid-3wéb1defaultpv')],
  [...head(17, 0, 0, 3), ...u32(0, 0, 0)],
  [
    ...head(8, 2, 0, 3),
    ...u32(16, 3, 0),
    ...u64('0123456789abcdef'),
    ...u64('fedcba9876543210'),
    ...u64('00000000ffffffff'),
    ...u64(0),
  ],
  [...head(7, 1, 0, 3), ...u32(19, 100, 0), ...u64('ac869b6f32d8bbdb'), ...u64(0)],
  [...head(6, 0, 1, 3), ...u32(200), ...u64('ac869b6f32d8bbdb')],
  [...head(9, 0, 0, 3), ...u32(300, 2, 0)],
  [...head(10, 0, 0, 3), ...u32(400, 65136, 0)],
  [...head(18, 0, 0, 3), ...u32(0, 0, 0)],
];
const LATER = [
  [...head(1, 0, 0, 0), ...u64(T0 + 1), ...u32(0)],
  [...head(6, 0, 0, 3), ...u32(0), ...u64('df1fd9ec6fddee36')],
  [...head(11, 0, 0, 3), ...u32(1, 5, 0)],
  [...head(12, 1, 3, 3), ...u32(7, 99, 0), ...u64('10af2cb94282321f'), ...u32(17, 0)],
  [...head(12, 1, 0, 3), ...u32(7, 100, 0), ...u64(0), ...u32(4294967295, 0)],
  [...head(13, 0, 0, 3), ...u32(8, 4294967295, 1)],
  [
    ...head(19, 2, 0, 3),
    ...u32(7, 200, 3),
    ...u64('00000000000000a0'),
    ...u64('00000000000000a1'),
    ...u64('00000000000000a2'),
    ...u64(0),
  ],
  [
    ...head(14, 3, 0, 0),
    ...u64('10af2cb94282321f'),
    ...u32(19),
    ...u64(2 ** 40),
    ...u64(0),
    ...text('/usr/bin/python3.11'),
  ],
  [...head(15, 1, 0, 0), ...u32(16, 0, 0), ...text('exactly 16 bytes')],
  [...head(16, 0, 0, 0), ...u64(2 ** 52), ...u32(0)],
  [...head(5, 0, 0, 3), ...u32(0, 0, 0)],
];

/** The fixture: segment 2 of a stream, an opening block and another. */
export const V1 = Uint8Array.from([
  ...segmentHeader({ start: T0, segment: 2 }),
  ...block(OPENING, { base: T0, flags: 1 }),
  ...block(LATER, { base: T0, sequence: 1 }),
]);

if (process.argv[1]?.endsWith('make-v1-fixture.mjs') && process.argv[2] !== undefined) {
  writeFileSync(process.argv[2], V1);
}
