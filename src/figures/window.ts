import type { PageLabel } from './name-figures.js';

/** The panes that show rows of a sorted list. */
export type Pane = 'domains' | 'hot' | 'partners' | 'pages';

/** What a view asks for: rows [offset, offset + count) of the list sorted by `sort`. */
export interface WindowSpec {
  pane: Pane;
  /** Id of a column of the pane (`DOMAIN_SORTS`, `HOT_SORTS`, …). */
  sort: string;
  descending: boolean;
  offset: number;
  count: number;
  /** Domains only: which rows the list has (`query/domain-filter.ts`); left out or empty: all. */
  filter?: string;
}

/** Longer filters are cut: nobody types one. */
export const FILTER_CHARACTERS_MAX = 100;

/** Rows of one pane as answered. `total` counts the whole list. */
export interface Window<Row> {
  offset: number;
  total: number;
  rows: Row[];
}

/** Sort columns of the domains pane. */
export const DOMAIN_SORTS = [
  'saved',
  'mem',
  'private',
  'shared',
  'zero',
  'could',
  'avoided',
  'changed',
  'id',
  'name',
] as const;
/** Sort columns of the hot pages pane. */
export const HOT_SORTS = ['heat', 'refs', 'domains', 'churn', 'age'] as const;
/** Sort columns of a domain's partners pane. */
export const PARTNER_SORTS = ['both', 'name', 'id'] as const;

/** What a content is, as far as the trace knows. */
export type ContentKind = 'zero' | 'fill' | 'disk' | 'memory';

/** A content in the list of hot pages. */
export interface HotPageRow {
  /** Dense number of the content; stable while anybody holds it. */
  contentId: number;
  hashLow: number;
  hashHigh: number;
  kind: ContentKind;
  /** The byte of a single-byte page, else -1. */
  fillByte: number;
  /** Holders. */
  refs: number;
  domains: number;
  /** References to the shared copy under the shown policy; 0 if not shared. */
  sharedRefs: number;
  /** Decayed events/s (half-life 30 s): reads, hits and touches. */
  heatPerSecond: number;
  /** Decayed changes/s: frames that got or lost this content. */
  churnPerSecond: number;
  firstSeenMicros: number;
  /** To a few seconds; -1 if it was not followed closely enough to tell. */
  lastEventMicros: number;
  /** Image name and block where it was read from, if it was. */
  image: string;
  block: number;
  /** Left out: no label covers it. */
  label?: PageLabel;
}

/** Another domain that holds contents of the shown one. */
export interface PartnerRow {
  slot: number;
  domid: number;
  name: string;
  group: string;
  /** Distinct non-zero contents that both hold. */
  contents: number;
  /** Of those, what no third domain holds; left out while it is counted. */
  onlyContents?: number;
}
