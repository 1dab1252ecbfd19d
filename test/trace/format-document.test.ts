/** docs/FORMAT.md is held to the code: its examples are read and its script is run. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { NdjsonDecoder } from '../../src/trace/ndjson-decoder.js';
import { KIND, KIND_NAMES } from '../../src/trace/record.js';
import { FrameModel } from './frame-model.js';
import { allWords, bufferOf, readIn, wordsOf } from './record-streams.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const text = readFileSync(path.join(ROOT, 'docs/FORMAT.md'), 'utf8');

/** The fenced block that begins with this line. */
function fenced(opening: string): string {
  const start = text.indexOf(`\n${opening}\n`);
  expect(start).toBeGreaterThan(0);
  const body = start + opening.length + 2;
  return text.slice(body, text.indexOf('```', body));
}

/** The kinds of the records in these words, in order, by name. */
function kindsOf(words: readonly number[]): (string | undefined)[] {
  const kinds: (string | undefined)[] = [];
  for (let at = 0; at < words.length; at += 4 * (1 + ((words[at] >> 6) & 63))) kinds.push(KIND_NAMES[words[at] & 63]);
  return kinds;
}

describe('docs/FORMAT.md', () => {
  it('shows NDJSON of every kind that is read without damage', () => {
    const decoder = new NdjsonDecoder('FORMAT.md');
    const kinds = kindsOf(allWords(readIn(decoder, Buffer.from(fenced('```ndjson')))));
    expect(decoder.damage).toEqual([]);
    expect([...new Set(kinds)].sort()).toEqual(Object.keys(KIND).sort());
  });

  it('has a row for every kind number', () => {
    const rows = [...text.matchAll(/^\| +(\d+) +\| ([a-zA-Z]+)/gm)];
    for (const [name, kind] of Object.entries(KIND)) {
      // A run and a span are rows "fill, run", "blockRead, span".
      const row = rows.find((found) => Number(found[1]) === kind && name.startsWith(found[2]));
      expect(row?.[0], `kind ${kind} is ${name}`).toBeDefined();
    }
  });

  it('draws the bytes of a fill and of extra frames as they are', () => {
    const all = text.slice(text.indexOf('As drawn bytes'));
    const bytes = [...all.matchAll(/^((?:[0-9a-f]{2} ){4}) {2}/gm)].flatMap((row) => row[1].trim().split(' '));
    const drawn = bufferOf([
      (b) => b.fill(3, 200, 0x32d8bbdb, 0xac869b6f, 1),
      (b) => b.extra(3, 5, 15, 0x32d8bbdb, 0xac869b6f, 0),
    ]);
    const words = Uint32Array.from(wordsOf(drawn));
    expect(bytes.join('')).toBe(Buffer.from(words.buffer).toString('hex'));
  });

  it('has a script that makes a trace of memory images', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sharetop-format-'));
    try {
      const memory = Buffer.concat([Buffer.alloc(4096), Buffer.alloc(4096, 0xcc), Buffer.alloc(100)]);
      const image = path.join(folder, 'web1.raw');
      writeFileSync(image, memory);
      const script = fenced('```js');
      // As a file the script's arguments begin at 2, so does what follows a placeholder here.
      const args = ['--input-type=module', '-e', script, 'pages.mjs', image];
      const lines = execFileSync(process.execPath, args, { cwd: ROOT });
      const decoder = new NdjsonDecoder('pages.ndjson');
      const model = new FrameModel();
      for (const block of readIn(decoder, lines)) model.apply(block.words);
      expect(decoder.damage).toEqual([]);
      expect(decoder.tornTailBytes).toBe(0);
      const domain = model.domains.get(1);
      expect(domain?.reservation).toBe(2);
      expect([...(domain?.frames ?? [])]).toEqual([
        [0, `0 853064667 2894502767`],
        [1, `0 1876815414 3743406572`],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
