import { Column } from '../../base/column.js';

/**
 * Reads whose frame has not been seen yet: one entry for each ⟨domain, slot of the region⟩ (design §4, rule 4).
 *
 * Row of 14 words, numbered from 1 (0 is "none" in every list):
 *   0 domain slot        1 region slot         2, 3 time of the read, µs
 *   4, 5 next, previous entry of the same region slot
 *   6, 7 next, previous entry of the same bucket of ⟨domain, content⟩, in order of age; only if the content is known.
 *     Round: behind the youngest, which the bucket names, comes the oldest
 *   8, 9 next, previous entry in order of age, over all
 *  10 content id, 0: unknown       11 sequence number, for age within a bucket
 *  12, 13 next, previous entry of the same domain slot, in order of age
 */
const WORDS = 14;
const DOMAIN = 0;
const SLOT = 1;
const TIME = 2;
const SLOT_NEXT = 4;
const SLOT_PREV = 5;
const BUCKET_NEXT = 6;
const BUCKET_PREV = 7;
const AGE_NEXT = 8;
const AGE_PREV = 9;
const CONTENT = 10;
const SEQUENCE = 11;
const DOMAIN_NEXT = 12;
const DOMAIN_PREV = 13;

/** The table of pending entries; entries are numbers from 1, valid until removed. */
export class PendingBinds {
  readonly #rows = new Column('pending binds', 64 * WORDS);
  #end = 1;
  #free = 0;
  #buckets = new Uint32Array(1024);
  #oldest = 0;
  #newest = 0;
  /** By domain slot: its oldest and newest entry. */
  #ofDomain = new Uint32Array(16);
  #sequence = 0;
  count = 0;

