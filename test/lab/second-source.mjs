/**
 * The memory of a stopped guest twice: as sharetop recorded it, and as QEMU itself wrote it out. The core is read here
 * with plain offsets and shares no code with the tool's own import.
 */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';

import xxhash from 'xxhash-wasm';

const PAGE_BYTES = 4096;
const PT_LOAD = 1;
const ZERO_HASH = 'ac869b6f32d8bbdb';

/** gfn → hash of every page of the guest's RAM in an ELF core of QEMU; pages at and above `frames` are ROMs. */
export async function coreMemory(file, frames) {
  const { h64Raw } = await xxhash();
  const descriptor = openSync(file, 'r');
  const read = (bytes, position) => {
    const buffer = Buffer.alloc(bytes);
    if (readSync(descriptor, buffer, 0, bytes, position) !== bytes) throw new Error(`${file}: ends before ${position}`);
    return buffer;
  };
  const memory = new Map();
  const head = read(64, 0);
  const programHeaders = Number(head.readBigUInt64LE(32));
  for (let i = 0; i < head.readUInt16LE(56); i++) {
    const entry = read(56, programHeaders + 56 * i);
    if (entry.readUInt32LE(0) !== PT_LOAD) continue;
    const [offset, , physical, fileBytes] = [8, 16, 24, 32].map((at) => Number(entry.readBigUInt64LE(at)));
    for (let at = 0; at + PAGE_BYTES <= fileBytes; at += PAGE_BYTES) {
      const gfn = (physical + at) / PAGE_BYTES;
      if (gfn >= frames) continue;
      memory.set(
        gfn,
        h64Raw(read(PAGE_BYTES, offset + at))
          .toString(16)
          .padStart(16, '0'),
      );
    }
  }
  closeSync(descriptor);
  return memory;
}

/** Name of the domain → gfn → hash, at the end of a trace in NDJSON. Untouched and freed frames are not in it. */
export async function traceMemories(file) {
  const names = new Map();
  const memories = new Map();
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const { record, domid, ...fields } = JSON.parse(line);
    if (record === 'domain') {
      names.set(domid, fields.name);
      if (!memories.has(fields.name)) memories.set(fields.name, new Map());
    }
    const memory = memories.get(names.get(domid));
    if (record === 'keyframe' && fields.phase === 'begin') memory.clear();
    const { gfn, count = 1 } = fields;
    if (record === 'fill' && fields.hashes !== undefined) fields.hashes.forEach((hash, n) => memory.set(gfn + n, hash));
    else if (record === 'fill') for (let n = 0; n < count; n++) memory.set(gfn + n, fields.hash);
    else if (record === 'dirty' || record === 'free') for (let n = 0; n < count; n++) memory.delete(gfn + n);
  }
  return memories;
}

/**
 * Compares the two. A frame that the trace does not have was never touched: QEMU reads zeros there.
 * @returns pages that are equal, that are untouched in the one and zero in the other, and the gfns that differ
 */
export function compareMemories(core, recorded, frames) {
  const result = { equal: 0, untouched: 0, different: [], notInCore: 0 };
  for (let gfn = 0; gfn < frames; gfn++) {
    const [dumped, seen] = [core.get(gfn), recorded.get(gfn)];
    if (dumped === undefined) result.notInCore++;
    else if (seen === dumped) result.equal++;
    else if (seen === undefined && dumped === ZERO_HASH) result.untouched++;
    else result.different.push(gfn);
  }
  return result;
}
