import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TraceError } from '../../../src/trace/trace-error.js';
import { pick } from '../../fuzz/fuzz-case.js';
import { hostileText } from '../../fuzz/hostile-text.js';
import { lineProblems } from '../../fuzz/trace-target.js';
import { SeededRandom } from '../../seeded-random.js';
import { temporaryDirectory } from '../../temporary-directory.js';
import { importAll, optionsOf, requestLines } from './import-logs.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures/block-logs');
const CASES = 1000;
/** A seed of one's own: SHARETOP_SEED. */
const SEED = Number(process.env['SHARETOP_SEED'] ?? '20261123');
const LINES = 25;
const ODD = ['', '0', '-1', '1e9', '4294967295', '99999999999999999999', '+', 'R', 'Q', 'A', '7,1', '\r', '\0', ']['];

const originals = ['dom0.blkparse.txt', 'boot.qemu.log'].map((name) =>
  readFileSync(path.join(FIXTURES, name), 'latin1').split('\n'),
);

/** Some lines of a real log: words changed, lost, doubled, swapped; lines cut, joined and put elsewhere. */
function mutated(random: SeededRandom): string {
  const original = pick(random, originals);
  const from = random.below(Math.max(1, original.length - LINES));
  const lines = original.slice(from, from + LINES);
  for (let i = 1 + random.below(6); i > 0; i--) {
    const at = random.below(lines.length);
    const words = lines[at].split(' ');
    const word = random.below(words.length);
    const roll = random.below(6);
    if (roll === 0) words[word] = pick(random, ODD);
    else if (roll === 1) words[word] = hostileText(random);
    else if (roll === 2) words.splice(word, 1);
    else if (roll === 3) words.splice(word, 0, pick(random, words));
    else if (roll === 4) words[word] = words[word].slice(0, random.below(words[word].length + 1));
    lines[at] = words.join(' ');
    if (roll === 5) lines.splice(random.below(lines.length), 0, pick(random, originals)[random.below(20)]);
  }
  const text = lines.join(random.chance(0.1) ? '\r\n' : '\n');
  return random.chance(0.2) ? text.slice(0, random.below(text.length + 1)) : `${text}\n`;
}

test(`${CASES} mutated block logs: requests, or one line that says what is wrong`, async () => {
  const random = new SeededRandom(SEED);
  const file = path.join(temporaryDirectory(), 'sdb.txt');
  let read = 0;
  let refused = 0;
  for (let i = 0; i < CASES; i++) {
    const text = mutated(random);
    writeFileSync(file, text, random.chance(0.5) ? 'latin1' : 'utf8');
    const place = `seed ${SEED}, case ${i}`;
    try {
      const { records, result } = await importAll(optionsOf([file]));
      const requests = requestLines(records).length;
      if (requests > 0) read++;
      for (const note of result.notes) expect(lineProblems(note), place).toEqual([]);
      expect(result.damagedLines, place).toBeLessThanOrEqual(2 * LINES);
    } catch (error) {
      if (!(error instanceof TraceError)) throw new Error(place, { cause: error });
      refused++;
      expect(lineProblems(error.message), place).toEqual([]);
      expect(error.source, place).not.toBe('');
    }
  }
  // Most are read but for what is wrong in them, and some are none any more.
  expect(read).toBeGreaterThan(CASES / 2);
  expect(refused).toBeGreaterThan(0);
});
