// A policy of one's own for `sharetop --policy docs/examples/limited-by-hash.mjs`.
//
// Identical pages of one trust group are shared by content, but no more than LIMIT contents at a time: what a
// hypervisor with a fixed table of shared pages would save. A content gets its place when a second frame holds it and
// there is room, and keeps it until only one frame is left. Zeros are left alone.
// @ts-check

/**
 * @typedef {import('../../src/policy/own-policy-interface.js').OwnPolicyHost} Host
 * @typedef {import('../../src/policy/own-policy-interface.js').OwnPolicyState} State
 */

const LIMIT = 16_384;

/** @type {import('../../src/policy/own-policy-interface.js').OwnPolicyModule} */
export default {
  name: 'limited',
  create: (host) => new Limited(host),
};

/** @implements {State} */
class Limited {
  /** Trust group of each domain. */
  group = /** @type {number[]} */ ([]);
  /** What each frame holds: the key of a content, as far as it has one. @type {Map<number, number>} */
  held = new Map();
  /** How many frames hold it, by key. @type {Map<number, number>} */
  refs = new Map();
  /** The keys that have a place in the table. @type {Set<number>} */
  table = new Set();
  /** Sum of refs − 1 over the table. */
  saved = 0;
  changed = 0;
  refused = 0;

  /** @param {Host} host */
  constructor(host) {
    this.host = host;
  }

  /** @param {number} domain @param {number} group */
  onDomain(domain, group) {
    this.group[domain] = group;
  }

  /** @param {number} domain @param {number} frame @param {number} before @param {number} now @param {number} cause */
  onFrame(domain, frame, before, now, cause) {
    const wasShared = this.leave(frame);
    if (wasShared && cause !== this.host.causes.gone) this.changed++;
    if (now >= this.host.firstContent) this.join(frame, this.group[domain] * 2 ** 26 + now);
  }

  /** What the domain holds is of another group from now on. @param {number} domain @param {number} group */
  onGroup(domain, group) {
    this.group[domain] = group;
    for (const [frame, key] of [...this.held]) {
      if (this.host.domainOf(frame) !== domain) continue;
      this.leave(frame);
      this.join(frame, group * 2 ** 26 + (key % 2 ** 26));
    }
  }

  /** @param {number} frame @param {number} key */
  join(frame, key) {
    const refs = (this.refs.get(key) ?? 0) + 1;
    this.held.set(frame, key);
    this.refs.set(key, refs);
    if (this.table.has(key)) this.saved++;
    else if (refs >= 2 && this.table.size < LIMIT) {
      this.table.add(key);
      this.saved += refs - 1;
    } else if (refs >= 2) this.refused++;
  }

  /** Returns whether the frame was shared. @param {number} frame */
  leave(frame) {
    const key = this.held.get(frame);
    if (key === undefined) return false;
    const refs = (this.refs.get(key) ?? 1) - 1;
    this.held.delete(frame);
    if (refs === 0) this.refs.delete(key);
    else this.refs.set(key, refs);
    if (!this.table.has(key)) return false;
    this.saved--;
    if (refs === 1) this.table.delete(key);
    return true;
  }

  figures() {
    return {
      savedFrames: this.saved,
      sharedFrames: this.table.size,
      contentChanged: this.changed,
      metadataBytes: this.table.size * 32,
      own: { limit: LIMIT, refused: this.refused },
    };
  }

  /** @param {number} content */
  sharedRefs(content) {
    let shared = 0;
    for (const group of new Set(this.group)) {
      const key = group * 2 ** 26 + content;
      if (this.table.has(key)) shared += this.refs.get(key) ?? 0;
    }
    return shared;
  }

  /** @returns {string[]} */
  audit() {
    let saved = 0;
    for (const key of this.table) saved += (this.refs.get(key) ?? 0) - 1;
    return saved === this.saved ? [] : [`saved is ${this.saved}, recounted ${saved}`];
  }

  get bytes() {
    return (this.held.size + this.refs.size + this.table.size) * 40;
  }
}
