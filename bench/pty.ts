/** Pseudo terminals for benches, which run as bundles: node-pty has a compiled part that a bundle cannot hold. */
import { createRequire } from 'node:module';
import path from 'node:path';

/** The repository; the bundles lie in a temporary folder, so run.mjs names the folder of the sources. */
export const ROOT = path.resolve(process.env['SHARETOP_BENCH_FOLDER'] ?? '.', '..');

/** The launcher of the built tool. */
export const LAUNCHER = path.join(ROOT, 'bin/sharetop.js');

/** A program in a window; the parts of node-pty's IPty that are used here. Data comes as bytes. */
export interface Pty {
  readonly pid: number;
  onData(listener: (data: Buffer) => void): void;
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): void;
  write(keys: string): void;
  resize(columns: number, rows: number): void;
  kill(signal?: string): void;
  pause(): void;
  resume(): void;
}

interface PtyModule {
  spawn(
    file: string,
    args: string[],
    options: { cols: number; rows: number; env: NodeJS.ProcessEnv; encoding: null },
  ): Pty;
}

const pty = createRequire(path.join(ROOT, 'package.json'))('@lydell/node-pty') as PtyModule;

/** Starts a program in a window. Its environment is small: the machine's own must not decide a figure. */
export function startInWindow(
  file: string,
  args: string[],
  columns: number,
  rows: number,
  env: Readonly<Record<string, string>> = {},
): Pty {
  const small = { PATH: process.env['PATH'], HOME: process.env['HOME'], LANG: 'C.UTF-8', TERM: 'xterm-256color' };
  return pty.spawn(file, args, { cols: columns, rows, env: { ...small, ...env }, encoding: null });
}
