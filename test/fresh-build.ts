/** Tests of the bundle are tests of the sources only if the one was made from the other. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

let isFresh = false;

/** Builds `dist/` if a source changed since; throws what the build says if it fails. Quick if nothing is to do. */
export function ensureFreshBuild(): void {
  if (isFresh) return;
  const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  isFresh = true;
}
