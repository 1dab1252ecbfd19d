/**
 * Loaded into each thread of the tool with `--import`, so that the soak sees what /proc does not tell, and the tool
 * needs no door for it: live heap (after a collection), what keeps the event loop alive, listeners, React's entries,
 * and, in the main thread, the newest figures that the screen was given. Written as JSON, a file a thread.
 */
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMainThread, threadId, Worker } from 'node:worker_threads';

const folder = process.env.SHARETOP_SOAK_PROBE;
const everyMs = Number(process.env.SHARETOP_SOAK_PROBE_MS);
v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

let snapshot = null;
let snapshots = 0;
const emit = Worker.prototype.emit;
Worker.prototype.emit = function (name, ...values) {
  if (name === 'message' && values[0]?.type === 'snapshot') {
    snapshot = values[0].snapshot;
    snapshots++;
  }
  return emit.call(this, name, ...values);
};

function listeners() {
  // The streams of a worker are made when they are asked for: only what is there already counts.
  const emitters = isMainThread ? [process, process.stdin, process.stdout] : [process];
  const count = (emitter) => emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
  return emitters.reduce((sum, emitter) => sum + count(emitter), 0);
}

function write() {
  collectGarbage();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo().length;
  const measures = performance.getEntriesByType('measure').length;
  const { position, host, policy, domains } = snapshot ?? {};
  const figures = snapshot === null ? null : { position, host, policy, domains };
  const state = { heapUsed, external, arrayBuffers, resources, listeners: listeners(), measures, snapshots, figures };
  const file = path.join(folder, `thread-${threadId}.json`);
  writeFileSync(`${file}.tmp`, JSON.stringify(state));
  renameSync(`${file}.tmp`, file);
}

setInterval(write, everyMs).unref();
