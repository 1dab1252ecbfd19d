/**
 * `oracle` the slow way, from its definition: within a trust group every content is one frame. Counted again from the
 * frames of the slow engine whenever it is asked.
 */
import type { Life, SlowEngine } from './slow-engine.js';

/** @param groupOf the trust group of a life; left out: that of the trace */
export function slowOracle(engine: SlowEngine, groupOf = (life: Life): string => life.group) {
  /** Group and hash → frames. */
  const refs = new Map<string, number>();
  const zeros = new Map<string, number>();
  for (const life of engine.live) {
    const group = groupOf(life);
    for (const held of life.frames.values()) {
      if (held.state === 'zero') zeros.set(group, (zeros.get(group) ?? 0) + 1);
      if (held.state !== 'known') continue;
      const key = `${group}/${held.hash}`;
      refs.set(key, (refs.get(key) ?? 0) + 1);
    }
  }
  const of = (life: Life, hash: bigint): number => refs.get(`${groupOf(life)}/${hash}`) ?? 0;
  const savedFrames = [...refs.values()].reduce((sum, n) => sum + n - 1, 0);
  return {
    figures: {
      name: 'oracle',
      savedFrames,
      zeroSavedFrames: [...zeros.values()].reduce((sum, n) => sum + n - 1, 0),
      netSavedFrames: savedFrames,
      sharedFrames: [...refs.values()].filter((n) => n >= 2).length,
      metadataBytes: 0,
    },
    domainFigures: (life: Life) => {
      const held = [...life.frames.values()].flatMap((each) => (each.state === 'known' ? [of(life, each.hash)] : []));
      return {
        sharedFrames: held.filter((n) => n >= 2).length,
        fairSavedFrames: held.reduce((sum, n) => sum + (n - 1) / n, 0),
        readsSeen: 0,
        readsAvoided: 0,
        contentChanged: 0,
      };
    },
    /** Frames of a content that share it with another one of their group. */
    sharedRefs: (hash: bigint): number => {
      const groups = new Set(engine.live.map(groupOf));
      return [...groups].reduce((sum, group) => {
        const n = refs.get(`${group}/${hash}`) ?? 0;
        return sum + (n >= 2 ? n : 0);
      }, 0);
    },
  };
}
