import type { KnobValues } from './knobs.js';

/** Knobs of `satori`. The size of its region and the order of its victims are those of `dlps` (`--region`). */
export const SATORI_KNOBS = {
  fifo: { default: 16777216, min: 0, max: 16777216, help: "volatile pages that a domain's FIFO holds at most" },
} as const;

/** A value for each of SATORI_KNOBS. */
export type SatoriKnobs = KnobValues<typeof SATORI_KNOBS>;
