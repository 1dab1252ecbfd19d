/** The records of the dumps of one guest: each dump a scan of it, of which only what changed is written. */
import { FillPacker } from '../../trace/fill-packer.js';
import type { RecordBuffer } from '../../trace/record-buffer.js';
import { FILL_CLASS } from '../../trace/record.js';
import { PAGE_BYTES } from '../../base/units.js';
import type { Dump } from './dump.js';
import { HeldFrames, SEEN } from './held-frames.js';
import type { BatchRoom, PageBatch } from './page-batches.js';

/** Where the records go. */
export interface DumpOutput {
  readonly out: RecordBuffer;
  /** Called after each batch of pages: takes the records if there are many. */
  drain(): void;
}

/** Writes one dump of a guest after another. */
export class DumpRecords {
  #held = new HeldFrames();

  /** @param room where pages are read to; dumps that share it are written one after another */
  constructor(
    readonly domid: number,
    readonly room: BatchRoom,
  ) {}

  /**
   * Writes the state that the dump holds: at its end the domain's frames are exactly those of the dump. Frames that
   * the dump before held and this one does not are free. `isAnew`: other records changed the frames since the dump
   * before (or before the first one); the state is then written whole, as a keyframe.
   *
   * Throws TraceError if pages are missing or a frame is there twice; what is written until then is true of its frames.
   */
  async write(dump: Dump, isAnew: boolean, output: DumpOutput): Promise<void> {
    const { domid } = this;
    const { out } = output;
    if (isAnew) this.#held = new HeldFrames();
    out.scanBegin(domid);
    if (isAnew) out.keyframeBegin(domid);
    this.#held.begin();
    const packer = new FillPacker(out, domid);
    const batches = dump.batchesIn(this.room);
    let gfnNext = 0;
    for (;;) {
      const batch = await batches.next();
      if (batch === null) break;
      gfnNext = this.#batch(dump, batch, packer, gfnNext);
      output.drain();
    }
    packer.flush();
    this.#held.end((gfn, count) => {
      out.free(domid, gfn, count);
      output.drain();
    });
    if (isAnew) out.keyframeEnd(domid);
    out.scanEnd(domid);
  }

  /** Packs the pages of a batch that changed; returns the gfn that the packer may go on from. */
  #batch(dump: Dump, batch: PageBatch, packer: FillPacker, gfnFrom: number): number {
    const { hasher, gfns, count } = batch;
    const { hashes } = hasher;
    hasher.hash(count);
    let gfnNext = gfnFrom;
    for (let i = 0; i < count; i++) {
      const gfn = gfns[i];
      const low = hashes[2 * i];
      const high = hashes[2 * i + 1];
      const seen = this.#held.see(gfn, low, high);
      if (seen === SEEN.same) continue;
      if (seen === SEEN.twice) {
        throw dump.bytes.errorAt(
          batch.offset + i * PAGE_BYTES,
          dump.head.place,
          `frame ${gfn} is there twice: damaged`,
        );
      }
      // The packer wants rising gfns; the pages of a dump may lie in any order.
      if (gfn < gfnNext) packer.flush();
      packer.add(gfn, 1, low, high, FILL_CLASS.plain);
      gfnNext = gfn + 1;
    }
    return gfnNext;
  }
}
