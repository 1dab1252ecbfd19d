/**
 * One stream of a live directory: its files one after another, as blocks of records.
 *
 * A file is left behind when it was read to its end *after* something told that it grows no more: the next segment is
 * there (a recorder closes one before it makes the next), its name leads to another file, or it is gone. A replaced or
 * removed file gets one look more, for a writer that has not noticed yet; one that was only moved away is read on until
 * there is another of its name. Under its new name it is no stream of its own.
 *
 * A reader that has missed nothing skips the opening of the next segment. Whatever was missed — a torn tail, damage, a
 * segment that is not there, a truncation — is a gap: it is noted, and the next opening is read, which mends it.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { systemProblem } from '../base/system-problem.js';
import type { TraceDecoder } from '../trace/decoder.js';
import type { RecordPull } from '../trace/merge.js';
import { NdjsonDecoder } from '../trace/ndjson-decoder.js';
import type { RecordBlock } from '../trace/record.js';
import { TraceError } from '../trace/trace-error.js';
import { ArrivalLog } from './arrival-log.js';
import type { ListedStream } from './directory-listing.js';
import type { NoticeList, SourceDamage, SourceNotice } from './notices.js';
import { SegmentJoin } from './segment-join.js';
import { TailFile, type TailFileChange } from './tail-file.js';

/** One look more after a file was moved or removed. */
const DETACHED_LOOKS_MIN = 2;
const DAMAGE_LISTED_MAX = 64;
/** Reads in one call of `next` that gave no block (damage, an opening that is skipped), so that it soon returns. */
const FRUITLESS_READS_MAX = 8;

interface QueuedFile {
  readonly number: number;
  readonly fileName: string;
}

/** Gives blocks as the files grow. Whatever is wrong with a file is a notice or counted damage, never an error. */
export class TailStream implements RecordPull {
  readonly name: string;
  readonly kind: 'segments' | 'ndjson';

  /** `next` gave null although more is there: it had read much that held no block. */
  interrupted = false;

  #file: TailFile | undefined;
  /** Number of the file that is or was read last; -1 before the first. */
  #number = -1;
  /** Files below this number are over. */
  #numberMin = 0;
  #decoder: TraceDecoder | undefined;
  /** Files behind it. */
  #queue: QueuedFile[] = [];
  /** When the bytes of the file came. */
  readonly #arrivals = new ArrivalLog();
  /** When the first file of the queue was first seen, ms; null: there is none. */
  #queuedSinceMs: number | null = null;
  readonly #join: SegmentJoin;
  /** The decoder has refused the file: it is left alone until another takes its place. */
  #refused = false;
  #readFailure: SourceNotice | undefined;
  /** File names that could not be opened, so that each is told once. */
  #unopened = new Map<string, SourceNotice>();
  /** A name that leads to a file of another stream, and the file's identity. */
  #moved = '';
  /** The last file of the history and how much of it belongs there, bytes. */
  #historyEnd = { number: -1, bytes: 0 };
  #damagedBlocksBefore = 0;
  #damageBefore: SourceDamage[] = [];

  constructor(
    readonly directory: string,
    listed: ListedStream,
    readonly notices: NoticeList,
    /** Read buffer, shared by all streams. */
    readonly buffer: Uint8Array,
    /** Who reads or has read a file, by its identity; shared by all streams. */
    readonly owners: Map<string, TailStream>,
  ) {
    this.name = listed.name;
    this.kind = listed.kind;
    this.#join = new SegmentJoin(notices);
  }

