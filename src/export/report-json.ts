import { PAGE_BYTES } from '../base/units.js';
import { ownFigures, type PolicyFigures } from '../figures/policy-figures.js';
import type { ReportFigures } from '../figures/report.js';
import { namesJson } from './names-report.js';
import { realJson } from './real-report.js';
import { regionCurveJson } from './region-curve-json.js';
import { classesJson, commonPolicyJson, exposureJson } from './group-json.js';
import { timesJson } from './time-report.js';

/** Version of the object that `report --json` prints; described by docs/report.schema.json. */
export const REPORT_SCHEMA = 1;

/** Fair shares are sums of fractions: printed to a millionth of a frame. */
function fraction(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/**
 * A policy's figures: those that all have, then its own block, whose names are those of the real system where it has
 * them. Where a block has a figure of the same name it is the same figure.
 */
export function policyJson(policy: PolicyFigures): object {
  const { savedFrames, zeroSavedFrames, netSavedFrames, sharedFrames, metadataBytes, failure } = policy;
  return {
    ...{ savedFrames, zeroSavedFrames, netSavedFrames, sharedFrames, metadataBytes },
    ...ownFigures(policy),
    ...commonPolicyJson(policy),
    ...(failure !== undefined && { failure }),
  };
}

/** The object that scripts read. Frames of 4 KiB, times in seconds of the trace's own clock. */
export function reportJson(report: ReportFigures): object {
  const { position, host } = report;
  return {
    schema: REPORT_SCHEMA,
    time: position.timeMicros / 1e6,
    since: position.sinceMicros / 1e6,
    records: position.records,
    gaps: report.gaps,
    pageSize: PAGE_BYTES,
    totals: {
      frames: host.frames,
      zeroFrames: host.zeroFrames,
      knownFrames: host.knownFrames,
      unknownFrames: host.unknownFrames,
      reservedFrames: host.reservedFrames,
      distinctContents: host.distinctContents,
      sharedContents: host.sharedContents,
      potentialSavedFrames: host.potentialSavedFrames,
      selfSavedFrames: host.selfSavedFrames,
      interSavedFrames: host.interSavedFrames,
    },
    domains: report.domains.map((domain) => ({
      domid: domain.domid,
      key: domain.key,
      name: domain.name,
      group: domain.group,
      frames: domain.frames,
      zeroFrames: domain.zeroFrames,
      knownFrames: domain.knownFrames,
      unknownFrames: domain.unknownFrames,
      fillPageFrames: domain.fillPageFrames,
      diskFrames: report.classes.domains.get(domain.slot)?.disk ?? 0,
      reservedFrames: domain.reservedFrames,
      distinctContents: domain.distinctContents,
      selfSavedFrames: domain.selfSavedFrames,
      fairSavedFrames: fraction(domain.fairSavedFrames),
    })),
    groups: report.groups,
    classes: classesJson(report),
    exposure: exposureJson(report),
    pairs: report.pairs,
    ...(report.pairsEstimated ? { pairsEstimated: true } : {}),
    ...(report.settled !== null && { settled: report.settled }),
    ...(report.regionCurve !== null && { regionCurve: regionCurveJson(report.regionCurve) }),
    ...(report.real !== null && { real: realJson(report.real) }),
    times: timesJson(report.times),
    ...(report.names !== null && { names: namesJson(report.names) }),
    policies: Object.fromEntries(report.policies.map((policy) => [policy.name, policyJson(policy)])),
  };
}
