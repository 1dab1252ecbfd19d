/** Why the domains of a trace share nothing, or little, from the figures of a report. */
import type { Finding } from '../base/finding.js';
import type { ReportFigures } from '../figures/report.js';
import { frames, percent } from './figure-line.js';

/** Below this part of the memory in use there is little to gain. */
const LITTLE = 0.01;
const SKEW_SECONDS_MAX = 300;

/** Opportunities live between 30 s and 5 min mostly (XLH): scans further apart miss them. */
const SCAN_GAP_SECONDS_MAX = 300;

/** The findings of a settled report with `dlps`. @param skewMicros age of the oldest scan */
export function traceFindings(report: ReportFigures, skewMicros: number): Finding[] {
  return [
    ...memoryFindings(report, skewMicros),
    ...groupFindings(report),
    ...readFindings(report),
    ...timeFindings(report),
  ];
}

function memoryFindings(report: ReportFigures, skewMicros: number): Finding[] {
  const { host, domains, gaps } = report;
  const found: Finding[] = [];
  if (domains.length === 1) {
    found.push({
      ...{ id: 'one-domain', weight: 2, what: 'There is one domain only: nobody to share with.' },
      ...{ evidence: '1 live domain', mend: 'Record the others, too.' },
    });
  }
  const unseen = domains.filter(({ scannedMicros }) => scannedMicros < 0).length;
  if (unseen > 0) {
    found.push({
      ...{ id: 'never-scanned', weight: 3, what: 'The memory of some domains was never seen.' },
      ...{ evidence: `${unseen} of ${domains.length} domains`, mend: 'Record or import their memory, not only reads.' },
    });
  }
  if (host.frames > 0 && host.zeroFrames === host.frames) {
    found.push({
      ...{ id: 'all-zero', weight: 3, what: 'All memory seen is zero.' },
      ...{ evidence: `${frames(host.zeroFrames)} zero frames`, mend: 'Let the guests boot first.' },
    });
  } else if (host.knownFrames > 0 && host.potentialSavedFrames < LITTLE * host.frames) {
    found.push({
      ...{ id: 'nothing-equal', weight: 2, what: 'Hardly any contents are equal: no scheme saves much.' },
      evidence: `possible ${frames(host.potentialSavedFrames)}, ${percent(host.potentialSavedFrames, host.frames)}`,
      mend: 'Same images and versions; relocated or encrypted pages never match.',
    });
  }
  if (host.unknownFrames > host.knownFrames) {
    found.push({
      ...{ id: 'unknown', weight: 2, what: 'Most frames were written since they were seen.' },
      evidence: `${frames(host.unknownFrames)} unknown, ${frames(host.knownFrames)} known`,
      mend: 'Scan more often; reads without hashes: import --image-file.',
    });
  }
  if (skewMicros > SKEW_SECONDS_MAX * 1e6) {
    found.push({
      ...{ id: 'skew', weight: 1, what: 'Some scans are old: contents may have changed since.' },
      ...{ evidence: `the oldest is ${Math.round(skewMicros / 1e6)} s old`, mend: 'Raise --rate, or scan less.' },
    });
  }
  const missing = gaps.lost + gaps.damagedBlocks + gaps.missing + gaps.unmodelled;
  if (missing > 0) {
    found.push({
      ...{ id: 'gaps', weight: 1, what: 'Parts of the trace are missing.' },
      ...{ evidence: `${frames(missing)} gaps`, mend: '`sharetop report` says of what kind.' },
    });
  }
  return [...found, ...realFindings(report)];
}

/** What the machine says of itself, where there would be something to share. */
function realFindings({ real, host }: ReportFigures): Finding[] {
  if (host.potentialSavedFrames < LITTLE * host.frames) return [];
  return (real?.savings ?? [])
    .filter(({ savedFrames, zeroSavedFrames }) => savedFrames + zeroSavedFrames === 0)
    .map(({ source, isOn }) => ({
      id: 'really-nothing',
      weight: 2,
      what: `${source} of the machine saved nothing when it was recorded.`,
      evidence: `${source} ${isOn ? 'on' : 'off'}, 0 of ${frames(host.potentialSavedFrames)} possible`,
      mend: '`sharetop doctor` on that host says why.',
    }));
}

function timeFindings({ times }: ReportFigures): Finding[] {
  const seconds = times.spans?.scanGap.medianSeconds ?? 0;
  if (seconds <= SCAN_GAP_SECONDS_MAX) return [];
  return [
    {
      ...{ id: 'slow-scans', weight: 1, what: 'Scans are far apart: short-lived equal pages are not seen.' },
      evidence: `${Math.round(seconds)} s from one scan of a domain to the next (median)`,
      mend: 'Record with a shorter --interval and a higher --rate.',
    },
  ];
}

function groupFindings({ exposure, host, groups }: ReportFigures): Finding[] {
  if (exposure === null) return [];
  const { fill, disk, memory } = exposure.refusedFrames;
  const refused = fill + disk + memory;
  if (refused === 0) return [];
  return [
    {
      id: 'groups',
      weight: refused > host.potentialSavedFrames / 2 ? 3 : 1,
      what: 'Trust groups keep equal pages apart.',
      evidence: `${frames(refused)} frames between ${groups.length} groups`,
      mend: 'Put domains that trust one another into one group (--groups).',
    },
  ];
}

function readFindings({ policies, host }: ReportFigures): Finding[] {
  const dlps = policies.find(({ name }) => name === 'dlps')?.dlps;
  if (dlps === undefined || host.frames === 0) return [];
  const { unaligned, ownWritten, writableImage } = dlps.readsIneligible;
  const lost = unaligned + ownWritten + writableImage;
  if (dlps.readsSeen + lost === 0) {
    return [
      {
        ...{ id: 'no-reads', weight: 1, what: 'No block reads: the shared region of dlps stays empty.' },
        ...{ evidence: '0 reads', mend: 'Import a block trace beside the memory (docs/IMPORT.md).' },
      },
    ];
  }
  const found: Finding[] = [];
  if (lost > dlps.readsSeen) {
    found.push({
      ...{ id: 'not-eligible', weight: 2, what: 'Most reads may not be answered from the region.' },
      evidence:
        `writable image ${frames(writableImage)}, own-written ${frames(ownWritten)}, ` +
        `unaligned ${frames(unaligned)}`,
      mend: 'Declare the common base image read-only (--image).',
    });
  }
  if (dlps.readsSeen > 0 && dlps.readsAvoidedCross === 0 && dlps.evictions === 0) {
    found.push({
      ...{ id: 'no-common-reads', weight: 2, what: 'No domain read what another one had read.' },
      evidence: `${frames(dlps.readsSeen)} reads, 0 of them avoided after another's`,
      mend: 'Different images? Guests of one base image share its blocks.',
    });
  }
  if (dlps.bindExpired > dlps.readsSeen / 2) {
    found.push({
      ...{ id: 'unbound', weight: 1, what: 'Most reads met no frame: the region avoids reads, but saves no memory.' },
      evidence: `${frames(dlps.bindExpired)} of ${frames(dlps.readsSeen)} reads without a frame`,
      mend: 'Record the memory, too, with hashes in both; or reads with gfns.',
    });
  }
  if (dlps.regionFrames !== null && dlps.evictions > dlps.regionFrames) {
    found.push({
      ...{ id: 'small-region', weight: 2, what: 'The region is too small for what is read.' },
      evidence: `${frames(dlps.evictions)} evictions from ${frames(dlps.regionFrames)} frames`,
      mend: 'A larger --region; --region-curve says how large.',
    });
  }
  return found;
}
