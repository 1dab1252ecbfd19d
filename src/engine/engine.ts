import { assert } from '../base/assert.js';
import { MemoryBudget } from '../base/memory-budget.js';
import { fromHalves, micros, type Micros } from '../base/units.js';
import type { GapFigures } from '../figures/host-figures.js';
import * as record from '../trace/record.js';
import { type HostRecord, readImageRecord } from '../trace/record-text.js';
import { BlockReads } from './block-reads.js';
import { ContentIndex } from './content-index.js';
import { ContentMarks } from './content-marks.js';
import { isDeclaration } from './declarations.js';
import { DomainLives } from './domain-lives.js';
import { type Domain, DomainTable } from './domain-table.js';
import { CAUSE_DIRTY, CAUSE_FREE, EFFECT_WRITE, type EngineView } from './effects.js';
import { EffectsBuffer } from './effects-buffer.js';
import { ExtraFrames } from './extra-frames.js';
import { FillBatch } from './fill-batch.js';
import { FillRecords } from './fill-records.js';
import { FrameChanges } from './frame-changes.js';
import { FRAMES_MAX, FrameTable } from './frame-table.js';
import { GivenGroups } from './given-groups.js';
import { HolderCounts } from './holder-counts.js';
import { ImageTable } from './image-table.js';
import { type LabelListener, tellLabel } from './label-listener.js';
import { CHUNK_SHIFT, STATE_FREE, STATE_UNKNOWN } from './layout.js';
import { LongWork } from './long-work.js';
import { PairMatrix } from './pair-matrix.js';
import { Settle } from './settle.js';
import { TraceClock } from './trace-clock.js';

/**
 * Contents that wait to be settled. Past this many the engine settles some itself, so that a long catch-up keeps no
 * endless list: a slice a step, more than a step can add, and short enough for whoever polls a port between steps.
 */
const UNSETTLED_MAX = 1 << 16;
const SETTLE_SLICE = 4096;
/** Frames of one step of `apply`. */
const APPLY_STEP = 16_384;
const NO_WORDS = new Uint32Array(0);

/**
 * Records in, figures out. Pure: no clock, no randomness, no I/O; the state is a function of the blocks applied.
 * Engine decides, tables are dumb; what is changed goes to the policies as effects (effects.ts).
 */
export class Engine implements EngineView {
  readonly frames: FrameTable;
  readonly contents: ContentIndex;
  readonly holders: HolderCounts;
  readonly domains: DomainTable;
  readonly images: ImageTable;
  readonly marks = new ContentMarks();
  readonly pairs = new PairMatrix();
  readonly changes: FrameChanges;
  readonly settling: Settle;
  readonly gaps: GapFigures = {
    lost: 0,
    damagedBlocks: 0,
    late: 0,
    orphans: 0,
    missing: 0,
    damagedRecords: 0,
    unmodelled: 0,
  };
  /** Records applied, `time` records not counted: they are the clock, and NDJSON writes them as a field. */
  records = 0;
  /** Blocks applied. */
  epoch = 0;
  /** Trace time, and who samples at the end of its seconds. */
  readonly clock: TraceClock;
  readonly lives: DomainLives;
  /** Told of labels; null: nobody asks. */
  labels: LabelListener | null = null;
  /** A block is begun and not done. */
  isUnderWay = false;
  readonly #effects: EffectsBuffer;
  readonly #batch: FillBatch;
  readonly #fillRecords: FillRecords;
  readonly #blockReads: BlockReads;
  readonly #extras: ExtraFrames;
  readonly #long: LongWork;
  // What is left of the block under way: words[#at, #end).
  #words: Uint32Array = NO_WORDS;
  #at = 0;
  #end = 0;
  #stream = 0;

