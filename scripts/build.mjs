/**
 * Bundles the tool into `dist/`: everything that it needs to run, for a user who has Node and nothing else.
 * `cli.js`, `worker.js`, `replay-worker.js` and `hash-worker.js` are the threads; what is loaded on demand (Ink, the
 * charts) is in chunks beside them.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { thirdPartyLicenses } from './bundle/licenses.mjs';
import { BUILD_STAMP, sourceHash } from './source-hash.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** The threads of the tool. Their bundles must stay in one folder: the first starts the second by its file name. */
const ENTRY_POINTS = {
  cli: 'src/cli/main.ts',
  worker: 'src/monitor/worker.ts',
  'replay-worker': 'src/cli/replay-worker.ts',
  'record-child': 'src/cli/record-child.ts',
  'record-watchdog': 'src/cli/record-watchdog.ts',
  'label-hash-worker': 'src/collect/labels/hash-worker.ts',
  'hash-worker': 'src/collect/processes/hash-worker.ts',
};

/**
 * esbuild's options for code that runs as part of the tool.
 * @param entryPoints name of the output → source file, relative to the repository
 */
export async function bundleOptions(entryPoints) {
  // Loaded here and not on top, so that setup can import this file before anything is installed.
  const { plugins } = await import('./bundle/plugins.mjs');
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return {
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Chunks lie beside the entry points, so that `new URL('./worker.js', import.meta.url)` holds in both.
    chunkNames: '[name]-[hash]',
    // Names stay: a bug report's stack must be readable without a source map.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
    define: {
      // React's development build keeps every frame's measurements: 4 GB in ten hours at one frame a second.
      'process.env.NODE_ENV': '"production"',
      __SHARETOP_VERSION__: JSON.stringify(version),
    },
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    plugins,
  };
}

/** Writes `contents` so that a reader sees the old file or the new one, never half. */
function replaceFile(file, contents) {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, file);
}

/** Removes a file of an earlier build, but not what another build, at the same time, is about to rename. */
function removeStale(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  const mayBeInUse = file.endsWith('.tmp') && stats !== undefined && Date.now() - stats.mtimeMs < 60_000;
  if (!mayBeInUse) rmSync(file, { recursive: true, force: true });
}

/**
 * Builds `dist/`. Throws an Error whose message lists the problems as `file:line: text`. Chunks are written before
 * the files that import them and old ones are removed last: a sharetop started meanwhile runs the old or the new one.
 */
export async function build() {
  const { build: bundle, formatMessages } = await import('esbuild');
  const hash = sourceHash(root);
  const dist = path.join(root, 'dist');
  const result = await bundle(await bundleOptions(ENTRY_POINTS)).catch(async (failure) => {
    if (!Array.isArray(failure.errors)) throw failure;
    throw new Error((await formatMessages(failure.errors, { kind: 'error' })).join(''));
  });
  mkdirSync(dist, { recursive: true });
  const written = new Map();
  for (const { path: file, contents } of result.outputFiles) written.set(path.basename(file), contents);
  written.set('THIRD-PARTY-LICENSES.txt', thirdPartyLicenses(root, Object.keys(result.metafile.inputs)));

  const entryNames = Object.keys(ENTRY_POINTS).map((name) => `${name}.js`);
  for (const [name, contents] of written) if (!entryNames.includes(name)) replaceFile(path.join(dist, name), contents);
  for (const name of entryNames) replaceFile(path.join(dist, name), written.get(name));
  replaceFile(path.join(root, BUILD_STAMP), `${hash}\n`);
  written.set(path.basename(BUILD_STAMP), '');
  for (const name of readdirSync(dist)) if (!written.has(name)) removeStale(path.join(dist, name));
  return { files: result.outputFiles.map(({ path: file, contents }) => ({ file, bytes: contents.length })) };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const { files } = await build();
    for (const { file, bytes } of files) process.stderr.write(`${path.relative(root, file)}  ${bytes} bytes\n`);
  } catch (error) {
    process.stderr.write(`build failed:\n${error.message}\n`);
    process.exitCode = 1;
  }
}
