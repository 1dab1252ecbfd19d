import { printable } from '../base/printable.js';
import { contentChangedTotal, sharedHoldings } from '../figures/derived.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { ReportFigures } from '../figures/report.js';

const LABEL_COLUMNS = 24;

function frames(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function line(label: string, text: string): string {
  return `${label.padEnd(LABEL_COLUMNS)}${text}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Rows of equal columns: text to the left, numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[], left: readonly number[]): string[] {
  const widths = head.map((text, i) => Math.max(text.length, ...rows.map((row) => row[i].length)));
  return [head, ...rows].map((row) =>
    row
      .map((text, i) => (left.includes(i) ? text.padEnd(widths[i]) : text.padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  );
}

function policyLines(policy: PolicyFigures, potential: number): string[] {
  const lines = [
    line(`policy ${policy.name}`, policy.failure ?? '').trimEnd(),
    line('  saved', `${frames(policy.savedFrames)} frames, ${percent(policy.savedFrames, potential)} of the potential`),
    line('  shared', `${frames(policy.sharedFrames)} copies for ${frames(sharedHoldings(policy))} frames`),
  ];
  const dlps = policy.dlps;
  if (dlps === undefined) return lines;
  const region = dlps.regionFrames === null ? 'unlimited' : `${frames(dlps.regionFrames)} frames`;
  const ineligible = dlps.readsIneligible;
  const changed = dlps.contentChanged;
  lines.push(
    line('  net', `${frames(dlps.netSavedFrames)} frames after ${frames(dlps.idleSlots)} idle slots`),
    line(
      '  region',
      `${region}; ${frames(dlps.residentSlots)} slots resident, ${frames(dlps.duplicateSlots)} duplicate`,
    ),
    line('  bound', `${frames(dlps.boundFrames)} frames; ${frames(dlps.bindExpired)} reads never seen in memory`),
    line(
      '  reads',
      `${frames(dlps.readsSeen)} eligible = ${frames(dlps.readsIssued)} issued + ${frames(dlps.readsAvoided)} avoided`,
    ),
    line('  avoided', `${frames(dlps.readsAvoidedCross)} cross, ${frames(dlps.readsAvoidedOwn)} own`),
    line(
      '  not eligible',
      `${frames(ineligible.unaligned)} unaligned, ${frames(ineligible.ownWritten)} own-written, ` +
        `${frames(ineligible.writableImage)} writable image`,
    ),
    line(
      '  content changed',
      `${frames(contentChangedTotal(dlps))}: ${frames(changed.overwritten)} overwritten, ${frames(changed.zeroed)} ` +
        `zeroed, ${frames(changed.unknown)} unknown, ${frames(changed.freed)} freed`,
    ),
    line('  evictions', `${frames(dlps.evictions)}; ${frames(dlps.identityConflicts)} identity conflicts`),
  );
  return lines;
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
  if (report.pairs.length > 0) {
    const about = report.pairsEstimated ? '~' : '';
    const pairs = report.pairs.map(({ a, b, contents }) => [String(a), String(b), about + frames(contents)]);
    lines.push(...table(['ID', 'ID', 'CONTENTS IN BOTH'], pairs, []), '');
  }
  for (const policy of report.policies) lines.push(...policyLines(policy, host.potentialSavedFrames), '');
  return lines;
}
