import type { FinishedTrace } from '../source/trace-files.js';
import type { LiveSource } from './live-monitor.js';

/** A finished trace as a live source: it is there, and nothing more will come. */
export function finishedSource(source: FinishedTrace): LiveSource {
  return {
    found: true,
    backlogBytes: 0,
    behindSinceWallMs: null,
    get notices() {
      return source.notices;
    },
    get gaps() {
      return source.gaps;
    },
    get streamNames() {
      return source.streamNames;
    },
    get damagedBlocks() {
      return source.damagedBlocks;
    },
    get damage() {
      return source.damage;
    },
    pull: (take) => source.pull(take),
  };
}
