/**
 * A live trace directory as a source of records. One host writes it; sharetop may be started before it exists.
 *
 *   chokidar ──call──▶ sweep ◀── timer        the sweep finds what is there: readdir and stat, no more
 *                        │
 *                      wake ──▶ the owner calls pull ──▶ positional reads ──▶ decoders ──▶ take
 *
 * Nothing is read that is not asked for: the files are the queue. Order: as the records arrive, one block of each
 * stream in turn. What is there when the directory is first found is history and comes merged by time, as in `report`;
 * what is appended meanwhile, and a stream that appears later, is live.
 */
import { statSync } from 'node:fs';
import { TraceError } from '../trace/trace-error.js';
import { RecordMerge, type RecordPull } from '../trace/merge.js';
import { listStreams, type ListedStream } from './directory-listing.js';
import { DirectoryWatcher } from './directory-watcher.js';
import { NoticeList, type SourceDamage, type SourceNotice } from './notices.js';
import type { RangeTaker, RecordSource } from './record-source.js';
import { TailStream } from './tail-stream.js';

export const SWEEP_MS_DEFAULT = 100;
const SWEEP_MS_MIN = 10;
/** Calls of the watcher sweep at most this often. */
const CALLED_SWEEP_MS_MIN = 10;
const READ_BYTES_DEFAULT = 256 * 1024;
/** Each stream costs a descriptor and a look at every sweep: few large streams, not one for each domain. */
const STREAMS_MAX = 256;
const DAMAGE_LISTED_MAX = 64;

/** How to follow; the defaults are the measured ones. */
export interface DirectoryTailOptions {
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Time between two sweeps, ms; 50 to 250 is sensible. */
  readonly sweepMs?: number;
  /** Read at a time, bytes. */
  readonly readBytes?: number;
  /** False: no watcher, the sweep alone. */
  readonly watch?: boolean;
}

/** Follows one directory until `close`. Bad files are told in `notices` and `damage`; nothing in them throws. */
export class DirectoryTail implements RecordSource {
  readonly streamNames: string[] = [];
  /** The directory is there. */
  found = false;
  /** Wall time at which a sweep last saw something new, ms; -1 before. */
  newestByteWallMs = -1;

  readonly #options: DirectoryTailOptions;
  readonly #sweepMs: number;
  readonly #notices: NoticeList;
  readonly #watcher: DirectoryWatcher | undefined;
  readonly #buffer: Uint8Array;
  #streams: TailStream[] = [];
  #streamByKey = new Map<string, TailStream>();
  /** Files that are or were read, by identity: one that is moved to another stream's name was read already. */
  readonly #owners = new Map<string, TailStream>();
  /** While the first content is merged. */
  #merge: RecordMerge | undefined;
  #mergeDone = false;
  #turn = 0;
  /** Wall time of the sweep since which something may be there that was not pulled, ms; null: everything was. */
  #behindSinceMs: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #calledTimer: NodeJS.Timeout | undefined;
  #lastSweepMs = -Infinity;
  #knownBytes = 0;
  #onWake: () => void = () => undefined;
  #closed = false;
  /** The directory cannot be read. */
  #listNotice: SourceNotice | undefined;
  #tooMany = false;

  /** Nothing happens before `start`. */
  constructor(
    readonly directory: string,
    options: DirectoryTailOptions,
  ) {
    this.#options = options;
    this.#sweepMs = Math.max(SWEEP_MS_MIN, options.sweepMs ?? SWEEP_MS_DEFAULT);
    this.#notices = new NoticeList(options.now);
    this.#buffer = new Uint8Array(options.readBytes ?? READ_BYTES_DEFAULT);
    if (options.watch !== false) {
      const problem = (text: string): void => {
        this.#notices.add(directory, `watched by sweeps only: ${text}`, false);
      };
      this.#watcher = new DirectoryWatcher(directory, () => this.#called(), problem, options.now);
    }
  }

  /** Sweeps at once and from now on. `onWake`: something may be there to pull. */
  start(onWake: () => void): void {
    this.#onWake = onWake;
    this.#sweepOnTimer();
  }

  /** Gives back descriptors, timers and watches; nothing is called any more from here on. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#calledTimer);
    for (const stream of this.#streams) stream.close();
    await this.#watcher?.close();
  }

  get damagedBlocks(): number {
    return this.#streams.reduce((sum, stream) => sum + stream.damagedBlocks, 0);
  }

  get damage(): readonly SourceDamage[] {
    return this.#streams.flatMap((stream) => stream.damage).slice(0, DAMAGE_LISTED_MAX);
  }

  /** The newest of them. */
  get notices(): readonly SourceNotice[] {
    return this.#notices.kept;
  }

  /** Places where records are or may be missing. */
  get gaps(): number {
    return this.#notices.gaps;
  }

