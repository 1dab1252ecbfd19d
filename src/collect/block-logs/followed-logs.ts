/**
 * Block logs that grow while they are read, as one stream of records: what `sharetop import --follow` writes. Bytes are
 * pushed by whoever tails the files; requests of several logs that came together are merged by time.
 *
 * The trace is on the clock of the host, as that of a recorder beside it. QEMU's times are of that clock. Those of
 * blkparse begin at 0 with the trace: `anchor` sets them so that the last line is of now.
 */
import { RecordBuffer } from '../../trace/record-buffer.js';
import { TraceError } from '../../trace/trace-error.js';
import { guestNameOf, type ImportFile, type ImportOptions, ImportPlan, LOGS_DEFAULT } from '../import-plan.js';
import { RequestRecords } from '../request-records.js';
import { BlockLog, type BlockLogKind, blockLogKind, LOG_PEEK_BYTES } from './block-log.js';
import type { ImageContents } from './image-blocks.js';

/** Records are handed on when there are about as many as a block of a segment holds. */
const DRAIN_WORDS = 12 * 1024;
/** Times before this are not of the host's clock: 1973. */
const CLOCK_MICROS_MIN = 1e14;

interface Followed {
  readonly file: ImportFile;
  /** Undefined while too little came to tell its kind: then the bytes are in `held`. */
  log: BlockLog | undefined;
  held: Uint8Array;
  /** Its request is not written yet. */
  isReady: boolean;
  /** Added to its times, µs; null: not known yet. */
  offsetMicros: number | null;
}

/** Takes bytes of logs, gives records. Throws TraceError for a file that is no block log. */
export class FollowedLogs {
  /** Requests written so far. */
  requests = 0;

  readonly #out = new RecordBuffer();
  readonly #records: RequestRecords;
  readonly #plan: ImportPlan;
  readonly #followed: Followed[];

