import type { KnobValues } from './knobs.js';

/** Knobs of `esx`: a random-order scan with a cap for each domain and for the host. Pages a second of trace time. */
export const ESX_KNOBS = {
  rate_per_domain: { default: 1024, min: 0, max: 4294967295, help: 'pages a second scanned of one domain' },
  rate: { default: 4096, min: 0, max: 4294967295, help: 'pages a second scanned of all domains together' },
  seed: { default: 1, min: 0, max: 4294967295, help: 'of the random order' },
} as const;

/** A value for each of ESX_KNOBS. */
export type EsxKnobs = KnobValues<typeof ESX_KNOBS>;
