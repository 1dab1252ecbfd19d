import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { resolve } from 'node:path';
import { PAGE_BYTES } from '../base/units.js';
import { type PolicyName, type PolicyOptions, POLICY_NAMES } from '../monitor/policy-registry.js';
import type { RegionVictim } from '../policy/parts/shared-region.js';
import type { RegionSize } from '../policy/parts/sharing-area.js';
import { readGroups } from './group-options.js';
import { parseKnobs } from './knob-options.js';
import { parseFrames } from './option-values.js';
import { ESX_KNOBS } from '../policy/esx-knobs.js';
import { KSM_KNOBS } from '../policy/ksm-knobs.js';
import { SATORI_KNOBS } from '../policy/satori-knobs.js';
import { XLH_KNOBS } from '../policy/xlh-knobs.js';
import { UsageError } from './usage-error.js';

/** The options of the policies as commander gives them. */
export interface GivenPolicyOptions {
  region: string;
  regionVictim: string;
  policies: string;
  /** Files of policies that the person brought along. */
  policy?: readonly string[];
  /** NAME=VALUE,…; left out: the defaults. */
  satori?: string;
  ksm?: string;
  esx?: string;
  xlh?: string;
  /** Also try `dlps` at regions of many sizes. */
  regionCurve?: boolean;
  /** GROUP=DOMAIN,…;… or a file; left out: the trace's. */
  groups?: string;
  price?: boolean;
  /** Label files apart by commas; left out: those that the trace names. */
  labels?: string;
  /** Left out: no limit. */
  memoryLimit?: string;
}

export const REGION_DEFAULT = '5%';
export const MEMORY_LIMIT_DEFAULT = '50%';
/** Below this the empty tables and the screen's histories do not fit. */
const MEMORY_LIMIT_MIN_BYTES = 16 * 2 ** 20;

/** `5%` of the host's memory, `16384` frames, `64M`, or `unlimited`. */
export function parseRegion(text: string): RegionSize {
  if (/^(unlimited|inf|infinity|max|none)$/i.test(text)) return 'unlimited';
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)\s?%$/.exec(text);
  if (percent === null) return { frames: parseFrames('--region', text, ', from 1 on; or 5%, or unlimited') };
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
      throw new UsageError(`--policies '${name}': the policies are ${POLICY_NAMES.join(', ')}`);
    }
  }
  // Each once, in the order given: the first one is shown.
  return POLICY_NAMES.filter((name) => names.includes(name)).sort((a, b) => names.indexOf(a) - names.indexOf(b));
}

/** `2G`, `512M`, or `50%` of the memory that this process may use. Bytes. */
function parseMemoryLimit(text: string, memoryBytes: number): number {
  const percent = /^(\d{1,3})\s?%$/.exec(text);
  const isSize = /^\d{1,15}[KMGT](i?B)?$/i.test(text);
  let bytes = isSize ? parseFrames('--memory-limit', text) * PAGE_BYTES : 0;
  if (percent !== null && Number(percent[1]) <= 100) bytes = Math.floor((memoryBytes * Number(percent[1])) / 100);
  if (bytes >= MEMORY_LIMIT_MIN_BYTES) return bytes;
  throw new UsageError(
    `--memory-limit '${text}': write a size of at least 16M such as 2G, or a percentage such as 50%`,
  );
}

/** The memory of the machine, or what a container leaves of it. Bytes. */
function usableMemoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** The paths of `--labels`, absolute. What is in them is told when they are read. */
function readLabels(text: string): string[] {
  const paths = text.split(',');
  for (const path of paths) {
    if (path === '') throw new UsageError(`--labels '${text}': name label files, apart by commas`);
    if (!existsSync(path)) throw new UsageError(`--labels '${path}': does not exist; make it with \`sharetop label\``);
  }
  return [...new Set(paths.map((path) => resolve(path)))];
}

/** Throws UsageError with the option's name. */
export function readPolicyOptions(given: GivenPolicyOptions): PolicyOptions {
  const { memoryLimit, policy: own = [] } = given;
  if (own.includes('')) throw new UsageError("--policy '': name the file of a policy, e.g. ./mine.js");
  const names = parseNames(given.policies);
  for (const name of ['satori', 'ksm', 'esx', 'xlh'] as const) {
    // Knobs that turn nothing would be believed.
    if (given[name] === undefined || names.includes(name)) continue;
    throw new UsageError(`--${name}: ${name} does not run here; add it to --policies (now ${names.join(',')})`);
  }
  return {
    ...(memoryLimit !== undefined && { memoryLimitBytes: parseMemoryLimit(memoryLimit, usableMemoryBytes()) }),
    ...(own.length > 0 && { own: [...new Set(own.map((path) => resolve(path)))] }),
    names,
    ...(given.regionCurve === true && { regionCurve: { trials: true } }),
    dlps: { region: parseRegion(given.region), victim: parseVictim(given.regionVictim) },
    ...(given.groups !== undefined && { groups: readGroups(given.groups) }),
    ...(given.price === true && { price: true }),
    ...(given.labels !== undefined && { labels: readLabels(given.labels) }),
    ...(given.satori !== undefined && { satori: parseKnobs('--satori', given.satori, SATORI_KNOBS) }),
    ...(given.ksm !== undefined && { ksm: parseKnobs('--ksm', given.ksm, KSM_KNOBS) }),
    ...(given.esx !== undefined && { esx: parseKnobs('--esx', given.esx, ESX_KNOBS) }),
    ...(given.xlh !== undefined && { xlh: parseKnobs('--xlh', given.xlh, XLH_KNOBS) }),
  };
}
