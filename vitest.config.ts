import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests with a terminal of their own, and those of the whole tool (soak, kills, pack, bench): one file at a time. */
const ALONE = ['test/pty/**/*.test.ts', 'test/*.test.ts'];

export default defineConfig({
  test: {
    // Dates and numbers on the screens must not depend on where the tests run.
    env: { TZ: 'UTC', LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' },
    // The terminal tests start real processes; a loaded two-core machine needs the room. No test asserts on time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A file is a process of its own: native terminals, signal handlers and module state do not leak between files.
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ALONE,
          maxWorkers: Math.min(2, availableParallelism()),
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
