import { type PolicyName, type PolicyOptions, POLICY_NAMES } from '../monitor/policy-set.js';
import type { RegionSize } from '../policy/dlps.js';
import type { RegionVictim } from '../policy/parts/shared-region.js';
import { parseFrames } from './option-values.js';
import { UsageError } from './usage-error.js';

/** The options of the policies as commander gives them. */
export interface GivenPolicyOptions {
  region: string;
  regionVictim: string;
  policies: string;
}

export const REGION_DEFAULT = '5%';

/** `5%` of the host's memory, `16384` frames, `64M`, or `unlimited`. */
export function parseRegion(text: string): RegionSize {
  if (/^(unlimited|inf|infinity|max|none)$/i.test(text)) return 'unlimited';
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)\s?%$/.exec(text);
  if (percent === null) return { frames: parseFrames('--region', text) };
  const value = Number(percent[1]);
  if (value > 0 && value <= 100) return { percent: value };
  throw new UsageError(`--region '${text}': a percentage is of the host's memory, above 0 and at most 100`);
}

function parseVictim(text: string): RegionVictim {
  if (text === 'sharers' || text === 'clock' || text === 'lru') return text;
  throw new UsageError(`--region-victim '${text}': write sharers, clock or lru`);
}

function parseNames(text: string): PolicyName[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!(POLICY_NAMES as readonly string[]).includes(name)) {
      throw new UsageError(`--policies '${name}': there are ${POLICY_NAMES.join(' and ')}`);
    }
  }
  // Each once, in the order given: the first one is shown.
  return POLICY_NAMES.filter((name) => names.includes(name)).sort((a, b) => names.indexOf(a) - names.indexOf(b));
}

/** Throws UsageError with the option's name. */
export function readPolicyOptions(given: GivenPolicyOptions): PolicyOptions {
  return {
    names: parseNames(given.policies),
    dlps: { region: parseRegion(given.region), victim: parseVictim(given.regionVictim) },
  };
}
