import { printableJson } from '../base/printable.js';
import { PAGE_BYTES } from '../base/units.js';
import { type ComparedInterval, compareValues } from '../figures/compare-figures.js';
import type { Comparison } from '../figures/comparison.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import { effectiveness } from '../figures/derived.js';
import type { HostFigures } from '../figures/host-figures.js';
import { realJson } from './real-report.js';

/** Version of the object that `compare --json` prints; described by docs/compare.schema.json. */
export const COMPARE_SCHEMA = 1;

/** Sums of fractions are printed to a millionth. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

function partJson(part: DomainPolicyFigures, hasReads: boolean): object {
  const { sharedFrames, fairSavedFrames, readsSeen, readsAvoided, readsCold, readsAvoidedCold, contentChanged } = part;
  const reads = (count: number | undefined): number | null => (hasReads ? (count ?? null) : null);
  return {
    sharedFrames,
    fairSavedFrames: rounded(fairSavedFrames),
    readsSeen: reads(readsSeen),
    readsAvoided: reads(readsAvoided),
    readsCold: reads(readsCold),
    readsAvoidedCold: reads(readsAvoidedCold),
    contentChanged,
  };
}

function intervalJson({ every, potentialSavedFrames, policies }: ComparedInterval): object {
  return {
    every,
    potentialSavedFrames,
    policies: Object.fromEntries(
      policies.map(({ name, savedFrames, netSavedFrames, pageSeconds }) => [
        name,
        {
          ...{ savedFrames, netSavedFrames },
          effectiveness: rounded(effectiveness(savedFrames, potentialSavedFrames) ?? null),
          savedPageSeconds: rounded(pageSeconds?.saved ?? null),
          pageSecondsEffectiveness:
            pageSeconds === null ? null : rounded(effectiveness(pageSeconds.saved, pageSeconds.potential) ?? null),
        },
      ]),
    ),
  };
}

function hostJson(host: HostFigures): object {
  const { memoryFrames, reservedFrames, frames, zeroFrames, knownFrames, unknownFrames, fillPageFrames } = host;
  const { distinctContents, sharedContents, potentialSavedFrames, selfSavedFrames, interSavedFrames } = host;
  return {
    ...{ memoryFrames, reservedFrames, frames, zeroFrames, knownFrames, unknownFrames, fillPageFrames },
    ...{ distinctContents, sharedContents, potentialSavedFrames, selfSavedFrames, interSavedFrames },
  };
}

/** The object that scripts read. Frames of 4 KiB, times in seconds of the trace's own clock; null: not known. */
export function compareJson(comparison: Comparison): object {
  const { position, gaps, host, real, policies, domains, settled, intervals } = comparison;
  const values = policies.map((policy) => compareValues(policy, host));
  return {
    schema: COMPARE_SCHEMA,
    time: position.timeMicros / 1e6,
    since: position.sinceMicros / 1e6,
    records: position.records,
    gaps,
    pageSize: PAGE_BYTES,
    totals: hostJson(host),
    ...(real !== null && { real: realJson(real) }),
    ...(settled !== null && { settled }),
    policies: Object.fromEntries(
      policies.map(({ figures }, index) => [
        figures.name,
        {
          ...Object.fromEntries(Object.entries(values[index]).map(([id, value]) => [id, rounded(value)])),
          ...(figures.failure !== undefined && { failure: figures.failure }),
        },
      ]),
    ),
    domains: domains.map(({ domain, parts }) => ({
      domid: domain.domid,
      key: domain.key,
      name: domain.name,
      group: domain.group,
      policies: Object.fromEntries(
        parts.map((part, index) => [policies[index].figures.name, partJson(part, values[index]['readsSeen'] !== null)]),
      ),
    })),
    ...(intervals !== null && { intervals: intervals.map(intervalJson) }),
  };
}

/** The same as one line of text that a terminal may see. */
export function compareJsonText(comparison: Comparison): string {
  return printableJson(JSON.stringify(compareJson(comparison)));
}
