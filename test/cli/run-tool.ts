/** Runs the built sharetop as a script does: no terminal, its output in pipes. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { ensureFreshBuild } from '../fresh-build.js';

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** The command of this checkout. */
export const SHARETOP = path.join(REPOSITORY, 'bin/sharetop.js');

/** How a run went. */
export interface Outcome {
  /** Exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Only what every login has: the machine's own locale and colours must not decide a test. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH = '', HOME = '/' } = process.env;
  return { PATH, HOME, LANG: 'C.UTF-8', TERM: 'xterm-256color', TZ: 'UTC', ...more };
}

/** Runs a command to its end. */
export function run(
  command: string,
  args: readonly string[],
  env = plainEnvironment(),
  cwd = REPOSITORY,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(output).toString(), stderr: Buffer.concat(errors).toString() }),
    );
  });
}

/** Runs `sharetop ARGS…`, built from the sources of this checkout. */
export function sharetop(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  ensureFreshBuild();
  return run(process.execPath, [SHARETOP, ...args], plainEnvironment(env));
}

/** Escape sequences and other control characters, line ends apart; bidirectional controls too. */
export const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/u;
