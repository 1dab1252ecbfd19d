import type { RefusedReads } from '../../figures/group-figures.js';

/** Trust groups that are told apart; with more of them nothing is counted. */
const GROUPS_MAX = 64;

/** What a trust group has of a block: its content id, 0: not known yet; NO_BLOCK: it has none of it. */
export type ContentOfBlock = (group: number, image: number, block: number) => number;
export const NO_BLOCK = -1;

/**
 * Reads that a domain had to issue although another trust group had the block in the region: what the groups cost in
 * reads. Each other group is looked up at a miss, so it costs nothing while there is one group.
 */
export class RefusedReadCounts {
  /** Numbers of the groups that have had a domain, in order of appearance. */
  readonly #groups: number[] = [];
  /** By rank of the reader's and of the holder's group. */
  #pairs = new Float64Array(0);
  /** Reads refused, each once, however many groups held the block. */
  #reads = 0;

  constructor(private readonly contentOfBlock: ContentOfBlock) {}

  /** A domain of this group appears. */
  note(group: number): void {
    if (this.#groups.length > GROUPS_MAX || this.#groups.includes(group)) return;
    this.#groups.push(group);
    if (this.#groups.length === 2) this.#pairs = new Float64Array(GROUPS_MAX * GROUPS_MAX);
  }

  /** An eligible read is issued; `content` is 0 if its hash is not known. */
  count(group: number, image: number, block: number, content: number): void {
    const groups = this.#groups;
    if (groups.length < 2 || groups.length > GROUPS_MAX) return;
    const reader = groups.indexOf(group);
    let isRefused = false;
    for (let holder = 0; holder < groups.length; holder++) {
      const held = holder === reader ? NO_BLOCK : this.contentOfBlock(groups[holder], image, block);
      if (held === NO_BLOCK) continue;
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
