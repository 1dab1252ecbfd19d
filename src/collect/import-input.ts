/** One file of an import and where its reading is: a series, a dump, a block trace or log, told by its content. */
import { assert } from '../base/assert.js';
import { TraceError } from '../trace/trace-error.js';
import { blockLogKind, LOG_PEEK_BYTES } from './block-logs/block-log.js';
import { LogFile } from './block-logs/log-file.js';
import { BlockTrace, isBlockTrace, type RequestSource } from './block-trace.js';
import { Dump } from './dumps/dump.js';
import { isDump, refusedDump } from './dumps/dump-kind.js';
import {
  dumpGuestNameOf,
  guestNameOf,
  type ImportContent,
  type ImportFile,
  type ImportOptions,
  LOGS_DEFAULT,
  type LogOptions,
} from './import-plan.js';
import { InputFile } from './input-file.js';
import { isPageHashSeries, PageHashSeries } from './page-hash-series.js';

/** A header line of a block trace is far shorter. */
const PEEK_BYTES = 4096;

/** Gives the file's items in file order, each with its time. */
export class ImportInput implements ImportFile {
  /** No item is left. */
  ended = false;
  /** Time of the item, µs, offset added. */
  timeMicros = 0;
  /** The latest time so far: what the merge goes by, so that a late row holds nothing up. */
  mergeMicros = -1;

  readonly path: string;
  readonly series: PageHashSeries | undefined;
  readonly trace: RequestSource | undefined;
  readonly dump: Dump | undefined;
  readonly #offsetMicros: number;
  readonly #dumpMicros: number;
  /** Of a dump: whether its only item was given. */
  #isGiven = false;

  private constructor(
    readonly file: InputFile,
    { atTimesMicros, offsetsMicros }: ImportOptions,
    /** Rank among inputs of one kind at equal times. */
    public order: number,
    readonly guestName: string,
    { series, trace, dump }: Opened,
  ) {
    this.path = file.path;
    this.series = series;
    this.trace = trace;
    this.dump = dump;
    this.#offsetMicros = offsetsMicros.get(file.path) ?? 0;
    this.#dumpMicros = atTimesMicros?.get(file.path) ?? 0;
  }

  /**
   * Opens the file and reads its head; `onPart` is called while a packed dump is looked through. Throws TraceError if
   * it is no kind of recording.
   */
  static async open(path: string, options: ImportOptions, order: number, onPart: OnPart): Promise<ImportInput> {
    const file = await InputFile.open(path);
    try {
      const opened = await openRecording(file, options, onPart);
      const ownName = opened.dump === undefined ? guestNameOf(path) : dumpGuestNameOf(path);
      return new ImportInput(file, options, order, options.logs?.guests.get(path) ?? ownName, opened);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get content(): ImportContent {
    if (this.dump !== undefined) return 'dump';
    return this.series === undefined ? 'blocks' : 'series';
  }

  /** Bytes of the file on disk. */
  get sizeBytes(): number {
    return this.file.sizeBytes;
  }

  /** Bytes on disk of what was given so far; all of them at the end. */
  get bytesRead(): number {
    if (this.dump === undefined) return this.file.packedBytesRead;
    if (this.ended) return this.sizeBytes;
    return this.#isGiven ? this.dump.bytes.packedOffset : 0;
  }

  get hasDomid(): boolean {
    return this.trace?.hasDomid ?? false;
  }

  get pages(): number {
    return this.series?.pages ?? this.dump?.frames ?? 0;
  }

  get heldPages(): number {
    return this.series?.pages ?? this.dump?.pages ?? 0;
  }

  get kind(): string {
    return this.dump?.head.kind ?? '';
  }

  get atMicros(): number {
    return this.#dumpMicros + this.#offsetMicros;
  }

  /** The requests of an input that has some. */
  get blocks(): RequestSource {
    assert(this.trace !== undefined, 'a block trace');
    return this.trace;
  }

  /** Reads the next item; sets `ended` after the last. */
  async advance(): Promise<void> {
    this.ended = !(await this.#next());
    if (this.ended) return;
    const [own, place] = this.#ownTime();
    this.timeMicros = own + this.#offsetMicros;
    if (this.timeMicros < 0) {
      const seconds = `${own / 1e6} s and an offset of ${this.#offsetMicros / 1e6} s`;
      throw new TraceError(this.path, place, `a time of ${seconds} lies before 0; give a larger --offset`);
    }
    this.mergeMicros = Math.max(this.mergeMicros, this.timeMicros);
  }

  async close(): Promise<void> {
    await this.dump?.close();
    await this.file.close();
  }

  async #next(): Promise<boolean> {
    if (this.series !== undefined) return await this.series.next();
    if (this.dump === undefined) return await this.blocks.next();
    const more = !this.#isGiven;
    this.#isGiven = true;
    return more;
  }

  /** Time of the item on the file's own clock, µs, and its place. */
  #ownTime(): [micros: number, place: string] {
    if (this.series !== undefined) return [this.series.timeMicros, `snapshot ${this.series.index}`];
    if (this.dump !== undefined) return [this.#dumpMicros, 'dump'];
    return [this.blocks.request.timeMicros, `line ${this.blocks.line}`];
  }
}

/** How far a file is looked through. */
export type OnPart = (part: { bytesTotal: number; bytesRead: number }) => void;

interface Opened {
  readonly series?: PageHashSeries;
  readonly trace?: RequestSource;
  readonly dump?: Dump;
}

async function openRecording(file: InputFile, options: ImportOptions, onPart: OnPart): Promise<Opened> {
  const { path } = file;
  const start = await file.peek(PEEK_BYTES);
  if (start.length === 0) throw new TraceError(path, '', 'is empty; a dump that failed leaves such a file');
  if (options.rawFiles?.has(path) === true) return { dump: await Dump.openRaw(path, onPart) };
  if (isDump(start)) return { dump: await Dump.open(path, onPart) };
  const refused = refusedDump(start);
  if (refused !== '') throw new TraceError(path, '', refused);
  if (isPageHashSeries(start)) return { series: await PageHashSeries.open(file) };
  if (isBlockTrace(start)) return { trace: await BlockTrace.open(file) };
  const log = await openLog(file, options.logs ?? LOGS_DEFAULT);
  if (log !== undefined) return { trace: log };
  const kinds = 'neither a page-hash series (PGHD1), a block trace (CSV), a block log (blkparse, QEMU) nor a dump';
  throw new TraceError(path, '', `is ${kinds} (Xen or ELF core; a raw image needs --raw)`);
}

async function openLog(file: InputFile, logs: LogOptions): Promise<LogFile | undefined> {
  const kind = blockLogKind(await file.peek(LOG_PEEK_BYTES));
  if (kind === undefined) return undefined;
  if (kind === 'qemu') return new LogFile(file, kind, logs.action);
  const isGuests = logs.guests.has(file.path) || (kind === 'blkparse' && !logs.dom0);
  return new LogFile(file, isGuests ? 'blkparse' : 'dom0', logs.action);
}
