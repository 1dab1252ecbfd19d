/** A block log that lies on disk, plain or gzip, as a source of requests. */
import { TraceError } from '../../trace/trace-error.js';
import type { BlockRequest, RequestSource } from '../block-trace.js';
import type { InputFile } from '../input-file.js';
import { BlockLog, type BlockLogKind } from './block-log.js';

/** Gives the requests of a log. Throws TraceError if the file fails or holds no request at all. */
export class LogFile implements RequestSource {
  readonly log: BlockLog;
  #ended = false;

  /** @param action of blkparse: which of a request's lines is taken */
  constructor(
    readonly file: InputFile,
    kind: BlockLogKind,
    action: string,
  ) {
    this.log = new BlockLog(kind, action);
  }

  get request(): BlockRequest {
    return this.log.request;
  }

  get line(): number {
    return this.log.line;
  }

  get hasDomid(): boolean {
    return this.log.kind === 'dom0';
  }

  get notes(): readonly string[] {
    return this.log.notes;
  }

  get damagedLines(): number {
    return this.log.damagedLines;
  }

  async next(): Promise<boolean> {
    for (;;) {
      if (this.log.next()) return true;
      if (this.#ended) return false;
      const chunk = await this.file.chunk();
      if (chunk !== null) {
        this.log.push(chunk);
        continue;
      }
      this.#ended = true;
      if (this.log.end()) return true;
      const { refusal } = this.log;
      if (refusal !== '') throw new TraceError(this.file.path, '', refusal);
    }
  }
}
