/** What must hold at the end of a soak: each function answers one line for each figure that is wrong. */
import type { DlpsFigures } from '../../src/figures/policy-figures.js';
import type { ShownFigures } from './tool.js';

/** The parts of `report --json` that are compared (docs/report.schema.json). */
export interface Report {
  readonly records: number;
  readonly totals: Readonly<Record<string, number>>;
  readonly domains: readonly (Readonly<Record<string, number | string>> & { readonly domid: number })[];
  readonly policies: { readonly dlps: DlpsFigures; readonly oracle: { savedFrames: number; sharedFrames: number } };
}

/** `report` prints fair shares to a millionth of a frame. */
const FAIR_TOLERANCE = 2e-6;

function differs(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number' && !Number.isInteger(a)) return Math.abs(a - b) > FAIR_TOLERANCE;
  return JSON.stringify(a) !== JSON.stringify(b);
}

/** What only a report walks over the contents for; no screen asks for it. */
const REPORT_ONLY: ReadonlySet<string> = new Set(['diskFrames', 'oneGroup', 'refusedReads', 'savedByClass']);

/** Compares every field of `expected` that a screen has with the one of the same name in `actual`. */
function compare(where: string, expected: object, actual: object): string[] {
  const values = new Map(Object.entries(actual));
  return Object.entries(expected)
    .filter(([name, value]) => !REPORT_ONLY.has(name) && differs(value, values.get(name)))
    .map(([name, value]) => `${where}: ${name} is ${values.get(name)} on the screen, ${value} in the report`);
}

/** The screen's figures, under each policy, are the report's: same records, two programs, two ways of reading. */
export function checkSame(when: string, report: Report, shown: readonly ShownFigures[]): string[] {
  const problems: string[] = [];
  for (const { host, policy, domains } of shown) {
    problems.push(...compare(`${when}, host`, report.totals, host));
    if (domains.rows.length !== report.domains.length) {
      problems.push(`${when}: ${domains.rows.length} domains on the screen, ${report.domains.length} in the report`);
    }
    for (const expected of report.domains) {
      const row = domains.rows.find(({ domid }) => domid === expected.domid);
      problems.push(...compare(`${when}, domain ${expected.domid}`, expected, row ?? {}));
    }
    if (policy.failure !== undefined)
      problems.push(`${when}: policy ${policy.name} was switched off: ${policy.failure}`);
    const expected = policy.dlps === undefined ? report.policies.oracle : report.policies.dlps;
    problems.push(...compare(`${when}, ${policy.name}`, expected, { ...policy, ...policy.dlps }));
  }
  return problems;
}

function zeros(where: string, values: Readonly<Record<string, number>>): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${where}: ${name} is ${value}, not exactly 0`);
}

/**
 * Every frame has a content of its own: no sum of fractions may have kept a rest. Frames may still be bound: one that a
 * block of unknown hash was read into tells the slot's content by its next fill.
 */
export function checkAllDifferent(shown: readonly ShownFigures[]): string[] {
  return shown.flatMap(({ host, policy, domains }) => [
    ...zeros('all different', {
      potential: host.potentialSavedFrames,
      sharedContents: host.sharedContents,
      saved: policy.savedFrames,
      missing: host.knownFrames === host.reservedFrames && domains.rows.length > 0 ? 0 : 1,
    }),
    ...domains.rows.flatMap(({ key, fairSavedFrames, policy: part }) =>
      zeros(`all different, ${key}`, {
        fairSaved: fairSavedFrames,
        fairSavedOfPolicy: part.fairSavedFrames,
        sharedFrames: part.sharedFrames,
      }),
    ),
  ]);
}

/** Every guest is gone. */
export function checkGone(shown: readonly ShownFigures[]): string[] {
  return shown.flatMap(({ host, policy, domains }) =>
    zeros('all gone', {
      domains: domains.total,
      reserved: host.reservedFrames,
      frames: host.frames,
      known: host.knownFrames,
      distinct: host.distinctContents,
      shared: host.sharedContents,
      saved: policy.savedFrames,
      bound: policy.dlps?.boundFrames ?? 0,
    }),
  );
}
