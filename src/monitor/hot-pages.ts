import { fillByteOf } from '../trace/fill-pages.js';
import type { Engine } from '../engine/engine.js';
import { ratePerSecond } from '../engine/heat.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  C_REFS,
  CD_CHURN,
  CD_FIRST_SEEN,
  CD_HEAT,
  CD_PINS,
  CD_SOURCE_BLOCK,
  CONTENT_SHIFT,
  CONTENT_WORDS,
  D_ZERO,
  DETAIL_WORDS,
  DOMAIN_COUNTERS,
  DOMAINS_MASK,
  FIRST_CONTENT,
  FLAG_CANDIDATE,
  FLAG_DISK,
  FLAG_FREE_ROW,
  STATE_ZERO,
} from '../engine/layout.js';
import type { ContentKind, HotPageRow, Window, WindowSpec } from '../figures/window.js';
import type { Policy } from '../policy/policy.js';
import { type Scored, TopList } from '../query/top-list.js';
import type { LabelBook } from './label-book.js';

/** Contents in at least this many frames are in the list: it is about pages that are, or could be, shared. */
const REFS_MIN = 2;

/** Ranks contents by one column of their rows. */
class ContentScores implements Scored {
  readonly first = FIRST_CONTENT;
  sort = 'heat';
  ascending = false;
  /** The word of the detail row that is the value; -1: it is in the content row. */
  #detailWord = CD_HEAT;
  constructor(private readonly engine: Engine) {}

  get end(): number {
    return this.engine.contents.end;
  }

  score(id: number): number {
    const rows = this.engine.contents.words;
    const row = id << CONTENT_SHIFT;
    const flags = rows[row + C_FLAGS];
    const refs = rows[row + C_REFS];
    if (refs < REFS_MIN || (flags & FLAG_FREE_ROW) !== 0) return -1;
    let value = refs;
    if (this.#detailWord >= 0) {
      value = this.engine.contents.details[Math.imul(id, DETAIL_WORDS) + this.#detailWord];
      if (this.#detailWord === CD_FIRST_SEEN) value = 2 ** 32 - value;
    } else if (this.sort === 'domains') value = flags & DOMAINS_MASK;
    // Scores below 0 are out of the list: the other order is counted down from above every value.
    return this.ascending ? 2 ** 33 - value : value;
  }

  tie(id: number): number {
    return this.engine.contents.words[id * CONTENT_WORDS + C_HASH_LOW];
  }

  /** From now on another column ranks, or the other way round. */
  order(sort: string, ascending: boolean): void {
    this.sort = sort;
    this.ascending = ascending;
    this.#detailWord = CD_HEAT;
    if (sort === 'refs' || sort === 'domains') this.#detailWord = -1;
    else if (sort === 'churn') this.#detailWord = CD_CHURN;
    else if (sort === 'age') this.#detailWord = CD_FIRST_SEEN;
  }
}

/** The list of hot pages: contents held by at least two frames, ranked by heat or another column. */
export class HotPages {
  readonly #list = new TopList();
  readonly #scores: ContentScores;

  constructor(
    private readonly engine: Engine,
    private readonly labels: LabelBook,
  ) {
    this.#scores = new ContentScores(engine);
  }

  /** Brings the list up to date and answers a window of it. With zeros in, the zero page is its first row. */
  window(spec: WindowSpec, policy: Policy, withZeros: boolean): Window<HotPageRow> {
    const engine = this.engine;
    if (spec.sort !== this.#scores.sort || spec.descending === this.#scores.ascending) {
      this.#scores.order(spec.sort, !spec.descending);
      this.#list.reset();
    }
    const { candidates } = engine.marks;
    const changed = candidates.ids.subarray(0, candidates.count);
    this.#list.update(this.#scores, changed, engine.marks.candidatesOverflow, engine.now);
    const rows = engine.contents.words;
    for (const id of changed) rows[id * CONTENT_WORDS + C_FLAGS] &= ~FLAG_CANDIDATE;
    candidates.clear();
    engine.marks.candidatesOverflow = false;

    const ids = withZeros ? [STATE_ZERO, ...this.#list.ids] : this.#list.ids;
    const offset = Math.max(0, Math.min(spec.offset, ids.length - Math.min(spec.count, ids.length)));
    const shown = ids.slice(offset, offset + spec.count);
    return { offset, total: ids.length, rows: shown.map((id) => this.row(id, policy)) };
  }

  /** One content as a row of the list, whether it is in it or not. */
  row(id: number, policy: Policy): HotPageRow {
    const engine = this.engine;
    const rows = engine.contents.words;
    const row = id * CONTENT_WORDS;
    const { details } = engine.contents;
    const detail = id * DETAIL_WORDS;
    const low = rows[row + C_HASH_LOW];
    const high = rows[row + C_HASH_HIGH];
    const flags = rows[row + C_FLAGS];
    const fillByte = id === STATE_ZERO ? 0 : fillByteOf(low, high);
    const onDisk = (flags & FLAG_DISK) !== 0;
    let kind: ContentKind = onDisk ? 'disk' : 'memory';
    if (id === STATE_ZERO) kind = 'zero';
    else if (fillByte >= 0) kind = 'fill';
    const nowMs = (engine.now - Math.max(0, engine.sinceMicros)) / 1000;
    // A page of one byte is in many files and of none.
    const label = kind === 'disk' || kind === 'memory' ? this.labels.labelOf(low, high) : undefined;
    return {
      contentId: id,
      hashLow: low,
      hashHigh: high,
      kind,
      fillByte,
      refs: id === STATE_ZERO ? this.#zeros(true) : rows[row + C_REFS],
      domains: id === STATE_ZERO ? this.#zeros(false) : flags & DOMAINS_MASK,
      sharedRefs: policy.sharedRefs(id),
      heatPerSecond: ratePerSecond(details[detail + CD_HEAT], nowMs),
      churnPerSecond: ratePerSecond(details[detail + CD_CHURN], nowMs),
      firstSeenMicros: Math.max(0, engine.sinceMicros) + details[detail + CD_FIRST_SEEN] * 1000,
      lastEventMicros: this.#list.lastEvent.get(id) ?? -1,
      image: onDisk ? (engine.images.byIndex[(details[detail + CD_PINS] >>> 16) - 1]?.name ?? '') : '',
      block: onDisk ? details[detail + CD_SOURCE_BLOCK] : -1,
      ...(label !== undefined && { label }),
    };
  }

  /** Zero frames of all domains, or the number of domains that have any. */
  #zeros(frames: boolean): number {
    let sum = 0;
    for (const domain of this.engine.domains.live()) {
      const zeros = this.engine.domains.counters[domain.slot * DOMAIN_COUNTERS + D_ZERO];
      sum += frames ? zeros : Math.sign(zeros);
    }
    return sum;
  }
}
