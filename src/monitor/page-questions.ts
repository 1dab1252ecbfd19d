import type { Engine } from '../engine/engine.js';
import { CD_SOURCE_BLOCK, DETAIL_WORDS, FIRST_CONTENT, STATE_ZERO } from '../engine/layout.js';
import type {
  MappingRow,
  NeighbourRow,
  Neighbours,
  PageCopies,
  PageDetail,
  PageRequest,
} from '../figures/page-figures.js';
import type { HotPageRow, Window } from '../figures/window.js';
import type { RecordRange } from '../source/record-source.js';
import { fillByteOf } from '../trace/fill-pages.js';
import { ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../trace/record.js';
import { BlockNeighbours, sourceImage } from './block-neighbours.js';
import type { GuardedPolicy } from './guarded-policy.js';
import { HolderList } from './holder-list.js';
import type { LabelBook } from './label-book.js';
import { blockNeighbourRows, frameNeighbours, otherPlaces } from './neighbours.js';
import { OnDemand } from './on-demand.js';
import { PagePast } from './page-past.js';
import { AppliedWords, type OpenAgain } from './trace-again.js';

/** Holders looked at for the copies that a policy keeps. */
const COPIES_HOLDERS_MAX = 16_384;
/** Blocks there are: a block is a u32. */
const BLOCKS_END = 2 ** 32;

/** How a trace can be read a second time. */
export interface SecondReading {
  openAgain: OpenAgain;
  /** Names of the streams of the first reading, by index. */
  streamNames: () => readonly string[];
}

/** Answers what is asked about one content: its holders, its history, its neighbours. */
export class PageQuestions {
  #request: PageRequest | null = null;
  readonly #holders = new OnDemand<HolderList>();
  readonly #blocks = new OnDemand<BlockNeighbours>();
  #past: PagePast | null = null;
  readonly #applied = new AppliedWords();

  constructor(
    private readonly engine: Engine,
    private readonly labels: LabelBook,
    private readonly second: SecondReading,
  ) {}

  /** Takes what the engine has just applied. */
  follow(stream: number, range: RecordRange): void {
    this.#applied.add(stream, range.end - range.start);
    this.#past?.follow(stream, range);
  }

  /** The request of now; null: the page is closed. */
  want(request: PageRequest | null | undefined, nowMs: number): void {
    const before = this.#request;
    this.#request = request ?? null;
    if (request === null || request === undefined) {
      this.#close();
      return;
    }
    const { hashLow, hashHigh } = request;
    if (before?.hashLow !== hashLow || before.hashHigh !== hashHigh) this.#close();
    const id = this.#contentId(request);
    const { epoch } = this.engine;
    if (id === 0) this.#holders.drop();
    else this.#holders.want(`${id} ${hashLow} ${hashHigh}`, epoch, nowMs, () => new HolderList(this.engine, id));
    const image = id === 0 ? -1 : sourceImage(this.engine, id);
    if (image < 0) {
      this.#blocks.drop();
      return;
    }
    const { first, count } = this.#blockRange(request, id);
    const question = `${image} ${first} ${count}`;
    this.#blocks.want(question, epoch, nowMs, () => new BlockNeighbours(this.engine, image, first, count));
  }

  #blockRange({ neighbours: { centre, reach } }: PageRequest, id: number): { first: number; count: number } {
    const block = this.engine.contents.details[id * DETAIL_WORDS + CD_SOURCE_BLOCK];
    const first = Math.max(0, Math.min(BLOCKS_END - 1, block + centre - reach));
    const end = Math.max(first, Math.min(BLOCKS_END, block + centre + reach + 1));
    return { first, count: end - first };
  }

  #close(): void {
    this.#past?.close();
    this.#past = null;
    this.#holders.drop();
    this.#blocks.drop();
  }

  /** A walk is under way: nothing may be applied. */
  get busy(): boolean {
    return this.#holders.busy || this.#blocks.busy;
  }

  /** Walks on. */
  work(now: () => number, untilMs: number): void {
    if (this.#holders.busy) this.#holders.work(now, untilMs);
    this.#beginPast();
    if (this.#blocks.busy && now() < untilMs) this.#blocks.work(now, untilMs);
  }

  /** The history begins with the holders of one instant, which is now. */
  #beginPast(): void {
    if (this.#past !== null || this.#request === null) return;
    const holders = this.#holders.answer;
    const { hashLow: low, hashHigh: high } = this.#request;
    if (holders === null ? this.#contentId(this.#request) !== 0 : holders.epoch !== this.engine.epoch) return;
    const names = this.second.streamNames();
    const { openAgain } = this.second;
    this.#past = new PagePast(this.engine, { low, high }, holders, this.#applied.byStream, names, openAgain);
  }

  /** The trace is being read again. */
  get reading(): boolean {
    return this.#past?.busy === true;
  }

  /** Reads the trace on. Records may be applied meanwhile. */
  read(now: () => number, untilMs: number): void {
    this.#past?.read(now, untilMs);
  }

  /** 0: nobody knows the content. */
  #contentId({ hashLow, hashHigh }: PageRequest): number {
    if (hashLow === ZERO_HASH_LOW && hashHigh === ZERO_HASH_HIGH) return STATE_ZERO;
    return this.engine.contents.find(hashLow, hashHigh);
  }

  /** What is known by now; null when no page is asked for. */
  answer(row: (contentId: number) => HotPageRow, policy: GuardedPolicy): PageDetail | null {
    const request = this.#request;
    if (request === null) return null;
    const id = this.#contentId(request);
    const holders = this.#holders.answer;
    return {
      hashLow: request.hashLow,
      hashHigh: request.hashHigh,
      page: id === 0 ? null : row(id),
      epoch: holders?.epoch ?? this.engine.epoch,
      mappings: holders === null ? noneOrUnknown(id) : this.#mappings(holders, request, policy),
      copies: holders === null ? null : copiesOf(holders, policy),
      neighbours: holders === null ? null : this.#neighbours(holders, request, policy),
      history: this.#past?.figures(request.history) ?? null,
    };
  }

  #mappings(holders: HolderList, request: PageRequest, policy: GuardedPolicy): Window<MappingRow> {
    const { offset, count } = request.mappings;
    const start = Math.max(0, Math.min(offset, holders.count - Math.min(count, holders.count)));
    const rows: MappingRow[] = [];
    for (let place = start; place < Math.min(holders.count, start + count); place++) {
      rows.push(mappingRow(holders, place, policy));
    }
    return { offset: start, total: holders.count, rows };
  }

  #neighbours(holders: HolderList, request: PageRequest, policy: GuardedPolicy): Neighbours {
    const found = this.#blocks.answer;
    const id = holders.contentId;
    const block = id < FIRST_CONTENT ? -1 : this.engine.contents.details[id * DETAIL_WORDS + CD_SOURCE_BLOCK];
    const hasBlock = sourceImage(this.engine, id) >= 0;
    let blocks: Neighbours['blocks'] = hasBlock ? null : [];
    if (hasBlock && found !== null) blocks = this.#named(blockNeighbourRows(this.engine, id, block, found));
    if (holders.count === 0) return { holder: null, frames: [], others: 0, blocks };
    const selected = Math.max(0, Math.min(request.selected, holders.count - 1));
    const others = otherPlaces(holders, selected);
    const frames = this.#named(frameNeighbours(this.engine, holders, selected, others, request.neighbours));
    return { holder: mappingRow(holders, selected, policy), frames, others: others.length, blocks };
  }

  /** The rows with the names of their contents; pages of one byte have none. */
  #named(rows: NeighbourRow[]): NeighbourRow[] {
    return rows.map((row) => {
      if (row.kind !== 'content' || fillByteOf(row.hashLow, row.hashHigh) >= 0) return row;
      const label = this.labels.labelOf(row.hashLow, row.hashHigh);
      return label === undefined ? row : { ...row, label };
    });
  }
}

