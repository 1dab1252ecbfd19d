/** `sharetop compare` for people: policies as columns, figures as rows, as wide as the reader's window. */
import { printable } from '../base/printable.js';
import { COMPARE_SECTIONS, type ComparedInterval, type CompareUnit } from '../figures/compare-figures.js';
import type { Comparison } from '../figures/comparison.js';
import { effectiveness } from '../figures/derived.js';
import { formatCount, formatCountShort, formatFraction } from '../views/format.js';
import { realLines } from './real-report.js';
import { settledText } from './report-text.js';

const NAME_CHARACTERS_MAX = 24;
const DOMAIN_CHARACTERS_MAX = 22;
const GAP = 2;

/** One line of the table: a label and a figure for each column; null: not known. */
export interface GridRow {
  label: string;
  values: readonly (number | null)[];
  unit: CompareUnit;
}

/** Rows under one heading. */
export interface GridSection {
  title: string;
  rows: readonly GridRow[];
}

function valueText(value: number | null, unit: CompareUnit, isShort: boolean): string {
  if (value === null) return '-';
  if (unit === 'fraction') return formatFraction(value);
  if (unit === 'seconds') return value.toFixed(1);
  return isShort ? formatCountShort(value) : formatCount(value);
}

/**
 * Tables with the same columns below one another. Figures are whole where they fit into `columns`, else short
 * (`12.3k`); columns that still have no room come in a further table below.
 */
export function gridText(names: readonly string[], sections: readonly GridSection[], columns: number): string[] {
  const rows = sections.flatMap((section) => section.rows);
  const labels = Math.max(...rows.map(({ label }) => label.length), ...sections.map(({ title }) => title.length));
  const widthOf = (index: number, isShort: boolean): number =>
    GAP +
    Math.max(names[index].length, ...rows.map(({ values, unit }) => valueText(values[index], unit, isShort).length));
  const widthOfAll = (isShort: boolean): number =>
    names.reduce((sum, _, index) => sum + widthOf(index, isShort), labels);
  const isShort = widthOfAll(false) > columns;
  const lines: string[] = [];
  for (let from = 0; from < names.length;) {
    const widths: number[] = [];
    for (let room = columns - labels; from + widths.length < names.length;) {
      const width = widthOf(from + widths.length, isShort);
      if (width > room && widths.length > 0) break;
      widths.push(width);
      room -= width;
    }
    if (from > 0) lines.push('');
    lines.push(...blockText(names, sections, { from, widths, labels, isShort }));
    from += widths.length;
  }
  return lines;
}

interface Block {
  from: number;
  widths: readonly number[];
  labels: number;
  isShort: boolean;
}

function blockText(names: readonly string[], sections: readonly GridSection[], block: Block): string[] {
  const { from, widths, labels, isShort } = block;
  const line = (label: string, texts: readonly string[]): string =>
    `${label.padEnd(labels)}${texts.map((text, i) => text.padStart(widths[i])).join('')}`.trimEnd();
  const lines: string[] = [];
  sections.forEach(({ title, rows }, index) => {
    if (index > 0) lines.push('');
    lines.push(line(title, index === 0 ? widths.map((_, i) => names[from + i]) : []));
    for (const { label, values, unit } of rows) {
      lines.push(
        line(
          label,
          widths.map((_, i) => valueText(values[from + i], unit, isShort)),
        ),
      );
    }
  });
  return lines;
}

/** The sections of the figures of each policy; figures that no policy knows are left out. */
function figureSections({ policies, host }: Comparison): GridSection[] {
  const sections = COMPARE_SECTIONS.map(({ title, unit, figures }) => ({
    title: `${title} (${unit})`,
    rows: figures
      .map(({ label, value, unit: of }) => ({ label, values: policies.map((each) => value(each, host)), unit: of }))
      .filter(({ values }) => values.some((value) => value !== null)),
  }));
  return sections.filter(({ rows }) => rows.length > 0);
}

