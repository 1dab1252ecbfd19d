import { EFFECT_WORDS } from './effects.js';

/** Effects gathered before they are handed over: 96 KiB, which stays in the second-level cache with what reads it. */
const EFFECTS_MAX = 4096;

/**
 * The effects batch being filled (layout: effects.ts). When it is full it is handed over in the middle of a block, so
 * a record with a million frames needs no more memory than any other.
 */
export class EffectsBuffer {
  readonly words = new Uint32Array(EFFECTS_MAX * EFFECT_WORDS);
  /** Words used. */
  used = 0;

  /** @param deliver takes the batch; it is cleared when `deliver` returns */
  constructor(readonly deliver: (words: Uint32Array, used: number) => void) {}

  /** Appends one effect (effects.ts); hands the batch over first if it is full. */
  push(head: number, a: number, b: number, c: number, d: number): void {
    if (this.used === this.words.length) this.flush();
    const at = this.used;
    const words = this.words;
    words[at] = head;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = c;
    words[at + 4] = d;
    words[at + 5] = 0;
    this.used = at + EFFECT_WORDS;
  }

  /** Hands what is there to the policies and begins anew. */
  flush(): void {
    if (this.used === 0) return;
    const used = this.used;
    this.deliver(this.words, used);
    this.used = 0;
  }
}
