import { MemoryBudget } from '../base/memory-budget.js';
import { fromHalves, highHalf, lowHalf, micros, type Micros } from '../base/units.js';
import type { GapFigures } from '../figures/host-figures.js';
import * as record from '../trace/record.js';
import { type HostRecord, readImageRecord } from '../trace/record-text.js';
import { BlockReads } from './block-reads.js';
import { ContentIndex } from './content-index.js';
import { ContentMarks } from './content-marks.js';
import { DomainLives, nameInKeyframe } from './domain-lives.js';
import { type Domain, DomainTable } from './domain-table.js';
import { CAUSE_DIRTY, CAUSE_FREE, EFFECT_TIME, EFFECT_WRITE, type EngineView } from './effects.js';
import { EffectsBuffer } from './effects-buffer.js';
import { FillBatch } from './fill-batch.js';
import { FillRecords } from './fill-records.js';
import { FrameChanges } from './frame-changes.js';
import { FRAMES_MAX, FrameTable } from './frame-table.js';
import { HolderCounts } from './holder-counts.js';
import { ImageTable } from './image-table.js';
import {
  C_FLAGS,
  C_REFS,
  CD_PINS,
  CHUNK_FRAMES,
  CHUNK_MASK,
  CHUNK_SHIFT,
  CONTENT_WORDS,
  DETAIL_WORDS,
  FIRST_CONTENT,
  FLAG_PINNED,
  FRAME_WORDS,
  STATE_FREE,
  STATE_UNKNOWN,
  STATE_ZERO,
} from './layout.js';
import { PairMatrix } from './pair-matrix.js';
import { Settle } from './settle.js';

