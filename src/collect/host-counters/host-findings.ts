/** Why the kernel of this host merges nothing, or little. Looks only; changes nothing. */
import type { Finding } from '../../base/finding.js';
import { parseChoice, parseNamedLines } from './counter-text.js';
import { linuxCounters } from './host-counters.js';
import { HostFiles } from './host-files.js';
import { xenFindings } from './xen-findings.js';

const KSM = '/sys/kernel/mm/ksm';
/** Most opportunities live between 30 s and 5 min (XLH): a slower pass misses them. */
const PASS_SECONDS_MAX = 300;
/** Bit of CapEff. */
const CAP_SYS_PTRACE = 19n;

interface Guests {
  readonly count: number;
  readonly mergeable: number;
  readonly unreadable: number;
  readonly mergeOff: number;
  readonly huge: number;
  /** Frames that KSM tracks. */
  readonly items: number;
}

/**
 * The findings of a host. In Xen's control domain they are Xen's: its KSM would merge the memory of dom0 alone.
 * @param root '' for this machine
 * @param runXl what `xl` prints for a word; null: there is no xl
 */
export function hostFindings(root = '', runXl: (word: string) => string | null = () => null): Finding[] {
  const files = new HostFiles(root);
  if ((files.text('/proc/xen/capabilities') ?? '').includes('control_d')) return xenFindings(runXl('info'));
  const ksm = new Map(linuxCounters(files, files.names(KSM)));
  const guests = guestsOf(files);
  const found: Finding[] = [...guestFindings(guests)];
  if (!ksm.has('ksm.run')) {
    found.push({
      ...{ id: 'ksm-absent', weight: 3, what: 'This kernel has no KSM.' },
      ...{ evidence: `no ${KSM}`, mend: 'Boot a kernel with CONFIG_KSM.' },
    });
    return found;
  }
  return [...found, ...switchFindings(ksm, guests), ...settingFindings(ksm, files)];
}

