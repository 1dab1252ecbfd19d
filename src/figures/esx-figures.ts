import type { ContentChanges } from './policy-figures.js';

/** Counters and state of the `esx` policy, in esxtop's words where it has them; definitions in docs/POLICIES.md. */
export interface EsxFigures {
  /** Guest frames that refer to a shared frame with at least two references; zeros are among them. */
  shared: number;
  /** Those shared frames. */
  common: number;
  /** shared − common. */
  saving: number;
  /** Hints now: frames whose content no other frame was seen to hold. */
  hints: number;
  /** Hints that ended because their frame lost its content before another frame matched. */
  staleHints: number;
  /** Frames visited since the start. */
  visits: number;
  /** Rounds over the frames of a domain that were finished, all domains together. */
  rounds: number;
  /** Frames that lost the content for which they were shared. */
  contentChanged: ContentChanges;
}
