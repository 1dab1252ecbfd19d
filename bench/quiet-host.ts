/** A trace of a host on which nothing happens any more: domains that hold frames, partly the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SegmentFiles } from '../src/source/segment-files.js';
import { RecordBuffer } from '../src/trace/record-buffer.js';
import { SegmentWriter } from '../src/trace/segment-writer.js';

const FRAMES = 8_192;

/** Domains quiet-1 … in a directory of its own; remove it with `close`. */
export class QuietHost {
  /** Trace time that it covers. */
  static readonly SECONDS = 30;
  readonly directory = mkdtempSync(path.join(tmpdir(), 'sharetop-quiet-'));

  constructor(domains: number) {
    const writer = new SegmentWriter('host', new SegmentFiles(this.directory));
    const buffer = new RecordBuffer();
    buffer.host('quiet', 'xen', domains * FRAMES);
    for (let d = 1; d <= domains; d++) this.rename(buffer, d, `quiet-${d}`);
    for (let second = 1; second <= QuietHost.SECONDS; second++) {
      buffer.time(second * 1e6);
      const from = Math.floor(((second - 1) * FRAMES) / QuietHost.SECONDS);
      const to = Math.floor((second * FRAMES) / QuietHost.SECONDS);
      for (let d = 1; d <= domains; d++) {
        for (let gfn = from; gfn < to; gfn++) {
          const isOwn = gfn % 2 === 0;
          buffer.fill(d, gfn, Math.imul(gfn + 1, 0x9e3779b1) >>> 0, isOwn ? d : 0, 0);
        }
      }
    }
    writer.append(buffer);
    writer.close();
  }

  /** Says the domain's settings, with this name. */
  rename(buffer: RecordBuffer, domid: number, name: string): void {
    buffer.domain(domid, `quiet-${domid}`, name, '', 'hvm', FRAMES);
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
