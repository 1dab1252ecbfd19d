/**
 * `node scripts/headless-monitor.mjs DIR`: the live view's worker as it is shipped, without a screen: follows the
 * directory and prints its figures, a JSON line for each answer, until it is killed.
 */
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const ASK_MS = 150;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const [directory] = process.argv.slice(2);
const worker = new Worker(path.join(root, 'dist/worker.js'), {
  workerData: {
    trace: path.resolve(directory),
    traceName: 'trace',
    policies: { names: ['dlps', 'oracle'], dlps: { region: { percent: 5 }, victim: 'sharers' } },
    isFinished: false,
    untilMicros: Infinity,
  },
});

const window = (pane, sort, count) => ({ pane, sort, descending: false, offset: 0, count });
let id = 0;
function ask() {
  const request = {
    id: ++id,
    policy: 'dlps',
    withZeros: false,
    domains: window('domains', 'name', 1000),
    hot: window('hot', 'heat', 0),
    domainKey: null,
    partners: window('partners', 'both', 0),
    historyPoints: 0,
  };
  worker.postMessage({ type: 'request', request });
}

/** Counts and sums, by name; what depends on the moment of asking (rates, histories) is left out. */
function figuresOf(value) {
  const entries = Object.entries(value).filter(([name]) => !/PerSecond$|History$|^state$/.test(name));
  return Object.fromEntries(
    entries.map(([name, each]) => {
      if (typeof each === 'number') return [name, Number(each.toFixed(6))];
      return [name, typeof each === 'object' && each !== null ? figuresOf(each) : each];
    }),
  );
}

worker.on('message', (message) => {
  if (message.type === 'failure') throw new Error(message.line);
  const { position, host, policy, domains, health } = message.snapshot;
  const figures = figuresOf({ host, policy, gaps: health.gaps, domains: domains.rows });
  const isUpToDate = health.backlogBytes === 0 && health.lagMs === 0;
  process.stdout.write(`${JSON.stringify({ time: position.timeMicros, isUpToDate, figures })}\n`);
  setTimeout(ask, ASK_MS);
});
ask();