/** Dirty or empty contents are settled by the engine itself past this many: a long catch-up keeps no endless list. */
const DIRTY_MAX = 1 << 18;
const SECOND_MICROS = 1_000_000;

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
  /** Newest time applied and time of the first record, µs; -1: none yet. */
  timeMicros = -1;
  sinceMicros = -1;
  readonly lives: DomainLives;
  /**
   * Called between two records when trace time passes into another second: the second that begins after the state
   * seen, and how many seconds the time moved on. Histories sample here, so they do not depend on the wall clock.
   */
  onSeconds: (second: number, count: number) => void = () => undefined;
  readonly #effects: EffectsBuffer;
  readonly #batch: FillBatch;
  readonly #fillRecords: FillRecords;
  readonly #blockReads: BlockReads;
  #stream = 0;
  #late = false;
  /** A record other than a declaration was applied: the clock of heat, ages and histories runs from there. */
  #started = false;
  #second = 0;

  /**
   * @param onEffects takes each batch of effects (words, words used) while the engine is between two records
   * @param budget asked before a table grows; what does not fit is counted in `gaps.unmodelled`
   */
  constructor(
    onEffects: (words: Uint32Array, used: number) => void = () => undefined,
    readonly budget = new MemoryBudget(),
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
    this.lives = new DomainLives(this.frames, this.domains, this.changes, this.settling, this.pairs, this.#effects);
    const reclaim = (): void => this.#reclaim();
    this.#batch = new FillBatch(this.frames, this.contents, this.holders, this.changes, this.gaps, reclaim);
    const { frames, contents, holders, changes, gaps } = this;
    this.#blockReads = new BlockReads(frames, contents, holders, changes, this.#effects, gaps, reclaim);
    this.#fillRecords = new FillRecords(this.frames, this.domains, this.#batch, this.gaps);
  }

  /**
   * Applies the records in words[start, end) of a stream: whole records that passed `checkRecords`.
   * @param baseTimeMicros time of the first record unless a `time` record changes it
   */
  apply(stream: number, baseTimeMicros: number, words: Uint32Array, start: number, end: number): void {
    this.#stream = stream;
    this.#setTime(baseTimeMicros);
    for (let at = start; at < end;) {
      const head = words[at];
      const kind = head & 63;
      if (kind === record.KIND_FILL) {
        at = this.#fills(words, at, end);
        continue;
      }
      if (kind === record.KIND_TIME) {
        this.#setTime(fromHalves(words[at + 1], words[at + 2]));
      } else {
        this.records++;
        if (this.#late) this.gaps.late++;
        if (!this.#started && !isDeclaration(kind)) this.#started = true;
        if (kind === record.KIND_FILL_SPAN) this.#fillMany(head, words[at + 2], words, at, 2);
        else if (kind === record.KIND_FILL_RUN) this.#fillMany(head, words[at + 2], words, at, 0);
        else this.#other(kind, head, words, at);
      }
      at += (1 + ((head >>> 6) & 63)) * record.SLOT_WORDS;
    }
    this.#batch.flush();
    this.#effects.flush();
    this.epoch++;
    if (this.marks.dirty.count > DIRTY_MAX || this.marks.empty.count > DIRTY_MAX) this.settle();
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

  #setTime(time: number): void {
    if (!this.#started) {
      // Declarations at the head of a script's trace often have no time: things begin with the first other record.
      this.sinceMicros = time;
      this.#second = Math.floor(time / SECOND_MICROS);
    }
    this.#late = time < this.timeMicros;
    if (time <= this.timeMicros) return;
    this.#batch.flush();
    const second = Math.floor(time / SECOND_MICROS);
    if (second > this.#second) {
      this.#effects.flush();
      this.settling.foldSecond(((this.#second + 1) * SECOND_MICROS - this.sinceMicros) / 1000);
      this.onSeconds(this.#second + 1, second - this.#second);
      this.#second = second;
    }
    this.timeMicros = time;
    this.contents.nowMs = Math.floor((time - this.sinceMicros) / 1000);
    this.#effects.push(EFFECT_TIME, lowHalf(time), highHalf(time), 0, 0);
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
    this.#started = true;
    const at = this.#fillRecords.fills(this.#stream, this.timeMicros, words, start, end);
    const count = (at - start) / record.SLOT_WORDS;
    this.records += count;
    if (this.#late) this.gaps.late += count;
    return at;
  }

  /** `count` fills from `gfn` on with hashes `step` words apart. */
  #fillMany(head: number, count: number, words: Uint32Array, at: number, step: number): void {
    const domain = this.#domain(head);
    if (domain === undefined || !this.#canHold(domain, words[at + 1], count)) return;
    this.domains.scannedMicros[domain.slot] = this.timeMicros;
    this.#fillRecords.frames(domain, head, words[at + 1], count, words, at + record.SLOT_WORDS, step);
  }

  #other(kind: number, head: number, words: Uint32Array, at: number): void {
    this.#batch.flush();
    const K = record.KIND;
    if (kind === K.host) this.lives.setHost(words, at);
    else if (kind === K.image) {
      const { id, name, readOnly, blocks } = readImageRecord(words, at);
      if (!this.images.declare(this.#stream, id, name, readOnly, blocks)) this.gaps.unmodelled++;
    } else if (kind === K.domain) {
      if (!this.lives.declare(this.#stream, head >>> 16, words, at)) this.gaps.unmodelled++;
    } else if (kind === K.lost) this.gaps.lost += fromHalves(words[at + 1], words[at + 2]);
    else if (kind === K.label || kind === K.mark) return;
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
    } else if (kind === K.gone) this.lives.end(domain);
    else if (kind === K.keyframeBegin) this.lives.beginKeyframe(domain);
    else if (kind === K.keyframeEnd) this.lives.endKeyframe(domain, this.timeMicros);
  }

  #setState(domain: Domain, gfn: number, count: number, state: number, cause: number): void {
    if (!this.#canHold(domain, gfn, count)) return;
    for (let done = 0; done < count;) {
      const base = this.frames.chunkBase(domain.slot, gfn + done);
      const first = (gfn + done) & CHUNK_MASK;
      const some = Math.min(count - done, CHUNK_FRAMES - first);
      if (base < 0) this.gaps.unmodelled += some;
      else {
        if (domain.keyframeNamed !== null) {
          nameInKeyframe(domain.keyframeNamed, (gfn + done) >>> CHUNK_SHIFT, first, some);
        }
        for (let i = first; i < first + some; i++) this.changes.set(base + i, domain.slot, state, cause, 0);
      }
      done += some;
    }
  }

  #touch(domain: Domain, gfn: number, count: number): void {
    if (!this.#inReservation(domain, gfn, count)) return;
    const end = Math.min(count, (this.frames.lastChunk(domain.slot) + 1) * CHUNK_FRAMES - gfn);
    for (let i = 0; i < end; i++) {
      const frameId = this.frames.find(domain.slot, gfn + i);
      if (frameId < 0) {
        // Nothing of this chunk was ever named: on to the next.
        i += CHUNK_MASK - ((gfn + i) & CHUNK_MASK);
        continue;
      }
      const content = this.frames.words[frameId * FRAME_WORDS];
      if (content >= FIRST_CONTENT || content === STATE_ZERO) this.changes.addHeat(content);
    }
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
  frameIdEnd(): number {
    return this.frames.end;
  }
  domainSlotEnd(): number {
    return this.domains.bySlot.length;
  }

  pin(contentId: number): void {
    const at = contentId * DETAIL_WORDS + CD_PINS;
    const details = this.contents.details;
    // Saturated pins are never taken back: such a content stays for good, which is safe.
    if ((details[at] & 0xffff) !== 0xffff) details[at]++;
    this.contents.words[contentId * CONTENT_WORDS + C_FLAGS] |= FLAG_PINNED;
  }

  unpin(contentId: number): void {
    const at = contentId * DETAIL_WORDS + CD_PINS;
    const details = this.contents.details;
    const pins = details[at] & 0xffff;
    if (pins === 0xffff) return;
    details[at]--;
    if (pins > 1) return;
    const rows = this.contents.words;
    const row = contentId * CONTENT_WORDS;
    rows[row + C_FLAGS] &= ~FLAG_PINNED;
    if (rows[row + C_REFS] === 0) this.changes.markEmpty(contentId);
  }

  /** From the newest `host` record; memoryFrames is 0 while none said it. */
  get host(): HostRecord {
    return this.lives.host;
  }
  /** Σ reservations of live domains, frames. */
  get reservedFrames(): number {
    return this.lives.reservedFrames;
  }

  /** Newest time applied; 0 before the first record. */
  get now(): Micros {
    return micros(Math.max(0, this.timeMicros));
  }
}

/** Whether a record only declares: it may stand before the time that the trace begins at. */
function isDeclaration(kind: number): boolean {
  const K = record.KIND;
  return kind === K.host || kind === K.image || kind === K.domain || kind === K.label || kind === K.mark;
}
