/**
 * Every figure of sharetop: its name, unit, formula and explanation, once. The screens take their labels from here,
 * the help prints it, and the exports name their columns by the ids. The formulas are computed in the engine, the
 * policies and `derived.ts`.
 */

/** One figure. */
export interface FigureEntry {
  /** Stable name, for exports and lookups. */
  id: string;
  /** As the screens label it. */
  label: string;
  unit: string;
  formula: string;
  /** One to three sentences for the help screen. */
  help: string;
}

/** All figures, in the order of the help screen. */
const FIGURE_IDS = [
  ...(['frame', 'ref', 'mem', 'private', 'shared', 'zero', 'unknown', 'fillPages', 'untouched'] as const),
  ...(['contents', 'potential', 'selfSharing', 'interSharing'] as const),
  ...(['saved', 'net', 'could', 'ratio', 'share', 'effectiveness', 'fairSaved', 'proportional', 'zeroRule'] as const),
  ...(['real', 'realDomain'] as const),
  ...(['demand', 'committed', 'region', 'idleSlots', 'duplicateSlots', 'evictions'] as const),
  ...(['seenReads', 'avoidedReads', 'avoidedCross', 'avoidedOwn', 'ineligibleReads', 'hit'] as const),
  ...(['changed', 'heat', 'churn', 'kind', 'holderDomains', 'ages', 'bothHave', 'isolation', 'state', 'scan'] as const),
  ...(['label', 'byName'] as const),
  ...(['skew', 'lag', 'gaps', 'self', 'estimate'] as const),
] as const;

/** The name of a figure. */
export type FigureId = (typeof FIGURE_IDS)[number];

