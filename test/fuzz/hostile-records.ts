/** Records that are well formed and hostile in what they say: storms, spans over everything, clocks that jump. */
import { encode } from '../model/plain-records.js';
import { randomWorld } from '../model/random-traces.js';
import { EXTRA_FRAMES_MAX, NO_GFN, ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../../src/trace/record.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import type { SeededRandom } from '../seeded-random.js';
import { extremeU32, pick } from './fuzz-case.js';
import { hostileText } from './hostile-text.js';

type Recipe = (buffer: RecordBuffer, random: SeededRandom) => void;

/** A small world as its recorder would write it. */
function soundWorld(buffer: RecordBuffer, random: SeededRandom): void {
  const { records } = randomWorld(random.u32(), { records: 20 + random.below(80) });
  for (const record of records) {
    if (record.stream !== 0) continue;
    buffer.timeIfChanged(record.time);
    encode(buffer, record);
  }
}

function gfnAndCount(random: SeededRandom): [gfn: number, count: number] {
  const gfn = Math.min(extremeU32(random), NO_GFN - 1);
  const count = random.chance(0.8) ? 1 + random.below(5000) : extremeU32(random);
  return [gfn, Math.max(1, Math.min(count, NO_GFN - gfn))];
}

/** Reservations of everything, and records all over it. */
function hugeSpans(buffer: RecordBuffer, random: SeededRandom): void {
  const domains = 1 + random.below(4);
  for (let d = 0; d < domains; d++) buffer.domain(d, `huge-${d}`, '', '', 'hvm', extremeU32(random));
  for (let i = 4 + random.below(12); i > 0; i--) {
    const domid = random.below(domains + 1);
    const [gfn, count] = gfnAndCount(random);
    const roll = random.below(8);
    if (roll === 0) buffer.dirty(domid, gfn, count);
    else if (roll === 1) buffer.free(domid, gfn, count);
    else if (roll === 2) buffer.touch(domid, gfn, count);
    else if (roll < 5) buffer.fillRun(domid, gfn, count, random.below(3), random.below(2), random.below(16));
    else if (roll === 5) buffer.fill(domid, gfn, extremeU32(random), extremeU32(random), random.below(16));
    else if (roll === 6) buffer.keyframeBegin(domid);
    else buffer.keyframeEnd(domid);
  }
}

/** Domains that come and go faster than anybody looks, under the same and under other keys and domids. */
function domidStorm(buffer: RecordBuffer, random: SeededRandom): void {
  const domids = pick(random, [1, 3, 200, 65536]);
  const keys = pick(random, [1, 5, 1000]);
  for (let i = 20 + random.below(120); i > 0; i--) {
    const domid = random.below(domids);
    const roll = random.unit();
    if (roll < 0.5) buffer.domain(domid, `k${random.below(keys)}`, '', pick(random, ['', 'a', 'b']), '', 8);
    else if (roll < 0.8) buffer.gone(domid);
    else if (roll < 0.9) buffer.fill(domid, random.below(9), random.below(4), 0, 0);
    else buffer.blockRead(domid, 1, random.below(4), random.below(4), 1, random.below(9), 3);
  }
}

/** More domains, groups and images than a screen or a small table holds. */
function manyThings(buffer: RecordBuffer, random: SeededRandom): void {
  const count = random.chance(0.002) ? 40_000 : random.below(random.chance(0.1) ? 600 : 100);
  for (let i = 0; i < count; i++) {
    if (random.chance(0.2)) buffer.image(extremeU32(random), `disk${random.below(count)}`, true, 1);
    buffer.domain(i & 0xffff, `many-${i}`, '', `g${random.below(300)}`, '', 4096);
    if (random.chance(0.2)) buffer.fill(i & 0xffff, random.below(4096), random.below(50), 0, 0);
  }
}

/** The clock: far ahead, back, ahead again. */
function clockJumps(buffer: RecordBuffer, random: SeededRandom): void {
  buffer.domain(1, 'clock', '', '', '', 64);
  for (let i = 5 + random.below(40); i > 0; i--) {
    buffer.time(pick(random, [0, 1, 999_999, 1e6, 6e8, 2 ** 32, 1.7e15, 2 ** 53 - 1, random.u32() * 1000]));
    if (random.chance(0.7)) buffer.fill(1, random.below(64), random.below(5), 0, 0);
    if (random.chance(0.3)) buffer.touch(1, 0, 64);
    if (random.chance(0.3)) buffer.blockRead(1, 0, random.below(9), 0, 0, NO_GFN, 2);
  }
}

/** Disks: writes over all of them, reads at their ends, images that change under their ids. */
function diskStorm(buffer: RecordBuffer, random: SeededRandom): void {
  buffer.domain(1, 'd1', '', '', '', 64);
  buffer.domain(2, 'd2', '', '', '', 64);
  for (let i = 10 + random.below(80); i > 0; i--) {
    const domid = 1 + random.below(2);
    const image = random.chance(0.9) ? random.below(3) : extremeU32(random);
    const block = random.chance(0.5) ? random.below(40_000) : extremeU32(random);
    const roll = random.unit();
    if (roll < 0.1) buffer.image(image, `disk${random.below(3)}`, random.chance(0.8), extremeU32(random));
    else if (roll < 0.4) {
      const count = random.chance(0.5) ? 1 : extremeU32(random);
      buffer.blockWrite(domid, image, block, Math.max(1, Math.min(count, 2 ** 32 - 1, 2 ** 32 - block)));
    } else {
      const gfn = random.chance(0.5) ? NO_GFN : random.below(70);
      const known = random.chance(0.7) ? 1 : 0;
      buffer.blockRead(domid, image, block, known * random.below(9), 0, gfn, known | (random.chance(0.9) ? 2 : 0));
    }
  }
}

/** Extra frames all over their room, of domains that come, go and change their group, beside a little RAM. */
function extraStorm(buffer: RecordBuffer, random: SeededRandom): void {
  const domains = 1 + random.below(4);
  for (let d = 0; d < domains; d++) buffer.domain(d, `extra-${d}`, '', '', 'hvm', 64);
  for (let i = 10 + random.below(50); i > 0; i--) {
    const domid = random.below(domains + 1);
    const roll = random.unit();
    if (roll < 0.5) {
      const index = random.chance(0.5) ? random.below(40) : Math.min(extremeU32(random), EXTRA_FRAMES_MAX - 1);
      const count = random.chance(0.9) ? 1 + random.below(30) : extremeU32(random);
      const [low, high] = random.chance(0.3) ? [ZERO_HASH_LOW, ZERO_HASH_HIGH] : [random.below(6), 0];
      const fits = Math.max(1, Math.min(count, EXTRA_FRAMES_MAX - index));
      buffer.extra(domid, index, fits, low, high, random.below(16));
    } else if (roll < 0.7) buffer.fill(domid, random.below(64), random.below(6), 0, 0);
    else if (roll < 0.75) buffer.gone(domid);
    else if (roll < 0.85) buffer.domain(domid, `extra-${random.below(6)}`, '', pick(random, ['', 'a']), 'hvm', 64);
    else if (roll < 0.9) buffer.blockRead(domid, 1, random.below(4), random.below(6), 0, NO_GFN, 3);
    else buffer.timeIfChanged(1e6 * random.below(90));
  }
}

/** Names, marks, labels and groups; counts that do not fit a screen. */
function hostileTexts(buffer: RecordBuffer, random: SeededRandom): void {
  buffer.host(hostileText(random), hostileText(random), pick(random, [0, 1, 2 ** 53 - 1]));
  buffer.lost(pick(random, [1, 2 ** 53 - 1]));
  for (let i = 1 + random.below(12); i > 0; i--) {
    buffer.image(i, hostileText(random), random.chance(0.5), extremeU32(random));
    const key = `${i}${hostileText(random)}`;
    const [name, group, kind] = [hostileText(random), hostileText(random), hostileText(random)];
    buffer.domain(i, key, name, group, kind, random.chance(0.8) ? 64 : extremeU32(random));
    buffer.mark(hostileText(random));
    buffer.label(extremeU32(random), random.u32(), pick(random, [0, 2 ** 53 - 1]), hostileText(random));
    for (let gfn = 0; gfn < 4; gfn++) buffer.blockRead(i, i, gfn, gfn + 1, 7, gfn, 3);
    buffer.timeIfChanged(1e6 * random.below(40));
  }
}

const RECIPES: readonly Recipe[] = [
  soundWorld,
  soundWorld,
  soundWorld,
  hugeSpans,
  domidStorm,
  manyThings,
  clockJumps,
  diskStorm,
  extraStorm,
  hostileTexts,
];

/** Records of one to three recipes, one after another. */
export function hostileRecords(random: SeededRandom): RecordBuffer {
  const buffer = new RecordBuffer();
  if (random.chance(0.9)) buffer.time(random.below(2e6));
  for (let i = random.below(3); i >= 0; i--) pick(random, RECIPES)(buffer, random);
  return buffer;
}

/** Records whose texts are hostile, with enough figures around them for every screen. */
export function hostileNames(random: SeededRandom): RecordBuffer {
  const buffer = new RecordBuffer();
  hostileTexts(buffer, random);
  if (random.chance(0.3)) pick(random, RECIPES)(buffer, random);
  return buffer;
}