function intervalSections(intervals: readonly ComparedInterval[]): GridSection[] {
  const label = ({ every }: ComparedInterval): string => (every === 1 ? '  all of them' : `  1 of ${every}`);
  const now = intervals.map((interval): GridRow => ({
    label: label(interval),
    values: interval.policies.map(({ savedFrames }) => savedFrames),
    unit: 'frames',
  }));
  const share = intervals.map((interval): GridRow => ({
    label: `${label(interval)}, of possible`,
    values: interval.policies.map((policy) => {
      if (policy.pageSeconds === null) return null;
      return effectiveness(policy.pageSeconds.saved, policy.pageSeconds.potential) ?? null;
    }),
    unit: 'fraction',
  }));
  const saved = { title: 'Saved with fewer scans (frames)', rows: now };
  const isKnown = share.some(({ values }) => values.some((value) => value !== null));
  return isKnown ? [saved, { title: 'Page-seconds with fewer scans', rows: share }] : [saved];
}

/** Fair parts of each domain: they add up to the gross saving. */
function domainSection({ domains }: Comparison): GridSection[] {
  if (domains.length === 0) return [];
  const rows = domains.map(({ domain, parts }): GridRow => ({
    label: `  ${printable(domain.name, DOMAIN_CHARACTERS_MAX)}`,
    values: parts.map(({ fairSavedFrames }) => fairSavedFrames),
    unit: 'frames',
  }));
  return [{ title: 'Saved by domain, fair parts', rows }];
}

/** Cold and warm reads of each domain, for the policies that answer reads. */
function readTables(comparison: Comparison, columns: number): string[] {
  const { domains, policies } = comparison;
  const lines: string[] = [];
  policies.forEach(({ figures }, index) => {
    if (!domains.some(({ parts }) => (parts[index].readsCold ?? 0) > 0)) return;
    const rows = domains.map(({ domain, parts }): GridRow => {
      const { readsSeen, readsAvoided, readsCold = 0, readsAvoidedCold = 0 } = parts[index];
      const [warm, avoidedWarm] = [readsSeen - readsCold, readsAvoided - readsAvoidedCold];
      return {
        label: `  ${printable(domain.name, DOMAIN_CHARACTERS_MAX)}`,
        values: [readsCold, readsAvoidedCold, warm, avoidedWarm],
        unit: 'reads',
      };
    });
    const title = `Reads by domain: ${printable(figures.name, NAME_CHARACTERS_MAX)}`;
    lines.push('', ...gridText(['cold', 'avoided', 'warm', 'avoided'], [{ title, rows }], columns));
  });
  return lines;
}

/** The comparison as lines of at most `columns` cells where they fit; names from the trace are made printable. */
export function compareText(comparison: Comparison, columns: number): string[] {
  const { position, gaps, host, real, policies, settled, intervals } = comparison;
  const names = policies.map(({ figures }) => {
    return printable(figures.name, NAME_CHARACTERS_MAX) + (figures.failure === undefined ? '' : '!');
  });
  const missing = Object.values<number>({ ...gaps }).reduce((sum, count) => sum + count, 0);
  const lines = [
    `t ${position.timeMicros / 1e6} s since ${position.sinceMicros / 1e6} s, ${formatCount(position.records)} records`,
    `${formatCount(host.frames)} frames in use, ${formatCount(host.zeroFrames)} of them zero; ` +
      `possible ${formatCount(host.potentialSavedFrames)}, zeros apart`,
  ];
  if (missing > 0) lines.push(`gaps: ${formatCount(missing)}; \`sharetop report\` says of what kind`);
  if (real !== null) lines.push(...realLines(real, host));
  if (settled !== null) lines.push(`settled: ${settledText(settled)}`);
  for (const { figures } of policies) if (figures.failure !== undefined) lines.push(printable(figures.failure));
  const sections = [...figureSections(comparison), ...domainSection(comparison)];
  if (intervals !== null) sections.push(...intervalSections(intervals));
  lines.push('', ...gridText(names, sections, columns), ...readTables(comparison, columns));
  return lines;
}
