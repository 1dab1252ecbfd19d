import { MemoryBudget } from '../base/memory-budget.js';

/** A disk image. Streams number their images themselves; the same name in two streams is the same image. */
export interface Image {
  readonly index: number;
  name: string;
  /** False until an `image` record has named it. */
  declared: boolean;
  readOnly: boolean;
  blocks: number;
}

/** Images fit 16 bits of a content row less the value for none. */
export const IMAGES_MAX = 65534;
/** An image's object, its name (1008 bytes of UTF-8) and its entry by name; an id of a stream. */
const IMAGE_BYTES = 2304;
const BINDING_BYTES = 96;

/** All images of all streams. */
export class ImageTable {
  readonly byIndex: Image[] = [];
  readonly #byName = new Map<string, Image>();
  /** By stream: image id → image. */
  readonly #streams: (Map<number, Image> | undefined)[] = [];
  /** By stream: the images that it has an id for. */
  readonly #bound: (Set<Image> | undefined)[] = [];
  #bytes = 0;

  constructor(private readonly budget = new MemoryBudget()) {}

  /** Bytes held, about: objects and texts of V8 are not measured but reckoned. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The image of a stream's id; an undeclared one is made and counts as writable (design §3). Null past the limit. */
  of(stream: number, id: number): Image | null {
    const known = this.#streams[stream]?.get(id);
    if (known !== undefined) return known;
    return this.#bind(stream, id, this.#add(`image ${id}`, false, 0));
  }

  /**
   * An `image` record; false if there is no room for it. A read-only flag may be corrected; another name under the same
   * id is another image.
   */
  declare(stream: number, id: number, name: string, readOnly: boolean, blocks: number): boolean {
    const bound = this.#streams[stream]?.get(id);
    let image = bound !== undefined && bound.name === name ? bound : this.#byName.get(name);
    // Two ids of one stream are two images even if a recorder gave them one name.
    if (image !== undefined && image !== bound && this.#bound[stream]?.has(image) === true) image = undefined;
    // What was read and written before the declaration was of this disk.
    if (image === undefined && bound?.declared === false) image = bound;
    if (image === undefined) {
      const added = this.#add(name, readOnly, blocks);
      if (added === null) return false;
      image = added;
    }
    if (!this.#byName.has(name)) this.#byName.set(name, image);
    image.name = name;
    image.declared = true;
    image.readOnly = readOnly;
    image.blocks = blocks;
    return this.#bind(stream, id, image) !== null;
  }

  /** The images of a stream by its own ids. */
  ofStream(stream: number): ReadonlyMap<number, Image> {
    return this.#streams[stream] ?? new Map<number, Image>();
  }

  #add(name: string, readOnly: boolean, blocks: number): Image | null {
    if (this.byIndex.length >= IMAGES_MAX || !this.budget.hasRoom(IMAGE_BYTES)) return null;
    this.#bytes += IMAGE_BYTES;
    const image = { index: this.byIndex.length, name, readOnly, blocks, declared: false };
    this.byIndex.push(image);
    return image;
  }

  #bind(stream: number, id: number, image: Image | null): Image | null {
    if (image === null) return null;
    const ids = (this.#streams[stream] ??= new Map<number, Image>());
    const images = (this.#bound[stream] ??= new Set<Image>());
    const before = ids.get(id);
    if (before === image) return image;
    if (before === undefined) {
      if (!this.budget.hasRoom(BINDING_BYTES)) return null;
      this.#bytes += BINDING_BYTES;
    } else images.delete(before);
    ids.set(id, image);
    images.add(image);
    return image;
  }
}
