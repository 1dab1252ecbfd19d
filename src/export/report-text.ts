import { printable } from '../base/printable.js';
import type { ReportFigures } from '../figures/report.js';
import { timeLines } from './time-report.js';
import { figureLine as line, frames } from './figure-line.js';
import { classLines, exposureLines, groupLines } from './group-text.js';
import { nameLines } from './names-report.js';
import { policyLines } from './policy-text.js';
import { realDomainLines, realLines } from './real-report.js';
import { regionCurveLines } from './region-curve-text.js';
import { table } from './text-table.js';

/** What `--settle` did, in words. */
export function settledText(scanners: readonly string[]): string {
  if (scanners.length === 0) return 'no policy scans: nothing to settle';
  return `${scanners.join(', ')} went over the memory until nothing new was found`;
}

/** The report as plain text: lines without escapes; names from the trace are made printable. */
export function reportText(report: ReportFigures): string[] {
  const { position, host, gaps } = report;
  const lines = [
    line('time', `${position.timeMicros / 1e6} s, since ${position.sinceMicros / 1e6} s`),
    line('records', frames(position.records)),
    line(
      'gaps',
      `${frames(gaps.lost)} lost, ${frames(gaps.damagedBlocks)} damaged blocks, ` +
        `${frames(gaps.missing)} parts missing, ${frames(gaps.late)} late, ` +
        `${frames(gaps.orphans)} orphans, ${frames(gaps.damagedRecords)} damaged records, ` +
        `${frames(gaps.unmodelled)} not modelled`,
    ),
    line('frames in use', `${frames(host.frames)} of ${frames(host.reservedFrames)} reserved (4 KiB each)`),
    line('  zero', frames(host.zeroFrames)),
    line('  known', `${frames(host.knownFrames)}, ${frames(host.fillPageFrames)} of them one byte all over`),
    line('  unknown', frames(host.unknownFrames)),
    line(
      'distinct contents',
      `${frames(host.distinctContents)}, ${frames(host.sharedContents)} in more than one frame`,
    ),
    line('potential', `${frames(host.potentialSavedFrames)} frames (zeros apart)`),
    line('  self-sharing', frames(host.selfSavedFrames)),
    line('  inter-domain', frames(host.interSavedFrames)),
    ...(report.real === null ? [] : realLines(report.real, host)),
    ...groupLines(report),
    '',
    ...classLines(report),
    '',
  ];
  const rows = report.domains.map((domain) => [
    String(domain.domid),
    printable(domain.name, 40),
    printable(domain.group, 20),
    frames(domain.frames),
    frames(domain.zeroFrames),
    frames(domain.knownFrames),
    frames(domain.unknownFrames),
    frames(domain.distinctContents),
    frames(domain.selfSavedFrames),
    domain.fairSavedFrames.toFixed(1),
  ]);
  const head = ['ID', 'DOMAIN', 'GROUP', 'FRAMES', 'ZERO', 'KNOWN', 'UNKNOWN', 'DISTINCT', 'SELF', 'FAIR'];
  lines.push(...table(head, rows, [1, 2]), '');
  const told = report.real === null ? [] : realDomainLines(report.real);
  if (told.length > 0) lines.push(...told, '');
  if (report.pairs.length > 0) {
    const about = report.pairsEstimated ? '~' : '';
    const pairs = report.pairs.map(({ a, b, contents }) => [String(a), String(b), about + frames(contents)]);
    lines.push(...table(['ID', 'ID', 'CONTENTS IN BOTH'], pairs, []), '');
  }
  lines.push(...exposureLines(report));
  if (report.settled !== null) lines.push(line('settled', settledText(report.settled)), '');
  for (const policy of report.policies) lines.push(...policyLines(policy, host.potentialSavedFrames), '');
  if (report.regionCurve !== null) lines.push(...regionCurveLines(report.regionCurve), '');
  lines.push(...timeLines(report.times));
  const names = nameLines(report);
  if (names.length > 0) lines.push('', ...names);
  return lines;
}

/** The sums by name alone, with the time that they are of. */
export function namesText(report: ReportFigures): string[] {
  const { timeMicros, sinceMicros } = report.position;
  return [line('time', `${timeMicros / 1e6} s, since ${sinceMicros / 1e6} s`), '', ...nameLines(report)];
}
