/**
 * What the kernel or the hypervisor itself says it shares, as `counter` records beside what a trace shows could be:
 *
 * - Linux, of the host: `ksm.FILE` for each file of `/sys/kernel/mm/ksm` that is a number, or a choice (its position);
 *   `thp.enabled` (0 always, 1 madvise, 2 never); `vmstat.cow_ksm`, `vmstat.ksm_swpin_copy`.
 * - Linux, of a process: `ksm.NAME` for each line of `/proc/PID/ksm_stat` (`ksm.ksm_merging_pages`).
 * - Xen, in MiB: of the host `xen.NAME` of `xl info`; of a domain `xen.memory` and `xen.shared` of `xl sharing`.
 *
 * A source that is not there is not written, and no counter is a guess.
 */
import type { RecordBuffer } from '../../trace/record-buffer.js';
import { type NamedCounter, parseChoice, parseInteger, parseNamedLines } from './counter-text.js';
import { HostFiles } from './host-files.js';
import { parseXlDomains, parseXlInfo } from './xl-text.js';

const KSM = '/sys/kernel/mm/ksm';
const THP_ENABLED = '/sys/kernel/mm/transparent_hugepage/enabled';
const VMSTAT_NAMES: ReadonlySet<string> = new Set(['cow_ksm', 'ksm_swpin_copy']);

/** A domain as the recorder knows it. */
export interface CountedDomain {
  readonly domid: number;
  /** Its process; left out or 0: none. */
  readonly pid?: number;
  /** Its name, by which `xl` knows it; left out: it has none there. */
  readonly name?: string;
}

/** Where the counters come from. */
export interface HostCountersOptions {
  /** In front of every path; '' (the default) for the machine itself. */
  readonly root?: string;
  /** Runs `xl` with one word (`info`, `sharing`) and returns what it printed; left out or null: there is no xl. */
  readonly runXl?: ((word: string) => string | null) | null;
}

/** The sources, ready to be read once a pass. */
export interface HostCounters {
  /** Appends a counter record for each figure there is. Cheap: some thirty small files, and two a process. */
  write(out: RecordBuffer, live: readonly CountedDomain[]): void;
}

/** Opens the sources of this machine; none of them needs to be there. */
export function openHostCounters(options: HostCountersOptions = {}): HostCounters {
  const files = new HostFiles(options.root ?? '');
  // What the files are called does not change while the kernel runs.
  const ksmNames = files.names(KSM);
  const runXl = options.runXl ?? null;
  return {
    write(out, live): void {
      for (const [name, value] of linuxCounters(files, ksmNames)) out.counter(null, name, value);
      for (const { domid, pid = 0 } of live) {
        if (pid <= 0) continue;
        for (const [name, value] of processCounters(files, pid)) out.counter(domid, name, value);
      }
      if (runXl === null) return;
      writeXenInfo(out, runXl('info') ?? '');
      writeXenSharing(out, runXl('sharing') ?? '', (name) => live.find((domain) => domain.name === name)?.domid);
    },
  };
}

/** The figures of the host's KSM and huge pages. */
export function linuxCounters(files: HostFiles, ksmNames: readonly string[]): NamedCounter[] {
  const found: NamedCounter[] = [];
  for (const name of ksmNames) {
    const text = files.text(`${KSM}/${name}`) ?? '';
    const value = parseInteger(text) ?? parseChoice(text)?.index;
    if (value !== undefined) found.push([`ksm.${name}`, value]);
  }
  const thp = parseChoice(files.text(THP_ENABLED) ?? '');
  if (thp !== null) found.push(['thp.enabled', thp.index]);
  const vmstat = parseNamedLines(files.text('/proc/vmstat') ?? '', VMSTAT_NAMES);
  found.push(...vmstat.map(([name, value]): NamedCounter => [`vmstat.${name}`, value]));
  return found;
}

/** The figures of one process; empty where it has ended or its kernel has no KSM. */
export function processCounters(files: HostFiles, pid: number): NamedCounter[] {
  const found = parseNamedLines(files.text(`/proc/${pid}/ksm_stat`) ?? '');
  if (!found.some(([name]) => name === 'ksm_merging_pages')) {
    // Linux 5.19 to 6.0 have this file and not yet the other.
    const merging = parseInteger(files.text(`/proc/${pid}/ksm_merging_pages`) ?? '');
    if (merging !== null) found.push(['ksm_merging_pages', merging]);
  }
  return found.map(([name, value]): NamedCounter => [`ksm.${name}`, value]);
}

/** The counters of the text of `xl info`. */
export function writeXenInfo(out: RecordBuffer, text: string): void {
  for (const [name, value] of parseXlInfo(text)) out.counter(null, `xen.${name}`, value);
}

/** The counters of the text of `xl sharing`, of those domains whose name has a domid. */
export function writeXenSharing(out: RecordBuffer, text: string, domidOf: (name: string) => number | undefined): void {
  for (const { name, memory, shared } of parseXlDomains(text) ?? []) {
    const domid = domidOf(name);
    if (domid === undefined || shared === null) continue;
    out.counter(domid, 'xen.memory', memory);
    out.counter(domid, 'xen.shared', shared);
  }
}
