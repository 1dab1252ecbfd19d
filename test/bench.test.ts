import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

test('every bench runs with small inputs and reports figures', { timeout: 240_000 }, () => {
  // Not the whole processes: they need quiet seconds, and the terminal tests start them anyway.
  const wholeProcesses = ['process', 'latency', 'link', 'screen'];
  const names = readdirSync(path.join(ROOT, 'bench/subjects')).map((file) => path.basename(file, '.ts'));
  const small = names.filter((name) => !wholeProcesses.includes(name));
  const output = execFileSync(process.execPath, ['bench/run.mjs', '--small', ...small], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const name of small) {
    const section = output.split(`\n${name}\n`)[1] ?? '';
    expect(section.split('\n\n')[0], name).toMatch(/\d\.\d\d/);
  }
});