  /** Looks at the files; `listed` is what the directory holds of this stream at `now` (ms), undefined if nothing. */
  look(listed: ListedStream | undefined, nowMs: number): void {
    this.#queue = [];
    for (const file of listed?.files ?? []) {
      if (file.number >= this.#numberMin) this.#queue.push(file);
    }
    this.#queuedSinceMs = this.#queue.length === 0 ? null : (this.#queuedSinceMs ?? nowMs);
    const file = this.#file;
    if (file === undefined) return;
    const change = this.#examine(file);
    if (change === 'rewritten') this.#restart(file);
    else if (change === 'shrunk' && file.shrunkLooks >= 2 && !this.#isCutBack(file)) this.#restart(file);
    this.#arrivals.seen(file.sizeBytes, nowMs);
  }

  /** Wall time at which the oldest byte that was not given was first seen, ms; null if there is none. */
  get oldestUnreadMs(): number | null {
    return (this.#refused ? null : this.#arrivals.oldestMs) ?? this.#queuedSinceMs;
  }

  /** Whether a call of `next` may give or change something. A guess by the last look: `next` is what knows. */
  get mayHaveMore(): boolean {
    if (this.interrupted || this.#queue.length > 0) return true;
    const file = this.#file;
    return file !== undefined && (this.unreadBytes > 0 || this.#isOver(file));
  }

  /** Bytes on disk that are not read yet, without the files that are not opened yet. */
  get unreadBytes(): number {
    return this.#refused ? 0 : (this.#file?.unreadBytes ?? 0);
  }

  get damagedBlocks(): number {
    return this.#damagedBlocksBefore + (this.#decoder?.damagedBlocks ?? 0);
  }

  get damage(): SourceDamage[] {
    return [...this.#damageBefore, ...this.#damageNow()];
  }

  /**
   * The next block, or null: nothing more for now, or `interrupted`. It lies in the decoder's memory until the next
   * call.
   */
  next(): RecordBlock | null {
    return this.#next(false);
  }

  /** What is there now is history, the rest is live. */
  markHistory(): void {
    const last = this.#queue.at(-1);
    const number = last?.number ?? this.#number;
    let bytes = this.#file?.sizeBytes ?? 0;
    // A file that is not there any more has no end to wait for.
    if (last !== undefined) bytes = statSync(join(this.directory, last.fileName), { throwIfNoEntry: false })?.size ?? 0;
    this.#historyEnd = { number, bytes };
  }

  /** As `next`, but ends (within one read) behind what was there at `markHistory`. */
  nextOfHistory(): RecordBlock | null {
    return this.#next(true);
  }

  #next(isHistory: boolean): RecordBlock | null {
    let reads = 0;
    this.interrupted = false;
    for (;;) {
      const file = this.#file;
      const decoder = this.#decoder;
      if (file === undefined || decoder === undefined) {
        if (isHistory && (this.#queue[0]?.number ?? 0) > this.#historyEnd.number) return null;
        if (!this.#openNext()) return null;
        continue;
      }
      const block = this.#decode(decoder);
      if (block !== null) return block;
      this.interrupted = reads++ === FRUITLESS_READS_MAX;
      if (this.interrupted) return null;
      // The decoder has nothing left: what was read so far was given.
      this.#arrivals.taken(file.offset);
      if (isHistory && this.#isPastHistory(file)) return null;
      const bytes = this.#refused ? 0 : this.#read(file);
      if (bytes > 0) decoder.push(this.buffer.subarray(0, bytes));
      else if (bytes < 0) this.#restart(file);
      else if (this.#isOver(file)) this.#leave(file, decoder);
      else return null;
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #isPastHistory(file: TailFile): boolean {
    const { number, bytes } = this.#historyEnd;
    return this.#number > number || (this.#number === number && file.offset >= bytes);
  }

  /** Only bytes that are no whole block or line yet were taken back, by a writer whose disk was full. */
  #isCutBack(file: TailFile): boolean {
    const decoder = this.#decoder;
    if (decoder === undefined || this.#refused) return false;
    const whole = file.offset - decoder.tornTailBytes;
    return file.sizeBytes >= whole && decoder.dropTail() && file.rewind(whole);
  }

  #decode(decoder: TraceDecoder): RecordBlock | null {
    if (this.#refused) return null;
    try {
      return decoder.next();
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      // A directory may hold one stream of a newer recorder beside others that can be read.
      this.#refused = true;
      this.notices.add(error.source, error.problem, true);
      return null;
    }
  }

  #examine(file: TailFile): TailFileChange {
    try {
      return file.examine();
    } catch (error) {
      this.#noteFailure(file, error);
      return 'none';
    }
  }

  #read(file: TailFile): number {
    try {
      const bytes = file.read(this.buffer);
      this.notices.withdraw(this.#readFailure);
      this.#readFailure = undefined;
      return bytes;
    } catch (error) {
      this.#noteFailure(file, error);
      return 0;
    }
  }

  /** It may pass (a network, permissions): once told, it is tried again and again. */
  #noteFailure(file: TailFile, error: unknown): void {
    this.#readFailure ??= this.notices.add(file.path, `cannot be read: ${systemProblem(error)}`, true);
  }

  /** The file was read to its end: will it never grow again? */
  #isOver(file: TailFile): boolean {
    if (this.#queue.length > 0) return true;
    return file.detachedLooks >= DETACHED_LOOKS_MIN && (file.isRemoved || file.isReplaced);
  }

  #leave(file: TailFile, decoder: TraceDecoder): void {
    decoder.end();
    const torn = this.#refused ? 0 : decoder.tornTailBytes;
    if (this.#refused || this.#readFailure !== undefined) this.#join.break();
    else if (this.kind === 'segments') this.#join.leave(file.path, decoder, file.offset);
    else if (torn > 0) this.notices.add(file.path, `ends inside a line (${torn} bytes of it are there)`, true);
    this.#keepDamage();
    file.close();
    if (file.isRemoved) this.owners.delete(file.identity);
    this.#file = undefined;
    this.#decoder = undefined;
    this.#refused = false;
    // If its name led elsewhere, a file of this name is a new one.
    if (file.detachedLooks > 0) this.#numberMin = this.#number;
  }

  #restart(file: TailFile): void {
    this.notices.add(file.path, 'was truncated or written anew: read again from its start', true);
    this.#keepDamage();
    file.restart();
    this.#arrivals.restart();
    this.#join.break();
    this.#refused = false;
    this.#decoder = this.#newDecoder(file.path);
  }

  /** Opens the next file of the queue; false if there is none that can be opened. */
  #openNext(): boolean {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const path = join(this.directory, next.fileName);
      let file: TailFile;
      try {
        file = TailFile.open(path);
      } catch (error) {
        if (!(error instanceof TraceError)) throw error;
        // The last one may yet become readable, and is tried at every look; others are missing from here on.
        if (!this.#unopened.has(next.fileName)) {
          this.#unopened.set(next.fileName, this.notices.add(path, error.problem, false));
        }
        continue;
      }
      this.notices.withdraw(this.#unopened.get(next.fileName));
      this.#unopened.delete(next.fileName);
      if (this.#isOfAnother(file)) continue;
      this.#noteMissing(next, path);
      this.#number = next.number;
      this.#numberMin = next.number + 1;
      this.#file = file;
      this.#decoder = this.#newDecoder(path);
      this.#arrivals.restart();
      if (this.#queuedSinceMs !== null) this.#arrivals.seen(file.sizeBytes, this.#queuedSinceMs);
      if (this.#queue.length === 0) this.#queuedSinceMs = null;
      return true;
    }
    this.#queuedSinceMs = null;
    return false;
  }

  /** It was moved here from the name of another stream, which has read it. Closes it then. */
  #isOfAnother(file: TailFile): boolean {
    const owner = this.owners.get(file.identity);
    if (owner === undefined || owner === this) {
      this.owners.set(file.identity, this);
      return false;
    }
    file.close();
    if (this.#moved !== file.identity) {
      this.notices.add(file.path, `was ${owner.name}: it is not read again under this name`, false);
    }
    this.#moved = file.identity;
    return true;
  }

  #noteMissing(next: QueuedFile, path: string): void {
    // A segment that is there a second time was made anew: its opening is needed.
    if (next.number <= this.#number) this.#join.break();
    if (this.#number < 0 || next.number <= this.#number + 1) return;
    const missing = next.number - this.#number - 1;
    this.notices.add(path, `${missing === 1 ? 'the segment' : `${missing} segments`} before it cannot be read`, true);
    this.#join.break();
  }

  #newDecoder(path: string): TraceDecoder {
    return this.kind === 'ndjson' ? new NdjsonDecoder(path) : this.#join.newDecoder(path);
  }

  #damageNow(): SourceDamage[] {
    return (this.#decoder?.damage ?? []).map((each) => ({ source: this.#file?.path ?? this.name, ...each }));
  }

  #keepDamage(): void {
    this.#damageBefore = this.damage.slice(0, DAMAGE_LISTED_MAX);
    this.#damagedBlocksBefore = this.damagedBlocks;
  }
}