function guestsOf(files: HostFiles): Guests {
  const all = { count: 0, mergeable: 0, unreadable: 0, mergeOff: 0, huge: 0, items: 0 };
  const ownUid = uidOf(files, 'self');
  const capabilities = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(files.text('/proc/self/status') ?? '');
  const mayTrace = capabilities !== null && ((BigInt(`0x${capabilities[1]}`) >> CAP_SYS_PTRACE) & 1n) === 1n;
  for (const pid of files.names('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = files.text(`/proc/${pid}/cmdline`) ?? '';
    const isGuest = /^([^\0]*\/)?(qemu-system-[^/\0]+|qemu-kvm|kvm)\0/.test(command);
    const told = new Map(parseNamedLines(files.text(`/proc/${pid}/ksm_stat`) ?? ''));
    all.items += told.get('ksm_rmap_items') ?? 0;
    if ((told.get('ksm_mergeable') ?? 0) + (told.get('ksm_merge_any') ?? 0) > 0) all.mergeable++;
    if (!isGuest) continue;
    all.count++;
    if (!mayTrace && uidOf(files, pid) !== ownUid) all.unreadable++;
    if (command.includes('mem-merge=off')) all.mergeOff++;
    if (/hugetlb=on|mem-path(=|\0)[^\0,]*huge/.test(command)) all.huge++;
  }
  return all;
}

function uidOf(files: HostFiles, pid: string): string {
  return /^Uid:\s+(\d+)/m.exec(files.text(`/proc/${pid}/status`) ?? '')?.[1] ?? '0';
}

function guestFindings({ count, unreadable, mergeOff, huge }: Guests): Finding[] {
  const found: Finding[] = [];
  if (count === 0) {
    found.push({
      ...{ id: 'no-guest', weight: 1, what: 'No QEMU guest runs here that is seen.' },
      ...{ evidence: '0 processes qemu-system-*', mend: 'Record other processes: --pid, --match, --cgroup.' },
    });
  }
  if (unreadable > 0) {
    found.push({
      ...{ id: 'no-permission', weight: 2, what: 'Guests of others cannot be recorded.' },
      evidence: `${unreadable} of ${count} guests are of another user; no CAP_SYS_PTRACE`,
      mend: 'Run as root, or give sharetop CAP_SYS_PTRACE.',
    });
  }
  if (mergeOff > 0) {
    found.push({
      ...{ id: 'merge-off', weight: 2, what: 'QEMU was told not to let its memory be merged.' },
      evidence: `mem-merge=off in the command lines of ${mergeOff} of ${count} guests`,
      mend: 'Start them with -machine mem-merge=on (the default).',
    });
  }
  if (huge > 0) {
    found.push({
      ...{ id: 'hugetlbfs', weight: 2, what: 'Guest memory lies in hugetlbfs, which KSM never merges.' },
      evidence: `${huge} of ${count} guests`,
      mend: 'Back them with ordinary memory; transparent huge pages are split.',
    });
  }
  return found;
}

function switchFindings(ksm: ReadonlyMap<string, number>, { mergeable, items }: Guests): Finding[] {
  const found: Finding[] = [];
  const run = ksm.get('ksm.run');
  if (run !== 1) {
    found.push({
      ...{ id: 'ksm-off', weight: 3, what: run === 2 ? 'KSM is off and took its merges back.' : 'KSM is off.' },
      ...{ evidence: `${KSM}/run is ${run ?? '-'}`, mend: `echo 1 > ${KSM}/run` },
    });
  }
  if (mergeable === 0 && (ksm.get('ksm.pages_sharing') ?? 0) === 0) {
    found.push({
      ...{ id: 'nothing-mergeable', weight: 3, what: 'No process seen has mergeable memory.' },
      evidence: '0 processes with ksm_mergeable or ksm_merge_any in ksm_stat',
      mend: 'QEMU: mem-merge=on; services: MemoryKSM=yes; programs: madvise.',
    });
  }
  const tracked = ['pages_shared', 'pages_sharing', 'pages_unshared', 'pages_volatile'];
  const pages = Math.max(
    items,
    tracked.reduce((sum, name) => sum + (ksm.get(`ksm.${name}`) ?? 0), 0),
  );
  const [scan, sleep] = [ksm.get('ksm.pages_to_scan') ?? 0, ksm.get('ksm.sleep_millisecs') ?? 0];
  const seconds = (pages / Math.max(1, scan)) * (sleep / 1000);
  if (run === 1 && seconds > PASS_SECONDS_MAX) {
    found.push({
      ...{ id: 'ksm-starved', weight: 2, what: 'KSM scans too slowly for what it has to scan.' },
      evidence: `${pages} pages, ${scan} each ${sleep} ms: a pass takes ${Math.round(seconds / 60)} min`,
      mend: `Raise ${KSM}/pages_to_scan; a merge needs two passes.`,
    });
  }
  return found;
}

function settingFindings(ksm: ReadonlyMap<string, number>, files: HostFiles): Finding[] {
  const found: Finding[] = [];
  const nodes = files.names('/sys/devices/system/node').filter((name) => /^node\d+$/.test(name)).length;
  if (ksm.get('ksm.merge_across_nodes') === 0 && nodes > 1) {
    found.push({
      ...{ id: 'numa', weight: 1, what: 'KSM merges within a NUMA node only.' },
      ...{ evidence: `merge_across_nodes is 0, ${nodes} nodes`, mend: 'Unmerge (run 2), then merge_across_nodes 1.' },
    });
  }
  const chains = ksm.get('ksm.stable_node_chains') ?? 0;
  if (ksm.get('ksm.use_zero_pages') === 0 && chains > 0) {
    found.push({
      ...{ id: 'many-copies', weight: 1, what: 'Some contents have more copies than one page may have.' },
      evidence: `${chains} contents above max_page_sharing ${ksm.get('ksm.max_page_sharing') ?? '-'}`,
      mend: 'The zero page is one mostly: use_zero_pages 1 takes it.',
    });
  }
  if (parseChoice(files.text('/sys/kernel/mm/transparent_hugepage/enabled') ?? '')?.word === 'always') {
    found.push({
      ...{ id: 'thp-always', weight: 1, what: 'Huge pages are made wherever they can be.' },
      evidence: 'transparent_hugepage/enabled is always',
      mend: 'madvise: KSM must split a huge page before its parts are merged.',
    });
  }
  return found;
}
