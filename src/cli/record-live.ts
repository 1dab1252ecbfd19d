/** `sharetop record --live`: a process that records, and the screen that follows what it writes. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printable } from '../base/printable.js';
import type { RunningApp } from '../ui/run-app.js';
import { EXIT } from './exit-codes.js';
import { liveCommand, type LiveOptions } from './live-command.js';
import type { ChildMessage } from './record-child.js';
import type { RecordCommandOptions } from './record-command.js';

/** Lines that are told when the screen is gone: the last ones. */
const NOTICES_MAX = 20;
/** A recorder that was asked to end has so long; what it has written is a trace anyway. */
const END_MS_MAX = 5000;

/**
 * Records and shows until the user quits. Without an output directory the trace is in a temporary one that is removed
 * at the end. Resolves to the exit code.
 */
export async function recordLiveCommand(
  given: Omit<RecordCommandOptions, 'output'> & { output: string | undefined },
  drawing: Omit<LiveOptions, 'trace' | 'untilMicros'>,
): Promise<number> {
  // Loaded before there is anything to clean up: until the screen is there a signal ends the process on the spot.
  await import('../ui/run-app.js');
  const temporary = given.output === undefined ? mkdtempSync(join(tmpdir(), 'sharetop-record-')) : null;
  const remove = (): void => {
    if (temporary !== null) rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 10 });
  };
  process.once('exit', remove);
  const output = given.output ?? join(temporary ?? '', 'trace');
  const child = new RecordingChild({ ...given, output, quiet: true, endsWithParent: true });
  const traceName = temporary === null ? undefined : 'record';
  try {
    const code = await liveCommand(
      { ...drawing, trace: output, untilMicros: null, ...(traceName !== undefined && { traceName }) },
      { started: (app) => child.show(app), beforeHangUp: remove },
    );
    return child.hasFailed ? EXIT.failure : code;
  } finally {
    await child.end();
    remove();
    process.removeListener('exit', remove);
    for (const line of child.notices) process.stderr.write(line);
  }
}

class RecordingChild {
  /** What the recorder said, whole lines. */
  readonly notices: string[] = [];
  hasFailed = false;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #app: RunningApp | null = null;

  constructor(options: RecordCommandOptions) {
    const path = fileURLToPath(new URL('./record-child.js', import.meta.url));
    this.#child = fork(path, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.#ended = new Promise((resolve) => {
      this.#child.on('exit', () => resolve());
      this.#child.on('error', (error) => {
        this.#take({ kind: 'failure', text: error.message });
        resolve();
      });
    });
    this.#child.on('message', (message: ChildMessage) => this.#take(message));
    this.#child.send(options);
  }

  /** The screen ends when the recorder fails: nothing new would come. */
  show(app: RunningApp): void {
    this.#app = app;
    if (this.hasFailed) app.stop();
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS_MAX);
    await this.#ended;
    clearTimeout(timer);
  }

  #take({ kind, text }: ChildMessage): void {
    if (kind === 'notice') this.notices.push(text);
    else if (text !== '') this.notices.push(`sharetop: ${printable(text, 2000)}\n`);
    if (this.notices.length > NOTICES_MAX) this.notices.shift();
    if (kind !== 'failure') return;
    this.hasFailed = true;
    this.#app?.stop();
  }
}
