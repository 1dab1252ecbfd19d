/** Saved memory by file and by package, in the report that people read and in the object that scripts read. */
import { printable } from '../base/printable.js';
import { type NamesReport, REST_KINDS, type ReportedAmount, type RestKind } from '../figures/name-figures.js';
import type { ReportFigures } from '../figures/report.js';
import { frames } from './figure-line.js';
import { table } from './text-table.js';

/** Characters of a path that are printed, of its end. */
const NAME_CHARACTERS_MAX = 100;
const PACKAGE_CHARACTERS_MAX = 40;

const REST_NAMES: Readonly<Record<RestKind, string>> = {
  unlabelled: '(no label)',
  fill: '(single-byte)',
  zero: '(zero, apart)',
  unknown: '(unknown)',
  beside: '(beside the RAM)',
};

/** The end of a name, safe to print. */
function endOf(name: string, most: number): string {
  const safe = printable(name);
  return safe.length <= most ? safe : `..${printable(safe.slice(2 - most))}`;
}

/** Zeros are no part of the sums above: the total is without them. */
function totalOf({ rows, others, rest }: NamesReport): ReportedAmount {
  const total: ReportedAmount = { ...others, domains: null, saved: [...others.saved] };
  for (const amount of [...rows, ...REST_KINDS.filter((kind) => kind !== 'zero').map((kind) => rest[kind])]) {
    total.frames += amount.frames;
    total.contents += amount.contents;
    total.savableFrames += amount.savableFrames;
    total.saved = total.saved.map((saved, i) => {
      const more = amount.saved[i];
      return saved === null || more === null ? null : saved + more;
    });
  }
  return total;
}

/** The table; no lines where no label is known. */
export function nameLines({ names }: ReportFigures): string[] {
  if (names === null) return [];
  const { by, rows, others, rest, total, policies } = names;
  const withPackage = by === 'file';
  const withImage = rows.some(({ image }) => image !== '');
  const line = (name: string, packageName: string, image: string, amount: ReportedAmount): string[] => [
    name,
    ...(withPackage ? [packageName] : []),
    ...(withImage ? [image] : []),
    ...[amount.frames, amount.contents].map(frames),
    amount.domains === null ? '-' : frames(amount.domains),
    frames(amount.savableFrames),
    ...amount.saved.map((saved) => (saved === null ? '-' : frames(saved))),
  ];
  const none = by === 'file' ? '(no name)' : '(no package)';
  const lines = rows.map((row) =>
    line(
      row.name === '' ? none : endOf(row.name, NAME_CHARACTERS_MAX),
      endOf(row.package, PACKAGE_CHARACTERS_MAX),
      endOf(row.image, PACKAGE_CHARACTERS_MAX),
      row,
    ),
  );
  const left = total - rows.length;
  if (left > 0) lines.push(line(`${frames(left)} more ${by}s`, '', '', others));
  for (const kind of REST_KINDS) {
    const amount = rest[kind];
    if (amount.frames === 0 && amount.saved.every((saved) => saved === 0 || saved === null)) continue;
    lines.push(line(REST_NAMES[kind], '', '', amount));
  }
  lines.push(line('total, zeros apart', '', '', totalOf(names)));
  const head = [
    ...[by.toUpperCase(), ...(withPackage ? ['PACKAGE'] : []), ...(withImage ? ['IMAGE'] : [])],
    ...['FRAMES', 'CONTENTS', 'DOMS', 'SAVABLE'],
    ...policies.map((name) => `SAVED ${printable(name, 20)}`),
  ];
  const texts = 1 + Number(withPackage) + Number(withImage);
  return table(
    head,
    lines,
    Array.from({ length: texts }, (_, i) => i),
  );
}

function amountJson(amount: ReportedAmount, policies: readonly string[]): object {
  const { frames: held, contents, domains, savableFrames, saved } = amount;
  // Fair parts are sums of fractions: to a millionth of a frame.
  const rounded = saved.map((value) => (value === null ? null : Math.round(value * 1e6) / 1e6));
  const savedFrames = Object.fromEntries(policies.map((name, i) => [name, rounded[i]]));
  return { frames: held, contents, domains, savableFrames, savedFrames };
}

/** `names` of the JSON report. */
export function namesJson({ by, labels, total, policies, rows, others, rest }: NamesReport): object {
  const amount = (value: ReportedAmount): object => amountJson(value, policies);
  return {
    ...{ by, labels, total },
    rows: rows.map((row) => ({ name: row.name, package: row.package, image: row.image, ...amount(row) })),
    others: amount(others),
    rest: Object.fromEntries(REST_KINDS.map((kind) => [kind, amount(rest[kind])])),
  };
}
