/** Sorting what a paused screen holds: the engine has moved on, so its order cannot be asked for. */
import { domainSortValue } from '../figures/domain-sort.js';
import type { Snapshot } from '../figures/snapshot.js';
import type { HOT_SORTS, HotPageRow, PARTNER_SORTS, PartnerRow, Window } from '../figures/window.js';
import type { Sort } from '../views/screen-state.js';

type Value = number | string;
type SortValues<Id extends string, Row> = Readonly<Record<Id, (row: Row) => Value>>;

const HOT_VALUES: SortValues<(typeof HOT_SORTS)[number], HotPageRow> = {
  heat: (row) => row.heatPerSecond,
  refs: (row) => row.refs,
  domains: (row) => row.domains,
  churn: (row) => row.churnPerSecond,
  // Descending age is oldest first.
  age: (row) => -row.firstSeenMicros,
};

const PARTNER_VALUES: SortValues<(typeof PARTNER_SORTS)[number], PartnerRow> = {
  both: (row) => row.contents,
  name: (row) => row.name,
  id: (row) => row.domid,
};

function compare(a: Value, b: Value): number {
  if (typeof a === 'string' || typeof b === 'string') return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
  return a - b;
}

function valueOf<Row>(
  values: Readonly<Record<string, (row: Row) => Value>>,
  sort: Sort,
): ((row: Row) => Value) | undefined {
  return values[sort.id];
}

/** Rows of the window in another order; ties stay as they were. An unknown sort changes nothing. */
function sorted<Row>(window: Window<Row>, value: ((row: Row) => Value) | undefined, sort: Sort): Window<Row> {
  if (value === undefined) return window;
  const sign = sort.descending ? -1 : 1;
  return { ...window, rows: [...window.rows].sort((a, b) => sign * compare(value(a), value(b))) };
}

/** The order of each pane. */
export interface Sorts {
  domainSort: Sort;
  hotSort: Sort;
  partnerSort: Sort;
}

/** The snapshot with the rows that it holds in the given orders. */
export function sortHeldRows(snapshot: Snapshot, sorts: Sorts): Snapshot {
  const { detail } = snapshot;
  return {
    ...snapshot,
    domains: sorted(snapshot.domains, domainSortValue(sorts.domainSort.id, snapshot), sorts.domainSort),
    hot: sorted(snapshot.hot, valueOf(HOT_VALUES, sorts.hotSort), sorts.hotSort),
    detail: detail && {
      ...detail,
      partners: sorted(detail.partners, valueOf(PARTNER_VALUES, sorts.partnerSort), sorts.partnerSort),
    },
  };
}
