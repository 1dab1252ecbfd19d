import { ClassCensus } from '../engine/class-census.js';
import type { Engine } from '../engine/engine.js';
import type { DomainFigures } from '../figures/domain-figures.js';
import type { GroupFigures, NamedRefusedReads, RefusedReads } from '../figures/group-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { PairFigures, ReportFigures } from '../figures/report.js';
import { domainFigures, hostFigures, positionOf } from './figures-of.js';
import type { GuardedPolicy } from './guarded-policy.js';
import type { Monitor } from './monitor.js';
import { NAMES_TOP_DEFAULT, namesReport, type NamesWanted } from './names-report.js';
import { pairCounts } from './pair-counts.js';
import { realFiguresOf } from './real-figures-of.js';
import { savedByClass } from './saved-by-class.js';
import { timeFiguresOf } from './time-figures-of.js';

const NAMES_WANTED: NamesWanted = { by: 'file', top: NAMES_TOP_DEFAULT };

/** All figures of a settled monitor; `settled` as in ReportFigures, `names`: what of the sums by name is wanted. */
export function reportFigures(
  monitor: Monitor,
  settled: string[] | null = null,
  names: NamesWanted = NAMES_WANTED,
): ReportFigures {
  const engine = monitor.engine;
  const domains = engine.domains
    .live()
    .map((domain) => domainFigures(engine, domain))
    .sort((a, b) => a.domid - b.domid || a.slot - b.slot);
  const exact = engine.changes.pairsExact;
  const counts = pairCounts(engine);
  const rankOf = new Map(domains.map((domain, rank) => [domain.slot, rank]));
  const found: [i: number, j: number, contents: number][] = [];
  // Of tens of thousands of domains only the pairs that have something in common are looked at.
  counts.each(engine.domains.bySlot.length, (a, b, contents) => {
    const [x, y] = [rankOf.get(a), rankOf.get(b)];
    if (x !== undefined && y !== undefined) found.push([Math.min(x, y), Math.max(x, y), contents]);
  });
  found.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const pairs = found.map(([i, j, contents]): PairFigures => ({ a: domains[i].domid, b: domains[j].domid, contents }));
  const census = new ClassCensus(engine);
  census.walk();
  return {
    position: positionOf(engine),
    gaps: { ...engine.gaps },
    host: hostFigures(engine),
    domains,
    pairs,
    pairsEstimated: !exact,
    groups: groupFigures(domains),
    exposure: census.exposure(),
    classes: census.classes(),
    policies: monitor.policies.slots.map(({ policy }) => {
      const classes = savedByClass(engine, policy);
      const refusedReads = namedRefusedReads(engine, policy.refusedReads());
      return {
        ...withProcesses(policy, domains),
        ...(classes !== undefined && { savedByClass: classes }),
        ...(refusedReads !== null && { refusedReads }),
      };
    }),
    regionCurve: monitor.regionCurve?.figures() ?? null,
    real: realFiguresOf(engine),
    times: timeFiguresOf(monitor),
    names: namesReport(monitor, names),
    settled,
  };
}

function namedRefusedReads({ domains }: Engine, refused: RefusedReads | null): NamedRefusedReads | null {
  if (refused === null) return null;
  const pairs = refused.pairs.map(({ reader, holder, reads }) => {
    return { reader: domains.groupName(reader), holder: domains.groupName(holder), reads };
  });
  return { reads: refused.reads, pairs };
}

/** The figures of a policy; of a KSM with each domain's part under the kernel's names. */
function withProcesses(policy: GuardedPolicy, domains: readonly DomainFigures[]): PolicyFigures {
  const figures = policy.figures();
  if (figures.ksm === undefined) return figures;
  const processes = domains.flatMap(({ key, slot }) => {
    const part = policy.kernelFigures(slot);
    return part === null ? [] : [{ key, ...part }];
  });
  return { ...figures, ksm: { ...figures.ksm, processes } };
}

function groupFigures(domains: readonly DomainFigures[]): GroupFigures[] {
  const groups = new Map<string, GroupFigures>();
  for (const { group, frames } of domains) {
    const known = groups.get(group) ?? { name: group, domains: 0, frames: 0 };
    groups.set(group, { ...known, domains: known.domains + 1, frames: known.frames + frames });
  }
  return [...groups.values()].sort((p, q) => (p.name < q.name ? -1 : 1));
}
