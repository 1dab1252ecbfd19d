// Wrote fixtures/versions/v1.labels once, byte by byte from docs/LABELS.md, not with sharetop's own writer. Run with a
// file name to see that it still comes out the same: node scripts/make-labels-fixture.mjs OUT
import { writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { u32, u64 } from './make-v1-fixture.mjs';

const text = (string) => [...new TextEncoder().encode(string)];

const NAMES = [
  ...text('débian'), // 7 bytes
  ...text(''), // package 0: unknown
  ...text('libc6'), // package 1
  ...text('/boot/vmlinuz'), // file 0
  0x2f, // file 1: a slash and a byte that is no UTF-8
  0xe9,
  ...text('/usr/lib/x86_64-linux-gnu/libc.so.6'), // file 2
];
const BODY = [
  // Three labels: 0000000000000001, 00000000ffffffff, fedcba9876543210.
  ...u32(1, 0xffffffff, 0x76543210), // hash low
  ...u32(0, 0, 0xfedcba98), // hash high
  ...u32(1, 0, 2), // file
  ...u32(0, 0xffffffff, 26), // page in the file
  ...u32(0, 7, 0xffffffff), // further files
  ...u32(25, 27, 62), // where the names of files end
  ...u32(0, 0, 1), // packages of files
  ...u32(7, 12), // where the names of packages end
  ...NAMES,
];
const HEAD = [
  ...[0x89, 0x50, 0x47, 0x4c, 0x0d, 0x0a, 0x1a, 0x0a],
  ...u32(1, 4096, 1, 64), // version, page size, hash algorithm, header bytes
  ...u64(0), // seed
  ...u32(3, 3, 2, 62, 7), // labels, files, packages, bytes of text, bytes of the image's name
  ...u32(crc32(Uint8Array.from(BODY)), 0),
];

/** The fixture. */
export const V1_LABELS = Uint8Array.from([...HEAD, ...u32(crc32(Uint8Array.from(HEAD))), ...BODY]);

if (process.argv[1]?.endsWith('make-labels-fixture.mjs') && process.argv[2] !== undefined) {
  writeFileSync(process.argv[2], V1_LABELS);
}
