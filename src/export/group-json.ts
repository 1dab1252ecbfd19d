/** Trust groups and classes of pages in the object that `report --json` prints; docs/report.schema.json. */
import { CONTENT_CLASSES } from '../figures/class-figures.js';
import { isolationPrice } from '../figures/derived.js';
import type { ExposureFigures } from '../figures/group-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { ReportFigures } from '../figures/report.js';

/** What every policy says beside its own figures. Null: not computed. */
export function commonPolicyJson(policy: PolicyFigures): object {
  const { oneGroup, savedByClass, refusedReads = null } = policy;
  return {
    oneGroup:
      oneGroup === undefined
        ? null
        : {
            ...oneGroup,
            isolationPriceFrames: isolationPrice(oneGroup.savedFrames, policy.savedFrames),
            zeroIsolationPriceFrames: isolationPrice(oneGroup.zeroSavedFrames, policy.zeroSavedFrames),
          },
    refusedReads,
    savedByClass:
      savedByClass === undefined
        ? null
        : Object.fromEntries(CONTENT_CLASSES.map((name) => [name, Math.round(savedByClass[name] * 1e6) / 1e6])),
  };
}

/** `classes`: what the frames are. */
export function classesJson({ classes }: ReportFigures): object {
  const { fillBytes } = classes;
  return { ...classes.classes, fill: { ...classes.classes.fill, bytes: fillBytes } };
}

/** `exposure`: what domains of different trust groups both hold; null while there is one group. */
export function exposureJson({ exposure, domains }: ReportFigures): object | null {
  if (exposure === null) return null;
  const domidOf = new Map(domains.map(({ slot, domid }) => [slot, domid]));
  const amounts = (name: (typeof CONTENT_CLASSES)[number]): object => ({
    ...exposure.classes[name],
    refusedFrames: exposure.refusedFrames[name],
  });
  return {
    classes: Object.fromEntries(CONTENT_CLASSES.map((name) => [name, amounts(name)])),
    pairs: exposure.pairs === null ? null : pairsJson(exposure, domidOf),
  };
}

function pairsJson({ pairs }: ExposureFigures, domidOf: ReadonlyMap<number, number>): object[] {
  const ordered = (pairs ?? []).map(({ a, b, classes }) => {
    const [x, y] = [domidOf.get(a) ?? -1, domidOf.get(b) ?? -1];
    return { a: Math.min(x, y), b: Math.max(x, y), classes };
  });
  return ordered.sort((p, q) => p.a - q.a || p.b - q.b);
}