  /**
   * @param onEffects takes each batch of effects (words, words used) while the engine is between two records
   * @param budget asked before a table grows; what does not fit is counted in `gaps.unmodelled`
   * @param givenGroups trust groups that override the trace's
   */
  constructor(
    onEffects: (words: Uint32Array, used: number) => void = () => undefined,
    readonly budget = new MemoryBudget(),
    givenGroups = new GivenGroups(),
  ) {
    this.frames = new FrameTable(budget);
    this.contents = new ContentIndex(budget);
    this.holders = new HolderCounts(budget);
    this.domains = new DomainTable(budget);
    this.images = new ImageTable(budget);
    for (const table of [this.frames, this.contents, this.holders, this.domains, this.images, this.marks]) {
      budget.watch(table);
    }
    this.#effects = new EffectsBuffer(onEffects);
    this.changes = new FrameChanges(this.frames, this.contents, this.holders, this.domains, this.marks, this.#effects);
    this.settling = new Settle(
      this.contents,
      this.holders,
      this.domains,
      this.marks,
      this.pairs,
      () => this.changes.pairsExact,
    );
    budget.onTight(() => this.settling.keepNone());
    const reclaim = (): void => this.#reclaim();
    this.#batch = new FillBatch(this.frames, this.contents, this.holders, this.changes, this.gaps, reclaim);
    const { frames, contents, holders, domains, changes, settling, pairs, gaps } = this;
    this.#blockReads = new BlockReads(frames, contents, holders, changes, this.#effects, gaps, reclaim);
    this.#extras = new ExtraFrames(frames, contents, changes, this.#effects, gaps, reclaim);
    this.#fillRecords = new FillRecords(this.frames, this.domains, this.#batch, this.gaps);
    this.#long = new LongWork(frames, changes, this.#fillRecords, gaps);
    this.clock = new TraceClock(contents, changes, settling, this.#batch, this.#effects, this.#long);
    const [extras, effects, long] = [this.#extras, this.#effects, this.#long];
    this.lives = new DomainLives(frames, domains, changes, extras, settling, pairs, effects, long, gaps, givenGroups);
  }

  /**
   * Applies the records in words[start, end) of a stream: whole records that passed `checkRecords`.
   * @param baseTimeMicros time of the first record unless a `time` record changes it
   */
  apply(stream: number, baseTimeMicros: number, words: Uint32Array, start: number, end: number): void {
    this.begin(stream, baseTimeMicros, words, start, end);
    while (this.step(APPLY_STEP));
  }

  /**
   * As `apply`, for those who have something else to do in between: `step` does the work. The words must stay as they
   * are until then; see `keepRest`. The block before must be done.
   */
  begin(stream: number, baseTimeMicros: number, words: Uint32Array, start: number, end: number): void {
    assert(!this.isUnderWay, 'one block is applied at a time');
    this.isUnderWay = true;
    this.#stream = stream;
    this.#words = words;
    this.#at = start;
    this.#end = end;
    // A block that begins with a time holds no record of its base time: only a spoiled one could be ahead of it.
    if ((words[start] & 63) !== record.KIND_TIME) this.clock.moveTo(baseTimeMicros);
  }

  /**
   * Goes on with the block by about `frames` frames or records; true if more of it is left. Between two steps figures
   * may be read and settled, also in the middle of a record that is longer than a step.
   */
  step(frames: number): boolean {
    if (!this.isUnderWay) return false;
    let left = frames;
    while (left > 0 && (this.#long.active || this.#at < this.#end)) {
      left -= this.#long.active ? this.#long.run(left) : this.#records(left);
    }
    this.#batch.flush();
    this.#effects.flush();
    const over = this.marks.dirty.count + this.marks.empty.count - UNSETTLED_MAX;
    if (over > 0) this.settle(Math.max(over, SETTLE_SLICE));
    if (this.#long.active || this.#at < this.#end) return true;
    this.isUnderWay = false;
    this.#words = NO_WORDS;
    this.epoch++;
    return false;
  }

  /** Copies what is left of the block, so that its words may be overwritten before it is done. */
  keepRest(): void {
    if (this.#at >= this.#end) return;
    this.#words = this.#words.slice(this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
  }

  /** Applies up to `frames` frames or records; returns how many. Stops at one that makes long work. */
  #records(frames: number): number {
    const words = this.#words;
    const end = this.#end;
    let at = this.#at;
    let left = frames;
    while (at < end && left > 0 && !this.#long.active) {
      const head = words[at];
      const kind = head & 63;
      if (kind === record.KIND_FILL) {
        const behind = this.#fills(words, at, Math.min(end, at + left * record.SLOT_WORDS));
        left -= (behind - at) / record.SLOT_WORDS;
        at = behind;
        continue;
      }
      const next = at + (1 + ((head >>> 6) & 63)) * record.SLOT_WORDS;
      if (kind === record.KIND_TIME) {
        left--;
        this.clock.moveTo(fromHalves(words[at + 1], words[at + 2]));
      } else {
        this.records++;
        if (this.clock.isLate) this.gaps.late++;
        if (!this.clock.hasStarted && !isDeclaration(kind)) this.clock.hasStarted = true;
        // A span has at most two frames a slot.
        left -= (next - at) / 2;
        if (kind === record.KIND_FILL_SPAN) this.#fillSpan(head, words, at);
        else if (kind === record.KIND_FILL_RUN) this.#fillRun(head, words, at);
        else this.#other(kind, head, words, at);
      }
      at = next;
    }
    this.#at = at;
    return frames - left;
  }

  /** Brings fair shares and pairs up to date for up to `contentsMax` contents; true if more are left. */
  settle(contentsMax = Number.POSITIVE_INFINITY): boolean {
    return this.settling.run(contentsMax);
  }

  /** Forgets contents that nobody holds; policies must have read (and pinned) what the effects name before. */
  #reclaim(): void {
    this.#effects.flush();
    this.settling.run(Number.POSITIVE_INFINITY);
  }

  /** The live domain of a record, or undefined for an orphan, which is counted. */
  #domain(head: number): Domain | undefined {
    const slot = this.domains.slotOf(this.#stream, head >>> 16);
    if (slot >= 0) return this.domains.bySlot[slot];
    this.gaps.orphans++;
    return undefined;
  }

  #inReservation(domain: Domain, gfn: number, count: number): boolean {
    if (gfn + count <= domain.reservedFrames) return true;
    this.gaps.damagedRecords++;
    return false;
  }

  /** As #inReservation, for records that name their frames: no more than the table can ever hold. */
  #canHold(domain: Domain, gfn: number, count: number): boolean {
    if (count <= FRAMES_MAX) return this.#inReservation(domain, gfn, count);
    this.gaps.damagedRecords++;
    return false;
  }

  /** The fills from words[start] on; returns the index behind them. */
  #fills(words: Uint32Array, start: number, end: number): number {
    this.clock.hasStarted = true;
    const at = this.#fillRecords.fills(this.#stream, this.clock.timeMicros, words, start, end);
    const count = (at - start) / record.SLOT_WORDS;
    this.records += count;
    if (this.clock.isLate) this.gaps.late += count;
    return at;
  }

  /** At most 126 fills from a gfn on, with a hash each. */
  #fillSpan(head: number, words: Uint32Array, at: number): void {
    const domain = this.#domain(head);
    const [gfn, count] = [words[at + 1], words[at + 2]];
    if (domain === undefined || !this.#canHold(domain, gfn, count)) return;
    this.domains.scan(domain.slot, this.clock.timeMicros);
    this.#fillRecords.frames(domain, head, gfn, count, words, at + record.SLOT_WORDS, 2);
  }

  /** Any number of fills from a gfn on, with one hash. */
  #fillRun(head: number, words: Uint32Array, at: number): void {
    const domain = this.#domain(head);
    const [gfn, count] = [words[at + 1], words[at + 2]];
    if (domain === undefined || !this.#canHold(domain, gfn, count)) return;
    this.domains.scan(domain.slot, this.clock.timeMicros);
    this.#long.fillRun(domain, head, gfn, count, words, at + record.SLOT_WORDS);
  }

  #other(kind: number, head: number, words: Uint32Array, at: number): void {
    this.#batch.flush();
    const K = record.KIND;
    if (kind === K.host) this.lives.setHost(words, at);
    else if (kind === K.image) {
      const { id, name, readOnly, blocks } = readImageRecord(words, at);
      if (!this.images.declare(this.#stream, id, name, readOnly, blocks)) this.gaps.unmodelled++;
    } else if (kind === K.domain) this.lives.declare(this.#stream, head >>> 16, words, at);
    else if (kind === K.lost) this.gaps.lost += fromHalves(words[at + 1], words[at + 2]);
    else if (kind === K.label || kind === K.labelFile) tellLabel(this.labels, kind, words, at);
    else if (kind === K.mark) return;
    else if (kind === K.counter && record.flagsOf(head) === 0)
      this.gaps.unmodelled += this.domains.told.take(words, at);
    else {
      const domain = this.#domain(head);
      if (domain !== undefined) this.#ofDomain(kind, domain, head, words, at);
    }
  }

  #ofDomain(kind: number, domain: Domain, head: number, words: Uint32Array, at: number): void {
    const K = record.KIND;
    if (kind === K.dirty) this.#setState(domain, words[at + 1], words[at + 2], STATE_UNKNOWN, CAUSE_DIRTY);
    else if (kind === K.free) this.#setState(domain, words[at + 1], words[at + 2], STATE_FREE, CAUSE_FREE);
    else if (kind === K.touch) this.#touch(domain, words[at + 1], words[at + 2]);
    else if (kind === K.blockRead) {
      const image = this.images.of(this.#stream, words[at + 1]);
      const flags = record.flagsOf(head);
      this.#blockReads.read(domain, image, flags, words[at + 2], words[at + 4], words[at + 5], words[at + 6]);
    } else if (kind === K.blockReadSpan) {
      const count = words[at + 3];
      const flags = record.READ_ALIGNED | record.READ_HASH_KNOWN;
      const image = this.images.of(this.#stream, words[at + 1]);
      for (let i = 0, hash = at + record.SLOT_WORDS; i < count; i++, hash += 2) {
        const block = words[at + 2] + i;
        this.#blockReads.read(domain, image, flags, block, words[hash], words[hash + 1], record.NO_GFN);
      }
    } else if (kind === K.blockWrite) {
      const image = this.images.of(this.#stream, words[at + 1]);
      const write = (EFFECT_WRITE | (domain.slot << 16)) >>> 0;
      if (image === null) this.gaps.unmodelled++;
      else this.#effects.push(write, image.index, words[at + 2], words[at + 3], 0);
    } else if (kind === K.extra) {
      const [index, count, low, high] = [words[at + 1], words[at + 2], words[at + 4], words[at + 5]];
      this.#extras.fill(domain, index, count, low, high, record.flagsOf(head));
    } else if (kind === K.gone) this.lives.end(domain);
    else if (kind === K.keyframeBegin) this.lives.beginKeyframe(domain);
    else if (kind === K.keyframeEnd) this.lives.endKeyframe(domain, this.clock.timeMicros);
    else if (kind === K.scanBegin) this.domains.beginScan(domain.slot, this.clock.timeMicros);
    else if (kind === K.scanEnd) this.domains.endScan(domain.slot);
    else if (kind === K.counter) this.gaps.unmodelled += this.domains.told.take(words, at, domain.slot);
  }

  #setState(domain: Domain, gfn: number, count: number, state: number, cause: number): void {
    if (this.#canHold(domain, gfn, count)) this.#long.setState(domain, gfn, count, state, cause);
  }

  #touch(domain: Domain, gfn: number, count: number): void {
    if (this.#inReservation(domain, gfn, count)) this.#long.touch(domain, gfn, count);
  }

  hasRoom(bytes: number): boolean {
    return this.budget.hasRoom(bytes);
  }
  countUnmodelled(): void {
    this.gaps.unmodelled++;
  }

  frameWords(): Uint32Array {
    return this.frames.words;
  }
  contentWords(): Uint32Array {
    return this.contents.words;
  }
  domainOfFrame(frameId: number): number {
    return this.frames.ownerOf(frameId);
  }
  chunkNumber(frameId: number): number {
    return this.frames.chunkNumber[frameId >>> CHUNK_SHIFT];
  }
  keyOfDomain(slot: number): string {
    return this.domains.bySlot[slot]?.key ?? '';
  }
  frameIdEnd(): number {
    return this.frames.end;
  }
  domainSlotEnd(): number {
    return this.domains.bySlot.length;
  }

  pin(contentId: number): void {
    this.contents.pin(contentId);
  }
  unpin(contentId: number): void {
    if (this.contents.unpin(contentId)) this.changes.markEmpty(contentId);
  }

  /** From the newest `host` record; memoryFrames is 0 while none said it. */
  get host(): HostRecord {
    return this.lives.host;
  }
  /** Σ reservations of live domains, frames. */
  get reservedFrames(): number {
    return this.lives.reservedFrames;
  }

  /** Newest time applied and time of the first record, µs; -1: none yet. */
  get timeMicros(): number {
    return this.clock.timeMicros;
  }
  get sinceMicros(): number {
    return this.clock.sinceMicros;
  }

  /** Newest time applied; 0 before the first record. */
  get now(): Micros {
    return micros(Math.max(0, this.clock.timeMicros));
  }
}
