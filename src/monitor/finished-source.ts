import type { RecordSource } from '../source/record-source.js';
import type { LiveSource } from './live-monitor.js';

/** A finished trace as a live source: it is there, and nothing more will come. */
export function finishedSource(source: RecordSource): LiveSource {
  return {
    found: true,
    backlogBytes: 0,
    behindSinceWallMs: null,
    notices: [],
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
