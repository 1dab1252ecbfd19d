/** Bundles the benches as the shipped tool is bundled: what is measured is what runs. */
import { build } from 'esbuild';

import { bundleOptions } from '../scripts/build.mjs';

/**
 * @param entryPoints name of the output (without ending) → source file, relative to the repository
 * @param folder where the bundles are written, as NAME.mjs
 */
export async function bundle(entryPoints, folder) {
  const options = await bundleOptions(entryPoints);
  await build({ ...options, outdir: folder, write: true, outExtension: { '.js': '.mjs' }, packages: 'bundle' });
}
