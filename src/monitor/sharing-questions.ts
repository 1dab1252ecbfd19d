import { CENSUS_ALL_SLOTS_MAX } from '../engine/census.js';
import type { Domain } from '../engine/domain-table.js';
import type { Engine } from '../engine/engine.js';
import { D_DISTINCT, D_KNOWN, DOMAIN_COUNTERS } from '../engine/layout.js';
import type { PairAnswer, PairHead, PairsDetail, PairsRequest } from '../figures/pair-figures.js';
import type { Rows } from '../figures/page-figures.js';
import { CensusWalk } from './census-walk.js';
import type { GuardedPolicy } from './guarded-policy.js';
import { OnDemand } from './on-demand.js';

/** Rows and columns of the matrix that are answered at once. */
const MATRIX_SIDE_MAX = 128;

/** What the screen asks about sharing between domains. */
export interface SharingRequest {
  pairs: PairsRequest | null;
  /** Key of the domain that is drilled into. */
  domainKey: string | null;
}

/** Answers who shares with whom, and what would be lost with a domain. One census serves all of it. */
export class SharingQuestions {
  #request: SharingRequest = { pairs: null, domainKey: null };
  readonly #census = new OnDemand<CensusWalk>();
  /** The domain slots that the walk is about, where it is not about all. */
  #asked = new Set<number>();

  constructor(private readonly engine: Engine) {}

  /** The request of now. */
  want(request: SharingRequest, policy: GuardedPolicy, nowMs: number): void {
    this.#request = request;
    const { pairs, domainKey } = request;
    if (pairs === null && domainKey === null) {
      this.#census.drop();
      return;
    }
    const { engine } = this;
    const slots = this.#wantedSlots();
    // Up to some hundred domains a walk counts all pairs: then the question is always the same one.
    const isAll = engine.domains.bySlot.length <= CENSUS_ALL_SLOTS_MAX;
    if (isAll) this.#asked.clear();
    else if (!slots.every((slot) => this.#asked.has(slot))) this.#asked = new Set(slots);
    const wanted = [...this.#asked];
    const question = `${policy.name} ${isAll ? 'all' : wanted.join(' ')}`;
    this.#census.want(question, engine.epoch, nowMs, () => new CensusWalk(engine, wanted, policy));
  }

  #wantedSlots(): number[] {
    const { pairs, domainKey } = this.#request;
    const domains = this.#domains();
    const slots = new Set<number>();
    if (pairs !== null) {
      for (const { slot } of windowOf(domains, pairs.rows).shown) slots.add(slot);
      for (const index of [pairs.cursor.row, pairs.cursor.column]) {
        const domain = domains[index];
        if (domain !== undefined) slots.add(domain.slot);
      }
    }
    const domain = domainKey === null ? undefined : this.engine.domains.byKey.get(domainKey);
    if (domain !== undefined) slots.add(domain.slot);
    return [...slots].sort((a, b) => a - b);
  }

  /** A walk is under way: nothing may be applied. */
  get busy(): boolean {
    return this.#census.busy;
  }

  /** Walks on. */
  work(now: () => number, untilMs: number): void {
    if (this.#census.busy) this.#census.work(now, untilMs);
  }

  #domains(): Domain[] {
    return this.engine.domains.live().sort((a, b) => a.domid - b.domid || a.slot - b.slot);
  }

  /** The walk that has counted this domain; null while it is under way. */
  censusOf(slot: number): CensusWalk | null {
    const walk = this.#census.answer;
    return walk !== null && walk.census.counts(slot) ? walk : null;
  }

  /** The answer of now; null when no pairs are asked for. */
  pairs(): PairsDetail | null {
    const request = this.#request.pairs;
    if (request === null) return null;
    const domains = this.#domains();
    const rows = windowOf(domains, request.rows);
    const columns = windowOf(domains, request.columns);
    const exact = this.engine.changes.pairsExact;
    const counts: number[] = [];
    for (const row of rows.shown) for (const column of columns.shown) counts.push(this.#count(row, column, exact));
    const last = domains.length - 1;
    const cursor = { row: Math.min(request.cursor.row, last), column: Math.min(request.cursor.column, last) };
    return {
      total: domains.length,
      rowOffset: rows.offset,
      rows: rows.shown.map((domain) => this.#head(domain)),
      columnOffset: columns.offset,
      columns: columns.shown.map((domain) => this.#head(domain)),
      counts,
      countsEpoch: exact ? this.engine.epoch : (this.#census.answer?.epoch ?? this.engine.epoch),
      cursor,
      answer: last < 0 ? null : this.#answer(domains[cursor.row], domains[cursor.column]),
    };
  }

  #head({ slot, domid, key, name }: Domain): PairHead {
    const distinctContents = this.engine.domains.counters[slot * DOMAIN_COUNTERS + D_DISTINCT];
    return { slot, domid, key, name, distinctContents };
  }

  #count(row: Domain, column: Domain, exact: boolean): number {
    if (row === column) {
      const { counters } = this.engine.domains;
      return counters[row.slot * DOMAIN_COUNTERS + D_KNOWN] - counters[row.slot * DOMAIN_COUNTERS + D_DISTINCT];
    }
    if (exact) return this.engine.pairs.get(row.slot, column.slot);
    return this.censusOf(row.slot)?.census.both(row.slot, column.slot) ?? -1;
  }

  #answer(row: Domain, column: Domain): PairAnswer | null {
    const walk = this.censusOf(row.slot);
    if (walk === null || column.slot >= walk.census.side) return null;
    return {
      epoch: walk.epoch,
      timeMicros: walk.census.timeMicros,
      onlyContents: walk.census.onlyContents(row.slot, column.slot),
      onlyFrames: walk.census.onlyFrames(row.slot, column.slot),
      row: walk.stop(row.slot),
      column: walk.stop(column.slot),
    };
  }
}

function windowOf(domains: readonly Domain[], { offset, count }: Rows): { offset: number; shown: Domain[] } {
  const size = Math.min(count, MATRIX_SIDE_MAX, domains.length);
  const start = Math.max(0, Math.min(offset, domains.length - size));
  return { offset: start, shown: domains.slice(start, start + size) };
}
