import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Dates and numbers on the screens must not depend on where the tests run.
    env: { TZ: 'UTC', LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' },
    // The terminal tests start real processes; a loaded two-core machine needs the room. No test asserts on time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A file is a process of its own: native terminals, signal handlers and module state do not leak between files.
    pool: 'forks',
  },
});
