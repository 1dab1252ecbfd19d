/**
 * Binary segments, whole and damaged. Damage below the checksums would never get past them, so most of it is done to a
 * block's records and the checksums are made right again.
 */
import { SegmentWriter } from '../../src/trace/segment-writer.js';
import { crc32 } from 'node:zlib';
import type { RecordBuffer } from '../../src/trace/record-buffer.js';
import type { SeededRandom } from '../seeded-random.js';
import { extremeU32, pick } from './fuzz-case.js';

const HEADER_BYTES = 64;
const BLOCK_HEADER_BYTES = 32;

/** The records as one segment: its header, then its blocks. */
export function segmentPieces(records: RecordBuffer): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const sink = {
    open: () => undefined,
    write: (bytes: Uint8Array) => void pieces.push(bytes.slice()),
    close: () => undefined,
  };
  const writer = new SegmentWriter('fuzz', sink, { rotateBytes: Number.POSITIVE_INFINITY });
  writer.append(records);
  writer.flush();
  writer.close();
  return splitBlocks(Buffer.concat(pieces));
}

/** A sound segment cut into its header and its blocks. */
function splitBlocks(bytes: Buffer): Uint8Array[] {
  const pieces: Uint8Array[] = [Uint8Array.from(bytes.subarray(0, HEADER_BYTES))];
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const end = at + BLOCK_HEADER_BYTES + bytes.readUInt32LE(at + 4);
    pieces.push(Uint8Array.from(bytes.subarray(at, end)));
    at = end;
  }
  return pieces;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Makes both checksums of a block right for what is in it; the length and count stay as they are. */
export function repairBlock(block: Uint8Array): void {
  const view = viewOf(block);
  const payload = Math.min(view.getUint32(4, true), block.length - BLOCK_HEADER_BYTES);
  view.setUint32(12, crc32(block.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + payload)), true);
  view.setUint32(28, crc32(block.subarray(0, 28)), true);
}

/** Overwrites words of the records, often with numbers at the edges. */
function spoilRecords(block: Uint8Array, random: SeededRandom): void {
  const view = viewOf(block);
  const slots = (block.length - BLOCK_HEADER_BYTES) / 16;
  for (let i = 1 + random.below(6); i > 0 && slots > 0; i--) {
    const at = BLOCK_HEADER_BYTES + 16 * random.below(slots) + 4 * random.below(4);
    const bit = 1 << random.below(31);
    const value = random.chance(0.5) ? extremeU32(random) : view.getUint32(at, true) ^ bit;
    view.setUint32(at, value >>> 0, true);
  }
}

/** Records of one slot doubled, removed or moved inside a block. */
function shuffleSlots(block: Uint8Array, random: SeededRandom): void {
  const slots = (block.length - BLOCK_HEADER_BYTES) / 16;
  const at = (slot: number): number => BLOCK_HEADER_BYTES + 16 * slot;
  for (let i = 1 + random.below(4); i > 0 && slots > 1; i--) {
    const from = random.below(slots);
    block.copyWithin(at(random.below(slots)), at(from), at(from) + 16);
  }
}

function spoilHeader(block: Uint8Array, random: SeededRandom): void {
  const field = pick(random, [4, 8, 16, 20, 24]);
  viewOf(block).setUint32(field, extremeU32(random), true);
}

/** A block whose payload is a whole block: what a reader that lost its place would find. */
function nest(block: Uint8Array): Uint8Array {
  const outer = new Uint8Array(block.length + BLOCK_HEADER_BYTES);
  outer.set(block.subarray(0, BLOCK_HEADER_BYTES));
  outer.set(block, BLOCK_HEADER_BYTES);
  viewOf(outer).setUint32(4, block.length, true);
  return outer;
}

function damageBlocks(pieces: Uint8Array[], random: SeededRandom): void {
  const index = pieces.length > 1 ? 1 + random.below(pieces.length - 1) : 0;
  const block = Uint8Array.from(pieces[index]);
  const roll = random.below(8);
  if (roll < 4) spoilRecords(block, random);
  else if (roll === 4) shuffleSlots(block, random);
  else if (roll === 5) spoilHeader(block, random);
  else if (roll === 6) pieces.splice(index, 0, pieces[random.below(pieces.length)]);
  else {
    pieces[index] = nest(block);
    return;
  }
  if (random.chance(0.9) && block.length >= BLOCK_HEADER_BYTES && index > 0) repairBlock(block);
  pieces[index] = block;
}

function damageBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const roll = random.below(5);
  const at = random.below(bytes.length);
  if (roll === 0) return bytes.subarray(0, at);
  if (roll === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length))]);
  if (roll === 2) return Buffer.concat([bytes.subarray(0, at), new Uint8Array(random.below(300)), bytes.subarray(at)]);
  if (roll === 3) return Buffer.concat([bytes, new Uint8Array(16 * random.below(40))]);
  const spoiled = Uint8Array.from(bytes);
  for (let i = 1 + random.below(8); i > 0; i--) spoiled[random.below(bytes.length)] ^= 1 << random.below(8);
  return spoiled;
}

/** The bytes of a segment of these records; `isSound` if nothing was done to it. */
export function hostileSegment(records: RecordBuffer, random: SeededRandom): Uint8Array {
  const pieces = segmentPieces(records);
  if (random.chance(0.15)) return Buffer.concat(pieces);
  if (random.chance(0.8)) for (let i = random.below(4); i >= 0; i--) damageBlocks(pieces, random);
  const bytes = Buffer.concat(pieces);
  return random.chance(0.3) && bytes.length > 0 ? damageBytes(bytes, random) : bytes;
}
