/**
 * Two runs beside each other: the objects that `report --json` or `compare --json` print, figure by figure. Domains are
 * told apart by their key, policies by name; what is a list without names goes by its place.
 */
import { printable, printableJson } from '../base/printable.js';
import { formatCount } from '../views/format.js';
import { table } from './text-table.js';

/** Version of the object that `diff --json` prints. */
const DIFF_SCHEMA = 1;
const NAME_CHARACTERS_MAX = 60;

/** A figure of both runs. Null: not known there, or not there at all. */
export interface FigureDifference {
  /** Where it stands in the object: `policies`, `dlps`, `savedFrames`. */
  path: readonly string[];
  a: number | null;
  b: number | null;
}

/** Keys that say what the object is, not what was found. */
const NO_FIGURES = new Set(['schema', 'pageSize', 'domid', 'every']);
/** What names a member of a list, by the first of these that it has. */
const NAMES = ['key', 'name', 'every', 'distance'] as const;
const DEPTH_MAX = 12;

function memberName(member: unknown, index: number): string {
  if (typeof member !== 'object' || member === null) return String(index);
  const fields = member as Readonly<Record<string, unknown>>;
  for (const name of NAMES) {
    const value = fields[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  const { a, b } = fields;
  return typeof a === 'number' && typeof b === 'number' ? `${a} ${b}` : String(index);
}

/** All figures of an object by their paths, in order. */
function figuresOf(value: unknown): Map<string, { path: string[]; value: number | null }> {
  const figures = new Map<string, { path: string[]; value: number | null }>();
  const walk = (part: unknown, path: string[]): void => {
    if (typeof part === 'number' || part === null) {
      figures.set(JSON.stringify(path), { path, value: part });
    } else if (Array.isArray(part)) {
      part.forEach((member, index) => walk(member, [...path, memberName(member, index)]));
    } else if (typeof part === 'object' && path.length < DEPTH_MAX) {
      for (const [key, member] of Object.entries(part)) if (!NO_FIGURES.has(key)) walk(member, [...path, key]);
    }
  };
  walk(value, []);
  return figures;
}

/** Every figure of either, those of `a` first. */
export function differences(a: unknown, b: unknown): FigureDifference[] {
  const [inA, inB] = [figuresOf(a), figuresOf(b)];
  const both = [...inA].map(([id, { path, value }]) => ({ path, a: value, b: inB.get(id)?.value ?? null }));
  const onlyB = [...inB].filter(([id]) => !inA.has(id)).map(([, { path, value }]) => ({ path, a: null, b: value }));
  return [...both, ...onlyB];
}

/** Whether a figure is another one. */
export function isDifferent({ a, b }: FigureDifference): boolean {
  return a !== b;
}

function difference({ a, b }: FigureDifference): number | null {
  // Sums of fractions come with six digits: their difference has no more.
  return a === null || b === null ? null : Math.round((b - a) * 1e6) / 1e6;
}

function ratio({ a, b }: FigureDifference): number | null {
  return a === null || b === null || a === 0 ? null : b / a;
}

/** What is told of a run. */
export interface DiffSide {
  /** As the user named it, with its knobs. */
  name: string;
}

/** The object that scripts read. */
export function diffJsonText(a: DiffSide, b: DiffSide, all: readonly FigureDifference[], isAll: boolean): string {
  const shown = isAll ? all : all.filter(isDifferent);
  const object = {
    schema: DIFF_SCHEMA,
    ...{ a: a.name, b: b.name, equal: all.length - all.filter(isDifferent).length },
    figures: shown.map((each) => ({ ...each, difference: difference(each), ratio: ratio(each) })),
  };
  return printableJson(JSON.stringify(object));
}

function numberText(value: number | null): string {
  if (value === null) return '-';
  return Number.isInteger(value) ? formatCount(value) : value.toFixed(Math.abs(value) < 100 ? 4 : 1);
}

function signedText(value: number | null): string {
  const text = numberText(value);
  return value !== null && value > 0 ? `+${text}` : text;
}

/** `policies` and `domains` are told by what they are of. */
function sectionOf(path: readonly string[]): string {
  const [first, ...rest] = path.slice(0, -1);
  if (first === undefined) return 'the trace';
  if (first === 'policies' && rest.length > 0) return rest.join(' ');
  return [first, ...rest].join(' ');
}

/** Lines for people: a table of the figures that differ (or all), under what they are of. */
export function diffText(a: DiffSide, b: DiffSide, all: readonly FigureDifference[], isAll: boolean): string[] {
  const shown = isAll ? all : all.filter(isDifferent);
  const equal = all.length - all.filter(isDifferent).length;
  const lines = [`A  ${printable(a.name, 200)}`, `B  ${printable(b.name, 200)}`, ''];
  const rows: string[][] = [];
  let section = '';
  for (const each of shown) {
    const of = sectionOf(each.path);
    if (of !== section) {
      if (rows.length > 0) rows.push(['', '', '', '', '']);
      rows.push([printable(of, NAME_CHARACTERS_MAX), '', '', '', '']);
    }
    section = of;
    const times = ratio(each);
    rows.push([
      `  ${printable(each.path.at(-1) ?? '', NAME_CHARACTERS_MAX)}`,
      ...[numberText(each.a), numberText(each.b), signedText(difference(each))],
      times === null ? '-' : `${times.toFixed(3)}x`,
    ]);
  }
  if (rows.length > 0) lines.push(...table(['FIGURE', 'A', 'B', 'B − A', 'B / A'], rows, [0]), '');
  lines.push(equal === all.length ? 'every figure is equal' : `${formatCount(equal)} figures are equal`);
  return lines;
}