// A Record over the ids: a figure without unit, formula or help does not compile.
const TABLE: Record<FigureId, Omit<FigureEntry, 'id'>> = {
  frame: {
    label: 'frame',
    unit: '4 KiB',
    formula: 'one slot of memory; amounts are frames × 4 KiB',
    help: 'A domain sees its memory as numbered frames (gfn). What a frame holds is its content, known by a hash.',
  },
  ref: {
    label: 'REFS',
    unit: 'frames',
    formula: 'number of ⟨domain, frame⟩ that hold one content',
    help: 'The holders of a content. Under a policy, the references to its shared copy.',
  },
  mem: {
    label: 'MEM',
    unit: 'memory',
    formula: 'PRIV + SHARED + ZERO',
    help: 'Memory in use: frames whose content is known, zero or unknown. It holds for every domain and in total.',
  },
  private: {
    label: 'PRIV',
    unit: 'memory',
    formula: 'MEM − SHARED − ZERO',
    help: 'Frames that the domain has for itself under the shown policy, unknown ones included.',
  },
  shared: {
    label: 'SHARED',
    unit: 'memory',
    formula: 'frames that map to a shared frame with at least two references',
    help: 'What the policy shares now. The total counts every reference, so it is more than the copies kept.',
  },
  zero: {
    label: 'ZERO',
    unit: 'memory',
    formula: 'frames that hold only zeros',
    help: 'Always apart from the rest: empty memory is easy to save and dominates naive figures.',
  },
  unknown: {
    label: 'UNKN',
    unit: 'memory',
    formula: 'frames written since their content was last seen',
    help: 'Counted as private until a scan sees them again, so savings are never overstated by old contents.',
  },
  fillPages: {
    label: 'fill',
    unit: 'memory',
    formula: 'frames filled with one byte other than zero (0xCC, 0xFF …)',
    help: 'Freed or unused memory in disguise. Counted as known content and shown apart, as zeros are.',
  },
  untouched: {
    label: 'untouched',
    unit: 'memory',
    formula: 'reservation − in use − free',
    help: 'Frames of the reservation that no record has named.',
  },
  contents: {
    label: 'contents',
    unit: 'contents',
    formula: 'D: distinct contents other than zeros; D_d within one domain',
    help: 'A content that several frames hold counts once.',
  },
  potential: {
    label: 'possible',
    unit: 'memory',
    formula: 'known frames − D',
    help: 'What any scheme that shares exact pages could save on these frames: the bound that SAVED is compared with.',
  },
  selfSharing: {
    label: 'within',
    unit: 'memory',
    formula: 'Σ over domains (known frames − D_d)',
    help: 'The part of the possible saving inside single domains.',
  },
  interSharing: {
    label: 'between',
    unit: 'memory',
    formula: 'Σ D_d − D',
    help: 'The part of the possible saving between domains. Within and between add up to the possible saving.',
  },
  saved: {
    label: 'SAVED',
    unit: 'memory',
    formula: 'Σ over shared frames (refs − 1)',
    help: 'Gross saving of the shown policy: pages_sharing of KSM, freed pages of Xen, saving of esxtop.',
  },
  net: {
    label: 'net',
    unit: 'memory',
    formula: 'SAVED − frames that the scheme holds without a user',
    help: 'What the machine really gains. Idle slots of the region are not free memory.',
  },
  could: {
    label: 'COULD',
    unit: 'memory',
    formula: 'possible − SAVED',
    help: 'Identical but still private: left on the table by the shown policy.',
  },
  ratio: {
    label: 'Ratio',
    unit: '×',
    formula: 'frames in use / (frames in use − net saving)',
    help: '1.27x means that 1.27 frames of the domains live in one frame of the machine.',
  },
  share: {
    label: 'SHR%',
    unit: '%',
    formula: 'SHARED / MEM of a domain',
    help: "How much of a domain's memory is shared: its sharing ratio.",
  },
  effectiveness: {
    label: 'of possible',
    unit: '%',
    formula: 'SAVED / possible',
    help: 'None when nothing is possible. Negative when the scheme costs more than it saves.',
  },
  fairSaved: {
    label: 'fair part',
    unit: 'memory',
    formula: 'Σ (n − 1)/n over the frames of a domain that share a copy with n references',
    help: "SAVED and COULD of one domain are fair parts: all domains' add up to the totals.",
  },
  proportional: {
    label: 'FOOTPR',
    unit: 'memory',
    formula: 'Σ 1/n over the frames of a domain',
    help: 'Every shared frame divided among its holders; adds up to the frames needed less idle slots.',
  },
  zeroRule: {
    label: 'zeros',
    unit: 'in / out',
    formula: 'in: possible + (zero frames − 1)',
    help: 'Zeros are out of the sums unless switched in (0), for all policies alike. ZERO itself is always shown.',
  },
  real: {
    label: 'Real',
    unit: 'memory',
    formula: 'KSM: pages_sharing, with zeros + ksm_zero_pages; Xen: sharing_freed_memory (whole MiB)',
    help:
      'What kernel or hypervisor itself says that it saves, where the trace has its counters: of all memory of the ' +
      'host that may be shared, not of the recorded domains alone, so it may be more than possible.',
  },
  realDomain: {
    label: 'merging',
    unit: 'frames',
    formula: 'ksm_merging_pages of the process; profit: ksm_process_profit, merged memory − what tracking it costs',
    help: 'Frames of this domain that map to a page of KSM: compare it with SHARED, not with SAVED.',
  },
  demand: {
    label: 'demand',
    unit: 'memory',
    formula: 'frames in use − frames bound to the region + slots in use',
    help: 'Frames that must exist now. Sharing lowers it.',
  },
  committed: {
    label: 'committed',
    unit: 'memory',
    formula: 'Σ reservations + region',
    help: 'Frames that are promised. With fixed reservations sharing lowers demand, not commitment: no overcommit.',
  },
  region: {
    label: 'Region',
    unit: 'memory',
    formula: 'slots that hold a block / frames of the designated sharing area',
    help:
      'The shared copies of dlps and satori live here, outside the memory of every domain. With --region-curve: the ' +
      'size from which on 90 % of the reads are avoided that dlps without limit avoids.',
  },
  idleSlots: {
    label: 'idle',
    unit: 'memory',
    formula: 'slots in use to which no frame is bound',
    help: 'They answer reads but save no memory yet.',
  },
  duplicateSlots: {
    label: 'duplicate',
    unit: 'memory',
    formula: 'slots in use − distinct contents in them',
    help: 'Two blocks of equal content take two slots: the region knows blocks, not contents.',
  },
  evictions: {
    label: 'evicted',
    unit: 'slots',
    formula: 'slots taken from a block for another one, since the start',
    help: 'Many evictions mean that the region is too small for what the domains read.',
  },
  seenReads: {
    label: 'reads',
    unit: '4 KiB reads',
    formula: 'issued + avoided',
    help: 'Eligible block reads: aligned, of a read-only image, of a block that the domain never wrote.',
  },
  avoidedReads: {
    label: 'AVOID/s',
    unit: '4 KiB reads/s',
    formula: 'eligible reads answered without the disk, over 10 s of trace time',
    help: 'A block found in the region is not read again. No disk time is given: a trace cannot know it.',
  },
  avoidedCross: {
    label: 'cross',
    unit: '4 KiB reads',
    formula: 'avoided after the read of another domain',
    help: 'Reads that sharing saved.',
  },
  avoidedOwn: {
    label: 'own',
    unit: '4 KiB reads',
    formula: 'avoided after reads of the same domain only',
    help: 'Reads that a bigger cache would have saved as well: not the merit of sharing.',
  },
  ineligibleReads: {
    label: 'not eligible',
    unit: '4 KiB reads',
    formula: 'unaligned, own-written or of a writable image',
    help: 'Reads that no region can answer; outside of seen, issued and avoided.',
  },
  hit: {
    label: 'hit',
    unit: '%',
    formula: 'avoided / (issued + avoided)',
    help: 'The part of the eligible reads that the region answered since the start.',
  },
  changed: {
    label: 'CHG/s',
    unit: 'frames/s',
    formula: 'shared frames that were overwritten, zeroed, freed or became unknown, over 10 s of trace time',
    help: 'Sharing that ended. A trace cannot tell a copy-on-write from a reuse of the page cache, so it is not CoW/s.',
  },
  heat: {
    label: 'HEAT/s',
    unit: 'events/s',
    formula: 'reads, hits and touches of a content, decaying with a half-life of 30 s',
    help: 'Ranks the hot pages.',
  },
  churn: {
    label: 'CHURN',
    unit: 'changes/s',
    formula: 'frames that got or lost a content, decaying with a half-life of 30 s',
    help: 'A hot page with much churn is a poor one to share.',
  },
  kind: {
    label: 'KIND',
    unit: 'zero, 0xCC, disk, memory',
    formula: 'zero; one byte; read from a disk image at least once; anything else',
    help: 'All that a trace knows of a content. Without labels there is no telling file pages from anonymous memory.',
  },
  holderDomains: {
    label: 'DOMS',
    unit: 'domains',
    formula: 'number of domains that hold a content',
    help: 'REFS − DOMS of the copies are inside single domains.',
  },
  ages: {
    label: 'AGE LAST',
    unit: 'trace time',
    formula: 'since the content was first seen; since its last read, hit or touch',
    help: 'Ages are on the clock of the trace, so that a recording shows them as they were.',
  },
  bothHave: {
    label: 'BOTH HAVE',
    unit: 'memory',
    formula: 'distinct contents other than zeros that two domains hold',
    help: 'Pairs must not be added up: a content that three domains hold is in three pairs.',
  },
  isolation: {
    label: 'isolation',
    unit: 'memory',
    formula: 'saved with one trust group − saved with the groups as they are',
    help:
      'What it costs that only domains of one trust group share with one another (--price). The possible saving is ' +
      'of all domains, so COULD contains it. With a bounded region it can be negative.',
  },
  label: {
    label: 'CONTENT',
    unit: 'file + offset',
    formula: 'the first label of the hash: --labels, label files that the trace names, labels of the trace itself',
    help:
      'A file and an offset (libc.so.6 +0x1a000) in place of the hash; (+3): three further files have that content. ' +
      'Pages of one byte have no label: they are in many files and of none.',
  },
  byName: {
    label: 'FILE',
    unit: 'memory',
    formula: 'MEM: frames of its contents; SAVED: Σ (n − 1)/n over those that share a copy with n references',
    help:
      'Saved memory by file or by package (f). COULD is MEM − CONTENTS − SAVED. A content counts for one file, that ' +
      'of its label: all lines, with those that have no label, add up to the figures of the host.',
  },
  state: {
    label: 'STATE',
    unit: 'run / still',
    formula: 'still: no change of memory or disk for 30 s of trace time',
    help: 'What the trace saw, not what the hypervisor says.',
  },
  scan: {
    label: 'SCAN',
    unit: 'trace time',
    formula: 'since a domain was last scanned',
    help: 'Its largest value over all domains is the skew.',
  },
  skew: {
    label: 'skew',
    unit: 'trace time',
    formula: 'age of the oldest scan among live domains',
    help: 'Frames are scanned at different times: contents that seem equal may be this far apart.',
  },
  lag: {
    label: 'lag',
    unit: 'time',
    formula: 'from the newest byte seen in the files to its being applied',
    help: 'A growing lag means that the trace comes faster than it can be read.',
  },
  gaps: {
    label: 'gaps',
    unit: 'records',
    formula: 'lost + damaged blocks + late + orphans + damaged records',
    help: 'What the input lacked. Figures over gaps are marked by this line; nothing is dropped in silence.',
  },
  self: {
    label: 'self',
    unit: '% of a core, memory',
    formula: 'processor time and resident memory of sharetop itself',
    help: 'So that an experimenter can subtract it.',
  },
  estimate: {
    label: '~',
    unit: '',
    formula: 'computed from a sample of contents',
    help: 'Pairs are exact up to 128 domains; above that they are estimates and marked so.',
  },
};

/** The figures in the order of the help screen. */
export const FIGURES: readonly FigureEntry[] = FIGURE_IDS.map((id) => ({ id, ...TABLE[id] }));

/** One figure by its name. */
export function figure(id: FigureId): FigureEntry {
  return { id, ...TABLE[id] };
}
