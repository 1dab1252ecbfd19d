/** docs/VALIDATION.md and the tests that it names agree: each case has a test of that number, or a reason. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const DOCUMENT = readFileSync('docs/VALIDATION.md', 'utf8');

/** Cells of the table row of each case. */
const ROWS = new Map(
  DOCUMENT.split('\n')
    .filter((line) => /^\| V\d+ /.test(line))
    .map((line) => {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [cells[0], cells.slice(1)] as const;
    }),
);

const filesNamed = (name: string): string[] =>
  [...(ROWS.get(name)?.at(-1) ?? '').matchAll(/`(test\/[^`]+\.test\.tsx?)`/g)].map(([, file]) => file);

/** Numbers of cases in the names of a file's tests. */
function casesOf(file: string): Set<string> {
  const text = readFileSync(file, 'utf8');
  const names = text.matchAll(/(?:^\s*|\()['"`](?:[^'"`\n]*\b)?(V\d+)\b/gm);
  return new Set([...names, ...text.matchAll(/\(facts (V\d+)\)/g)].map(([, number]) => number));
}

describe('docs/VALIDATION.md', () => {
  test('has a row for each of the thirty cases', () => {
    const all = Array.from({ length: 30 }, (_, i) => `V${i + 1}`);
    expect([...ROWS.keys()].sort()).toEqual(all.sort());
  });

  test('has one row for each case, and none twice', () => {
    const names = [...DOCUMENT.matchAll(/^\| (V\d+) /gm)].map(([, name]) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  test('names every file with a test that has the number of a case in its name', () => {
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.test\.tsx?$/.test(file),
    );
    const unnamed = files.flatMap((path) => {
      const file = `test/${path.replaceAll('\\', '/')}`;
      return [...casesOf(file)].filter((name) => !filesNamed(name).includes(file)).map((name) => `${name}: ${file}`);
    });
    expect(unnamed).toEqual([]);
  });

  test('names for each case that is run a test that has its number in its name, else says why not', () => {
    for (const name of ROWS.keys()) {
      const files = filesNamed(name);
      if (files.length === 0) {
        expect(ROWS.get(name)?.at(-1)?.length, `${name} has a reason`).toBeGreaterThan(40);
        continue;
      }
      for (const file of files) {
        expect(existsSync(file), `${name}: ${file} is there`).toBe(true);
        expect([...casesOf(file)], `${file} has a test of ${name}`).toContain(name);
      }
    }
  });
});
