/**
 * Who reads pages of other processes and hashes them: worker threads, or the calling thread where `threads` is 0. A
 * pool is shared by all scans of a recorder; whoever opened it closes it, after its scans. One scan keeps one thread
 * busy: several threads are of use where several processes are scanned at the same time.
 */
import { Worker } from 'node:worker_threads';
import { assert } from '../../base/assert.js';
import type { AnswerMessage, CountAnswer, CountJob, JobMessage, ReadAnswer, ReadJob } from './page-job.js';
import { PageReader } from './page-reader.js';

/** How a pool is made. */
export interface HashPoolOptions {
  /** Worker threads; 0: everything is done in the calling thread (tests, and where threads cannot be had). */
  readonly threads: number;
  /** The bundle entry of the worker: `new URL('./hash-worker.js', import.meta.url)` beside dist/cli.js. */
  readonly workerUrl?: URL;
}

/** Reads and hashes pages. A job that fails rejects with an Error of one line. */
export interface HashPool {
  read(job: ReadJob): Promise<ReadAnswer>;
  count(job: CountJob): Promise<CountAnswer>;
  /** Ends the threads; jobs under way are rejected. */
  close(): Promise<void>;
}

/** Opens a pool. Resolves when its threads have been started. */
export function openHashPool(options: HashPoolOptions): Promise<HashPool> {
  const { threads, workerUrl } = options;
  if (threads === 0) return Promise.resolve(new CallersThread());
  assert(workerUrl !== undefined, 'threads need the file that they run');
  return Promise.resolve(new ThreadPool(threads, workerUrl));
}

class CallersThread implements HashPool {
  readonly #reader = new PageReader();

  read(job: ReadJob): Promise<ReadAnswer> {
    return Promise.resolve().then(() => this.#reader.read(job));
  }

  count(job: CountJob): Promise<CountAnswer> {
    return Promise.resolve().then(() => this.#reader.count(job));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Waiting {
  readonly thread: Worker;
  readonly resolve: (message: AnswerMessage) => void;
  readonly reject: (error: Error) => void;
}

class ThreadPool implements HashPool {
  readonly #threads: Worker[] = [];
  readonly #busy = new Map<Worker, number>();
  readonly #waiting = new Map<number, Waiting>();
  #idLast = 0;
  #failure: Error | null = null;

  constructor(count: number, file: URL) {
    for (let i = 0; i < count; i++) {
      const thread = new Worker(file);
      thread.on('message', (message: AnswerMessage) => this.#answered(message));
      thread.on('error', (error) => this.#fail(error));
      thread.on('exit', () => this.#fail(new Error('a hashing thread has ended')));
      // An idle pool keeps no process alive; a job does, for as long as it runs (#ask).
      thread.unref();
      this.#threads.push(thread);
      this.#busy.set(thread, 0);
    }
  }

  async read(job: ReadJob): Promise<ReadAnswer> {
    const message = await this.#ask((id) => ({ id, kind: 'read', job }));
    assert(message.kind === 'read', 'the answer is of the kind of the job');
    return message.answer;
  }

  async count(job: CountJob): Promise<CountAnswer> {
    const message = await this.#ask((id) => ({ id, kind: 'count', job }));
    assert(message.kind === 'count', 'the answer is of the kind of the job');
    return message.answer;
  }

  async close(): Promise<void> {
    this.#fail(new Error('the pool was closed'));
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #ask(message: (id: number) => JobMessage): Promise<AnswerMessage> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    let thread = this.#threads[0];
    for (const other of this.#threads) if (this.#load(other) < this.#load(thread)) thread = other;
    const id = ++this.#idLast;
    this.#busy.set(thread, this.#load(thread) + 1);
    thread.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { thread, resolve, reject });
      thread.postMessage(message(id));
    });
  }

  #load(thread: Worker): number {
    return this.#busy.get(thread) ?? 0;
  }

  #answered(message: AnswerMessage): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    const load = this.#load(waiting.thread) - 1;
    this.#busy.set(waiting.thread, load);
    if (load === 0) waiting.thread.unref();
    if (message.kind === 'failed') waiting.reject(new Error(message.problem));
    else waiting.resolve(message);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
