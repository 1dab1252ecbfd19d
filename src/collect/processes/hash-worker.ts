/** Entry of a thread of the pool: jobs come in, answers go out, one after another. */
import { parentPort } from 'node:worker_threads';
import { systemProblem } from '../../base/system-problem.js';
import type { AnswerMessage, JobMessage } from './page-job.js';
import { PageReader } from './page-reader.js';

const port = parentPort;
const reader = new PageReader();

function answer(message: JobMessage): void {
  const { id } = message;
  try {
    if (message.kind === 'read') {
      const result = reader.read(message.job);
      port?.postMessage({ id, kind: 'read', answer: result } satisfies AnswerMessage, [result.hashes.buffer]);
    } else {
      const result = reader.count(message.job);
      port?.postMessage({ id, kind: 'count', answer: result } satisfies AnswerMessage, [result.unitPages.buffer]);
    }
  } catch (error) {
    port?.postMessage({ id, kind: 'failed', problem: systemProblem(error) } satisfies AnswerMessage);
  }
}

port?.on('message', answer);
