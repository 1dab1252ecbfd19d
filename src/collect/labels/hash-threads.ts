/** Hashing threads: units of work go to the thread with the least to do, each thread answers in order. */
import { Worker } from 'node:worker_threads';
import { assert } from '../../base/assert.js';
import type { FilePiece, HashedPages } from './hash-unit.js';
import type { HashLanes } from './label-root.js';

interface Thread {
  readonly worker: Worker;
  readonly waiting: { resolve: (hashed: HashedPages) => void; reject: (error: unknown) => void }[];
}

/** Starts threads; `close` when the work is done or given up. */
export class HashThreads implements HashLanes {
  readonly #threads: Thread[] = [];

  constructor(readonly lanes: number) {
    assert(lanes >= 1, 'at least one thread');
    for (let i = 0; i < lanes; i++) {
      const thread: Thread = {
        worker: new Worker(new URL('./label-hash-worker.js', import.meta.url)),
        waiting: [],
      };
      thread.worker.on('message', (hashed: HashedPages) => thread.waiting.shift()?.resolve(hashed));
      thread.worker.on('error', (error) => {
        for (const { reject } of thread.waiting.splice(0)) reject(error);
      });
      this.#threads.push(thread);
    }
  }

  /** See HashLanes; also fails when a thread does. */
  hash(pieces: readonly FilePiece[]): Promise<HashedPages> {
    let idlest = this.#threads[0];
    for (const thread of this.#threads) if (thread.waiting.length < idlest.waiting.length) idlest = thread;
    return new Promise((resolve, reject) => {
      idlest.waiting.push({ resolve, reject });
      idlest.worker.postMessage(pieces);
    });
  }

  /** Ends the threads, what they do included. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }
}
