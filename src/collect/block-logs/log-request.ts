/** A request of a block log as its line says it, before anybody knows whose disk it was. */
import { SECTORS_PER_BLOCK } from '../../base/units.js';

/** Blocks are numbered by u32: 16 TiB. */
const SECTOR_END = 2 ** 32 * SECTORS_PER_BLOCK;
/** One read becomes a record a block: no real request is larger than a few MiB. 256 MiB. */
const READ_SECTORS_MAX = 2 ** 19;

/** The object is used again for the next line. */
export interface LogRequest {
  /** On the log's own clock, µs; -1: the line tells no time. */
  timeMicros: number;
  /** A write or a discard: the blocks hold something else from then on. */
  write: boolean;
  sector: number;
  sectorCount: number;
  /** The disk as the log calls it: a device `8:32`, a vdev `0x55d1…`. */
  disk: string;
  /** The process or kernel thread that made the request; '' where the line names none. */
  process: string;
}

/** What a line is. */
export type LineMeaning =
  /** A request, now in the LogRequest. */
  | 'request'
  /** Of the log, but no request of the chosen action. */
  | 'other'
  /** A request that failed: nothing was read or written. */
  | 'failed'
  /** A flush or another request without blocks. */
  | 'no blocks'
  /** The same request again, further down a stack of devices. */
  | 'again'
  /** Begins as a line of the log and is none, or holds numbers that no disk has. */
  | 'damaged';

/** A LogRequest to be filled in. */
export function emptyLogRequest(): LogRequest {
  return { timeMicros: -1, write: false, sector: 0, sectorCount: 0, disk: '', process: '' };
}

/** Takes sector and count into the request; false if no disk has them. */
export function takeExtent(request: LogRequest, sectorText: string, countText: string): boolean {
  const sector = Number(sectorText);
  const count = Number(countText);
  if (!(count >= 1) || !(sector + count <= SECTOR_END)) return false;
  if (!request.write && count > READ_SECTORS_MAX) return false;
  request.sector = sector;
  request.sectorCount = count;
  return true;
}
