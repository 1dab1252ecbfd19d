/** Trust groups and classes of pages in the report that people read. */
import { printable } from '../base/printable.js';
import { CONTENT_CLASSES } from '../figures/class-figures.js';
import { isolationPrice } from '../figures/derived.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import type { ReportFigures } from '../figures/report.js';
import { figureLine as line, frames, percent } from './figure-line.js';
import { table } from './text-table.js';

/** Pairs across groups that are printed, those with most frames first; JSON has all. */
const PAIRS_PRINTED_MAX = 100;
/** Fill bytes that are named. */
const BYTES_PRINTED_MAX = 4;
const NAME_COLUMNS = 40;
const GROUPS_PRINTED_MAX = 64;
/** Pairs of groups on the line of refused reads; JSON has all. */
const REFUSED_PRINTED_MAX = 6;

/** The trust groups, when there is more than one. */
export function groupLines({ groups }: ReportFigures): string[] {
  if (groups.length < 2) return [];
  const shown = groups.slice(0, GROUPS_PRINTED_MAX).map((group) => {
    const domains = group.domains === 1 ? '1 domain' : `${frames(group.domains)} domains`;
    return line(`  ${printable(group.name, 20)}`, `${domains}, ${frames(group.frames)} frames in use`);
  });
  const rest = groups.length - shown.length;
  return [line('trust groups', frames(groups.length)), ...shown, ...(rest > 0 ? [line('', `and ${rest} more`)] : [])];
}

/** What the frames are: zero, one byte, disk, memory. */
export function classLines({ classes, host }: ReportFigures): string[] {
  const rows = CONTENT_CLASSES.map((name) => {
    const { frames: held, contents, sharedContents, savableFrames } = classes.classes[name];
    const counts = [held, contents, sharedContents, savableFrames].map(frames);
    return [name, ...counts, percent(held, host.frames)];
  });
  const head = ['CLASS', 'FRAMES', 'CONTENTS', 'IN >1 FRAME', 'SAVABLE', 'OF MEMORY'];
  const bytes = classes.fillBytes.slice(0, BYTES_PRINTED_MAX).map(({ byte, frames: held }) => {
    return `0x${byte.toString(16).toUpperCase().padStart(2, '0')} ${frames(held)}`;
  });
  const rest = classes.fillBytes.length - bytes.length;
  if (rest > 0) bytes.push(`${rest} more`);
  return [...table(head, rows, [0]), ...(bytes.length > 0 ? [`fill: ${bytes.join(', ')} frames`] : [])];
}

/** What every policy says beside its own figures. */
export function commonPolicyLines(policy: PolicyFigures): string[] {
  const { savedByClass, oneGroup, refusedReads } = policy;
  const lines: string[] = [];
  if (savedByClass !== undefined) {
    const parts = CONTENT_CLASSES.map((name) => `${frames(savedByClass[name])} ${name}`);
    lines.push(line('  saved by class', parts.join(', ')));
  }
  if (oneGroup !== undefined) {
    const price = isolationPrice(oneGroup.savedFrames, policy.savedFrames);
    const zeros = isolationPrice(oneGroup.zeroSavedFrames, policy.zeroSavedFrames);
    const failed = oneGroup.failure === undefined ? '' : '; it failed';
    lines.push(
      line(
        '  price of isolation',
        `${frames(price)} frames: one group would save ${frames(oneGroup.savedFrames)}; of zeros ${frames(zeros)}` +
          failed,
      ),
    );
  }
  if (refusedReads !== undefined && refusedReads.reads > 0) {
    const by = [...refusedReads.pairs].sort((p, q) => q.reads - p.reads).slice(0, REFUSED_PRINTED_MAX);
    const parts = by.map(({ reader, holder, reads }) => {
      return `${printable(reader, 20)} of ${printable(holder, 20)} ${frames(reads)}`;
    });
    lines.push(
      line('  refused reads', `${frames(refusedReads.reads)} that another group's slot held: ${parts.join(', ')}`),
    );
  }
  return lines;
}

/** What domains of different groups both hold; empty while there is one group. */
export function exposureLines({ exposure, domains }: ReportFigures): string[] {
  if (exposure === null) return [];
  const totals = CONTENT_CLASSES.map((name) => {
    const { contents, frames: held } = exposure.classes[name];
    return [name, frames(contents), frames(held), frames(exposure.refusedFrames[name])];
  });
  const lines = [
    'identical across trust groups (what a host without groups would expose):',
    ...table(['CLASS', 'CONTENTS', 'FRAMES', 'NOT SAVED'], totals, [0]),
    '',
  ];
  if (exposure.pairs === null) return [...lines, 'pairs across groups: too many domains to be counted', ''];
  const nameOf = new Map(domains.map(({ slot, name }) => [slot, printable(name, NAME_COLUMNS)]));
  const pairs = exposure.pairs.map(({ a, b, classes }) => ({
    names: [nameOf.get(a) ?? '-', nameOf.get(b) ?? '-'],
    contents: CONTENT_CLASSES.map((name) => classes[name].contents),
    frames: classes.fill.frames + classes.disk.frames + classes.memory.frames,
  }));
  pairs.sort((p, q) => q.frames - p.frames);
  const rows = pairs
    .slice(0, PAIRS_PRINTED_MAX)
    .map((pair) => [...pair.names, ...pair.contents.map(frames), frames(pair.frames)]);
  lines.push(...table(['DOMAIN', 'DOMAIN', 'ZERO', 'FILL', 'DISK', 'MEMORY', 'FRAMES BUT ZERO'], rows, [0, 1]));
  const rest = pairs.length - rows.length;
  return [...lines, ...(rest > 0 ? [`and ${frames(rest)} more pairs`] : []), ''];
}
