import { PAGE_BYTES } from '../base/units.js';
import type { RegionCurveFigures, SizeNeeded, TrialPoint } from '../figures/region-curve-figures.js';
import { formatBytes } from '../views/format.js';
import { figureLine, frames, percent } from './figure-line.js';
import { table } from './text-table.js';

const BAR_COLUMNS = 20;

function bar(part: number, whole: number): string {
  return whole > 0 ? '#'.repeat(Math.round((BAR_COLUMNS * Math.max(0, part)) / whole)) : '';
}

function sizeText(size: number | null): string {
  return size === null ? '-' : formatBytes(size * PAGE_BYTES);
}

/** `~` where a figure is of a sample. */
function about(rate: number): string {
  return rate < 1 ? '~' : '';
}

/** One row a size: what an LRU cache of it and `dlps` would avoid, and what `dlps` would save. */
function pointRows(figures: RegionCurveFigures): string[][] {
  const { lru, dlps, memoryFrames, readsSeen } = figures;
  const lruAbout = about(lru.sampleRate);
  const rows = lru.points.map(({ regionFrames, readsAvoided }, i) => {
    const head = [formatBytes(regionFrames * PAGE_BYTES), percent(regionFrames, memoryFrames)];
    const ofLru = lruAbout + percent(readsAvoided, readsSeen);
    const point = dlps?.points[i];
    return point === undefined
      ? [...head, ofLru, bar(readsAvoided, readsSeen)]
      : [...head, ofLru, ...trialCells(point, figures)];
  });
  const unlimited = ['unlimited', '', lruAbout + percent(lru.readsAvoided, readsSeen)];
  if (dlps === null) return [...rows, [...unlimited, bar(lru.readsAvoided, readsSeen)]];
  return [...rows, [...unlimited, ...trialCells(dlps.unlimited, figures)]];
}

function trialCells(point: TrialPoint, { dlps, readsSeen }: RegionCurveFigures): string[] {
  if (dlps === null) return [];
  const mark = about(dlps.sampleRate);
  return [
    mark + percent(point.readsAvoided, readsSeen),
    mark + frames(point.savedFrames),
    mark + frames(point.netSavedFrames),
    bar(point.savedFrames, dlps.unlimited.savedFrames),
  ];
}

function neededRows({ dlps }: RegionCurveFigures): string[][] {
  if (dlps === null) return [];
  const row = (label: string, of: (size: SizeNeeded) => number | null): string[] => [
    label,
    ...dlps.sizes.map((size) => (of(size) === null ? '-' : `~${sizeText(of(size))}`)),
  ];
  return [
    row('of the reads that dlps avoids', (size) => size.avoidedFrames),
    row('of the frames that dlps saves', (size) => size.savedFrames),
  ];
}

/** How large should the region be? `report --region-curve`. */
export function regionCurveLines(figures: RegionCurveFigures): string[] {
  const { lru, dlps, readsSeen } = figures;
  const followed = (rate: number, keys: number): string =>
    rate < 1
      ? `~ by ${frames(keys)} blocks, ${(100 * rate).toFixed(0)} % of those read`
      : `by all ${frames(keys)} blocks`;
  const lines = [
    figureLine('region curve', `${frames(readsSeen)} eligible reads`),
    figureLine('  LRU', followed(lru.sampleRate, lru.sampledKeys)),
  ];
  if (dlps !== null) lines.push(figureLine('  dlps', followed(dlps.sampleRate, dlps.sampledKeys)));
  if (lru.points.length === 0) return [...lines, '  no memory of the host is known: there are no sizes'];
  const head = ['REGION', 'OF MEMORY', 'LRU AVOIDS'];
  head.push(...(dlps === null ? [''] : ['DLPS AVOIDS', 'SAVED', 'NET', '']));
  lines.push(...table(head, pointRows(figures), [head.length - 1]));
  const needed = [...neededRows(figures), lruRow(figures)];
  const shares = ['REGION NEEDED FOR', ...lru.sizes.map((size) => `${size.share * 100} %`)];
  return [...lines, '', ...table(shares, needed, [0])];
}

function lruRow({ lru }: RegionCurveFigures): string[] {
  const cell = (size: number | null): string => (size === null ? '-' : about(lru.sampleRate) + sizeText(size));
  return ['of the reads that an LRU cache avoids', ...lru.sizes.map(({ avoidedFrames }) => cell(avoidedFrames))];
}
