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

/** Contents that wait for work: `settle` (dirty, empty) and the end of the second (touched). */
export class ContentMarks {
  /** Contents with two holders or more, now or at the last settle, whose holders changed. */
  readonly dirty = new MarkList();
  /** Contents that nobody held at some time since the last settle: forgotten then, unless somebody came. */
  readonly empty = new MarkList();
  readonly touched = new MarkList();
  /** Contents whose heat changed since the hot list was last made; past CANDIDATES_MAX the list is made anew. */
  readonly candidates = new MarkList();
  candidatesOverflow = false;

  /** Bytes of the lists. */
  get bytes(): number {
    const { dirty, empty, touched, candidates } = this;
    return 4 * (dirty.ids.length + empty.ids.length + touched.ids.length + candidates.ids.length);
  }
}

/** Candidates kept for the hot list between two looks. */
export const CANDIDATES_MAX = 65536;
