/** Which policies there are, and how each is made: a new one is a line here, a file in policy/ and a text in docs/. */
import type { Engine } from '../engine/engine.js';
import { C_REFS, CONTENT_WORDS, D_SHARED, D_ZERO, DOMAIN_COUNTERS, FRAME_WORDS } from '../engine/layout.js';
import { newMembers } from '../engine/settle.js';
import { type DlpsOptions, DlpsPolicy } from '../policy/dlps.js';
import { EsxPolicy } from '../policy/esx.js';
import type { EsxKnobs } from '../policy/esx-knobs.js';
import type { KsmKnobs } from '../policy/ksm-knobs.js';
import { KsmPolicy } from '../policy/ksm.js';
import { type OracleCounts, OraclePolicy } from '../policy/oracle.js';
import type { Policy } from '../policy/policy.js';
import type { SatoriKnobs } from '../policy/satori-knobs.js';
import { SatoriPolicy } from '../policy/satori.js';
import { XlhPolicy } from '../policy/xlh.js';
import type { XlhKnobs } from '../policy/xlh-knobs.js';

/** Which policies run, and their knobs. Plain data: it goes to the worker. */
export interface PolicyOptions {
  names: readonly PolicyName[];
  /** Region and victims, of `satori` too. */
  dlps: DlpsOptions;
  /** The knobs of the others; left out: the defaults of their tables. */
  satori?: SatoriKnobs;
  ksm?: KsmKnobs;
  esx?: EsxKnobs;
  xlh?: XlhKnobs;
  /** Files of policies that the person brought along, absolute; left out: none. */
  own?: readonly string[];
  /** Trust groups by name or key of a domain, which override the trace's; left out: none. */
  groups?: ReadonlyMap<string, string>;
  /** Run each policy a second time with all domains in one group: the price of isolation. Left out: no. */
  price?: boolean;
  /** Follow lifetimes of opportunities and shares, and merge latency. Left out: no. */
  times?: boolean;
  /** Curves of the region's size; left out: none. With trials `dlps` also runs at each size, on a sample. */
  regionCurve?: { trials: boolean };
  /** Label files, absolute paths; the first that knows a content names it. Left out: only those of the trace. */
  labels?: readonly string[];
  /** What paths in the trace are relative to; left out: the working directory. */
  directory?: string;
  /** What engine, policies and histories may hold together, bytes; left out: no limit. */
  memoryLimitBytes?: number;
}

type Factory = (engine: Engine, options: PolicyOptions) => Policy;

/** In the order in which they are shown. */
const FACTORIES = {
  dlps: (engine, options) => new DlpsPolicy(engine, options.dlps),
  oracle: (engine) => new OraclePolicy(engine, oracleCounts(engine)),
  satori: (engine, options) => new SatoriPolicy(engine, options.dlps, options.satori),
  ksm: (engine, options) => new KsmPolicy(engine, options.ksm),
  esx: (engine, options) => new EsxPolicy(engine, options.esx),
  xlh: (engine, options) => new XlhPolicy(engine, options.xlh),
} as const satisfies Record<string, Factory>;

/** One of POLICY_NAMES. */
export type PolicyName = keyof typeof FACTORIES;
/** Names of the policies that there are, in the order in which they are shown. */
export const POLICY_NAMES = Object.keys(FACTORIES) as readonly PolicyName[];

/** Makes a policy by name. */
export function createPolicy(name: PolicyName, engine: Engine, options: PolicyOptions): Policy {
  return FACTORIES[name](engine, options);
}

function oracleCounts(engine: Engine): OracleCounts {
  const members = newMembers();
  const counterOf = (slot: number, counter: number): number =>
    engine.domains.counters[slot * DOMAIN_COUNTERS + counter];
  return {
    potentialSavedFrames: () => engine.changes.knownFrames - engine.changes.distinctContents,
    zeroFramesOf: (slot) => counterOf(slot, D_ZERO),
    potentialPageSeconds: () => engine.clock.potentialPageSeconds.value,
    sharedContents: () => engine.changes.sharedContents,
    domainShared: (slot) => counterOf(slot, D_SHARED),
    domainFairSaved: (slot) => engine.domains.fairSaved.get(slot),
    refs: (id) => engine.contents.words[id * CONTENT_WORDS + C_REFS],
    contentOf: (frameId) => engine.frames.words[frameId * FRAME_WORDS],
    holdersOf: (id) => {
      engine.settling.membersOf(id, members);
      return members;
    },
  };
}
