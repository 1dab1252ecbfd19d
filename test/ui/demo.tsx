/** The app alone, on a made-up host, for looking at it: bundle it with `bundleOptions` and run it in a terminal. */
import process from 'node:process';
import { WALL_CLOCK } from '../../src/ui/clock.js';
import { developmentMeasures, runApp } from '../../src/ui/run-app.js';
import { FakeFeed } from './fake-feed.js';

const domains = Number(process.argv[2] ?? 6);
const feed = new FakeFeed(WALL_CLOCK, { domains });
const app = runApp({
  feed,
  terminal: {
    output: process.stdout,
    input: process.stdin,
    suspend: (_whom, resume) => {
      process.once('SIGCONT', resume);
      process.kill(process.pid, 'SIGSTOP');
    },
  },
  unicode: process.env['ASCII'] === undefined,
  initial: {
    source: 'run-0412',
    frameMs: Number(process.env['FRAME_MS'] ?? 250),
    theme: process.env['NO_COLOR'] === undefined ? 'dark' : null,
  },
});
process.once('SIGTERM', () => app.stop());
if (process.env['IGNORE_HANGUP'] !== undefined) process.on('SIGHUP', () => undefined);
const { reason } = await app.finished;
const cpu = process.cpuUsage();
const figures = { reason, ...app.counters, measures: developmentMeasures(), cpuMs: (cpu.user + cpu.system) / 1000 };
process.stderr.write(
  `${JSON.stringify({ ...figures, upMs: Math.round(performance.now()), rss: process.memoryUsage.rss() })}\n`,
);
process.exit(0);
