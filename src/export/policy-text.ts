import { printable } from '../base/printable.js';
import { contentChangedTotal, sharedHoldings } from '../figures/derived.js';
import { type DlpsFigures, ownFigures, type PolicyFigures, regionOf } from '../figures/policy-figures.js';
import type { SatoriFigures } from '../figures/satori-figures.js';
import { commonPolicyLines } from './group-text.js';
import { figureLine as line, frames, percent } from './figure-line.js';

/** Names of figures come from a person's own policy too. */
const NAME_CHARACTERS_MAX = 60;
/** ENOMEM events on the line of the text report; the JSON has all that are kept. */
const EVENTS_SHOWN = 4;

/** One policy of the report: what all have, then its own figures. */
export function policyLines(policy: PolicyFigures, potential: number): string[] {
  const { savedFrames, zeroSavedFrames, netSavedFrames, metadataBytes, satori } = policy;
  const region = regionOf(policy);
  const lines = [
    line(`policy ${printable(policy.name, NAME_CHARACTERS_MAX)}`, printable(policy.failure ?? '')).trimEnd(),
    line('  saved', `${frames(savedFrames)} frames, ${percent(savedFrames, potential)} of the potential`),
    line('  shared', `${frames(policy.sharedFrames)} copies for ${frames(sharedHoldings(policy))} frames`),
  ];
  if (zeroSavedFrames !== 0) lines.push(line('  zeros saved', `${frames(zeroSavedFrames)} frames beside them`));
  lines.push(...commonPolicyLines(policy));
  if (region !== undefined) lines.push(...regionLines(region));
  else if (netSavedFrames !== savedFrames) lines.push(line('  net', `${frames(netSavedFrames)} frames`));
  if (metadataBytes !== 0) lines.push(line('  metadata', `${frames(metadataBytes)} bytes`));
  if (satori !== undefined) lines.push(...satoriLines(satori));
  for (const [name, value] of Object.entries(ownFigures(policy))) {
    if (Object.hasOwn(policy, name) || (region !== undefined && Object.hasOwn(region, name))) continue;
    lines.push(...valueLines(name, value));
  }
  return lines;
}

/** A figure by its own name: a number, a list by its length, a group of figures on one line, one in it on the next. */
function valueLines(name: string, value: unknown, isNested = false): string[] {
  const label = `  ${printable(name, NAME_CHARACTERS_MAX)}`;
  if (typeof value === 'number') return [line(label, ownNumber(value))];
  if (typeof value === 'string' || typeof value === 'boolean') return [line(label, printable(String(value), 200))];
  if (Array.isArray(value)) return [line(label, `${frames(value.length)} of them`)];
  if (value === null || typeof value !== 'object') return [line(label, '-')];
  const parts: string[] = [];
  const groups: string[] = [];
  for (const [key, part] of Object.entries(value)) {
    const group = isNested ? null : groupOf(part);
    if (group !== null) groups.push(...valueLines(`${name} ${key}`, group, true));
    else parts.push(`${printable(key, NAME_CHARACTERS_MAX)} ${partText(part)}`);
  }
  return [line(label, parts.join(', ')), ...groups];
}

/** A figure that is a group of figures, else null. */
function groupOf(value: unknown): object | null {
  return typeof value === 'object' && !Array.isArray(value) ? value : null;
}

function partText(part: unknown): string {
  if (typeof part === 'number') return ownNumber(part);
  if (Array.isArray(part)) return `${frames(part.length)} of them`;
  if (typeof part === 'string' || typeof part === 'boolean') return printable(String(part), 200);
  return part === null ? '-' : '..';
}

function ownNumber(value: number): string {
  return Number.isInteger(value) ? frames(value) : value.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** What satori has beside its region; the newest of its ENOMEM events. */
function satoriLines(satori: SatoriFigures): string[] {
  const { savedByBlock, savedByContent, contentHits, entitlementFrames, broken, repaid, enomem, fifoFrames } = satori;
  const events = satori.enomemEvents
    .slice(-EVENTS_SHOWN)
    .map(({ time, domain }) => `${time} s ${printable(domain, 40)}`);
  return [
    line('  saved by', `block ${frames(savedByBlock)}, content ${frames(savedByContent)}`),
    line('  content hits', `${frames(contentHits)} reads: memory saved, the read not`),
    line('  entitlements', `${frames(entitlementFrames)} frames`),
    line('  broken shares', `${frames(broken)} = ${frames(repaid)} repaid + ${frames(enomem)} ENOMEM`),
    ...(events.length > 0 ? [line('  newest ENOMEM', events.join('; '))] : []),
    line('  volatile pages', `${frames(fifoFrames)} in all FIFOs`),
  ];
}

function regionLines(dlps: DlpsFigures): string[] {
  const region = dlps.regionFrames === null ? 'unlimited' : `${frames(dlps.regionFrames)} frames`;
  const ineligible = dlps.readsIneligible;
  const changed = dlps.contentChanged;
  return [
    line('  net', `${frames(dlps.netSavedFrames)} frames after ${frames(dlps.idleSlots)} idle slots`),
    line(
      '  region',
      `${region}; ${frames(dlps.residentSlots)} slots resident, ${frames(dlps.duplicateSlots)} duplicate`,
    ),
    line('  bound', `${frames(dlps.boundFrames)} frames; ${frames(dlps.bindExpired)} reads never seen in memory`),
    line(
      '  reads',
      `${frames(dlps.readsSeen)} eligible = ${frames(dlps.readsIssued)} issued + ${frames(dlps.readsAvoided)} avoided`,
    ),
    line('  avoided', `${frames(dlps.readsAvoidedCross)} cross, ${frames(dlps.readsAvoidedOwn)} own`),
    line(
      '  not eligible',
      `${frames(ineligible.unaligned)} unaligned, ${frames(ineligible.ownWritten)} own-written, ` +
        `${frames(ineligible.writableImage)} writable image`,
    ),
    line(
      '  content changed',
      `${frames(contentChangedTotal(dlps))}: ${frames(changed.overwritten)} overwritten, ${frames(changed.zeroed)} ` +
        `zeroed, ${frames(changed.unknown)} unknown, ${frames(changed.freed)} freed`,
    ),
    line('  evictions', `${frames(dlps.evictions)}; ${frames(dlps.identityConflicts)} identity conflicts`),
  ];
}
