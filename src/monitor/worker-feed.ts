import type { Worker } from 'node:worker_threads';
import type { Snapshot, ViewRequest } from '../figures/snapshot.js';
import type { FromWorker, ToWorker } from './messages.js';

/**
 * The monitor's worker as the screen sees it. One request is under way at a time; while it is, only the newest of
 * those that come is kept, and it goes out when the answer is there.
 */
export class WorkerFeed {
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  readonly #failureListeners = new Set<(line: string) => void>();
  #underWay = false;
  #waiting: ViewRequest | null = null;
  #failure: string | null = null;
  #closing = false;
  #isTraceFailure = false;

  constructor(private readonly worker: Worker) {
    worker.on('message', (message: FromWorker) => this.#take(message));
    worker.on('error', (error: Error) => this.#fail(`the engine stopped: ${error.message}`));
    worker.on('exit', () => {
      if (!this.#closing) this.#fail('the engine stopped');
    });
  }

  /** Asks for figures; the answer comes to the subscribers. */
  request(request: ViewRequest): void {
    if (this.#underWay) {
      this.#waiting = request;
      return;
    }
    this.#underWay = true;
    this.#post({ type: 'request', request });
  }

  /** Calls `listener` with every answer; the result ends the subscription. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` with one line when there will be no more figures; at once if that is so already. */
  onFailure(listener: (line: string) => void): () => void {
    this.#failureListeners.add(listener);
    if (this.#failure !== null) listener(this.#failure);
    return () => this.#failureListeners.delete(listener);
  }

  /** The trace is at fault that there are no more figures. */
  get isTraceFailure(): boolean {
    return this.#isTraceFailure;
  }

  /** The trace ends badly for a reason that the worker cannot see: one line. */
  failTrace(line: string): void {
    this.#isTraceFailure ||= this.#failure === null;
    this.#fail(line);
  }

  /** Ends the worker. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.worker.terminate();
  }

  #post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  #take(message: FromWorker): void {
    if (message.type === 'failure') {
      if (message.isTraceError) this.failTrace(message.line);
      else this.#fail(message.line);
      return;
    }
    if (message.type !== 'snapshot') return;
    this.#underWay = false;
    const next = this.#waiting;
    this.#waiting = null;
    if (next !== null) this.request(next);
    for (const listener of this.#listeners) listener(message.snapshot);
  }

  #fail(line: string): void {
    if (this.#failure !== null) return;
    this.#failure = line;
    for (const listener of this.#failureListeners) listener(line);
  }
}