/** Nobody holds what nobody knows; otherwise the list is being made. */
function noneOrUnknown(id: number): Window<MappingRow> | null {
  return id === 0 ? { offset: 0, total: 0, rows: [] } : null;
}

/** A holder that has lost the content since the list was made has -1 references. */
function mappingRow(holders: HolderList, place: number, policy: GuardedPolicy): MappingRow {
  const { slot, domid, name } = holders.domains[holders.owners[place]];
  const frame = holders.frameOf(place);
  const copyRefs = frame < 0 ? -1 : policy.ask((copies) => copies.refs(copies.ofFrame(frame)), 0);
  return { slot, domid, name, gfn: holders.gfns[place], copyRefs };
}

/** What the policy keeps; null where it cannot tell, or there are too many holders to ask for each. */
function copiesOf(holders: HolderList, policy: GuardedPolicy): PageCopies | null {
  if (holders.contentId < FIRST_CONTENT || holders.count > COPIES_HOLDERS_MAX) return null;
  return policy.ask<PageCopies | null>((copies) => {
    const shared = new Set<number>();
    let sharedRefs = 0;
    for (let place = 0; place < holders.count; place++) {
      const frame = holders.frameOf(place);
      const copy = frame < 0 ? 0 : copies.ofFrame(frame);
      if (copy === 0 || copies.refs(copy) < 2) continue;
      shared.add(copy);
      sharedRefs++;
    }
    return { sharedCopies: shared.size, sharedRefs, copies: copies.ofContent(holders.contentId) };
  }, null);
}
