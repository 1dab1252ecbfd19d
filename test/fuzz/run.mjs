/**
 * `npm run fuzz -- [--seed N] [--cases N] [--time SECONDS] [--threads N] [--case I] [--target NAME]`: runs hostile
 * inputs of a seed until the cases or the time are over. Prints each case that failed with the command that runs it
 * again; exit code 1 if there was one. A case that does not end is one that failed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import { build } from 'esbuild';

import { bundleOptions } from '../../scripts/build.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '2000' },
    time: { type: 'string', default: '0' },
    threads: { type: 'string', default: '1' },
    case: { type: 'string' },
    target: { type: 'string', default: '' },
  },
});
/** Far above what any case takes on a loaded machine: a hang, not slowness. */
const CASE_MS_MAX = 120_000;
const LOOK_MS = 1000;
const LINES_MAX = 20;
/** Case numbers of a seed end here; with --time alone there is no other end. */
const CASES_MAX = 2 ** 20;

const seed = Number(values.seed);
const seconds = Number(values.time);
const only = values.case === undefined ? null : Number(values.case);
const end =
  only === null ? (seconds > 0 && !process.argv.includes('--cases') ? CASES_MAX : Number(values.cases)) : only + 1;
const threads = only === null ? Number(values.threads) : 1;

let done = 0;
let failed = 0;

function tell({ index, target, problems }) {
  failed++;
  if (failed > LINES_MAX) return;
  const shown = problems.map((problem) => `  ${problem.slice(0, 1500)}`).join('\n');
  console.log(`case ${index} (${target}): npm run fuzz -- --seed ${seed} --case ${index} --target ${target}\n${shown}`);
}

/** Runs every `threads`-th case from `first` on; resolves to how many were run. */
function runThread(file, first) {
  return new Promise((resolve) => {
    const progress = new Int32Array(new SharedArrayBuffer(4)).fill(first);
    const workerData = { seed, first: only ?? first, step: threads, end, target: values.target, progress };
    const worker = new Worker(file, { workerData });
    const started = Date.now();
    let [last, since] = [first, started];
    const count = () => Math.max(0, Math.ceil((Math.min(end, Atomics.load(progress, 0)) - first) / threads));
    const finish = () => {
      clearInterval(timer);
      resolve(only === null ? count() : 1);
    };
    const timer = setInterval(() => {
      const now = Atomics.load(progress, 0);
      if (now !== last) [last, since] = [now, Date.now()];
      const hangs = Date.now() - since > CASE_MS_MAX;
      if (hangs) tell({ index: now, target: values.target || 'any', problems: [`does not end in ${CASE_MS_MAX} ms`] });
      if (hangs || (seconds > 0 && Date.now() - started > seconds * 1000)) void worker.terminate();
    }, LOOK_MS);
    worker.on('message', tell);
    worker.on('error', (error) => tell({ index: last, target: 'any', problems: [error.stack ?? String(error)] }));
    worker.on('exit', finish);
  });
}

const folder = mkdtempSync(path.join(tmpdir(), 'sharetop-fuzz-'));
const started = Date.now();
try {
  const options = await bundleOptions({ worker: 'test/fuzz/worker.ts' });
  await build({ ...options, outdir: folder, write: true, outExtension: { '.js': '.mjs' }, packages: 'bundle' });
  const file = path.join(folder, 'worker.mjs');
  const counts = await Promise.all(Array.from({ length: threads }, (_, first) => runThread(file, first)));
  done = counts.reduce((sum, count) => sum + count, 0);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const took = ((Date.now() - started) / 1000).toFixed(0);
const rss = (process.memoryUsage.rss() / 2 ** 20).toFixed(0);
console.log(`fuzz: seed ${seed}, ${done} cases, ${failed} failed, ${took} s, ${rss} MB at the end`);
if (failed > 0) process.exitCode = 1;
