/** Columns of a domain's row: frames with an item, in copies, at the zero page, and those that changed when merged. */
export const ITEMS = 0;
export const MERGING = 1;
export const ZERO_PAGES = 2;
export const CHANGED = 3;
const ROW = 4;

/** Counters of one domain; extra frames in. */
export interface DomainItems {
  /** Items, frames in stable copies, frames at the zero page. */
  items: number;
  merging: number;
  zeroPages: number;
  /** Frames that left a copy or the zero page because their content changed. */
  changed: number;
}

/** What a scanner knows of each domain, by domain slot. */
export class ScanDomains {
  #counts = new Float64Array(8 * ROW);
  /** Trust groups. */
  groups = new Uint32Array(8);

  /** Bytes held. */
  get bytes(): number {
    return this.#counts.byteLength + this.groups.byteLength;
  }

  /** A new life in a slot. */
  start(slot: number, group: number): void {
    if (slot >= this.groups.length) {
      const length = Math.max(slot + 1, this.groups.length * 2);
      const groups = new Uint32Array(length);
      groups.set(this.groups);
      this.groups = groups;
      const counts = new Float64Array(length * ROW);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.groups[slot] = group;
    this.#counts.fill(0, slot * ROW, (slot + 1) * ROW);
  }

  /** Counts in a column. */
  add(slot: number, column: number, delta: number): void {
    this.#counts[slot * ROW + column] += delta;
  }

  /** The counters of a slot. */
  items(slot: number): DomainItems {
    const at = slot * ROW;
    const counts = this.#counts;
    return {
      items: counts[at + ITEMS],
      merging: counts[at + MERGING],
      zeroPages: counts[at + ZERO_PAGES],
      changed: counts[at + CHANGED],
    };
  }
}
