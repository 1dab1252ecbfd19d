/**
 * What the machine itself shares, as its kernel or its hypervisor tells, beside what a trace shows could be. The names
 * are those of the source; so are the units but for the savings, which are frames of 4 KiB.
 */

/** Counters of one source (`ksm`, `vmstat`, `thp`, `xen`), by the source's own names. */
export type ToldFigures = Readonly<Record<string, number>>;

/** The counters of the host or of one domain, by their sources. */
export type ToldSources = Readonly<Record<string, ToldFigures>>;

/** What one mechanism of the machine says that it saves. */
export interface RealSaving {
  source: 'KSM' | 'Xen';
  /** KSM: `run` is 1. Xen has no such switch: something is shared. */
  isOn: boolean;
  /** KSM pages_sharing; Xen sharing_freed_memory, which xl tells in whole MiB. */
  savedFrames: number;
  /** KSM ksm_zero_pages, beside `savedFrames`; Xen has no such figure: 0. */
  zeroSavedFrames: number;
  /** Copies kept: KSM pages_shared; Xen sharing_used_memory. */
  sharedFrames: number;
  /** Known to a MiB only. */
  isRounded: boolean;
}

/** The counters that a trace has; a trace without any has no such figures. */
export interface RealFigures {
  host: ToldSources;
  savings: RealSaving[];
  /** Live domains of which something was told. */
  domains: RealDomain[];
}

/** The counters of one domain. */
export interface RealDomain {
  slot: number;
  domid: number;
  key: string;
  name: string;
  told: ToldSources;
}

/** Frames of 4 KiB in a MiB, the unit of xl. */
const FRAMES_PER_MIB = 256;

/** `ksm.pages_sharing` → source `ksm`, name `pages_sharing`; a name without a dot is of the source `other`. */
export function toldSources(counters: readonly (readonly [name: string, value: number])[]): ToldSources {
  const sources = new Map<string, [string, number][]>();
  for (const [full, value] of counters) {
    const dot = full.indexOf('.');
    const source = dot > 0 ? full.slice(0, dot) : 'other';
    const entries = sources.get(source) ?? [];
    entries.push([full.slice(dot + 1), value]);
    sources.set(source, entries);
  }
  // fromEntries defines each name as the object's own, whatever it is called.
  return Object.fromEntries([...sources].map(([source, entries]) => [source, Object.fromEntries(entries)]));
}

/** A counter of a source; undefined: not told. */
export function toldValue(told: ToldSources, source: string, name: string): number | undefined {
  if (!Object.hasOwn(told, source) || !Object.hasOwn(told[source], name)) return undefined;
  return told[source][name];
}

/** What each mechanism saves that told it. */
export function realSavings(host: ToldSources): RealSaving[] {
  const savings: RealSaving[] = [];
  const sharing = toldValue(host, 'ksm', 'pages_sharing');
  if (sharing !== undefined) {
    savings.push({
      source: 'KSM',
      isOn: toldValue(host, 'ksm', 'run') === 1,
      savedFrames: sharing,
      zeroSavedFrames: toldValue(host, 'ksm', 'ksm_zero_pages') ?? 0,
      sharedFrames: toldValue(host, 'ksm', 'pages_shared') ?? 0,
      isRounded: false,
    });
  }
  const freed = toldValue(host, 'xen', 'sharing_freed_memory');
  if (freed !== undefined) {
    const used = toldValue(host, 'xen', 'sharing_used_memory') ?? 0;
    savings.push({
      source: 'Xen',
      isOn: freed > 0 || used > 0,
      savedFrames: freed * FRAMES_PER_MIB,
      zeroSavedFrames: 0,
      sharedFrames: used * FRAMES_PER_MIB,
      isRounded: true,
    });
  }
  return savings;
}

/** The host's saving with or without the zero pages, as the other sums. */
export function realSaved(saving: RealSaving, withZeros: boolean): number {
  return saving.savedFrames + (withZeros ? saving.zeroSavedFrames : 0);
}
