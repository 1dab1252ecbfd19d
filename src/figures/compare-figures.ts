/**
 * The figures by which policies are compared, once: `sharetop compare`, the screen of that name and `sharetop diff`
 * take them from here. A figure that a policy does not know is null, never 0.
 */
import {
  committedFrames,
  demandFrames,
  effectiveness,
  isolationPrice,
  potentialFrames,
  savedFrames,
} from './derived.js';
import type { DomainFigures, DomainPolicyFigures } from './domain-figures.js';
import type { HostFigures } from './host-figures.js';
import { ownFigures, type PolicyFigures } from './policy-figures.js';

/** ∫ saved dt of one policy, page-seconds (a frame for a second); of a potential that is the same for all. */
export interface ComparedPageSeconds {
  saved: number;
  netSaved: number;
  potential: number;
}

/** What is compared of one policy. */
export interface ComparedPolicy {
  figures: PolicyFigures;
  /** Null: it does not count them. */
  pageSeconds: ComparedPageSeconds | null;
  /** Half of the frames that could be shared were shared within this; null: not followed, or fewer than half were. */
  latencySeconds: number | null;
  /** Of frames that could be shared, the part that waits longer than 30 s, than 5 min; null: not known. */
  latencyOver30s: number | null;
  latencyOver5min: number | null;
}

/** One domain's part under each policy. */
export interface ComparedDomain {
  domain: DomainFigures;
  /** In the order of the policies. */
  parts: DomainPolicyFigures[];
}

/** How a figure is counted. */
export type CompareUnit = 'frames' | 'fraction' | 'pageSeconds' | 'reads' | 'events' | 'bytes' | 'seconds';

/** One figure of a policy. */
export interface CompareFigure {
  /** Stable: the key in JSON. */
  id: string;
  label: string;
  unit: CompareUnit;
  /** What it says, in one sentence. */
  help: string;
  value: (policy: ComparedPolicy, host: HostFigures) => number | null;
}

/** Figures that belong together. */
export interface CompareSection {
  title: string;
  unit: string;
  figures: readonly CompareFigure[];
}

