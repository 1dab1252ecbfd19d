/** One content looked at closely: who holds it, what happened to it, what lies beside it. Plain data. */
import type { PageLabel } from './name-figures.js';
import type { HotPageRow, Window } from './window.js';

/** Rows [offset, offset + count) of a list. */
export interface Rows {
  offset: number;
  count: number;
}

/** What a page screen asks for. Contents are named by their hash: dense numbers are used again. */
export interface PageRequest {
  hashLow: number;
  hashHigh: number;
  mappings: Rows;
  /** Index in the list of holders of the one whose neighbours are wanted. */
  selected: number;
  history: Rows;
  /** Frames and blocks from `centre − reach` to `centre + reach` away. */
  neighbours: { centre: number; reach: number };
}

/** One holder of the content: a frame of a domain. */
export interface MappingRow {
  slot: number;
  domid: number;
  name: string;
  gfn: number;
  /** Frames that refer to the same copy under the shown policy: 0 private, 1 bound alone, 2 or more shared. */
  copyRefs: number;
}

/** Why a frame got or lost the content, or that a domain read it. */
export type PageEventKind =
  'seen' | 'read' | 'overwritten' | 'zeroed' | 'dirty' | 'freed' | 'gone' | 'unnamed' | 'shrunk';

/** Something that happened to the content; neighbours of one instant and kind are one event. */
export interface PageEvent {
  timeMicros: number;
  kind: PageEventKind;
  /** Name of the domain as it was then. */
  name: string;
  /** First frame; -1: the trace knows none (a read on the host's side). */
  gfn: number;
  /** Frames, or reads of consecutive blocks. */
  count: number;
  /** Where it was read from; empty for what is no read. */
  image: string;
  block: number;
  /** Holders after it. */
  refs: number;
}

/** A row of the history: an event, or so many events that are not kept. */
export type HistoryRow = PageEvent | { omitted: number };

/** How much of the past the history covers. */
export type HistoryReach =
  /** The trace is being read again; `done` of the whole is behind, 0 to 1. */
  | { kind: 'reading'; done: number }
  /** Everything from the first record on. */
  | { kind: 'whole' }
  /** Only since `sinceMicros`; `reason` says why, in a few words. */
  | { kind: 'since'; sinceMicros: number; reason: string };

/** What happened to the content. */
export interface PageHistory {
  rows: Window<HistoryRow>;
  /** All events, kept or not. */
  events: number;
  reach: HistoryReach;
}

/** What is known of a frame or block beside the page. */
export interface NeighbourRow {
  /** Frames or blocks away. */
  distance: number;
  /** gfn or block. */
  place: number;
  /** `none`: not touched, free, or (a block) nothing known was first read from there. */
  kind: 'content' | 'zero' | 'unknown' | 'none';
  hashLow: number;
  hashHigh: number;
  refs: number;
  domains: number;
  /** Of the domains that hold the page, how many hold this content too. */
  commonDomains: number;
  /** Frames only: of the page's other holders, how many have the same content at the same distance. */
  inStep: number;
  /** Left out: no label covers it. */
  label?: PageLabel;
}

/** Frames around a holder, and blocks around the place that the content was first read from. */
export interface Neighbours {
  /** The holder; null when there is none. */
  holder: MappingRow | null;
  frames: NeighbourRow[];
  /** Holders that were looked at for `inStep`, the holder itself not counted. */
  others: number;
  /** Empty where the content was never read from an image; null while they are looked for. */
  blocks: NeighbourRow[] | null;
}

/** What a policy keeps of the content. */
export interface PageCopies {
  /** Copies that frames share, and the frames that refer to them. */
  sharedCopies: number;
  sharedRefs: number;
  /** All copies of this content that the scheme keeps, used or not. */
  copies: number;
}

/** The answer to a PageRequest. Lists are of `epoch`; null while they are made. */
export interface PageDetail {
  hashLow: number;
  hashHigh: number;
  /** Null when nobody holds it and nothing else keeps it. */
  page: HotPageRow | null;
  epoch: number;
  mappings: Window<MappingRow> | null;
  copies: PageCopies | null;
  neighbours: Neighbours | null;
  history: PageHistory | null;
}
