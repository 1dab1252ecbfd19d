import { domainCouldFrames, domainSavedFrames } from './derived.js';
import type { DomainRow, Snapshot } from './snapshot.js';
import type { DOMAIN_SORTS } from './window.js';

/** Id of a sort column of the domains pane. */
export type DomainSort = (typeof DOMAIN_SORTS)[number];

/** What the figures of a domain depend on besides its row. */
type Around = Pick<Snapshot, 'host' | 'policy' | 'withZeros'>;

const VALUES: Readonly<Record<DomainSort, (row: DomainRow, around: Around) => number | string>> = {
  saved: (row, { host, policy, withZeros }) => domainSavedFrames(row, row.policy, host, policy, withZeros),
  mem: (row) => row.frames,
  private: (row) => row.privateFrames,
  shared: (row) => row.policy.sharedFrames,
  zero: (row) => row.zeroFrames,
  could: (row, { host, policy, withZeros }) => domainCouldFrames(row, row.policy, host, policy, withZeros),
  avoided: (row) => row.readsAvoidedPerSecond,
  changed: (row) => row.contentChangedPerSecond,
  id: (row) => row.domid,
  name: (row) => row.name,
};

/** The value that a sort column of the domains pane orders by: the one that the column shows. Unknown: as `saved`. */
export function domainSortValue(sort: string, around: Around): (row: DomainRow) => number | string {
  const value = sort in VALUES ? VALUES[sort as DomainSort] : VALUES.saved;
  return (row) => value(row, around);
}
