/**
 * Block logs: text of blkparse (of a host's disk, or of Xen's dom0 with the domids in the names of its backend
 * threads), and QEMU's log of virtio-blk requests. Told by their lines, not by the file's name.
 *
 * A log is written by a process that may be killed, and other messages may be between its lines: what is no request is
 * counted by reason, never fatal, and told at the end (`notes`). Only a log without any request is refused.
 */
import { SECTORS_PER_BLOCK } from '../../base/units.js';
import { type BlockRequest, emptyRequest, reserveUnknown } from '../block-trace.js';
import { BLKPARSE_ACTIONS, BlkparseLines, domidOfBackend, isBlkparseLine, processOf } from './blkparse.js';
import { LogLines } from './log-lines.js';
import { emptyLogRequest, type LineMeaning } from './log-request.js';
import { isQemuBlockLine, QemuLines } from './qemu-log.js';

/** blkparse; blkparse where the guests are the domids of Xen's backend threads; QEMU. */
export type BlockLogKind = 'blkparse' | 'dom0' | 'qemu';

/** How much of a log is looked at to tell its kind, bytes. */
export const LOG_PEEK_BYTES = 1024 * 1024;
/** A log may begin with messages, but a file that goes on like this is none. */
const FIRST_LINES = 200;

/** The kind of log that begins with these bytes; undefined: none. */
export function blockLogKind(start: Uint8Array): BlockLogKind | undefined {
  const lines = Buffer.from(start.buffer, start.byteOffset, start.byteLength).toString('latin1').split(/\r?\n/);
  for (const line of lines.slice(0, FIRST_LINES)) {
    if (line.length > 4096) return undefined;
    if (isQemuBlockLine(line)) return 'qemu';
    if (isBlkparseLine(line)) return lines.some(isOfBackend) ? 'dom0' : 'blkparse';
  }
  return undefined;
}

function isOfBackend(line: string): boolean {
  return isBlkparseLine(line) && domidOfBackend(processOf(line)) >= 0;
}

/** What there was beside the requests. */
interface LogTally {
  requests: number;
  damaged: number;
  /** Number of the first damaged line, 0: none. */
  firstDamagedLine: number;
  torn: boolean;
  failed: number;
  again: number;
  noBlocks: number;
  otherProcesses: number;
  backends: number;
  timeless: number;
}

/** Requests of a log, from bytes that are pushed. One line after another, nothing is kept of those before. */
export class BlockLog {
  /** The request that `next` or `end` found last; its arrays are used again. */
  readonly request: BlockRequest = emptyRequest();