  /** @param take takes the records; the buffer is cleared afterwards */
  constructor(
    readonly options: ImportOptions,
    contents: ImageContents,
    readonly take: (records: RecordBuffer) => void,
  ) {
    const logs = options.logs ?? LOGS_DEFAULT;
    this.#followed = options.files.map((path) => {
      const hasDomid = logs.dom0 && !logs.guests.has(path);
      const guestName = logs.guests.get(path) ?? guestNameOf(path);
      if (path === '-' && !hasDomid && guestName === '-') {
        throw new TraceError('--follow -', '', 'say whose requests come: --guest -=web1, or --dom0');
      }
      const memory = { pages: 0, heldPages: 0, kind: '', atMicros: 0 };
      const file: ImportFile = { path, guestName, content: 'blocks', hasDomid, ...memory };
      const offsetMicros = options.offsetsMicros.get(path) ?? null;
      return { file, log: undefined, held: new Uint8Array(0), isReady: false, offsetMicros };
    });
    this.#plan = new ImportPlan(
      this.#followed.map(({ file }) => file),
      options,
    );
    this.#records = new RequestRecords(this.#out, new Map(), contents);
  }

  /** The host, as the first record, where its memory was given: a recorder beside this knows better otherwise. */
  begin(nowMicros: number): void {
    this.#out.time(nowMicros);
    if (this.options.hostMemoryFrames === null) return;
    this.#out.host(this.options.hostName, this.options.hypervisor, this.options.hostMemoryFrames);
    this.#drain();
  }

  /** More of the log of this index. */
  push(index: number, bytes: Uint8Array): void {
    const followed = this.#followed[index];
    if (followed.log !== undefined) {
      followed.log.push(bytes);
      return;
    }
    const held = Buffer.concat([followed.held, bytes]);
    const kind = blockLogKind(held.subarray(0, held.lastIndexOf(10) + 1));
    if (kind === undefined) {
      if (held.length > LOG_PEEK_BYTES) {
        throw new TraceError(followed.file.path, '', 'is no block log: neither blkparse nor QEMU');
      }
      followed.held = held;
      return;
    }
    this.#begin(followed, kind, held);
  }

  #begin(followed: Followed, kind: BlockLogKind, held: Uint8Array): void {
    const { action } = this.options.logs ?? LOGS_DEFAULT;
    followed.log = new BlockLog(kind === 'qemu' ? kind : followed.file.hasDomid ? 'dom0' : 'blkparse', action);
    followed.held = new Uint8Array(0);
    followed.log.push(held);
  }

  /** The last line of these bytes is of about now: sets the log's clock, if it has one of its own. */
  anchor(index: number, bytes: Uint8Array, nowMicros: number): void {
    const followed = this.#followed[index];
    if (followed.offsetMicros !== null) return;
    const kind = blockLogKind(bytes.subarray(bytes.indexOf(10) + 1)) ?? blockLogKind(bytes);
    if (kind === undefined) return;
    const log = new BlockLog(kind === 'dom0' ? 'blkparse' : kind, this.options.logs?.action ?? LOGS_DEFAULT.action);
    log.push(bytes);
    let last = -1;
    while (log.next()) last = log.request.timeMicros;
    if (last >= 0) followed.offsetMicros = last >= CLOCK_MICROS_MIN ? 0 : nowMicros - last;
  }

  /** The log begins anew: another file has its name, or it was emptied. */
  restart(index: number): void {
    const followed = this.#followed[index];
    followed.log?.restart();
    followed.held = new Uint8Array(0);
    const { path } = followed.file;
    if (!this.options.offsetsMicros.has(path)) followed.offsetMicros = null;
  }

  /** Writes what was pushed, as far as lines are whole. */
  write(nowMicros: number): void {
    for (;;) {
      let next: Followed | undefined;
      for (const followed of this.#followed) {
        if (!followed.isReady) followed.isReady = followed.log?.next() ?? false;
        if (!followed.isReady) continue;
        if (next === undefined || this.#micros(followed, nowMicros) < this.#micros(next, nowMicros)) next = followed;
      }
      if (next === undefined) break;
      this.#request(next, nowMicros);
    }
    this.#drain();
  }

  /** No more comes: a last line without its end counts if it is whole. */
  end(nowMicros: number): void {
    for (const followed of this.#followed) {
      const kind = followed.log === undefined ? blockLogKind(followed.held) : undefined;
      if (kind !== undefined) this.#begin(followed, kind, followed.held);
    }
    this.write(nowMicros);
    for (const followed of this.#followed) {
      if (followed.log?.end() === true) this.#request(followed, nowMicros);
    }
    this.#drain();
  }

  /** What a person must know of the logs, a line each. */
  get notes(): string[] {
    const none = ['no line of blkparse or of QEMU in it'];
    const notes = this.#followed.flatMap(({ file, log, held }) =>
      (log?.notes ?? (held.length > 0 ? none : [])).map((note) => `${file.path}: ${note}`),
    );
    return [...notes, ...this.#records.contents.notes];
  }

  /** Lines left out because they are damaged. */
  get damagedLines(): number {
    return this.#followed.reduce((sum, { log }) => sum + (log?.damagedLines ?? 0), 0);
  }

  /** The time of a log's request on the trace's clock. */
  #micros(followed: Followed, nowMicros: number): number {
    const own = followed.log?.request.timeMicros ?? 0;
    followed.offsetMicros ??= own >= CLOCK_MICROS_MIN ? 0 : nowMicros - own;
    return Math.max(0, own + followed.offsetMicros);
  }

  #request(followed: Followed, nowMicros: number): void {
    const { file, log } = followed;
    if (log === undefined) return;
    followed.isReady = false;
    this.#out.timeIfChanged(this.#micros(followed, nowMicros));
    const isDom0 = log.kind === 'dom0';
    const guest = isDom0 ? this.#plan.guestWithDomid(log.request.domid) : this.#plan.guestOf(file);
    this.#records.request(guest, this.#plan.imageOf(guest, log.request.disk, isDom0), log.request);
    this.requests++;
    if (this.#out.wordCount > DRAIN_WORDS) this.#drain();
  }

  #drain(): void {
    if (this.#out.recordCount === 0) return;
    this.take(this.#out);
    this.#out.clear();
  }
}
