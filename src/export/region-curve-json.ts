import type { LruPoint, RegionCurveFigures, SizeNeeded, TrialPoint } from '../figures/region-curve-figures.js';

function wholeOrNull(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

function lruPoint({ regionFrames, readsAvoided }: LruPoint): object {
  return { regionFrames: Math.round(regionFrames), readsAvoided: Math.round(readsAvoided) };
}

function trialPoint(point: TrialPoint): object {
  return {
    ...lruPoint(point),
    residentSlots: Math.round(point.residentSlots),
    savedFrames: Math.round(point.savedFrames),
    netSavedFrames: Math.round(point.netSavedFrames),
  };
}

/** `regionCurve` of `report --json`: the figures, estimates rounded to whole frames and reads. */
export function regionCurveJson({ memoryFrames, readsSeen, lru, dlps }: RegionCurveFigures): object {
  return {
    memoryFrames,
    readsSeen,
    lru: {
      sampleRate: lru.sampleRate,
      sampledKeys: lru.sampledKeys,
      points: lru.points.map(lruPoint),
      readsAvoided: Math.round(lru.readsAvoided),
      sizes: lru.sizes.map(({ share, avoidedFrames }) => ({ share, avoidedFrames: wholeOrNull(avoidedFrames) })),
    },
    dlps: dlps && {
      sampleRate: dlps.sampleRate,
      sampledKeys: dlps.sampledKeys,
      points: dlps.points.map(trialPoint),
      unlimited: trialPoint(dlps.unlimited),
      sizes: dlps.sizes.map(({ share, avoidedFrames, savedFrames }: SizeNeeded) => ({
        share,
        avoidedFrames: wholeOrNull(avoidedFrames),
        savedFrames: wholeOrNull(savedFrames),
      })),
    },
  };
}