/** A figure of the policy's own block by its name, which schemes of a kind have in common. */
function own(name: string): CompareFigure['value'] {
  return ({ figures }) => numberOf(ownFigures(figures)[name]);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

type Cause = 'overwritten' | 'zeroed' | 'unknown' | 'freed';

function changes({ figures }: ComparedPolicy): Readonly<Record<Cause, number>> | null {
  const changed = ownFigures(figures)['contentChanged'];
  return typeof changed === 'object' && changed !== null ? (changed as Record<Cause, number>) : null;
}

function changedBy(cause: Cause): CompareFigure['value'] {
  return (policy) => changes(policy)?.[cause] ?? null;
}

function difference(whole: string, part: string): CompareFigure['value'] {
  return (policy, host) => {
    const [all, some] = [own(whole)(policy, host), own(part)(policy, host)];
    return all === null || some === null ? null : all - some;
  };
}

const FRAME_BYTES = 4096;

const NOW: readonly CompareFigure[] = [
  {
    id: 'savedFrames',
    label: 'saved, gross',
    unit: 'frames',
    help: 'Σ over shared frames (references − 1), zeros apart.',
    value: ({ figures }) => figures.savedFrames,
  },
  {
    id: 'effectiveness',
    label: '  of possible',
    unit: 'fraction',
    help: 'Gross of what the oracle saves on the same frames, zeros apart.',
    value: ({ figures }, host) => effectiveness(figures.savedFrames, host.potentialSavedFrames) ?? null,
  },
  {
    id: 'netSavedFrames',
    label: 'saved, net',
    unit: 'frames',
    help: 'Gross less the frames that the scheme itself holds without a user.',
    value: ({ figures }) => figures.netSavedFrames,
  },
  {
    id: 'sharedFrames',
    label: 'copies shared',
    unit: 'frames',
    help: 'Copies kept with at least two references.',
    value: ({ figures }) => figures.sharedFrames,
  },
  {
    id: 'zeroSavedFrames',
    label: 'zeros saved',
    unit: 'frames',
    help: "Zero frames saved by the scheme's own rule for zeros, beside the others.",
    value: ({ figures }) => figures.zeroSavedFrames,
  },
  {
    id: 'effectivenessWithZeros',
    label: '  of possible, zeros in',
    unit: 'fraction',
    help: 'Gross and zeros of what the oracle saves with zeros in.',
    value: ({ figures }, host) => effectiveness(savedFrames(figures, true), potentialFrames(host, true)) ?? null,
  },
  {
    id: 'isolationPriceFrames',
    label: 'price of isolation',
    unit: 'frames',
    help: 'Saved with all domains in one trust group − saved with the groups as they are.',
    value: ({ figures: { oneGroup, savedFrames: saved } }) =>
      oneGroup === undefined ? null : isolationPrice(oneGroup.savedFrames, saved),
  },
];

const OVER_TIME: readonly CompareFigure[] = [
  {
    id: 'savedPageSeconds',
    label: 'saved, gross',
    unit: 'pageSeconds',
    help: '∫ gross saving dt since the first record.',
    value: ({ pageSeconds }) => pageSeconds?.saved ?? null,
  },
  {
    id: 'pageSecondsEffectiveness',
    label: '  of possible',
    unit: 'fraction',
    help: '∫ gross saving dt of ∫ what the oracle saves dt, zeros apart.',
    value: ({ pageSeconds }) =>
      pageSeconds === null ? null : (effectiveness(pageSeconds.saved, pageSeconds.potential) ?? null),
  },
  {
    id: 'netSavedPageSeconds',
    label: 'saved, net',
    unit: 'pageSeconds',
    help: '∫ net saving dt since the first record.',
    value: ({ pageSeconds }) => pageSeconds?.netSaved ?? null,
  },
];

const LATENCY: readonly CompareFigure[] = [
  {
    id: 'latencySeconds',
    label: 'median',
    unit: 'seconds',
    help: 'Half of the frames that could be shared were shared within this (Kaplan–Meier); - if below the scan gap.',
    value: ({ latencySeconds }) => latencySeconds,
  },
  {
    id: 'latencyOver30s',
    label: '  longer than 30 s',
    unit: 'fraction',
    help: 'Part of the frames that could be shared and were not within 30 s.',
    value: ({ latencyOver30s }) => latencyOver30s,
  },
  {
    id: 'latencyOver5min',
    label: '  longer than 5 min',
    unit: 'fraction',
    help: 'Part of the frames that could be shared and were not within 5 minutes.',
    value: ({ latencyOver5min }) => latencyOver5min,
  },
];

function reads(id: string, label: string, help: string, value = own(id)): CompareFigure {
  return { id, label, unit: 'reads', help, value };
}

const READS: readonly CompareFigure[] = [
  reads('readsSeen', 'eligible', 'Aligned reads of read-only images, of blocks that the domain never wrote.'),
  reads('readsIssued', '  issued', 'Eligible reads that went to the disk.'),
  reads('readsAvoided', '  avoided', 'Eligible reads answered without the disk: cross + own, and cold + warm.'),
  reads('readsAvoidedCross', '    cross', 'Avoided after the read of another domain.'),
  reads(
    'readsAvoidedOwn',
    '    own',
    'Avoided after reads of the same domain only: a bigger cache would have had them.',
  ),
  reads('readsAvoidedCold', '    cold', "Avoided, and the domain's own first read of the block in its life."),
  reads(
    'readsAvoidedWarm',
    '    warm',
    'Avoided, and the domain had read the block before.',
    difference('readsAvoided', 'readsAvoidedCold'),
  ),
];

const CHANGED: readonly CompareFigure[] = [
  {
    id: 'contentChanged',
    label: 'content changed',
    unit: 'frames',
    help: 'Shared frames that lost their content. A trace cannot tell a copy-on-write from a reuse of the page cache.',
    value: (policy, host) => {
      const causes = changes(policy);
      if (causes === null) return own('contentChanged')(policy, host);
      return causes.overwritten + causes.zeroed + causes.unknown + causes.freed;
    },
  },
  ...(['overwritten', 'zeroed', 'unknown', 'freed'] as const).map((cause): CompareFigure => {
    const help = `Of them: ${cause === 'unknown' ? 'written, and not seen since' : cause}.`;
    return { id: cause, label: `  ${cause}`, unit: 'frames', help, value: changedBy(cause) };
  }),
];

function events(id: string, label: string, help: string): CompareFigure {
  return { id, label, unit: 'events', help, value: own(id) };
}

const FAILED: readonly CompareFigure[] = [
  events('enomem', 'no memory (ENOMEM)', 'A domain needed a frame and its FIFO of volatile pages was empty.'),
  events('identityConflicts', 'identity conflicts', 'A block was read with another hash than its slot holds.'),
  events('evictions', 'evictions', 'Slots taken from a block for another one.'),
  events('bindExpired', 'reads without a frame', 'Reads whose page was never seen in memory.'),
  events('staleHints', 'stale hints', 'Hints whose frame changed before another one matched.'),
];

const COST: readonly CompareFigure[] = [
  {
    id: 'demandFrames',
    label: 'demand',
    unit: 'frames',
    help: 'Frames that must exist now, zeros as they are.',
    value: ({ figures }, host) => demandFrames(host, figures, false),
  },
  {
    id: 'committedFrames',
    label: 'committed',
    unit: 'frames',
    help: 'Frames that are promised: Σ reservations + region.',
    value: ({ figures }, host) => committedFrames(host, figures),
  },
  { id: 'idleSlots', label: 'idle slots', unit: 'frames', help: 'Slots without a frame.', value: own('idleSlots') },
  {
    id: 'duplicateSlots',
    label: 'duplicate slots',
    unit: 'frames',
    help: 'Slots less distinct contents in them.',
    value: own('duplicateSlots'),
  },
  {
    id: 'metadataBytes',
    label: 'metadata, bytes',
    unit: 'bytes',
    help: 'What the real scheme would keep to do this.',
    value: ({ figures }) => figures.metadataBytes,
  },
  {
    id: 'netSavedBytes',
    label: 'saved net, bytes',
    unit: 'bytes',
    help: 'Net saving in bytes, zeros apart: beside the metadata.',
    value: ({ figures }) => figures.netSavedFrames * FRAME_BYTES,
  },
];

/** Everything that is compared, in the order in which it is shown. */
export const COMPARE_SECTIONS: readonly CompareSection[] = [
  { title: 'Memory now', unit: 'frames of 4 KiB', figures: NOW },
  { title: 'Memory over time', unit: 'page-seconds', figures: OVER_TIME },
  { title: 'From possible to shared', unit: 'seconds', figures: LATENCY },
  { title: 'Reads', unit: '4 KiB blocks', figures: READS },
  { title: 'Sharing that ended', unit: 'frames', figures: CHANGED },
  { title: 'What went wrong', unit: 'events', figures: FAILED },
  { title: 'What it takes', unit: 'frames', figures: COST },
];

/** One figure by its id. */
export function compareFigure(id: string): CompareFigure | undefined {
  return COMPARE_SECTIONS.flatMap(({ figures }) => figures).find((figure) => figure.id === id);
}

/** All figures of a policy by their ids. */
export function compareValues(policy: ComparedPolicy, host: HostFigures): Record<string, number | null> {
  const values: Record<string, number | null> = {};
  for (const { figures } of COMPARE_SECTIONS) for (const { id, value } of figures) values[id] = value(policy, host);
  return values;
}

/** The same trace with only every so many-th scan of each domain. */
export interface ComparedInterval {
  /** Every so many-th; 1: all of them. */
  every: number;
  /** ∫ potential dt and what is possible at the end, as that trace shows them. */
  potentialSavedFrames: number;
  policies: { name: string; savedFrames: number; netSavedFrames: number; pageSeconds: ComparedPageSeconds | null }[];
}
