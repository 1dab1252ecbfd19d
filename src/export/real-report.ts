/** What the machine itself shares, in the reports that people and scripts read. */
import { printable } from '../base/printable.js';
import type { HostFigures } from '../figures/host-figures.js';
import { type RealDomain, type RealFigures, type RealSaving, toldValue } from '../figures/real-figures.js';
import { figureLine as line, frames, percent } from './figure-line.js';
import { table } from './text-table.js';

const NAME_COLUMNS = 40;

/** The block `real`: counters as told, by their sources; savings in frames. Described by docs/report.schema.json. */
export function realJson({ host, savings, domains }: RealFigures): object {
  return {
    savings: savings.map(({ source, isOn, savedFrames, zeroSavedFrames, sharedFrames }) => {
      return { source, isOn, savedFrames, zeroSavedFrames, sharedFrames };
    }),
    host,
    domains: domains.map(({ domid, key, name, told }) => ({ domid, key, name, told })),
  };
}

/** A line for each mechanism that told what it saves, and whose memory that is of. */
export function realLines(real: RealFigures, host: HostFigures): string[] {
  if (real.savings.length === 0) return [];
  return [
    ...real.savings.map((saving) => line(`real, ${saving.source}`, savingText(saving, real, host))),
    line('', 'of all memory of the host that may be shared, not of these domains alone'),
  ];
}

function savingText(saving: RealSaving, { host: told }: RealFigures, host: HostFigures): string {
  const { source, isOn, savedFrames, zeroSavedFrames, sharedFrames, isRounded } = saving;
  const about = isRounded ? '~' : '';
  const parts = [
    `${about}${frames(savedFrames)} frames saved, ${about}${frames(sharedFrames)} copies`,
    `${percent(savedFrames, host.potentialSavedFrames)} of the potential`,
  ];
  if (zeroSavedFrames > 0) parts.push(`${frames(zeroSavedFrames)} of zeros`);
  const profit = toldValue(told, 'ksm', 'general_profit');
  if (source === 'KSM' && profit !== undefined) parts.push(`profit ${frames(profit)} bytes`);
  return `${isOn ? '' : source === 'KSM' ? 'off; ' : 'nothing shared; '}${parts.join(', ')}`;
}

/** One line for each domain of which something was told; empty where nothing was. */
export function realDomainLines(real: RealFigures): string[] {
  const columns = COLUMNS.filter(({ source, name }) =>
    real.domains.some(({ told }) => toldValue(told, source, name) !== undefined),
  );
  if (columns.length === 0) return [];
  const rows = real.domains.map((domain) => [
    String(domain.domid),
    printable(domain.name, NAME_COLUMNS),
    ...columns.map((column) => cell(domain, column)),
  ]);
  return table(['ID', 'DOMAIN', ...columns.map(({ head }) => head)], rows, [1]);
}

interface Column {
  readonly source: string;
  readonly name: string;
  readonly head: string;
}

const COLUMNS: readonly Column[] = [
  { source: 'ksm', name: 'ksm_merging_pages', head: 'KSM MERGING' },
  { source: 'ksm', name: 'ksm_zero_pages', head: 'KSM ZEROS' },
  { source: 'ksm', name: 'ksm_rmap_items', head: 'KSM TRACKED' },
  { source: 'ksm', name: 'ksm_process_profit', head: 'PROFIT BYTES' },
  { source: 'xen', name: 'shared', head: 'XEN SHARED MiB' },
];

function cell({ told }: RealDomain, { source, name }: Column): string {
  const value = toldValue(told, source, name);
  return value === undefined ? '-' : frames(value);
}
