/**
 * Who reads pages of other processes and hashes them: worker threads, or the calling thread where `threads` is 0. A
 * pool is shared by all scans of a recorder; whoever opened it closes it, after its scans.
 */
import { assert } from '../../base/assert.js';

/** How a pool is made. */
export interface HashPoolOptions {
  /** Worker threads; 0: everything is done in the calling thread (tests, and where threads cannot be had). */
  readonly threads: number;
  /** The bundle entry of the worker: `new URL('./hash-worker.js', import.meta.url)` beside dist/cli.js. */
  readonly workerUrl?: URL;
}

/** Reads and hashes pages. */
export interface HashPool {
  /** Ends the threads; jobs under way are given up. */
  close(): Promise<void>;
}

/** Opens a pool. Resolves when its threads can hash. */
export function openHashPool(options: HashPoolOptions): Promise<HashPool> {
  assert(options.threads === 0, 'threads are to come');
  return Promise.resolve({ close: () => Promise.resolve() });
}
