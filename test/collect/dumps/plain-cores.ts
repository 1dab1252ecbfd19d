/** Cores read the plain way, the whole file in memory and every number a BigInt: the second reader of the tests. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import xxhash from 'xxhash-wasm';
import type { PlainMemory } from './imported-memory.js';

const library = await xxhash();
const PADDING = 2n ** 64n - 1n;

/** XXH64, seed 0, of a page. */
export function pageHash(page: Uint8Array): bigint {
  return library.h64Raw(page, 0n);
}

/** The section of this name of a 64-bit ELF file. */
function section(file: Buffer, name: string): Buffer | null {
  const table = Number(file.readBigUInt64LE(40));
  const entry = (i: number): { name: number; offset: number; size: number } => ({
    name: file.readUInt32LE(table + i * 64),
    offset: Number(file.readBigUInt64LE(table + i * 64 + 24)),
    size: Number(file.readBigUInt64LE(table + i * 64 + 32)),
  });
  const names = entry(file.readUInt16LE(62));
  for (let i = 1; i < file.readUInt16LE(60); i++) {
    const { name: nameAt, offset, size } = entry(i);
    const start = names.offset + nameAt;
    if (file.toString('latin1', start, file.indexOf(0, start)) === name) return file.subarray(offset, offset + size);
  }
  return null;
}

/** A Xen core: the entries of its table, and what each frame holds. */
export function readPlainXenCore(path: string): { entries: number; memory: PlainMemory } {
  const bytes = readFileSync(path);
  const file = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
  const p2m = section(file, '.xen_p2m');
  const table = p2m ?? section(file, '.xen_pfn');
  const pages = section(file, '.xen_pages');
  if (table === null || pages === null) throw new Error('no table or no pages');
  const entryBytes = p2m === null ? 8 : 16;
  const memory = new Map<number, bigint>();
  for (let i = 0; i < table.length / entryBytes; i++) {
    const pfn = table.readBigUInt64LE(i * entryBytes);
    if (pfn !== PADDING) memory.set(Number(pfn), pageHash(pages.subarray(i * 4096, i * 4096 + 4096)));
  }
  return { entries: table.length / entryBytes, memory };
}
