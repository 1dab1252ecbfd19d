/** The engine alone: records that lie in memory, random frames, no policies. Yardstick: engine.c. */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { Engine } from '../../src/engine/engine.js';
import { SLOT_WORDS } from '../../src/trace/record.js';
import { stateHash } from '../engine-state.js';
import { type Bench, collectGarbage, sameHash, subject, timed } from '../harness.js';
import { declarations, type FillWorkload, LARGE, randomFills, SMALL } from '../random-fills.js';

/** Records of one block as a segment has them: 64 KiB. */
const BLOCK_WORDS = 4096 * SLOT_WORDS;

/** Builds engine.c; the path of the program, or the reason why there is none. */
function buildC(): { program: string } | { reason: string } {
  // The bundle lies in the run's own folder, which run.mjs removes; the source is named by run.mjs.
  const source = path.join(process.env['SHARETOP_BENCH_FOLDER'] ?? '.', 'engine.c');
  const program = path.join(import.meta.dirname, 'engine-c');
  const { status, error, stderr } = spawnSync('cc', ['-O2', '-o', program, source, '-lm'], { encoding: 'utf8' });
  if (error !== undefined) return { reason: 'no C compiler (cc) on this machine' };
  if (status !== 0) return { reason: `engine.c does not compile: ${stderr.split('\n')[0]}` };
  return { program };
}

/** CPU seconds and hash of one run of the C program. */
function runC(program: string, workload: FillWorkload, mode: string): { cpu: number; hash: string } {
  const { fills, domains, framesPerDomain, pool, duplicateShare, seed } = workload;
  const args = [fills, domains, framesPerDomain, pool, duplicateShare, seed, mode].map(String);
  const [cpu, hash] = execFileSync(program, args, { encoding: 'utf8' }).trim().split(' ');
  return { cpu: Number(cpu), hash };
}

/** @param microsPerBlock how far trace time moves on with each block; 0: it stands */
function runEngine(workload: FillWorkload, words: Uint32Array, microsPerBlock: number): { cpu: number; hash: string } {
  collectGarbage();
  const engine = new Engine();
  const declared = declarations(workload);
  engine.apply(0, 0, declared.words, 0, declared.wordCount);
  const { cpu } = timed(() => {
    for (let at = 0, time = 0; at < words.length; at += BLOCK_WORDS, time += microsPerBlock) {
      engine.apply(0, time, words, at, Math.min(words.length, at + BLOCK_WORDS));
    }
    engine.settle();
  });
  return { cpu, hash: stateHash(engine, workload.framesPerDomain) };
}

function run(bench: Bench): void {
  const workload = bench.small ? SMALL : LARGE;
  const words = randomFills(workload);
  const c = buildC();
  const rates: Record<string, number[]> = { still: [], clock: [], plain: [], prefetch: [] };
  const hashes: string[] = [];
  const record = (what: string, { cpu, hash }: { cpu: number; hash: string }): void => {
    rates[what].push(workload.fills / cpu / 1e6);
    hashes.push(hash);
  };
  runEngine(workload, words, 0);
  for (let i = 0; i < bench.repeats; i++) {
    record('still', runEngine(workload, words, 0));
    if ('program' in c) record('plain', runC(c.program, workload, 'plain'));
    if ('program' in c) record('prefetch', runC(c.program, workload, 'prefetch'));
    record('clock', runEngine(workload, words, 16_384));
  }
  const hash = sameHash(hashes, 'engine and engine.c');
  const unit = 'M fills/s';
  bench.report({ name: 'engine', unit, values: rates['still'], budget: { atLeast: 4 }, hash });
  bench.report({ name: 'engine, with 250 k fills a second of trace time', unit, values: rates['clock'] });
  if ('reason' in c) {
    bench.skip('engine.c', c.reason);
    return;
  }
  for (const mode of ['plain', 'prefetch']) {
    bench.report({ name: `the same in C, ${mode}`, unit, values: rates[mode] });
    const ratios = rates['still'].map((rate, i) => rate / rates[mode][i]);
    bench.report({ name: `engine / C, ${mode}`, unit: '×', values: ratios, budget: { atLeast: 0.4 } });
  }
}

await subject(run);
