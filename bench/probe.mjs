/**
 * Loaded into each thread of the tool with `--import`, so that a bench sees what /proc does not tell, and the tool
 * needs no door for it: live heap, what keeps the event loop alive, listeners, React's entries, how long the loop was
 * away, and, in the main thread, the newest figures that the screen was given. Written as JSON, a file a thread.
 */
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import v8 from 'node:v8';
import vm from 'node:vm';
import { isMainThread, threadId, Worker } from 'node:worker_threads';

const folder = process.env.SHARETOP_PROBE;
const everyMs = Number(process.env.SHARETOP_PROBE_MS);
// A soak wants heaps without garbage, now and then: a collection a second would make another process of it, and where
// times are measured it would be one of them.
const collectEveryMs = Number(process.env.SHARETOP_PROBE_COLLECT_MS ?? Infinity);
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

/** A timer of 1 ms: by how much it comes late is how long the loop was away. */
const RESOLUTION_MS = 1;
const STARTING_S = 3;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

function listeners() {
  // The streams of a worker are made when they are asked for: only what is there already counts.
  const emitters = isMainThread ? [process, process.stdin, process.stdout] : [process];
  const count = (emitter) => emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
  return emitters.reduce((sum, emitter) => sum + count(emitter), 0);
}

function loopDelay() {
  const late = (nanos) => Math.max(0, nanos / 1e6 - RESOLUTION_MS);
  // The start of a thread is none of its later life.
  const answer = { awayP99Ms: late(delay.percentile(99)), awayMaxMs: late(delay.max), looks: delay.count };
  if (process.uptime() < STARTING_S) delay.reset();
  return answer;
}

let collectedAt = -Infinity;
let live = process.memoryUsage();

function write() {
  if (performance.now() - collectedAt >= collectEveryMs) {
    collectedAt = performance.now();
    collectGarbage();
    live = process.memoryUsage();
  }
  const { heapUsed, external, arrayBuffers } = live;
  const resources = process.getActiveResourcesInfo().length;
  const measures = performance.getEntriesByType('measure').length;
  const { position, host, policy, domains } = snapshot ?? {};
  const figures = snapshot === null ? null : { position, host, policy, domains };
  const state = { heapUsed, external, arrayBuffers, resources, listeners: listeners(), measures, snapshots, figures };
  const file = path.join(folder, `thread-${threadId}.json`);
  writeFileSync(`${file}.tmp`, JSON.stringify({ at: performance.now(), ...loopDelay(), ...state }));
  renameSync(`${file}.tmp`, file);
}

setInterval(write, everyMs).unref();
