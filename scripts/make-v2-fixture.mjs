// Wrote fixtures/versions/v2.pgt once, byte by byte from docs/FORMAT.md, as make-v1-fixture.mjs did for version 1: what
// version 2 adds: extra frames of a domain, label files, scans and counters. Run with a file name to see that it still
// comes out the same: node scripts/make-v2-fixture.mjs OUT
import { writeFileSync } from 'node:fs';
import { block, head, segmentHeader, text, u16, u32, u64 } from './make-v1-fixture.mjs';

const OPENING = [
  [...head(1, 0, 0, 0), ...u64(1000), ...u32(0)],
  [...head(4, 1, 0, 3), ...u32(16), ...u16(4, 4, 7, 0), ...text('web1web1default')],
  [...head(22, 1, 0, 0), ...u32(15, 0, 0), ...text('debian12.labels')],
  [...head(20, 1, 0, 3), ...u32(0, 1, 0), ...u64('2d9af608fcedd5a4'), ...u64(0)],
  [...head(20, 1, 0, 3), ...u32(1, 15, 0), ...u64('ac869b6f32d8bbdb'), ...u64(0)],
  [...head(20, 1, 1, 3), ...u32(65535, 1, 0), ...u64('ac869b6f32d8bbdb'), ...u64(0)],
];
const LATER = [
  [...head(20, 1, 0, 3), ...u32(7, 2, 0), ...u64('344b4cd10ec2382c'), ...u64(0)],
  [...head(23, 0, 0, 3), ...u32(0, 0, 0)],
  [...head(6, 0, 0, 3), ...u32(0), ...u64('344b4cd10ec2382c')],
  [...head(24, 0, 0, 3), ...u32(0, 0, 0)],
  [...head(21, 2, 0, 0), ...u32(73475, 0, 17), ...text('ksm.pages_sharing')],
  // −201384320 in two's complement.
  [...head(21, 2, 1, 3), ...u32(0xf3ff1e80, 0xffffffff, 22), ...text('ksm.ksm_process_profit')],
];

/** The fixture: an opening block and another. */
export const V2 = Uint8Array.from([
  ...segmentHeader({ version: 2, start: 1000 }),
  ...block(OPENING, { base: 1000, flags: 1 }),
  ...block(LATER, { base: 1000, sequence: 1 }),
]);

if (process.argv[1]?.endsWith('make-v2-fixture.mjs') && process.argv[2] !== undefined) {
  writeFileSync(process.argv[2], V2);
}
