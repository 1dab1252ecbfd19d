/** The records of requests to disks: who made them is declared when it is first needed, and the image likewise. */
import { SECTORS_PER_BLOCK } from '../base/units.js';
import { FILL_CLASS, NO_GFN, READ_ALIGNED, READ_HASH_KNOWN, SPAN_FRAMES_MAX } from '../trace/record.js';
import type { RecordBuffer } from '../trace/record-buffer.js';
import type { BlockRequest } from './block-trace.js';
import type { ImageContents } from './block-logs/image-blocks.js';
import type { ImportGuest, ImportImage } from './import-plan.js';
import type { ExtraRun } from './ksm-extra.js';

/** Appends declarations and requests to a buffer, which its owner drains and gives times. */
export class RequestRecords {
  readonly #declaredGuests = new Set<ImportGuest>();
  readonly #declaredImages = new Set<number>();

  /** @param extras by guest name, see ksm-extra.ts */
  constructor(
    readonly out: RecordBuffer,
    readonly extras: ReadonlyMap<string, readonly ExtraRun[]>,
    readonly contents: ImageContents,
  ) {}

  /** Guests declared so far. */
  get domains(): number {
    return this.#declaredGuests.size;
  }

  /** Declares the guest if that was not done yet. */
  declare(guest: ImportGuest): void {
    if (this.#declaredGuests.has(guest)) return;
    this.#declaredGuests.add(guest);
    this.out.domain(guest.domid, guest.key, guest.name, guest.group, guest.kind, guest.frames);
    let index = 0;
    for (const { low, high, count } of this.extras.get(guest.name) ?? []) {
      this.out.extra(guest.domid, index, count, low, high, FILL_CLASS.plain);
      index += count;
    }
  }

  /** One request of a guest to an image. */
  request(guest: ImportGuest, image: ImportImage, request: BlockRequest): void {
    this.declare(guest);
    const contents = this.contents.of(image);
    if (!this.#declaredImages.has(image.id)) {
      this.#declaredImages.add(image.id);
      // No recording says how large an image is; its file does.
      this.out.image(image.id, image.name, image.readOnly, contents?.blocks ?? 0);
    }
    const block = Math.floor(request.sector / SECTORS_PER_BLOCK);
    if (request.write) {
      const end = Math.ceil((request.sector + request.sectorCount) / SECTORS_PER_BLOCK);
      this.out.blockWrite(guest.domid, image.id, block, end - block);
      contents?.wrote(guest.domid, block, end - block);
    } else if (request.aligned) {
      contents?.fill(guest.domid, block, request);
      this.#reads(guest.domid, image.id, block, request);
    } else {
      this.out.blockRead(guest.domid, image.id, block, 0, 0, NO_GFN, 0);
    }
  }

  /** An aligned read: its blocks of 4 KiB. */
  #reads(domid: number, image: number, block: number, request: BlockRequest): void {
    const { hashes, known, blockCount } = request;
    for (let i = 0; i < blockCount;) {
      let end = i;
      while (end < blockCount && end - i < SPAN_FRAMES_MAX && known[end] === 1) end++;
      if (end - i >= 2) {
        this.out.blockReadSpan(domid, image, block + i, end - i, hashes, 2 * i);
        i = end;
        continue;
      }
      const flags = known[i] === 1 ? READ_ALIGNED | READ_HASH_KNOWN : READ_ALIGNED;
      this.out.blockRead(domid, image, block + i, hashes[2 * i], hashes[2 * i + 1], NO_GFN, flags);
      i++;
    }
  }
}
