/**
 * Entry of the process that records for `sharetop record --live`: in one of its own it is nice, its CPU is its own, and
 * the screen stays quick. What it would say goes to the screen's process, and it ends when that is gone.
 */
import { recordCommand, type RecordCommandOptions } from './record-command.js';

/** What it sends: something to tell, or why it ended early. */
export interface ChildMessage {
  readonly kind: 'notice' | 'failure';
  readonly text: string;
}

function send(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

const io = {
  stdout: { write: () => true, isTTY: false },
  stderr: { write: (text: string) => send({ kind: 'notice', text }), isTTY: false },
  now: () => performance.now(),
};

process.once('message', (options: RecordCommandOptions) => {
  recordCommand(options, io).then(
    (code) => {
      process.exitCode = code;
      if (code !== 0) send({ kind: 'failure', text: '' });
      if (process.connected) process.disconnect();
    },
    (error: unknown) => {
      process.exitCode = 1;
      send({ kind: 'failure', text: error instanceof Error ? error.message : String(error) });
      if (process.connected) process.disconnect();
    },
  );
});
