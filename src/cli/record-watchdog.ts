/**
 * Entry of the process that stops guests for `sharetop record --consistent`, and lets them go again whatever becomes
 * of the recorder. It is in a session of its own: what ends the recorder does not end it.
 *
 * Lines from the recorder: `hold PID TICKS`, answered by held, stopped-before, gone or refused; `beat`, not answered;
 * `free`, answered by freed or lapsed. At the end of the input, or when nothing came for a while, it lets go.
 */
import { createInterface } from 'node:readline';
import { Hold } from '../collect/recorder/hold.js';
import { ProcessList } from '../collect/recorder/process-list.js';

/** A recorder that says nothing for so long is stopped itself, or stuck: the guest must not wait for it. */
const SILENCE_MS = 2000;

const hold = new Hold(new ProcessList(), (pid, signal) => process.kill(pid, signal));
let timer: NodeJS.Timeout | undefined;

function rest(): void {
  clearTimeout(timer);
  timer = undefined;
}

function watch(): void {
  rest();
  timer = setTimeout(() => hold.free(), SILENCE_MS);
}

async function answer(line: string): Promise<string | null> {
  const [word, pid, ticks] = line.split(' ');
  if (word === 'beat') {
    if (timer !== undefined) watch();
    return null;
  }
  if (word === 'free') {
    rest();
    return hold.free() ? 'freed' : 'lapsed';
  }
  watch();
  return hold.take(Number(pid), Number(ticks));
}

// Only the end of the recorder ends it, and then it lets go first.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGTSTP', 'SIGPIPE'] as const)
  process.on(signal, () => undefined);
process.on('SIGTERM', () => {
  hold.free();
  process.exit(0);
});
process.on('exit', () => hold.free());
process.stdout.on('error', () => process.exit(0));

const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit(0));
for await (const line of lines) {
  const reply = await answer(line);
  if (reply !== null) process.stdout.write(`${reply}\n`);
}
