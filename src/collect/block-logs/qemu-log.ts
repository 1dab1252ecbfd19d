/**
 * The log of `qemu-system-… -trace 'virtio_blk_handle_*' -D FILE` (QEMU's log backend, docs/devel/tracing), with
 * `-msg timestamp=on` a process and a time before each event, in older versions always:
 *
 *   3174@1795467801.382716:virtio_blk_handle_read vdev 0x55b53677bd60 req 0x55b5369f00c0 sector 0 nsectors 1
 *
 * A guest's request appears once, when the device takes it from the queue. Other events and messages may be between.
 */
import { type LineMeaning, type LogRequest, takeExtent } from './log-request.js';

const REQUEST =
  /^(?:\d{1,10}@(\d{1,10})\.(\d{6}):)?virtio_blk_handle_(read|write) vdev (0x[0-9a-f]{1,16}) req \w{1,18} (.*)$/;
const EXTENT = /^sector (\d{1,20}) nsectors (\d{1,20}) *$/;
const EVENT = /(?:^|:)virtio_blk_[a-z_]+ /;
const HANDLE = 'virtio_blk_handle_';
const COMPLETE = /virtio_blk_req_complete .*status (\d{1,3})$/;

/** Whether a line is an event of a virtio disk. */
export function isQemuBlockLine(line: string): boolean {
  return EVENT.test(line);
}

/** Reads one line after another. */
export class QemuLines {
  /** Requests that ended with an error, of completions where the log has them. */
  failed = 0;

  /** What the line is; a request is filled in. */
  read(line: string, request: LogRequest): LineMeaning {
    const match = REQUEST.exec(line);
    if (match === null) return this.#other(line);
    const [, seconds, micros, op, vdev, rest = ''] = match as (string | undefined)[];
    const extent = EXTENT.exec(rest);
    if (extent === null) return 'damaged';
    request.timeMicros = seconds === undefined ? -1 : Number(seconds) * 1_000_000 + Number(micros);
    request.write = op === 'write';
    request.disk = vdev ?? '';
    request.process = '';
    if (extent[2] === '0') return 'no blocks';
    return takeExtent(request, extent[1], extent[2]) ? 'request' : 'damaged';
  }

  #other(line: string): LineMeaning {
    if (line.includes(HANDLE)) return 'damaged';
    const status = COMPLETE.exec(line)?.[1];
    if (status !== undefined && status !== '0') this.failed++;
    return 'other';
  }
}
