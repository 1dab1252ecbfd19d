/** What a screen needs to know besides the figures: plain data that the ui keeps and the views only read. */

import type { NameKind } from '../figures/name-figures.js';
import type { HotPageRow } from '../figures/window.js';

/** How amounts of memory are written: IEC (`1.27 GiB`), SI (`1.37 GB`) or 4 KiB pages (`333,482 pages`). */
export type Units = 'iec' | 'si' | 'pages';

/** One key and what it does, for the last line; given by the key map. Shown in order, as many as fit. */
export interface KeyHint {
  /** As printed: `q`, `Enter`, `[ ]`. */
  key: string;
  label: string;
}

/** A sort column (`DOMAIN_SORTS`, `HOT_SORTS`, `PARTNER_SORTS`) and its direction. */
export interface Sort {
  id: string;
  descending: boolean;
}

/** Set while the view is frozen. Ingest goes on: the counts say how far the trace is ahead of the screen. */
export interface Paused {
  /** Trace time of the frozen figures. */
  timeMicros: number;
  newerRecords: number;
  newerEpochs: number;
}

/** State common to the main screen and the drill-down. */
export interface ScreenState {
  units: Units;
  /** Zeros in the sums (`0`): the potential then counts zero frames too. */
  withZeros: boolean;
  /** Name of the policy asked for; the snapshot may still be of the one before. */
  policy: string;
  paused: Paused | null;
  /** A line of the app itself (an answer to a key, a prompt); empty if none. Shown before the newest notice. */
  message: string;
  hints: readonly KeyHint[];
}

/** State of the main screen. */
export interface MainState extends ScreenState {
  /** `auto`: the grid where all domains fit, else the table. */
  form: 'auto' | 'grid' | 'table';
  focus: 'domains' | 'hot';
  /** Key of the domain under the cursor; stays with it when rows move. */
  selectedKey: string | null;
  /** Index in the whole hot list of the row under the cursor. */
  hotSelected: number;
  /** First domain / hot page shown, index in the whole list. */
  domainsOffset: number;
  hotOffset: number;
  /** Which domains are listed; empty for all. The totals are of all domains in any case. */
  domainFilter: string;
  domainSort: Sort;
  hotSort: Sort;
}

/** State of the drill-down. */
export interface DomainState extends ScreenState {
  partnersOffset: number;
  /** Index in the whole list of partners of the row under the cursor; -1 for no cursor. */
  partnerSelected: number;
  partnerSort: Sort;
}

/** State of the list of hot pages that has the whole screen. */
export interface HotState extends ScreenState {
  /** Indices in the whole list: the row under the cursor, and the first one shown. */
  hotSelected: number;
  hotOffset: number;
  hotSort: Sort;
}

/** State of the sums by file and package. */
export interface FilesState extends ScreenState {
  namesBy: NameKind;
  namesSort: Sort;
  /** Indices in the whole list: the row under the cursor, and the first one shown. */
  namesSelected: number;
  namesOffset: number;
}

/** The tabs of a page, in the order of their keys. */
export const PAGE_TABS = ['mappings', 'history', 'neighbours'] as const;
/** One of PAGE_TABS. */
export type PageTab = (typeof PAGE_TABS)[number];

/** State of the page screen. */
export interface PageState extends ScreenState {
  /** The page as it was in the list that it was opened from: shown until its own figures are there. */
  opened: HotPageRow;
  tab: PageTab;
  /** Indices in the whole list of holders. */
  mappingSelected: number;
  mappingsOffset: number;
  /** Indices in the rows of the history that are kept. */
  historySelected: number;
  historyOffset: number;
  /** How far from the page the middle of the neighbours is. */
  neighboursCentre: number;
}

/** State of the matrix of pairs. Indices are those of the domains in order of domid. */
export interface PairsState extends ScreenState {
  row: number;
  rowOffset: number;
  column: number;
  columnOffset: number;
}

/** What the waiting screen is told: why there are no figures yet. */
export interface WaitingState {
  /** The trace directory or file as the user named it, or `-`. */
  source: string;
  /** It exists. */
  sourceFound: boolean;
  /** Streams found in it. */
  streams: number;
  /** Records applied so far. */
  records: number;
  /** Wall seconds waited. */
  waitedSeconds: number;
  /** The newest line about damage or an unreadable source; empty if none. */
  notice: string;
  hints: readonly KeyHint[];
}