  readonly #lines = new LogLines();
  readonly #raw = emptyLogRequest();
  readonly #blkparse: BlkparseLines | undefined;
  readonly #qemu: QemuLines | undefined;
  readonly #tally: LogTally = {
    requests: 0,
    damaged: 0,
    firstDamagedLine: 0,
    torn: false,
    failed: 0,
    again: 0,
    noBlocks: 0,
    otherProcesses: 0,
    backends: 0,
    timeless: 0,
  };

  /** @param action of blkparse: which of a request's lines is taken */
  constructor(
    readonly kind: BlockLogKind,
    readonly action: string,
  ) {
    if (kind === 'qemu') this.#qemu = new QemuLines();
    else this.#blkparse = new BlkparseLines(action);
  }

  /** Number of the line that was read last. */
  get line(): number {
    return this.#lines.line;
  }

  /** Lines that are damaged: they count as lost. */
  get damagedLines(): number {
    return this.#tally.damaged;
  }

  /** More of the log. */
  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  /** The log begins anew, in another file or emptied; a line that was cut off is torn. */
  restart(): void {
    this.#tally.torn ||= this.#lines.end() !== null;
    this.#lines.restart();
  }

  /** Reads up to the next request; false: more bytes are needed. */
  next(): boolean {
    for (let line = this.#lines.next(); line !== null; line = this.#lines.next()) {
      if (this.#take(line)) return true;
    }
    return false;
  }

  /** The log ends here: what is left is a line without its end. It counts if it is whole all the same. */
  end(): boolean {
    const line = this.#lines.end();
    if (line === null) return false;
    const { damaged, firstDamagedLine } = this.#tally;
    const isRequest = this.#take(line);
    if (this.#tally.damaged > damaged) {
      Object.assign(this.#tally, { damaged, firstDamagedLine, torn: true });
    }
    return isRequest;
  }

  #take(line: string): boolean {
    const raw = this.#raw;
    const parser = this.#blkparse ?? this.#qemu;
    const meaning = this.#lines.isTooLong ? 'damaged' : (parser?.read(line, raw) ?? 'other');
    if (meaning !== 'request') {
      this.#count(meaning);
      return false;
    }
    const { request } = this;
    const domid = this.kind === 'qemu' ? -1 : domidOfBackend(raw.process);
    if (domid >= 0) this.#tally.backends++;
    if (this.kind === 'dom0' && domid < 0) {
      this.#tally.otherProcesses++;
      return false;
    }
    if (raw.timeMicros < 0) this.#tally.timeless++;
    request.timeMicros = Math.max(0, raw.timeMicros);
    request.write = raw.write;
    request.domid = domid;
    request.disk = raw.disk;
    request.sector = raw.sector;
    request.sectorCount = raw.sectorCount;
    request.aligned = raw.sector % SECTORS_PER_BLOCK === 0 && raw.sectorCount % SECTORS_PER_BLOCK === 0;
    reserveUnknown(request, request.aligned && !raw.write ? raw.sectorCount / SECTORS_PER_BLOCK : 0);
    this.#tally.requests++;
    return true;
  }

  #count(meaning: LineMeaning): void {
    const tally = this.#tally;
    if (meaning === 'damaged') {
      if (tally.damaged++ === 0) tally.firstDamagedLine = this.line;
    } else if (meaning === 'failed') tally.failed++;
    else if (meaning === 'again') tally.again++;
    else if (meaning === 'no blocks') tally.noBlocks++;
  }

  /** Why the whole log gives nothing, with the mend; '' if it gives requests. */
  get refusal(): string {
    const { requests, otherProcesses } = this.#tally;
    if (requests > 0) return '';
    if (otherProcesses > 0 && this.action === 'C') {
      return 'its C lines name no process, and so no domid: take the Q lines (--action Q)';
    }
    if (otherProcesses > 0) return `${otherProcesses} requests, none of them of a backend thread such as 3.xvda-0`;
    const others = [...(this.#blkparse?.linesOfAction ?? [])].filter(([action]) => action !== this.action);
    if (others.length === 0)
      return this.#tally.damaged > 0 ? `no request in it; ${this.#damage()}` : 'no request in it';
    const known = others.map(([action, count]) => `${count} of ${action}`).join(', ');
    return `no line of action ${this.action} in it, but ${known}: choose with --action`;
  }

  /** What a person must know of the log beside its requests, a line each. */
  get notes(): string[] {
    const { damaged, torn, failed, again, noBlocks, otherProcesses, backends, timeless } = this.#tally;
    const notes: string[] = [];
    const note = (count: number, text: string): void => {
      if (count > 0) notes.push(`${count} ${text}`);
    };
    if (damaged > 0) notes.push(this.#damage());
    if (torn) notes.push('ends inside a line');
    note(otherProcesses, 'requests of other processes than backend threads left out: they are of no guest');
    note(this.kind === 'blkparse' ? backends : 0, "requests of Xen's backend threads counted as this guest's");
    note(again, 'requests left out that passed another device of the log before');
    note(failed + (this.#qemu?.failed ?? 0), `requests failed${this.kind === 'qemu' ? ', counted all the same' : ''}`);
    note(noBlocks, 'flushes and other requests without blocks left out');
    note(timeless, 'requests without a time are of second 0: start QEMU with -msg timestamp=on');
    note(this.#blkparse?.lostGaps ?? 0, 'gaps where blktrace lost events');
    return notes;
  }

  #damage(): string {
    const { damaged, firstDamagedLine } = this.#tally;
    return `${damaged} damaged ${damaged === 1 ? 'line' : 'lines'} left out, the first is line ${firstDamagedLine}`;
  }
}

/** Whether blkparse has such an action, for a whole request. */
export function isBlockAction(action: string): boolean {
  return BLKPARSE_ACTIONS.includes(action);
}
