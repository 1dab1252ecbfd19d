/** What a report says about time, as text and as the object that scripts read. */
import { effectiveness } from '../figures/derived.js';
import type {
  DurationBucket,
  DurationFigures,
  PolicyTimeFigures,
  ScanGapFigures,
  SpanFigures,
  TimeFigures,
  UndatedFigures,
} from '../figures/time-figures.js';
import { figureLine, frames, percent } from './figure-line.js';
import { table } from './text-table.js';

const UNRESOLVED = 'not resolvable';

function pageSecondsText({ pageSeconds }: PolicyTimeFigures, potential: number): string {
  if (pageSeconds === null) return '-';
  const { saved, netSaved } = pageSeconds;
  return `${frames(saved)} saved, ${percent(saved, potential)} of the potential; ${frames(netSaved)} net`;
}

function seconds(value: number | null): string {
  if (value === null) return '-';
  return value < 1 ? `${value.toFixed(3)} s` : `${value.toFixed(1)} s`;
}

/** Frames that ended in a class; what still ran behind a +. */
function countText({ ended, open }: { ended: number; open: number }): string {
  return `${frames(ended)} + ${frames(open)}`;
}

function bucketText(bucket: DurationBucket): string {
  return bucket.resolvable ? countText(bucket) : UNRESOLVED;
}

function medianText({ medianSeconds }: DurationFigures, gapSeconds: number | null): string {
  if (medianSeconds === null || gapSeconds === null) return '-';
  return medianSeconds < gapSeconds ? `< ${seconds(gapSeconds)}` : `~${seconds(medianSeconds)}`;
}

function survivalText(survival: number | null): string {
  return survival === null ? '-' : `~${(100 * survival).toFixed(1)} %`;
}

/** What is told of, in the order of the rows. */
function durationsOf({ opportunities }: SpanFigures, policies: readonly PolicyTimeFigures[]) {
  const rows: [name: string, figures: DurationFigures][] = [['opportunities', opportunities]];
  for (const { name, shares, latency } of policies) {
    if (shares !== null) rows.push([`shares of ${name}`, shares]);
    if (latency !== null) rows.push([`latency of ${name}`, latency]);
  }
  return rows;
}

function spanLines(spans: SpanFigures, policies: readonly PolicyTimeFigures[]): string[] {
  const { scanGap, fromFirstScan } = spans;
  const gap = scanGap.medianSeconds;
  const durations = durationsOf(spans, policies);
  const counts = durations.map(([name, figures]) => [
    name,
    countText(figures),
    ...[figures.short, figures.middle, figures.long].map(bucketText),
  ]);
  // Nobody knows how long they have lasted.
  counts.splice(1, 0, ['  not dated', countText(fromFirstScan), '-', '-', '-']);
  const estimates = durations.map(([name, figures]) => [
    name,
    medianText(figures, gap),
    survivalText(figures.survival30s),
    survivalText(figures.survival5min),
  ]);
  return [
    figureLine(
      'scan gap',
      `${seconds(gap)} median, ${seconds(scanGap.largestSeconds)} largest: times are as exact as that`,
    ),
    '',
    'frames by how long: ended + still running; of latencies merged + not merged; not dated:',
    "there at a domain's first scan, so they began before, and are in no estimate but those of latency",
    ...table(['TIMES', 'ALL', '< 30 S', '30 S-5 MIN', 'LONGER'], counts, [0]),
    '',
    ...table(['ESTIMATE', 'MEDIAN', 'LAST 30 S', 'LAST 5 MIN'], estimates, [0]),
  ];
}

/** Lines of the report; without escapes. */
export function timeLines({ potentialPageSeconds, policies, spans }: TimeFigures): string[] {
  return [
    figureLine(
      'page-seconds',
      `${frames(potentialPageSeconds)} potential (a frame of 4 KiB for a second, zeros apart)`,
    ),
    ...policies.map((policy) => figureLine(`  ${policy.name}`, pageSecondsText(policy, potentialPageSeconds))),
    ...(spans === null ? [] : ['', ...spanLines(spans, policies)]),
  ];
}

function durationJson(figures: DurationFigures): object {
  const { short, middle, long, ...rest } = figures;
  return { ...rest, classes: { short: classJson(short), middle: classJson(middle), long: classJson(long) } };
}

function classJson({ ended, open, resolvable }: DurationBucket): object {
  return { ended, open, resolvable };
}

function policyJson({ pageSeconds, shares, latency }: PolicyTimeFigures, potential: number): object {
  return {
    savedPageSeconds: pageSeconds?.saved ?? null,
    netSavedPageSeconds: pageSeconds?.netSaved ?? null,
    effectiveness: pageSeconds === null ? null : (effectiveness(pageSeconds.saved, potential) ?? null),
    ...(shares !== null && { shares: durationJson(shares) }),
    ...(latency !== null && { latency: durationJson(latency) }),
  };
}

function gapJson({ gaps, medianSeconds, largestSeconds }: ScanGapFigures): object {
  return { gaps, medianSeconds, largestSeconds };
}

function undatedJson({ ended, open, totalSeconds }: UndatedFigures): object {
  return { ended, open, totalSeconds };
}

function spansJson({ scanGap, domains, opportunities, fromFirstScan }: SpanFigures): object {
  return {
    scanGap: {
      ...gapJson(scanGap),
      domains: domains.map((domain) => ({ domid: domain.domid, key: domain.key, ...gapJson(domain) })),
    },
    opportunities: { ...durationJson(opportunities), fromFirstScan: undatedJson(fromFirstScan) },
  };
}

/** `times` of the report (docs/report.schema.json). */
export function timesJson({ potentialPageSeconds, policies, spans }: TimeFigures): object {
  return {
    potentialPageSeconds,
    ...(spans !== null && spansJson(spans)),
    policies: Object.fromEntries(policies.map((policy) => [policy.name, policyJson(policy, potentialPageSeconds)])),
  };
}
