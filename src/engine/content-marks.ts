/** A growing list of content ids without duplicates; a flag in the content's row says that it is on the list. */
export class MarkList {
  ids = new Uint32Array(256);
  count = 0;

  /** Appends an id; the caller marks its row, so that it is not on the list twice. */
  push(id: number): void {
    if (this.count === this.ids.length) {
      const grown = new Uint32Array(this.ids.length * 2);
      grown.set(this.ids);
      this.ids = grown;
    }
    this.ids[this.count++] = id;
  }

  /** Forgets the first `count` ids, keeps the order of the others. */
  dropFirst(count: number): void {
    this.ids.copyWithin(0, count, this.count);
    this.count -= count;
  }

  /** Forgets all ids and keeps the room for as many. */
  clear(): void {
    this.count = 0;
    // A storm's list is not kept for a quiet week.
    if (this.ids.length > 65536) this.ids = new Uint32Array(256);
  }
}

/** A queue of content ids: first in, first out. */
export class IdQueue {
  #ids = new Uint32Array(256);
  #first = 0;
  count = 0;

  /** Bytes held. */
  get bytes(): number {
    return this.#ids.byteLength;
  }

  /** Puts an id at the end. */
  push(id: number): void {
    const length = this.#ids.length;
    if (this.count === length) {
      const grown = new Uint32Array(length * 2);
      for (let i = 0; i < length; i++) grown[i] = this.#ids[(this.#first + i) % length];
      this.#ids = grown;
      this.#first = 0;
    }
    this.#ids[(this.#first + this.count++) % this.#ids.length] = id;
  }

  /** Takes the first id; there must be one. */
  shift(): number {
    const id = this.#ids[this.#first];
    this.#first = (this.#first + 1) % this.#ids.length;
    this.count--;
    return id;
  }
}

/** Contents that wait for work: `settle` (dirty, empty) and the end of the second (touched). */
export class ContentMarks {
  /** Contents with two holders or more, now or at the last settle, whose holders changed. */
  readonly dirty = new MarkList();
  /** Contents that nobody held at some time since the last settle: forgotten then, unless somebody came. */
  readonly empty = new MarkList();
  /** Contents of the disk that nobody holds: kept, so that a frame that gets one later is known to be of the disk. */
  readonly kept = new IdQueue();
  readonly touched = new MarkList();
  /** Contents whose heat changed since the hot list was last made; past CANDIDATES_MAX the list is made anew. */
  readonly candidates = new MarkList();
  candidatesOverflow = false;

  /** Bytes of the lists. */
  get bytes(): number {
    const { dirty, empty, kept, touched, candidates } = this;
    return kept.bytes + 4 * (dirty.ids.length + empty.ids.length + touched.ids.length + candidates.ids.length);
  }
}

/** Candidates kept for the hot list between two looks. */
export const CANDIDATES_MAX = 65536;
