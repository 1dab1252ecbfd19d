import {
  type NameAmount,
  type NameKind,
  type NamesReport,
  REST_KINDS,
  type ReportedAmount,
} from '../figures/name-figures.js';
import type { Monitor } from './monitor.js';
import { NameCensus } from './name-census.js';
import { NamedSaving } from './named-saving.js';
import { NameTable } from './name-table.js';

/** Names in a report where nobody says how many. */
export const NAMES_TOP_DEFAULT = 5;

/** What of the sums by name is wanted. */
export interface NamesWanted {
  by: NameKind;
  /** Names at most. */
  top: number;
}

/** The sums by name under all policies of a settled monitor; null without labels. O(contents + frames × policies). */
export function namesReport(
  { engine, labels, policies }: Pick<Monitor, 'engine' | 'labels' | 'policies'>,
  { by, top }: NamesWanted,
): NamesReport | null {
  if (labels.labels === 0 || policies.slots.length === 0) return null;
  const census = new NameCensus(engine, labels);
  census.walk();
  const tables = policies.slots.map(({ policy }) => {
    const saving = new NamedSaving(engine, census, policy);
    saving.walk();
    return new NameTable(census, saving, labels.hasSeveralImages);
  });
  const total = tables[0].count(by);
  const rows = Array.from(tables[0].placesBySaved(by).subarray(0, top), (place) => {
    const { name, package: packageName, image } = tables[0].rowAt(by, place);
    return { name, package: packageName, image, ...reported(tables.map((table) => table.rowAt(by, place))) };
  });
  const rest = REST_KINDS.map((kind) => [kind, reported(tables.map((table) => table.rest[kind]))]);
  return {
    ...{ by, labels: labels.labels, total, policies: policies.slots.map(({ policy }) => policy.name), rows },
    others: without(reported(tables.map(({ named }) => named)), rows),
    rest: Object.fromEntries(rest) as NamesReport['rest'],
  };
}

/** One amount under each policy, which differ in what they save of it only. */
function reported(amounts: readonly NameAmount[]): ReportedAmount {
  const { frames, contents, savableFrames, domains } = amounts[0];
  return { frames, contents, savableFrames, domains, saved: amounts.map(({ savedFrames }) => savedFrames) };
}

function without(all: ReportedAmount, rows: readonly ReportedAmount[]): ReportedAmount {
  const left: ReportedAmount = { ...all, domains: null, saved: [...all.saved] };
  for (const row of rows) {
    left.frames -= row.frames;
    left.contents -= row.contents;
    left.savableFrames -= row.savableFrames;
    left.saved = left.saved.map((saved, i) => (saved === null ? null : saved - (row.saved[i] ?? 0)));
  }
  return left;
}
