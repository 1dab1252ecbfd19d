/** The screen's end of the worker, with a worker of the test. */
import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { FromWorker, ToWorker } from '../../src/monitor/messages.js';
import { WorkerFeed } from '../../src/monitor/worker-feed.js';
import { ask, newMonitor, request } from './ask.js';

class FakeWorker extends EventEmitter {
  readonly posted: ToWorker[] = [];
  isTerminated = false;

  postMessage(message: ToWorker): void {
    this.posted.push(message);
  }

  async terminate(): Promise<number> {
    this.isTerminated = true;
    this.emit('exit', 1);
    return 1;
  }

  say(message: FromWorker): void {
    this.emit('message', message);
  }

  get requested(): number[] {
    return this.posted.flatMap((message) => (message.type === 'request' ? [message.request.id] : []));
  }
}

function feedOf(worker: FakeWorker): WorkerFeed {
  return new WorkerFeed(worker as unknown as Worker);
}

const snapshot = ask(newMonitor());

describe('requests', () => {
  test('one is under way; of those that come meanwhile the newest goes out', () => {
    const worker = new FakeWorker();
    const feed = feedOf(worker);
    for (const id of [1, 2, 3]) feed.request(request({ id }));
    expect(worker.requested).toEqual([1]);
    worker.say({ type: 'snapshot', snapshot });
    expect(worker.requested).toEqual([1, 3]);
    worker.say({ type: 'snapshot', snapshot });
    expect(worker.requested).toEqual([1, 3]);
    feed.request(request({ id: 4 }));
    expect(worker.requested).toEqual([1, 3, 4]);
  });

  test('answers come to all who listen, until they do not', () => {
    const worker = new FakeWorker();
    const feed = feedOf(worker);
    const seen: string[] = [];
    const stop = feed.subscribe(() => seen.push('a'));
    feed.subscribe(() => seen.push('b'));
    worker.say({ type: 'snapshot', snapshot });
    stop();
    worker.say({ type: 'snapshot', snapshot });
    expect(seen).toEqual(['a', 'b', 'b']);
  });
});

describe('a failure is told once, also to who listens later', () => {
  test.each<[string, (worker: FakeWorker) => void, string]>([
    [
      'told by the worker',
      (worker) => worker.say({ type: 'failure', line: 'x: does not exist', isTraceError: false }),
      'x: does not exist',
    ],
    [
      'an error that ended it',
      (worker) => worker.emit('error', new Error('no memory')),
      'the engine stopped: no memory',
    ],
    ['an end without a word', (worker) => worker.emit('exit', 7), 'the engine stopped'],
  ])('%s', (_name, fail, line) => {
    const worker = new FakeWorker();
    const feed = feedOf(worker);
    const lines: string[] = [];
    feed.onFailure((told) => lines.push(told));
    fail(worker);
    worker.emit('error', new Error('later'));
    worker.emit('exit', 1);
    feed.onFailure((told) => lines.push(told));
    expect(lines).toEqual([line, line]);
  });

  test('closing it is no failure', async () => {
    const worker = new FakeWorker();
    const feed = feedOf(worker);
    const lines: string[] = [];
    feed.onFailure((told) => lines.push(told));
    await feed.close();
    expect([worker.isTerminated, lines]).toEqual([true, []]);
  });
});
