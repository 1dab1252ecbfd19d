/** What memory is called: the file of a page, and sums by file and by package. Plain data; frames of 4 KiB. */
import type { Rows } from './page-figures.js';

/** Longer paths are cut at their beginning where they leave the table of labels: no screen is as wide. */
export const NAME_CHARACTERS_MAX = 1024;

/** Where a content comes from. All texts are as hostile as the label file or trace that they are from. */
export interface PageLabel {
  /** Path of the file in its image; of an inline label its text. */
  file: string;
  /** Byte in the file that the content begins at. */
  offset: number;
  /** Empty: none is known. */
  package: string;
  /** Empty where all labels are of one image. */
  image: string;
  /** Further places that have the same content. */
  more: number;
}

/** The columns that the rows can be sorted by. */
export const NAME_SORTS = ['saved', 'could', 'mem', 'domains', 'contents', 'name'] as const;
/** One of NAME_SORTS. */
export type NameSort = (typeof NAME_SORTS)[number];

/** What is summed up by. */
export type NameKind = 'file' | 'package';

/** What no file is named for: frames whose content has no label, and frames that never get one. */
export const REST_KINDS = ['unlabelled', 'fill', 'zero', 'unknown', 'beside'] as const;
/**
 * One of REST_KINDS: `unlabelled` no label covers, `fill` one byte all over, `zero`, `unknown` content, and `beside`,
 * what a scheme saves of memory that is no frame of a domain (extra frames of ksm).
 */
export type RestKind = (typeof REST_KINDS)[number];

/** The sum over the contents of one name. */
export interface NameAmount {
  /** Frames that hold one of its contents. */
  frames: number;
  /** Distinct contents that some frame holds. */
  contents: number;
  /** frames − contents: what sharing all of them would save. */
  savableFrames: number;
  /**
   * Gross saving of the policy: Σ (n − 1)/n over the frames that share a copy with n references. Null: the scheme
   * cannot tell.
   */
  savedFrames: number | null;
  /** Domains that hold any of it; null: too many to count by name. */
  domains: number | null;
}

/** A row of the sums by name. */
export interface NameRow extends NameAmount {
  /** Path or name of the package; empty: the files of no package. */
  name: string;
  /** Of a file: its package, empty if none is known. */
  package: string;
  /** Empty where all labels are of one image. */
  image: string;
}

/** An amount under several policies at once, in their order: what each saves of it. */
export interface ReportedAmount extends Omit<NameAmount, 'savedFrames'> {
  saved: (number | null)[];
}

/** What a report says of names: those with most saved by its first policy, and all the rest of the memory. */
export interface NamesReport {
  by: NameKind;
  /** Contents that have a label, held or not. */
  labels: number;
  /** Names of which some frame holds a content. */
  total: number;
  policies: string[];
  rows: (ReportedAmount & { name: string; package: string; image: string })[];
  /** The names that are not in `rows`. */
  others: ReportedAmount;
  rest: Readonly<Record<RestKind, ReportedAmount>>;
}

/** What a screen asks for. */
export interface NamesRequest extends Rows {
  by: NameKind;
  sort: NameSort;
  descending: boolean;
}

/** Sums by name, of one moment; all of them together are the figures of the host. */
export interface NameSums {
  by: NameKind;
  /** Rows there are. */
  total: number;
  offset: number;
  rows: NameRow[];
  /** All rows of names together. */
  named: NameAmount;
  rest: Readonly<Record<RestKind, NameAmount>>;
}

/** The answer to a NamesRequest. */
export interface NamesDetail {
  /** Labels known; 0: there is nothing to sum up by. */
  labels: number;
  /** Null while it is summed up, and without labels. */
  sums: (NameSums & { epoch: number; timeMicros: number }) | null;
}
