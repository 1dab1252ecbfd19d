import { EFFECT_DOMAIN, EFFECT_GROUP, EFFECT_WORDS } from '../engine/effects.js';

/** The number of the one group. */
const ONE_GROUP = 0;

/** Effects as they would be if all domains were in one trust group from the start. */
export class OneGroupEffects {
  /** What `rewrite` made: words[0, used). The batch itself where there is nothing to rewrite. */
  words: Uint32Array = new Uint32Array(0);
  used = 0;
  #copy = new Uint32Array(0);

  /** Domains appear in the one group, and no group changes. */
  rewrite(words: Uint32Array, used: number): void {
    this.words = words;
    this.used = used;
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const kind = words[at] & 0xff;
      if (kind === EFFECT_DOMAIN || kind === EFFECT_GROUP) {
        this.#copyFrom(words, used);
        return;
      }
    }
  }

  #copyFrom(words: Uint32Array, used: number): void {
    if (this.#copy.length < used) this.#copy = new Uint32Array(words.length);
    const copy = this.#copy;
    let to = 0;
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const kind = words[at] & 0xff;
      if (kind === EFFECT_GROUP) continue;
      for (let i = 0; i < EFFECT_WORDS; i++) copy[to + i] = words[at + i];
      if (kind === EFFECT_DOMAIN) copy[to + 1] = ONE_GROUP;
      to += EFFECT_WORDS;
    }
    this.words = copy;
    this.used = to;
  }
}
