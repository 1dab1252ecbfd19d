/**
 * The text that blkparse prints by default (blkparse(1), "DEFAULT FORMAT"): a header `%D %2c %8s %5T.%9t %5p %2a %3d`
 * and what the action adds,
 *
 *   8,32   7        1     0.000000000  2923  Q   R 272208 + 2 [direct_io_read_]
 *   8,32   7        9     0.000471212     0  C   R 272208 + 2 [0]
 *   8,0    3       11     0.009507758   697  A   W 223490 + 8 <- (8,1) 223428
 *
 * Every request appears several times, once for each step it takes (Q queued, G got a request, I inserted, D issued, C
 * completed): only the lines of one action are taken. The same request may also pass through several devices (LVM over
 * a disk): an A line tells that it was remapped, and if the device above is in the log too, what follows below is the
 * same request again. (A partition alone is no device of a log: its lines name the disk.)
 */
import { type LineMeaning, type LogRequest, takeExtent } from './log-request.js';

/** Actions that stand for a whole request, with its extent. */
export const BLKPARSE_ACTIONS: readonly string[] = ['Q', 'G', 'I', 'D', 'C'];

const HEADER =
  /^ *(\d{1,7}),(\d{1,7}) +\d{1,10} +\d{1,20} +(\d{1,9})\.(\d{9}) +\d{1,10} +([A-Za-z]{1,2}) +([A-Z]{1,8})(?: (.*))?$/;
/** With `-t`, the time since the step before stands behind the extent. */
const EXTENT = /^(\d{1,20}) \+ (\d{1,20}) (?:\( *\d+\) )?\[(.*)\]$/;
const NO_EXTENT = /^(?:\d{1,20} )?(?:\( *\d+\) )?\[.*\]$/;
const REMAP = /^(\d{1,20}) \+ \d{1,20} <- \((\d{1,7}),(\d{1,7})\) (\d{1,20})$/;
/** What stands before and behind the lines of requests. */
const SUMMARY = /^(?:CPU\d+ \(|Total \(|Throughput \(|Events \(|Skips:|Input file | {1,2}[A-Z])|^\s*$/;
/** Events that blktrace has lost, as the last line of the summary tells. */
const SKIPS = /^Skips: (\d+) forward/;

/** Requests that were seen above and not yet below; more are in flight on no machine. */
const REMAPPED_MAX = 64 * 1024;

/** Whether a line is one of blkparse, and not of its summary. */
export function isBlkparseLine(line: string): boolean {
  return HEADER.test(line);
}

/** The process that a line names, '' if none. */
export function processOf(line: string): string {
  const open = line.indexOf('[');
  return open >= 0 && line.endsWith(']') ? line.slice(open + 1, -1) : '';
}

/** Reads one line after another; remembers what was remapped. */
export class BlkparseLines {
  /** Gaps in blktrace's own numbering, by the summaries: events that were lost. */
  lostGaps = 0;
  /** Lines of the actions that stand for a request, by action. */
  readonly linesOfAction = new Map<string, number>();

  /** Devices whose requests are in the log by lines of their own. */
  readonly #devices = new Set<string>();
  /** `device:sector` of requests that the device above has shown. */
  readonly #remapped = new Set<string>();

  /** @param action one of BLKPARSE_ACTIONS */
  constructor(readonly action: string) {}

  /** What the line is; a request is filled in. */
  read(line: string, request: LogRequest): LineMeaning {
    const header = HEADER.exec(line);
    if (header === null) return this.#outside(line);
    const [, major, minor, seconds, nanos, action, flags, rest = ''] = header;
    const device = `${major}:${minor}`;
    if (action === 'A') return this.#remap(device, rest);
    if (!BLKPARSE_ACTIONS.includes(action)) return 'other';
    // Devices of LVM queue and complete, and issue nothing themselves; they complete after what is below them.
    if (action === this.action || (action === 'Q' && this.action === 'C')) this.#devices.add(device);
    this.linesOfAction.set(action, (this.linesOfAction.get(action) ?? 0) + 1);
    if (action !== this.action) return 'other';
    // R, W or D, before it an F if the disk's cache is flushed first; N is neither.
    const direction = flags.startsWith('F') && flags.length > 1 ? flags[1] : flags[0];
    const extent = EXTENT.exec(rest);
    if (extent === null) return NO_EXTENT.test(rest) || !/[RWD]/.test(direction) ? 'no blocks' : 'damaged';
    if (direction !== 'R' && direction !== 'W' && direction !== 'D') return 'no blocks';
    request.timeMicros = Number(seconds) * 1_000_000 + Math.floor(Number(nanos) / 1000);
    request.write = direction !== 'R';
    request.disk = device;
    request.process = extent[3];
    if (extent[2] === '0') return 'no blocks';
    if (!takeExtent(request, extent[1], extent[2])) return 'damaged';
    if (this.#remapped.delete(`${device}:${extent[1]}`)) return 'again';
    // A completion has the error in the place of the process.
    if (action === 'C' && extent[3] !== '0') return 'failed';
    return 'request';
  }

  #remap(device: string, rest: string): LineMeaning {
    const remap = REMAP.exec(rest);
    if (remap === null) return 'damaged';
    const above = `${remap[2]}:${remap[3]}`;
    // By way of a partition, a second A line goes on from where the first one led.
    const isAgain = this.#remapped.delete(`${above}:${remap[4]}`) || this.#devices.has(above);
    if (!isAgain) return 'other';
    if (this.#remapped.size >= REMAPPED_MAX) this.#remapped.delete(this.#remapped.values().next().value ?? '');
    this.#remapped.add(`${device}:${remap[1]}`);
    return 'other';
  }

  #outside(line: string): LineMeaning {
    if (!SUMMARY.test(line)) return 'damaged';
    this.lostGaps += Number(SKIPS.exec(line)?.[1] ?? 0);
    return 'other';
  }
}

/** The names that Linux's xen-blkback gives its threads, cut by the kernel at 15 characters. */
const BACKEND = /^(?:blkback\.)?(\d{1,5})\.(?:xvd|hd|sd)[a-z]{0,4}\d{0,4}(?:-\d{0,4})?$/;
const DOMID_END = 0x7ff0;

/**
 * The domid in the name of a backend thread of Xen's dom0 (`1.xvda-0`, before Linux 4.2 `1.xvda`, and
 * `blkback.1.xvda`), or -1: another process.
 */
export function domidOfBackend(name: string): number {
  const match = BACKEND.exec(name);
  const domid = match === null ? -1 : Number(match[1]);
  return domid < DOMID_END ? domid : -1;
}
