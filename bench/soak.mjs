/**
 * `npm run soak -- [--hours 24] [--seed N] [--speed N] [--csv FILE]`: bundles bench/soak/ and runs it; exit code 1 if
 * something leaked or a figure is wrong. What it does and what it asks for: bench/soak/soak.ts.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { bundle } from './bundle.mjs';

const benchFolder = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(benchFolder);
const folder = mkdtempSync(path.join(tmpdir(), 'sharetop-soak-'));
const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
// Ctrl-C reaches the child too, which ends the tool; what is left to do here is to clean up.
process.on('SIGINT', () => undefined);
try {
  await bundle({ soak: 'bench/soak/soak.ts' }, folder);
  copyFileSync(path.join(benchFolder, 'probe.mjs'), path.join(folder, 'probe.mjs'));
  // A copy of the tool: it loads parts of itself late, and must not meet those of a build made meanwhile.
  const tool = path.join(folder, 'tool');
  for (const name of ['bin', 'dist', 'package.json']) {
    cpSync(path.join(root, name), path.join(tool, name), { recursive: true });
  }
  const env = { ...process.env, SHARETOP_BENCH_FOLDER: benchFolder };
  const argv = [path.join(folder, 'soak.mjs'), folder, ...process.argv.slice(2)];
  const child = spawn(process.execPath, argv, { stdio: 'inherit', env });
  process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
} finally {
  remove();
}
