/** Presets whose domains read one read-only image: boot-storm, shared-image, content-change-storm, hot-set. */
import type { Preset, SynthSize } from './preset.js';
import type { SynthTrace } from './synth-trace.js';

/** Blocks of one request. */
const EXTENT_BLOCKS = 32;
/** A trace has so many ticks: the domains are served in turn in each, and a scan shows then what was read. */
const TICKS = 120;

/** Reads image 1 extent by extent, in an order of its own, into frames in the order of the reads. */
class ImageReader {
  /** Blocks read so far: they fill the frames 0, 1, … */
  readBlocks = 0;
  #seenBlocks = 0;
  #nextExtent = 0;
  /** Blocks read and not seen in memory yet: first block and count in turn. */
  readonly #unseen: number[] = [];

  /** @param order of the extents; undefined: ascending */
  constructor(
    readonly domid: number,
    readonly blocks: number,
    readonly order: Uint32Array | undefined,
  ) {}

  /** Reads extents until at least so many blocks are read. */
  readTo(trace: SynthTrace, blocks: number): void {
    const goal = Math.min(blocks, this.blocks);
    while (this.readBlocks < goal) {
      const extent = this.order?.[this.#nextExtent] ?? this.#nextExtent;
      this.#nextExtent++;
      const first = extent * EXTENT_BLOCKS;
      const count = Math.min(EXTENT_BLOCKS, this.blocks - first);
      trace.read(this.domid, first, count);
      this.#unseen.push(first, count);
      this.readBlocks += count;
    }
  }

  /** A scan finds in memory what was read. */
  scan(trace: SynthTrace): void {
    for (let i = 0; i < this.#unseen.length; i += 2) {
      trace.fills(this.domid, this.#seenBlocks, this.#unseen[i + 1], this.#unseen[i]);
      this.#seenBlocks += this.#unseen[i + 1];
    }
    this.#unseen.length = 0;
  }
}

function extents(blocks: number): number {
  return Math.ceil(blocks / EXTENT_BLOCKS);
}

/** A domain whose own frames and zeros lie behind `first` frames for the image; the own ones are scanned at once. */
function declare(trace: SynthTrace, domid: number, name: string, first: number, own: number, frames: number): void {
  trace.domain(domid, name, frames);
  trace.fills(domid, first, own, trace.fresh(own));
  trace.zeros(domid, first + own, frames - first - own);
}

/** Parts of a booting domain: blocks that it reads, those of them that it frees again, own frames. */
export function bootParts(frames: number): { readonly blocks: number; readonly initrd: number; readonly own: number } {
  const blocks = Math.floor(frames / 4);
  return { blocks, initrd: Math.floor(blocks / 4), own: Math.floor(frames / 4) };
}

/** All read the same blocks in the same order at the same time, and free their initrd when they are up. */
export const BOOT_STORM: Preset = {
  name: 'boot-storm',
  summary: 'domains that boot from one image at the same moment, and free their initrd when they are up',
  size: { domains: 16, frames: 16_384, seconds: 120 },
  framesMin: 64,
  *write(trace: SynthTrace, { domains, frames, seconds }: SynthSize): Generator<void> {
    const { blocks, initrd, own } = bootParts(frames);
    trace.host('boot-storm', domains, frames, blocks);
    const readers: ImageReader[] = [];
    const paces: number[] = [];
    for (let domid = 1; domid <= domains; domid++) {
      declare(trace, domid, `guest-${domid}`, blocks, own, frames);
      readers.push(new ImageReader(domid, blocks, undefined));
      // The slowest is up after 0.45 of the time.
      paces.push((3 * blocks * (0.75 + 0.5 * trace.random.unit())) / TICKS);
      yield;
    }
    const isUp = new Uint8Array(domains);
    for (let tick = 1; tick <= TICKS; tick++) {
      if (tick === TICKS / 2) trace.records.mark('all are up');
      for (const [i, reader] of readers.entries()) {
        trace.at(((tick - 1 + (i + 1) / domains) * seconds) / TICKS);
        reader.readTo(trace, Math.ceil(paces[i] * tick));
        reader.scan(trace);
        if (isUp[i] === 0 && reader.readBlocks === blocks) {
          trace.records.free(reader.domid, 0, initrd);
          isUp[i] = 1;
        }
        trace.rewrite(reader.domid, blocks + trace.random.below(own));
        yield;
      }
    }
  },
};

/** Parts of a domain on a shared image: blocks that it reads, own frames. */
export function imageParts(frames: number): { readonly blocks: number; readonly own: number } {
  return { blocks: Math.floor(frames / 4), own: Math.floor(frames / 2) };
}

/** One after another, each in an order of its own, the domains read the whole image. */
export const SHARED_IMAGE: Preset = {
  name: 'shared-image',
  summary: 'domains that come one after another and read the same image, each in its own order',
  size: { domains: 5, frames: 8192, seconds: 120 },
  framesMin: 64,
  *write(trace: SynthTrace, { domains, frames, seconds }: SynthSize): Generator<void> {
    const { blocks, own } = imageParts(frames);
    trace.host('shared-image', domains, frames, blocks);
    const readers: ImageReader[] = [];
    for (let tick = 1; tick <= TICKS; tick++) {
      for (let i = 0; i < domains; i++) {
        const since = tick / TICKS - i / domains / 2;
        if (since <= 0) break;
        trace.at(((tick - 1 + (i + 1) / domains) * seconds) / TICKS);
        if (readers.length === i) {
          declare(trace, i + 1, `guest-${i + 1}`, blocks, own, frames);
          readers.push(new ImageReader(i + 1, blocks, trace.shuffled(extents(blocks))));
        }
        readers[i].readTo(trace, Math.ceil(blocks * since * 2.5));
        readers[i].scan(trace);
        trace.rewrite(i + 1, blocks + trace.random.below(own));
        yield;
      }
    }
  },
};

/** Frames of a domain that are the image's until the storm. */
export function stormBlocks(frames: number): number {
  return Math.floor(frames / 2);
}

/** What all share is overwritten by all of them within a twentieth of the time. */
export const CONTENT_CHANGE_STORM: Preset = {
  name: 'content-change-storm',
  summary: 'domains that share half their memory until all of them overwrite it within moments',
  size: { domains: 8, frames: 4096, seconds: 120 },
  framesMin: 64,
  *write(trace: SynthTrace, { domains, frames, seconds }: SynthSize): Generator<void> {
    const blocks = stormBlocks(frames);
    trace.host('content-change-storm', domains, frames, blocks);
    const readers: ImageReader[] = [];
    const orders: Uint32Array[] = [];
    for (let domid = 1; domid <= domains; domid++) {
      declare(trace, domid, `guest-${domid}`, blocks, frames - blocks, frames);
      readers.push(new ImageReader(domid, blocks, trace.shuffled(extents(blocks))));
      orders.push(trace.shuffled(blocks));
      yield;
    }
    const stormTicks = TICKS / 20;
    for (let tick = 1; tick <= TICKS; tick++) {
      const storm = tick - 1 - TICKS / 2;
      if (storm === 0) trace.records.mark('the storm');
      for (const [i, reader] of readers.entries()) {
        trace.at(((tick - 1 + (i + 1) / domains) * seconds) / TICKS);
        reader.readTo(trace, Math.ceil((4 * blocks * tick) / TICKS));
        reader.scan(trace);
        yield;
        if (storm < 0 || storm >= stormTicks) continue;
        const to = Math.floor((blocks * (storm + 1)) / stormTicks);
        for (let at = Math.floor((blocks * storm) / stormTicks); at < to; at++) trace.rewrite(i + 1, orders[i][at]);
      }
    }
  },
};

/** Parts of a domain of hot-set: hot and all blocks of the image, frames of its page cache, reads a second. */
export function hotParts(frames: number): {
  readonly blocks: number;
  readonly hot: number;
  readonly cache: number;
  readonly rate: number;
} {
  const hot = Math.floor(frames / 10);
  return { blocks: frames, hot, cache: Math.floor(hot / 2), rate: Math.ceil(hot / 8) };
}

/**
 * Nine of ten reads go to a tenth of the blocks, in rounds that are larger than the page cache, so that every read
 * reaches the disk. The cold reads walk through the rest, the same way in all domains.
 */
export const HOT_SET: Preset = {
  name: 'hot-set',
  summary: 'nine tenths of the reads go to a tenth of the blocks, which no page cache is large enough for',
  size: { domains: 4, frames: 8192, seconds: 60 },
  framesMin: 160,
  *write(trace: SynthTrace, { domains, frames, seconds }: SynthSize): Generator<void> {
    const { blocks, hot, cache, rate } = hotParts(frames);
    trace.host('hot-set', domains, frames, blocks);
    for (let domid = 1; domid <= domains; domid++) {
      declare(trace, domid, `guest-${domid}`, cache, frames - cache, frames);
      yield;
    }
    const order = trace.shuffled(hot);
    const cold = trace.shuffled(blocks - hot);
    const reads = Math.floor(rate * seconds);
    for (let i = 0; i < reads; i++) {
      const isHot = i % 10 !== 9;
      const round = i - Math.floor(i / 10);
      const gfn = i % cache;
      for (let domid = 1; domid <= domains; domid++) {
        trace.at((i + domid / domains) / rate);
        const shift = Math.floor((hot * (domid - 1)) / domains);
        const block = isHot ? order[(round + shift) % hot] : hot + cold[Math.floor(i / 10) % cold.length];
        trace.read(domid, block);
        trace.fill(domid, gfn, block);
        if (isHot) trace.records.touch(domid, gfn, 3);
        yield;
      }
    }
  },
};
