/**
 * The filter of the domains: words apart by spaces, of which every one must match. A word is a part of the name, the
 * key, the group or the kind (capitals do not matter); `dom:`, `group:`, `kind:`, `state:` or `id:` before it asks one
 * field only; `saved>100M` compares a figure. A word that is none of these is looked for as it stands.
 */
import { PAGE_BYTES } from '../base/units.js';
import { type DomainSort, domainSortValue } from '../figures/domain-sort.js';
import type { DomainRow, Snapshot } from '../figures/snapshot.js';
import { FILTER_CHARACTERS_MAX } from '../figures/window.js';

type Around = Pick<Snapshot, 'host' | 'policy' | 'withZeros'>;
type Test = (row: DomainRow) => boolean;

const FIELDS: Readonly<Record<string, (row: DomainRow) => string>> = {
  dom: (row) => row.name,
  name: (row) => row.name,
  group: (row) => row.group,
  kind: (row) => row.kind,
  state: (row) => row.state,
};

/** Names of figures as the table labels them, and the sort that has their value. */
const FIGURES: Readonly<Record<string, { sort: DomainSort; isMemory: boolean }>> = {
  mem: { sort: 'mem', isMemory: true },
  priv: { sort: 'private', isMemory: true },
  shared: { sort: 'shared', isMemory: true },
  zero: { sort: 'zero', isMemory: true },
  saved: { sort: 'saved', isMemory: true },
  could: { sort: 'could', isMemory: true },
  avoid: { sort: 'avoided', isMemory: false },
  chg: { sort: 'changed', isMemory: false },
};

const COMPARISON = /^([a-z]+)(>=|<=|>|<)(\d+(?:\.\d+)?)([kmgtp]?)$/;
/** Bytes of the suffixes; `p` is pages. */
const BYTES: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: PAGE_BYTES };
const COUNTS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

function compares(value: number, operator: string, limit: number): boolean {
  if (operator === '>') return value > limit;
  if (operator === '<') return value < limit;
  return operator === '>=' ? value >= limit : value <= limit;
}

/** `saved>100M`: memory in bytes with K, M, G, T (1024) or in pages with p; rates in events/s. */
function comparison(word: string, around: Around): Test | null {
  const found = COMPARISON.exec(word);
  if (found === null) return null;
  const [, name, operator, digits, suffix] = found;
  if (!Object.hasOwn(FIGURES, name)) return null;
  const { sort, isMemory } = FIGURES[name];
  const scale = suffix === '' ? 1 : ((isMemory ? BYTES : COUNTS)[suffix] ?? 1);
  const limit = (Number(digits) * scale) / (isMemory ? PAGE_BYTES : 1);
  const value = domainSortValue(sort, around);
  return (row) => compares(Number(value(row)), operator, limit);
}

function wordTest(word: string, around: Around): Test {
  const compared = comparison(word, around);
  if (compared !== null) return compared;
  const colon = word.indexOf(':');
  const field = word.slice(0, Math.max(0, colon));
  const rest = word.slice(colon + 1);
  if (field === 'id') return (row) => String(row.domid) === rest;
  if (Object.hasOwn(FIELDS, field)) return (row) => FIELDS[field](row).toLowerCase().includes(rest);
  return (row) => [row.name, row.key, row.group, row.kind].some((text) => text.toLowerCase().includes(word));
}

/** The rows that match; all of them for an empty filter. O(rows × words). */
export function filterDomains(rows: readonly DomainRow[], filter: string, around: Around): readonly DomainRow[] {
  const words = filter.slice(0, FILTER_CHARACTERS_MAX).toLowerCase().split(' ').filter(Boolean);
  if (words.length === 0) return rows;
  const tests = words.map((word) => wordTest(word, around));
  return rows.filter((row) => tests.every((matches) => matches(row)));
}
