/** What a report says about time, as text and as the object that scripts read. */
import { effectiveness } from '../figures/derived.js';
import type { PolicyTimeFigures, TimeFigures } from '../figures/time-figures.js';
import { figureLine, frames, percent } from './figure-line.js';

function policyText({ pageSeconds }: PolicyTimeFigures, potential: number): string {
  if (pageSeconds === null) return '-';
  const { saved, netSaved } = pageSeconds;
  return `${frames(saved)} saved, ${percent(saved, potential)} of the potential; ${frames(netSaved)} net`;
}

/** Lines of the report; without escapes. */
export function timeLines({ potentialPageSeconds, policies }: TimeFigures): string[] {
  return [
    figureLine(
      'page-seconds',
      `${frames(potentialPageSeconds)} potential (a frame of 4 KiB for a second, zeros apart)`,
    ),
    ...policies.map((policy) => figureLine(`  ${policy.name}`, policyText(policy, potentialPageSeconds))),
  ];
}

function policyJson({ pageSeconds }: PolicyTimeFigures, potential: number): object {
  return {
    savedPageSeconds: pageSeconds?.saved ?? null,
    netSavedPageSeconds: pageSeconds?.netSaved ?? null,
    effectiveness: pageSeconds === null ? null : (effectiveness(pageSeconds.saved, potential) ?? null),
  };
}

/** `times` of the report (docs/report.schema.json). */
export function timesJson({ potentialPageSeconds, policies }: TimeFigures): object {
  return {
    potentialPageSeconds,
    policies: Object.fromEntries(policies.map((policy) => [policy.name, policyJson(policy, potentialPageSeconds)])),
  };
}