  /** Bytes held. */
  get bytes(): number {
    return this.#rows.bytes + this.#buckets.byteLength + this.#ofDomain.byteLength;
  }
  /** Bytes that the next `add` may take. */
  get growthBytes(): number {
    const rows = this.#free === 0 ? this.#rows.growthBytes((this.#end + 1) * WORDS) : 0;
    return rows + (this.count < this.#buckets.length ? 0 : 3 * this.#buckets.byteLength);
  }
  /** The oldest entry, 0 if there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Slot of the domain that read. */
  domainOf(entry: number): number {
    return this.#rows.u32[entry * WORDS + DOMAIN];
  }

  /** The region slot of the block that was read. */
  slotOf(entry: number): number {
    return this.#rows.u32[entry * WORDS + SLOT];
  }

  /** Content id of the block, 0 while its hash is not known. */
  contentOf(entry: number): number {
    return this.#rows.u32[entry * WORDS + CONTENT];
  }

  /** Trace time of the read, µs. */
  timeOf(entry: number): number {
    const at = entry * WORDS + TIME;
    return this.#rows.u32[at + 1] * 2 ** 32 + this.#rows.u32[at];
  }
  /** Next entry of the same region slot, 0 at the end; start with the slot's head. */
  nextOfSlot(entry: number): number {
    return this.#rows.u32[entry * WORDS + SLOT_NEXT];
  }
  /** The oldest entry of a domain, 0 if there is none. */
  oldestOfDomain(domain: number): number {
    return 2 * domain < this.#ofDomain.length ? this.#ofDomain[2 * domain] : 0;
  }
  /** Next younger entry. */
  nextByAge(entry: number): number {
    return this.#rows.u32[entry * WORDS + AGE_NEXT];
  }

  /** The entry of a domain in a slot's list, or 0. */
  find(slotHead: number, domain: number): number {
    const words = this.#rows.u32;
    let entry = slotHead;
    while (entry !== 0 && words[entry * WORDS + DOMAIN] !== domain) entry = words[entry * WORDS + SLOT_NEXT]!;
    return entry;
  }

  /** Adds an entry at the head of its slot's list (head is 0 if empty); returns it as the new head. */
  add(domain: number, slot: number, slotHead: number, content: number, timeMicros: number): number {
    let entry = this.#free;
    if (entry !== 0) this.#free = this.#rows.u32[entry * WORDS + SLOT_NEXT]!;
    else {
      entry = this.#end++;
      this.#rows.reserve(this.#end * WORDS);
    }
    const words = this.#rows.u32;
    const row = entry * WORDS;
    words.fill(0, row, row + WORDS);
    words[row + DOMAIN] = domain;
    words[row + SLOT] = slot;
    words[row + TIME] = timeMicros % 2 ** 32;
    words[row + TIME + 1] = Math.floor(timeMicros / 2 ** 32);
    words[row + SLOT_NEXT] = slotHead;
    if (slotHead !== 0) words[slotHead * WORDS + SLOT_PREV] = entry;
    words[row + AGE_PREV] = this.#newest;
    if (this.#newest !== 0) words[this.#newest * WORDS + AGE_NEXT] = entry;
    else this.#oldest = entry;
    this.#newest = entry;
    words[row + SEQUENCE] = this.#sequence++;
    this.#enterDomain(entry, domain);
    this.count++;
    if (this.count > this.#buckets.length) this.#growBuckets();
    if (content !== 0) this.resolve(entry, content);
    return entry;
  }

  #enterDomain(entry: number, domain: number): void {
    if (2 * domain >= this.#ofDomain.length) {
      const grown = new Uint32Array(Math.max(2 * domain + 2, 2 * this.#ofDomain.length));
      grown.set(this.#ofDomain);
      this.#ofDomain = grown;
    }
    const words = this.#rows.u32;
    const newest = this.#ofDomain[2 * domain + 1];
    words[entry * WORDS + DOMAIN_PREV] = newest;
    if (newest !== 0) words[newest * WORDS + DOMAIN_NEXT] = entry;
    else this.#ofDomain[2 * domain] = entry;
    this.#ofDomain[2 * domain + 1] = entry;
  }

  #leaveDomain(row: number): void {
    const words = this.#rows.u32;
    const domain = words[row + DOMAIN];
    const next = words[row + DOMAIN_NEXT];
    const previous = words[row + DOMAIN_PREV];
    if (next !== 0) words[next * WORDS + DOMAIN_PREV] = previous;
    else this.#ofDomain[2 * domain + 1] = previous;
    if (previous !== 0) words[previous * WORDS + DOMAIN_NEXT] = next;
    else this.#ofDomain[2 * domain] = next;
  }

  /** Takes an entry out of all lists; returns the head of its slot's list afterwards. */
  remove(entry: number, slotHead: number): number {
    const words = this.#rows.u32;
    const row = entry * WORDS;
    if (words[row + CONTENT] !== 0) this.#leaveBucket(entry);
    this.#leaveDomain(row);
    const slotNext = words[row + SLOT_NEXT];
    const slotPrev = words[row + SLOT_PREV];
    if (slotNext !== 0) words[slotNext * WORDS + SLOT_PREV] = slotPrev;
    if (slotPrev !== 0) words[slotPrev * WORDS + SLOT_NEXT] = slotNext;
    const ageNext = words[row + AGE_NEXT];
    const agePrev = words[row + AGE_PREV];
    if (ageNext !== 0) words[ageNext * WORDS + AGE_PREV] = agePrev;
    else this.#newest = agePrev;
    if (agePrev !== 0) words[agePrev * WORDS + AGE_NEXT] = ageNext;
    else this.#oldest = ageNext;
    words[row + SLOT_NEXT] = this.#free;
    this.#free = entry;
    this.count--;
    return slotPrev === 0 ? slotNext : slotHead;
  }

  /** Puts all entries of the list of one slot before those of another's; returns the head of that list then. */
  moveSlot(head: number, toSlot: number, toHead: number): number {
    const words = this.#rows.u32;
    let last = 0;
    for (let entry = head; entry !== 0; entry = words[entry * WORDS + SLOT_NEXT]!) {
      words[entry * WORDS + SLOT] = toSlot;
      last = entry;
    }
    if (last === 0) return toHead;
    words[last * WORDS + SLOT_NEXT] = toHead;
    if (toHead !== 0) words[toHead * WORDS + SLOT_PREV] = last;
    return head;
  }

  /** The content of an entry's block became known: from now on a fill with it can find the entry. */
  resolve(entry: number, content: number): void {
    this.#rows.u32[entry * WORDS + CONTENT] = content;
    this.#enterBucket(entry);
  }

  /** The oldest entry of ⟨domain, content⟩, or 0. */
  oldestOf(domain: number, content: number): number {
    const words = this.#rows.u32;
    const youngest = this.#buckets[this.#bucketOf(domain, content)];
    if (youngest === 0) return 0;
    let entry = youngest;
    do {
      entry = words[entry * WORDS + BUCKET_NEXT]!;
      const row = entry * WORDS;
      if (words[row + CONTENT] === content && words[row + DOMAIN] === domain) return entry;
    } while (entry !== youngest);
    return 0;
  }

  #bucketOf(domain: number, content: number): number {
    const h = Math.imul(content, 0x9e3779b1) ^ Math.imul(domain + 1, 0x85ebca77);
    return (h ^ (h >>> 15)) & (this.#buckets.length - 1);
  }

  /** Buckets are in order of age; nearly always the entry is the youngest, but a late resolve may not be. */
  #enterBucket(entry: number): void {
    const words = this.#rows.u32;
    const row = entry * WORDS;
    const bucket = this.#bucketOf(words[row + DOMAIN], words[row + CONTENT]);
    const youngest = this.#buckets[bucket];
    if (youngest === 0) {
      words[row + BUCKET_NEXT] = entry;
      words[row + BUCKET_PREV] = entry;
      this.#buckets[bucket] = entry;
      return;
    }
    let next = words[youngest * WORDS + BUCKET_NEXT];
    if (this.#isOlder(youngest, entry)) this.#buckets[bucket] = entry;
    else while (this.#isOlder(next, entry)) next = words[next * WORDS + BUCKET_NEXT]!;
    const previous = words[next * WORDS + BUCKET_PREV];
    words[row + BUCKET_NEXT] = next;
    words[row + BUCKET_PREV] = previous;
    words[next * WORDS + BUCKET_PREV] = entry;
    words[previous * WORDS + BUCKET_NEXT] = entry;
  }

  #isOlder(entry: number, than: number): boolean {
    const words = this.#rows.u32;
    // Sequence numbers wrap: compare by difference.
    return ((words[entry * WORDS + SEQUENCE] - words[than * WORDS + SEQUENCE]) | 0) < 0;
  }

  #leaveBucket(entry: number): void {
    const words = this.#rows.u32;
    const row = entry * WORDS;
    const next = words[row + BUCKET_NEXT];
    const previous = words[row + BUCKET_PREV];
    words[next * WORDS + BUCKET_PREV] = previous;
    words[previous * WORDS + BUCKET_NEXT] = next;
    const bucket = this.#bucketOf(words[row + DOMAIN], words[row + CONTENT]);
    if (this.#buckets[bucket] === entry) this.#buckets[bucket] = next === entry ? 0 : previous;
  }

  #growBuckets(): void {
    this.#buckets = new Uint32Array(this.#buckets.length * 4);
    for (let entry = this.#oldest; entry !== 0; entry = this.nextByAge(entry)) {
      if (this.#rows.u32[entry * WORDS + CONTENT] !== 0) this.#enterBucket(entry);
    }
  }
}
