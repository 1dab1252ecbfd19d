/** What a report says about time, as text and as the object that scripts read. */
import { effectiveness } from '../figures/derived.js';
import type {
  DurationBucket,
  DurationFigures,
  PolicyTimeFigures,
  ScanGapFigures,
  SpanFigures,
  TimeFigures,
} from '../figures/time-figures.js';
import { figureLine, frames, percent } from './figure-line.js';

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
function bucketText({ ended, open, resolvable }: DurationBucket, name: string): string {
  return `${resolvable ? `${frames(ended)} + ${frames(open)}` : UNRESOLVED} ${name}`;
}

function durationText(figures: DurationFigures, gapSeconds: number | null): string {
  const { ended, open, short, middle, long, medianSeconds, survival30s, survival5min } = figures;
  if (ended + open === 0) return 'none';
  let median = medianSeconds === null ? 'longer than was seen' : `~${seconds(medianSeconds)}`;
  if (medianSeconds !== null && medianSeconds < (gapSeconds ?? Number.POSITIVE_INFINITY)) median = `below the scan gap`;
  const part = (survival: number | null): string => (survival === null ? '-' : `~${(100 * survival).toFixed(1)} %`);
  return (
    `${frames(ended)} ended + ${frames(open)} running; ${bucketText(short, '< 30 s')}, ` +
    `${bucketText(middle, '30 s–5 min')}, ${bucketText(long, 'longer')}; median ${median}; ` +
    `${part(survival30s)} last 30 s, ${part(survival5min)} 5 min`
  );
}

function spanLines({ scanGap, opportunities, fromFirstScan }: SpanFigures, policies: readonly PolicyTimeFigures[]) {
  const gap = scanGap.medianSeconds;
  const lines = [
    figureLine(
      'scan gap',
      `${seconds(gap)} median, ${seconds(scanGap.largestSeconds)} largest: times are as exact as that`,
    ),
    figureLine('opportunities', durationText(opportunities, gap)),
    figureLine('', `${frames(fromFirstScan)} of them were there at a domain's first scan: they began before`),
  ];
  for (const { name, shares, latency } of policies) {
    if (shares === null || latency === null) continue;
    lines.push(
      figureLine(`shares of ${name}`, durationText(shares, gap)),
      figureLine('  merged', mergedText(latency)),
      figureLine('  latency', durationText(latency, gap)),
    );
  }
  return lines;
}

function mergedText({ ended, open }: DurationFigures): string {
  return `${frames(ended)} of ${frames(ended + open)} frames that could be shared; ${frames(open)} never`;
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

function spansJson({ scanGap, domains, opportunities, fromFirstScan }: SpanFigures): object {
  return {
    scanGap: {
      ...gapJson(scanGap),
      domains: domains.map((domain) => ({ domid: domain.domid, key: domain.key, ...gapJson(domain) })),
    },
    opportunities: { ...durationJson(opportunities), fromFirstScan },
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
