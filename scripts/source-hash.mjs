/** One hash over everything that the bundle is made from, to tell whether `dist/` is up to date. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Beside the sources: what builds them, and what decides the versions of the packages that go in. */
const BUILD_INPUTS = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs'];
const BUILD_FOLDERS = ['src', 'scripts/bundle'];

/** The file in `dist/` that holds the hash of the sources which it was built from. */
export const BUILD_STAMP = 'dist/.build-stamp';

/** Hex SHA-256 over names and contents of all files that the bundle depends on. `root` is the repository. */
export function sourceHash(root) {
  const names = [...BUILD_INPUTS];
  for (const folder of BUILD_FOLDERS) {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })) {
      // `path` is the name of `parentPath` in the oldest Node that we support.
      if (entry.isFile()) names.push(path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
    }
  }
  const hash = createHash('sha256');
  for (const name of names.sort())
    hash
      .update(`${name}\0`)
      .update(readFileSync(path.join(root, name)))
      .update('\0');
  return hash.digest('hex');
}
