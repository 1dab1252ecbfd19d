import type { RefusedReads } from '../../figures/group-figures.js';
import type { SharedRegion } from './shared-region.js';

/** Trust groups that are told apart; with more of them nothing is counted. */
const GROUPS_MAX = 64;

/**
 * Reads that a domain had to issue although a slot of another trust group held the block: what the groups cost in
 * reads. Each other group is looked up at a miss, so it costs nothing while there is one group.
 */
export class RefusedReadCounts {
  /** Numbers of the groups that have had a domain, in order of appearance. */
  readonly #groups: number[] = [];
  /** By rank of the reader's and of the holder's group. */
  #pairs = new Float64Array(0);
  /** Reads refused, each once, however many groups held the block. */
  #reads = 0;

  /** A domain of this group appears. */
  note(group: number): void {
    if (this.#groups.length > GROUPS_MAX || this.#groups.includes(group)) return;
    this.#groups.push(group);
    if (this.#groups.length === 2) this.#pairs = new Float64Array(GROUPS_MAX * GROUPS_MAX);
  }

  /** An eligible read is issued; `content` is 0 if its hash is not known. */
  count(region: SharedRegion, group: number, image: number, block: number, content: number): void {
    const groups = this.#groups;
    if (groups.length < 2 || groups.length > GROUPS_MAX) return;
    const reader = groups.indexOf(group);
    let isRefused = false;
    for (let holder = 0; holder < groups.length; holder++) {
      const slot = holder === reader ? 0 : region.find(groups[holder], image, block);
      if (slot === 0) continue;
      const held = region.contentOf(slot);
      // Another content would not have answered the read in one group either.
      if (held !== 0 && content !== 0 && held !== content) continue;
      this.#pairs[reader * GROUPS_MAX + holder]++;
      isRefused = true;
    }
    if (isRefused) this.#reads++;
  }

  /** Null: more groups than are told apart. */
  figures(): RefusedReads | null {
    const groups = this.#groups;
    if (groups.length > GROUPS_MAX) return null;
    const pairs: RefusedReads['pairs'] = [];
    if (groups.length < 2) return { reads: 0, pairs };
    for (const [i, reader] of groups.entries()) {
      for (const [j, holder] of groups.entries()) {
        const reads = this.#pairs[i * GROUPS_MAX + j];
        if (reads > 0) pairs.push({ reader, holder, reads });
      }
    }
    return { reads: this.#reads, pairs };
  }
}
