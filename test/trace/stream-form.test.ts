import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { streamForm } from '../../src/trace/stream-form.js';
import { REPOSITORY } from '../cli/run-tool.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const FOLDER = join(REPOSITORY, 'fixtures');

describe('the form of every trace among the fixtures is what its name says', () => {
  // No trace at all, or too little of one to be known.
  const NONE = ['empty.pgt', 'not-a-trace.pgt', 'text-mode-transfer.pgt'];
  const files = ['malformed', 'versions'].flatMap((folder) =>
    readdirSync(join(FOLDER, folder))
      .filter((name) => !name.endsWith('.labels'))
      .map((name) => `${folder}/${name}`),
  );
  test.each(files)('%s', (file) => {
    const form = streamForm(readFileSync(join(FOLDER, file)), true);
    if (NONE.some((name) => file.endsWith(name)) && typeof form !== 'string') {
      expect(form?.problem).toMatch(/nothing was sent|is no trace/);
      return;
    }
    // NDJSON files that begin with what is no object are known by their name only.
    if (typeof form !== 'string') expect(file).toMatch(/no-object|not-json/);
    else expect(form).toBe(file.endsWith('.pgt') ? 'binary' : 'ndjson');
  });
});

test.each([
  ['{', 'ndjson'],
  ['\n \r\n{"record"', 'ndjson'],
  ['\ufeff{', 'ndjson'],
  ['\u0089', null],
  ['', null],
  [' \n', null],
  ['[1]', null],
  [' '.repeat(5000), 'ndjson'],
] as const)('%j, and more to come, is %j', (text, form) => {
  expect(streamForm(bytes(text), false)).toBe(form);
});

test('one byte of a segment is enough', () => {
  expect(streamForm(Uint8Array.of(0x89), false)).toBe('binary');
});

test.each([
  ['hello\n', false, "begins with 'hello'"],
  ['[1]', true, "begins with '[1]'"],
  ['\u001b[2J\u202egnp\nmore', true, "begins with '?[2J?gnp'"],
  ['x'.repeat(100), false, `begins with '${'x'.repeat(24)}'`],
  ['', true, 'ended before its first byte'],
])('%j (ended: %j) is none: %s', (text, ended, line) => {
  expect(streamForm(bytes(text), ended)).toEqual({ problem: expect.stringContaining(line) as string });
});

test('gzip is named', () => {
  expect(streamForm(Uint8Array.of(0x1f, 0x8b, 8), false)).toEqual({
    problem: expect.stringContaining('gzip -dc') as string,
  });
});
