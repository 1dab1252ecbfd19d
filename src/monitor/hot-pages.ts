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

/** Contents in at least this many frames are in the list: it is about pages that are, or could be, shared. */
const REFS_MIN = 2;

/** Ranks contents by one column of their rows. */
class ContentScores implements Scored {
  readonly first = FIRST_CONTENT;
  sort = 'heat';
  ascending = false;
  constructor(private readonly engine: Engine) {}

  get end(): number {
    return this.engine.contents.end;
  }

  score(id: number): number {
    const rows = this.engine.contents.words;
    const row = id * CONTENT_WORDS;
    if ((rows[row + C_FLAGS] & FLAG_FREE_ROW) !== 0 || rows[row + C_REFS] < REFS_MIN) return -1;
    const value = this.#value(id);
    // Scores below 0 are out of the list: the other order is counted down from above every value.
    return this.ascending ? 2 ** 33 - value : value;
  }

  tie(id: number): number {
    return this.engine.contents.words[id * CONTENT_WORDS + C_HASH_LOW];
  }

  #value(id: number): number {
    const { words, details } = this.engine.contents;
    if (this.sort === 'refs') return words[id * CONTENT_WORDS + C_REFS];
    if (this.sort === 'domains') return words[id * CONTENT_WORDS + C_FLAGS] & DOMAINS_MASK;
    if (this.sort === 'churn') return details[id * DETAIL_WORDS + CD_CHURN];
    if (this.sort === 'age') return 2 ** 32 - details[id * DETAIL_WORDS + CD_FIRST_SEEN];
    return details[id * DETAIL_WORDS + CD_HEAT];
  }
}

/** The list of hot pages: contents held by at least two frames, ranked by heat or another column. */
export class HotPages {
  readonly #list = new TopList();
  readonly #scores: ContentScores;

  constructor(private readonly engine: Engine) {
    this.#scores = new ContentScores(engine);
  }

  /** Brings the list up to date and answers a window of it. With zeros in, the zero page is its first row. */
  window(spec: WindowSpec, policy: Policy, withZeros: boolean): Window<HotPageRow> {
    const engine = this.engine;
    if (spec.sort !== this.#scores.sort || spec.descending === this.#scores.ascending) {
      this.#scores.sort = spec.sort;
      this.#scores.ascending = !spec.descending;
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
