import type { GapFigures } from '../figures/host-figures.js';
import { flagsOf, KIND_FILL, SLOT_WORDS } from '../trace/record.js';
import type { Domain, DomainTable } from './domain-table.js';
import type { FillBatch } from './fill-batch.js';
import type { FrameTable } from './frame-table.js';
import { nameInKeyframe } from './keyframe-names.js';
import { CHUNK_FRAMES, CHUNK_MASK, CHUNK_SHIFT } from './layout.js';

const NO_CHUNKS = new Uint32Array(0);

/** Reads the records that fill frames and hands each frame to the batch. Nine of ten records of a trace pass here. */
export class FillRecords {
  constructor(
    private readonly table: FrameTable,
    private readonly domains: DomainTable,
    private readonly batch: FillBatch,
    private readonly gaps: GapFigures,
  ) {}

  /**
   * Takes the `fill` records that follow one another from words[start] on, at least one. A record of an unknown domain
   * or above a reservation is counted and skipped.
   * @returns the index behind the last one
   */
  fills(stream: number, timeMicros: number, words: Uint32Array, start: number, end: number): number {
    const { table: frames, domains, batch } = this;
    // Of the domain at hand a fill was seen: what a scan is, is decided once for all of them.
    let isScanned = false;
    let domid = -1;
    let slot = -1;
    let reserved = 0;
    let named: Domain['keyframeNamed'] = null;
    let chunks: Uint32Array = NO_CHUNKS;
    let at = start;
    for (; at < end; at += SLOT_WORDS) {
      const head = words[at];
      if ((head & 63) !== KIND_FILL) break;
      if (head >>> 16 !== domid) {
        domid = head >>> 16;
        slot = domains.slotOf(stream, domid);
        const domain = slot < 0 ? undefined : domains.bySlot[slot];
        reserved = domain === undefined ? -1 : domain.reservedFrames;
        named = domain === undefined ? null : domain.keyframeNamed;
        chunks = domain === undefined ? NO_CHUNKS : frames.chunks[slot];
        isScanned = false;
      }
      const gfn = words[at + 1];
      if (gfn >= reserved) {
        if (reserved < 0) this.gaps.orphans++;
        else this.gaps.damagedRecords++;
        continue;
      }
      if (!isScanned) {
        isScanned = true;
        domains.scan(slot, timeMicros);
      }
      const number = gfn >>> CHUNK_SHIFT;
      let base = number < chunks.length ? chunks[number] - 1 : -1;
      if (base < 0) {
        base = frames.chunkBase(slot, gfn);
        chunks = frames.chunks[slot];
        if (base < 0) {
          this.gaps.unmodelled++;
          continue;
        }
      }
      if (named !== null) nameInKeyframe(named, number, gfn & CHUNK_MASK, 1);
      batch.add(base + (gfn & CHUNK_MASK), slot | (((head >>> 12) & 15) << 16), words, at + 2);
    }
    return at;
  }

  /** `count` frames from `gfn` on, within the reservation; their hashes lie `step` words apart from words[hash] on. */
  frames(
    domain: Domain,
    head: number,
    gfn: number,
    count: number,
    words: Uint32Array,
    hash: number,
    step: number,
  ): void {
    const slotClass = domain.slot | (flagsOf(head) << 16);
    const named = domain.keyframeNamed;
    for (let done = 0; done < count;) {
      const base = this.table.chunkBase(domain.slot, gfn + done);
      const first = (gfn + done) & CHUNK_MASK;
      const some = Math.min(count - done, CHUNK_FRAMES - first);
      if (base < 0) {
        this.gaps.unmodelled += some;
        done += some;
        continue;
      }
      if (named !== null) nameInKeyframe(named, (gfn + done) >>> CHUNK_SHIFT, first, some);
      for (let i = 0; i < some; i++) this.batch.add(base + first + i, slotClass, words, hash + (done + i) * step);
      done += some;
    }
  }
}
