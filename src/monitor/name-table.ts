/** The sums of a finished walk as rows: by file or by package, in any order, a window at a time. */
import {
  type NameAmount,
  type NameKind,
  type NameRow,
  type NameSort,
  type NameSums,
  type NamesRequest,
  REST_KINDS,
  type RestKind,
} from '../figures/name-figures.js';
import { cutName } from './label-book.js';
import { FIRST_NAMED, type NameCensus, ROW_ZERO } from './name-census.js';
import type { NamedSaving } from './named-saving.js';

/** Rows of the census that go together: one file, or the files of one package. */
interface Group {
  source: number;
  /** Number of the file or package in its source. */
  number: number;
  rows: number[];
}

interface Grouped {
  groups: Group[];
  amounts: NameAmount[];
  /** Names by group, decoded when they are needed. */
  names: (string | undefined)[];
  orders: Map<string, Uint32Array>;
}

const VALUES: Readonly<Record<Exclude<NameSort, 'name'>, (amount: NameAmount) => number>> = {
  saved: ({ savedFrames }) => savedFrames ?? 0,
  could: ({ savableFrames, savedFrames }) => savableFrames - (savedFrames ?? 0),
  mem: ({ frames }) => frames,
  domains: ({ domains }) => domains ?? 0,
  contents: ({ contents }) => contents,
};

/** Rows of files and packages; see the head of this file. */
export class NameTable {
  readonly named: NameAmount;
  readonly rest: Readonly<Record<RestKind, NameAmount>>;
  /** The bits of the domains of the amount that is being made. */
  readonly #domains: Uint32Array;
  readonly #grouped = new Map<NameKind, Grouped>();

  /** Both walks are over. */
  constructor(
    private readonly census: NameCensus,
    private readonly saving: NamedSaving,
    private readonly hasSeveralImages: boolean,
  ) {
    this.#domains = census.newDomains();
    this.named = this.#amount(Array.from({ length: census.rows - FIRST_NAMED }, (_, i) => FIRST_NAMED + i));
    const rest = REST_KINDS.map((kind, row): [RestKind, NameAmount] => [kind, this.#amount([row])]);
    this.rest = Object.fromEntries(rest) as Record<RestKind, NameAmount>;
    this.rest.zero.savedFrames = saving.zeroSavedFrames;
    this.rest.beside.savedFrames = this.#besideFrames();
  }

  /** What is left of the gross saving when all frames of all domains have their part. */
  #besideFrames(): number | null {
    let left = this.saving.savedFrames;
    for (const { savedFrames } of [this.named, ...REST_KINDS.map((kind) => this.rest[kind])]) {
      if (savedFrames === null) return null;
      left -= savedFrames;
    }
    // Fair parts are fractions: what is less than a millionth of a frame is none.
    left += this.rest.zero.savedFrames ?? 0;
    return Math.abs(left) < 1e-6 ? 0 : left;
  }

  #amount(rows: readonly number[]): NameAmount {
    const amount: NameAmount = { frames: 0, contents: 0, savableFrames: 0, savedFrames: null, domains: null };
    const domains = this.#domains.fill(0);
    for (const row of rows) {
      const before = amount.savableFrames;
      this.census.addTo(amount, row, domains);
      if (row === ROW_ZERO) continue;
      const saved = this.saving.ofRow(row, amount.savableFrames - before);
      amount.savedFrames = saved === null ? null : (amount.savedFrames ?? 0) + saved;
    }
    if (rows.length === 0) amount.savedFrames = this.saving.ofRow(0, 0) === null ? null : 0;
    amount.domains = this.census.countDomains(domains);
    return amount;
  }

  #by(kind: NameKind): Grouped {
    const known = this.#grouped.get(kind);
    if (known !== undefined) return known;
    const { census } = this;
    const groups: Group[] = [];
    const byNumber = census.sources.map(() => new Map<number, Group>());
    for (let row = FIRST_NAMED; row < census.rows; row++) {
      const source = census.source[row];
      const number = kind === 'file' ? census.file[row] : census.package[row];
      let group = byNumber[source].get(number);
      if (group === undefined) {
        group = { source, number, rows: [] };
        byNumber[source].set(number, group);
        groups.push(group);
      }
      group.rows.push(row);
    }
    const amounts = groups.map(({ rows }) => this.#amount(rows));
    const grouped = { groups, amounts, names: groups.map(() => undefined), orders: new Map<string, Uint32Array>() };
    this.#grouped.set(kind, grouped);
    return grouped;
  }

  #name(kind: NameKind, grouped: Grouped, index: number): string {
    const known = grouped.names[index];
    if (known !== undefined) return known;
    const { source, number } = grouped.groups[index];
    const table = this.census.sources[source];
    const name = cutName(kind === 'file' ? table.fileName(number) : table.packageName(number));
    grouped.names[index] = name;
    return name;
  }

  /** The places of all groups in an order; equal ones as in their label file, so that rows keep their places. */
  #order(kind: NameKind, sort: NameSort, descending: boolean): Uint32Array {
    const grouped = this.#by(kind);
    const key = `${sort} ${descending}`;
    const known = grouped.orders.get(key);
    if (known !== undefined) return known;
    const { amounts, groups } = grouped;
    const sign = descending ? -1 : 1;
    // Looked up a million times for 50,000 files: in columns.
    const ties = Float64Array.from(groups, ({ source, number }) => source * 2 ** 32 + number);
    const byName = (a: number, b: number): number => {
      const [x, y] = [this.#name(kind, grouped, a), this.#name(kind, grouped, b)];
      return x < y ? -1 : x > y ? 1 : 0;
    };
    const order = Uint32Array.from(groups, (_, index) => index);
    if (sort === 'name') order.sort((a, b) => sign * byName(a, b) || ties[a] - ties[b]);
    else {
      const values = Float64Array.from(amounts, VALUES[sort]);
      order.sort((a, b) => sign * (values[a] - values[b]) || ties[a] - ties[b]);
    }
    grouped.orders.set(key, order);
    return order;
  }

  /** The rows [offset, offset + count) of an order. The first time for a kind or an order O(n log n) of n files. */
  sums({ by, sort, descending, offset, count }: NamesRequest): NameSums {
    const order = this.#order(by, sort, descending);
    const start = Math.max(0, Math.min(offset, order.length - Math.min(count, order.length)));
    const rows = Array.from(order.subarray(start, start + count), (index) => this.#row(by, index));
    return { by, total: order.length, offset: start, rows, named: this.named, rest: this.rest };
  }

  /** Names there are of a kind. */
  count(kind: NameKind): number {
    return this.#by(kind).groups.length;
  }

  /** The places of the names in an order: those of `rowAt`. */
  placesBySaved(kind: NameKind): Uint32Array {
    return this.#order(kind, 'saved', true);
  }

  /** The name at a place; tables of one census have the same ones. */
  rowAt(kind: NameKind, place: number): NameRow {
    return this.#row(kind, place);
  }

  #row(kind: NameKind, index: number): NameRow {
    const grouped = this.#by(kind);
    const { source, rows } = grouped.groups[index];
    const table = this.census.sources[source];
    return {
      ...grouped.amounts[index],
      name: this.#name(kind, grouped, index),
      package: kind === 'file' ? cutName(table.packageName(this.census.package[rows[0]])) : '',
      image: this.hasSeveralImages ? cutName(table.image) : '',
    };
  }
}
