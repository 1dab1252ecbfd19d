/**
 * Figures computed from other figures: one place for each formula. Amounts are frames of 4 KiB. Definitions: design
 * table "Figures"; the sources of single formulas stand beside them. `undefined` means that there is no such figure
 * (a ratio to nothing), which the screens write as a dash, never as 0.
 */
import type { DomainFigures, DomainPolicyFigures } from './domain-figures.js';
import type { HostFigures } from './host-figures.js';
import { type DlpsFigures, type PolicyFigures, regionOf } from './policy-figures.js';

/** Frames that sharing all zero pages would save: all but one. */
export function zeroSavableFrames(zeroFrames: number): number {
  return Math.max(0, zeroFrames - 1);
}

/** What sharing all zero pages would save less without the zero frames of one domain. */
export function zeroSavableLost(zeroFrames: number, domainZeroFrames: number): number {
  return zeroSavableFrames(zeroFrames) - zeroSavableFrames(zeroFrames - domainZeroFrames);
}

/** What any exact-page scheme could save on these frames: KNOWN − D, and with zeros in also all zero frames but one. */
export function potentialFrames(host: HostFigures, withZeros: boolean): number {
  return host.potentialSavedFrames + (withZeros ? zeroSavableFrames(host.zeroFrames) : 0);
}

/** Zero frames in the saving of a policy: only when zeros are in, and as many as its own rule for zeros saves. */
function zerosSaved(policy: PolicyFigures, withZeros: boolean): number {
  return withZeros ? policy.zeroSavedFrames : 0;
}

/**
 * Gross saving: Σ over shared frames (refs − 1). The same quantity as Linux `pages_sharing`, Xen's freed pages
 * (`nr_saved_mfns`) and `saving` of esxtop's PSHARE.
 */
export function savedFrames(policy: PolicyFigures, withZeros: boolean): number {
  return policy.savedFrames + zerosSaved(policy, withZeros);
}

/** Net saving: gross less the frames that the scheme itself holds without a user. */
export function netSavedFrames(policy: PolicyFigures, withZeros: boolean): number {
  return policy.netSavedFrames + zerosSaved(policy, withZeros);
}

/** Identical but not shared: potential − gross saving. */
export function couldFrames(host: HostFigures, policy: PolicyFigures, withZeros: boolean): number {
  return potentialFrames(host, withZeros) - savedFrames(policy, withZeros);
}

/** saved / potential. None when the potential is 0; negative is shown as it is. */
export function effectiveness(saved: number, potential: number): number | undefined {
  return potential === 0 ? undefined : saved / potential;
}

/** Frames that the guests' memory takes under a policy: frames in use − net saving. */
export function neededFrames(host: HostFigures, policy: PolicyFigures, withZeros: boolean): number {
  return host.frames - netSavedFrames(policy, withZeros);
}

/** frames in use / frames needed, e.g. 1.27. None when nothing is needed. */
export function sharingRatio(frames: number, needed: number): number | undefined {
  return needed > 0 ? frames / needed : undefined;
}

/** The sum of SHARED over domains: Σ refs = Σ (refs − 1) + number of shared frames. */
export function sharedHoldings(policy: PolicyFigures): number {
  return policy.savedFrames + policy.sharedFrames;
}

/** The sum of PRIVATE over domains: MEM − SHARED − ZERO. Unknown frames are private. */
export function privateFrames(host: HostFigures, policy: PolicyFigures): number {
  return host.frames - host.zeroFrames - sharedHoldings(policy);
}

/** A domain's sharing ratio: SHARED / MEM. None when it uses no memory. */
export function domainSharingRatio(frames: number, sharedFrames: number): number | undefined {
  return frames > 0 ? sharedFrames / frames : undefined;
}

/**
 * A domain's fair part of a saving of zeros, frames: in proportion to its zero frames, so (n − 1)/n of them when all n
 * zero frames of the host are one.
 */
export function fairZeros(domainZeroFrames: number, hostZeroFrames: number, zeroSavedFrames: number): number {
  return hostZeroFrames === 0 ? 0 : (domainZeroFrames * zeroSavedFrames) / hostZeroFrames;
}

/** A domain's fair part of the saving: Σ (n − 1)/n over its shared frames; all domains' add up to `savedFrames`. */
export function domainSavedFrames(
  domain: DomainFigures,
  part: DomainPolicyFigures,
  host: HostFigures,
  policy: PolicyFigures,
  withZeros: boolean,
): number {
  const zeros = fairZeros(domain.zeroFrames, host.zeroFrames, zerosSaved(policy, withZeros));
  return part.fairSavedFrames + zeros;
}

/** A domain's fair part of what is identical but not shared; all domains' add up to `couldFrames`. */
export function domainCouldFrames(
  domain: DomainFigures,
  part: DomainPolicyFigures,
  host: HostFigures,
  policy: PolicyFigures,
  withZeros: boolean,
): number {
  const savable = withZeros ? zeroSavableFrames(host.zeroFrames) : 0;
  const zeros = fairZeros(domain.zeroFrames, host.zeroFrames, savable);
  return domain.fairSavedFrames + zeros - domainSavedFrames(domain, part, host, policy, withZeros);
}

/** Σ 1/n over a domain's frames (n = 1 for what it holds alone): adds up to the frames needed less idle slots. */
export function proportionalFrames(frames: number, fairSaved: number): number {
  return frames - fairSaved;
}

/** Never named by a record: reservation − in use − free. */
export function untouchedFrames(domain: DomainFigures): number {
  return domain.reservedFrames - domain.frames - domain.freeFrames;
}

/**
 * Frames that must exist now: private, unknown and zero frames, and the slots in use. For the designated sharing area
 * frames − bound + resident; for a scheme without a region the frames needed.
 */
export function demandFrames(host: HostFigures, policy: PolicyFigures, withZeros: boolean): number {
  const region = regionOf(policy);
  if (region === undefined) return neededFrames(host, policy, withZeros);
  return host.frames - region.boundFrames + region.residentSlots;
}

/**
 * Frames that are promised: Σ reservations + region. With fixed reservations sharing lowers the demand, never this.
 * A region without a limit counts with what it holds.
 */
export function committedFrames(host: HostFigures, policy: PolicyFigures): number {
  const region = regionOf(policy);
  if (region === undefined) return host.reservedFrames;
  const { regionFrames, residentSlots } = region;
  return host.reservedFrames + (regionFrames ?? residentSlots);
}

/** Avoided / seen reads, of eligible 4 KiB block reads. None before the first. */
export function hitRatio(readsAvoided: number, readsSeen: number): number | undefined {
  return readsSeen > 0 ? readsAvoided / readsSeen : undefined;
}

/** Part of the region that holds a block. None for a region without a limit. */
export function regionUse(dlps: DlpsFigures): number | undefined {
  const { regionFrames, residentSlots } = dlps;
  return regionFrames !== null && regionFrames > 0 ? residentSlots / regionFrames : undefined;
}

/** Bound frames that left their slot, all causes: only a `dirty` record tells a write, so the sum is not called CoW. */
export function contentChangedTotal(dlps: DlpsFigures): number {
  const { overwritten, zeroed, unknown, freed } = dlps.contentChanged;
  return overwritten + zeroed + unknown + freed;
}

/** What trust groups cost: saved with all domains in one group − saved with the groups as they are. */
export function isolationPrice(savedInOneGroup: number, savedInGroups: number): number {
  return savedInOneGroup - savedInGroups;
}
