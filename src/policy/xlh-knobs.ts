import { KSM_KNOBS } from './ksm-knobs.js';
import type { KnobValues } from './knobs.js';

/** Knobs of `xlh`: those of ksm, and of the stack of hints. The published text names no capacity: chosen here. */
export const XLH_KNOBS = {
  ...KSM_KNOBS,
  hints: { default: 8192, min: 1, max: 16777216, help: 'hints that the circular stack holds' },
} as const;

/** A value for each of XLH_KNOBS. */
export type XlhKnobs = KnobValues<typeof XLH_KNOBS>;
