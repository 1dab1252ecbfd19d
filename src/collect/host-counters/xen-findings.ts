/** Why Xen shares nothing, or little, from what `xl info` prints. Looks only; changes nothing. */
import type { Finding } from '../../base/finding.js';
import { parseVirtCaps, parseXlInfo } from './xl-text.js';

/** The findings of Xen's control domain. @param info what `xl info` printed; null: there is no xl, or it failed */
export function xenFindings(info: string | null): Finding[] {
  const told = new Map(parseXlInfo(info ?? ''));
  if (info === null || told.size === 0) {
    return [
      {
        ...{ id: 'no-xl', weight: 2, what: "Xen's xl does not answer: what Xen shares is not known." },
        ...{ evidence: '`xl info` told no memory figures', mend: 'Run as root, with the Xen tools installed.' },
      },
    ];
  }
  const found: Finding[] = [];
  const capabilities = parseVirtCaps(info);
  if (capabilities !== null && !capabilities.includes('hap')) {
    found.push({
      ...{ id: 'xen-no-hap', weight: 3, what: 'This Xen cannot share memory: it needs HVM guests with HAP.' },
      ...{ evidence: 'virt_caps of `xl info` has no hap', mend: 'Switch on VT-x with EPT, or AMD-V with NPT.' },
    });
  }
  const [freed, used] = [told.get('sharing_freed_memory'), told.get('sharing_used_memory')];
  if ((freed ?? 0) + (used ?? 0) === 0) {
    found.push({
      ...{ id: 'xen-unshared', weight: 3, what: 'Xen shares no memory.' },
      evidence: `sharing_freed_memory ${freed ?? '-'}, sharing_used_memory ${used ?? '-'} MiB`,
      mend: 'Xen shares only what a tool nominates; none comes with it any more.',
    });
  }
  return found;
}