  /** Bytes that are there and not read yet, without segments behind the one that is being read. */
  get backlogBytes(): number {
    return this.#streams.reduce((sum, stream) => sum + stream.unreadBytes, 0);
  }

  /** Wall time at which the oldest byte that was not pulled was first seen, ms; null: everything was pulled. */
  get behindSinceWallMs(): number | null {
    if (this.#behindSinceMs === null) return null;
    let oldest: number | null = null;
    for (const { oldestUnreadMs } of this.#streams) {
      if (oldestUnreadMs !== null && (oldest === null || oldestUnreadMs < oldest)) oldest = oldestUnreadMs;
    }
    return oldest;
  }

  pull(take: RangeTaker): boolean {
    if (this.#closed) return false;
    if (!this.#mergeDone && this.#streams.length > 0) {
      if (this.#pullMerged(take)) return true;
    }
    if (this.#pullInTurn(take)) return true;
    const more = this.#streams.some((stream) => stream.interrupted);
    if (!more) this.#behindSinceMs = null;
    return more;
  }

  /** Returns true if `take` said stop. */
  #pullMerged(take: RangeTaker): boolean {
    this.#merge ??= new RecordMerge(this.#streams.map(historyOf));
    for (let range = this.#merge.next(); range !== null; range = this.#merge.next()) {
      if (!take(range.streamIndex, range)) return true;
    }
    this.#mergeDone = true;
    this.#merge = undefined;
    return false;
  }

  /** Returns true if `take` said stop. */
  #pullInTurn(take: RangeTaker): boolean {
    let fruitless = 0;
    while (fruitless < this.#streams.length) {
      this.#turn %= this.#streams.length;
      const index = this.#turn++;
      const block = this.#streams[index].next();
      if (block === null) fruitless++;
      else {
        fruitless = 0;
        if (!take(index, block)) return true;
      }
    }
    return false;
  }

  #sweepOnTimer(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#sweepOnTimer(), this.#sweepMs);
    this.sweep();
  }

  /** A call of the watcher: sweep now, or as soon as the last sweep is long enough ago. */
  #called(): void {
    if (this.#closed || this.#calledTimer !== undefined) return;
    const waitMs = this.#lastSweepMs + CALLED_SWEEP_MS_MIN - this.#options.now();
    if (waitMs <= 0) {
      this.sweep();
      return;
    }
    this.#calledTimer = setTimeout(() => {
      this.#calledTimer = undefined;
      this.sweep();
    }, waitMs);
  }

  /** Looks what is there, and wakes the owner if there is something to pull. Called by itself after `start`. */
  sweep(): void {
    if (this.#closed) return;
    const now = this.#options.now();
    this.#lastSweepMs = now;
    const listed = this.#list();
    this.found = listed !== null;
    this.#watcher?.follow(this.found ? identityOf(this.directory) : '');
    const present = new Map<string, ListedStream>();
    for (const each of listed ?? []) present.set(`${each.kind} ${each.name}`, each);
    this.#addStreams(present);
    for (const [key, stream] of this.#streamByKey) stream.look(present.get(key), now);
    if (!this.#streams.some((stream) => stream.mayHaveMore)) return;
    const bytes = this.backlogBytes;
    if (bytes > this.#knownBytes || this.#behindSinceMs === null) this.newestByteWallMs = now;
    this.#knownBytes = bytes;
    this.#behindSinceMs ??= now;
    this.#onWake();
  }

  #list(): ListedStream[] | null {
    try {
      const listed = listStreams(this.directory);
      this.#notices.withdraw(this.#listNotice);
      this.#listNotice = undefined;
      return listed;
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      if (error.problem !== this.#listNotice?.text) {
        this.#notices.withdraw(this.#listNotice);
        this.#listNotice = this.#notices.add(this.directory, error.problem, false);
      }
      return null;
    }
  }

  #addStreams(present: ReadonlyMap<string, ListedStream>): void {
    for (const [key, listed] of present) {
      if (this.#streamByKey.has(key)) continue;
      if (this.#streams.length === STREAMS_MAX) {
        if (!this.#tooMany) {
          this.#notices.add(this.directory, `holds more than ${STREAMS_MAX} streams: the others are left out`, true);
        }
        this.#tooMany = true;
        return;
      }
      const stream = new TailStream(this.directory, listed, this.#notices, this.#buffer, this.#owners);
      this.#streamByKey.set(key, stream);
      this.#streams.push(stream);
      this.streamNames.push(listed.name);
    }
  }
}

/** What a stream holds now, as the merge needs it: null only at its end; a stream that always grows has one too. */
function historyOf(stream: TailStream): RecordPull {
  stream.markHistory();
  return {
    next: () => {
      for (;;) {
        const block = stream.nextOfHistory();
        if (block !== null || !stream.interrupted) return block;
      }
    },
  };
}

/** Device and inode: a directory that was removed and made again is another one. */
function identityOf(directory: string): string {
  const stat = statSync(directory, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev}:${stat.ino}`;
}
