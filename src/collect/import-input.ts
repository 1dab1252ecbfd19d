/** One file of an import and where its reading is: a page-hash series, a block trace or log, told by its content. */
import { assert } from '../base/assert.js';
import { TraceError } from '../trace/trace-error.js';
import { blockLogKind, LOG_PEEK_BYTES } from './block-logs/block-log.js';
import { LogFile } from './block-logs/log-file.js';
import { BlockTrace, isBlockTrace, type RequestSource } from './block-trace.js';
import { guestNameOf, type ImportFile, type LogOptions } from './import-plan.js';
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

  private constructor(
    readonly file: InputFile,
    readonly offsetMicros: number,
    /** Rank among inputs of one kind at equal times. */
    public order: number,
    readonly series: PageHashSeries | undefined,
    readonly trace: RequestSource | undefined,
    readonly guestName: string,
  ) {}

  /** Opens the file and reads its head. Throws TraceError if it is no kind of recording. */
  static async open(path: string, offsetMicros: number, order: number, logs: LogOptions): Promise<ImportInput> {
    const file = await InputFile.open(path);
    const guest = logs.guests.get(path) ?? guestNameOf(path);
    try {
      const start = await file.peek(PEEK_BYTES);
      if (isPageHashSeries(start)) {
        return new ImportInput(file, offsetMicros, order, await PageHashSeries.open(file), undefined, guest);
      }
      if (isBlockTrace(start)) {
        return new ImportInput(file, offsetMicros, order, undefined, await BlockTrace.open(file), guest);
      }
      const log = await openLog(file, logs);
      if (log !== undefined) return new ImportInput(file, offsetMicros, order, undefined, log, guest);
      const kinds = 'neither a page-hash series (PGHD1), a block trace (CSV) nor a block log (blkparse, QEMU)';
      const problem = start.length === 0 ? 'is empty' : `is ${kinds}`;
      throw new TraceError(path, '', problem);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get path(): string {
    return this.file.path;
  }

  get content(): 'series' | 'blocks' {
    return this.series === undefined ? 'blocks' : 'series';
  }

  get hasDomid(): boolean {
    return this.trace?.hasDomid ?? false;
  }

  get pages(): number {
    return this.series?.pages ?? 0;
  }

  /** The requests of an input that has some. */
  get blocks(): RequestSource {
    assert(this.trace !== undefined, 'a block trace');
    return this.trace;
  }

  /** Reads the next item; sets `ended` after the last. */
  async advance(): Promise<void> {
    const more = this.series === undefined ? await this.blocks.next() : await this.series.next();
    this.ended = !more;
    if (!more) return;
    const own = this.series === undefined ? this.blocks.request.timeMicros : this.series.timeMicros;
    this.timeMicros = own + this.offsetMicros;
    if (this.timeMicros < 0) {
      const place = this.series === undefined ? `line ${this.blocks.line}` : `snapshot ${this.series.index}`;
      const seconds = `${own / 1e6} s and an offset of ${this.offsetMicros / 1e6} s`;
      throw new TraceError(this.path, place, `a time of ${seconds} lies before 0; give a larger --offset`);
    }
    this.mergeMicros = Math.max(this.mergeMicros, this.timeMicros);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function openLog(file: InputFile, logs: LogOptions): Promise<LogFile | undefined> {
  const kind = blockLogKind(await file.peek(LOG_PEEK_BYTES));
  if (kind === undefined) return undefined;
  if (kind === 'qemu') return new LogFile(file, kind, logs.action);
  const isGuests = logs.guests.has(file.path) || (kind === 'blkparse' && !logs.dom0);
  return new LogFile(file, isGuests ? 'blkparse' : 'dom0', logs.action);
}
