/** What pages are: zero, one byte all over, read from a disk, or anything else. Plain data; frames of 4 KiB. */
import type { ContentKind } from './window.js';

/** The classes, in the order in which they are shown; every content is of the first one that holds. */
export const CONTENT_CLASSES = ['zero', 'fill', 'disk', 'memory'] as const satisfies readonly ContentKind[];

/** One value for each class. */
export type ByClass<Value> = Readonly<Record<ContentKind, Value>>;

/** The frames of one class, over all live domains. */
export interface ClassAmount {
  /** Frames that hold a content of this class. */
  frames: number;
  /** Distinct contents; of zeros 1, or 0 where no frame is zero. */
  contents: number;
  /** Contents in more than one frame. */
  sharedContents: number;
  /** frames − contents: what sharing all of them would save. Fill, disk and memory add up to the potential. */
  savableFrames: number;
}

/** The frames filled with one byte value other than zero. */
export interface FillByteAmount {
  byte: number;
  frames: number;
}

/** What the known frames are, at one moment. */
export interface ClassFigures {
  classes: ByClass<ClassAmount>;
  /** The fill pages by their byte, most frames first. */
  fillBytes: FillByteAmount[];
  /** By domain slot: frames of each class. */
  domains: Map<number, ByClass<number>>;
}

/**
 * Gross saving of a policy by the class of what is shared: Σ (n − 1)/n over the frames of the class that share a copy
 * with n references. Zeros are what its own rule saves. Fill, disk and memory add up to `savedFrames`; less, where the
 * scheme also shares what is no frame of a domain (extra frames of ksm).
 */
export type SavedByClass = ByClass<number>;
