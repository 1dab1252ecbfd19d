import type { KnobValues } from './knobs.js';

/** Knobs of `ksm`: names, defaults and meaning of /sys/kernel/mm/ksm (Linux Documentation/admin-guide/mm/ksm.rst). */
export const KSM_KNOBS = {
  pages_to_scan: { default: 100, min: 0, max: 4294967295, help: 'pages visited before each sleep' },
  sleep_millisecs: { default: 20, min: 1, max: 4294967295, help: 'sleep between two batches, ms of trace time' },
  max_page_sharing: { default: 256, min: 2, max: 2147483647, help: 'frames that one stored page may stand for' },
  use_zero_pages: { default: 0, min: 0, max: 1, help: '1: empty pages go to the zero page' },
} as const;

/** A value for each of KSM_KNOBS. */
export type KsmKnobs = KnobValues<typeof KSM_KNOBS>;
