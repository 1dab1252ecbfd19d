import type { Domain } from '../engine/domain-table.js';
import type { Engine } from '../engine/engine.js';
import {
  C_HEAD,
  C_REFS,
  CHUNK_FRAMES,
  CONTENT_WORDS,
  D_ZERO,
  DOMAIN_COUNTERS,
  F_NEXT,
  FIRST_CONTENT,
  FRAME_WORDS,
  NO_FRAME,
} from '../engine/layout.js';
import type { Walk } from './on-demand.js';

/** Up to this many holders are taken from the content's list and sorted; more are met in order in the frame table. */
const LISTED_MAX = 16_384;
/** Chunks of 4,096 frames a call. */
const CHUNKS_A_CALL = 16;

/** The holders of one content in order of domid and gfn, as of one epoch. */
export class HolderList implements Walk {
  readonly epoch: number;
  /** By place: the holder's domain, as an index in `domains`, and its gfn. */
  owners = new Uint16Array(16);
  gfns = new Uint32Array(16);
  count = 0;
  /** The live domains in order of domid. */
  readonly domains: Domain[];
  #domain = 0;
  #chunk = 0;

  /** @param contentId a content or STATE_ZERO */
  constructor(
    private readonly engine: Engine,
    readonly contentId: number,
  ) {
    this.epoch = engine.epoch;
    this.domains = engine.domains.live().sort((a, b) => a.domid - b.domid || a.slot - b.slot);
  }

  walk(): boolean {
    if (this.contentId >= FIRST_CONTENT) {
      const row = this.contentId * CONTENT_WORDS;
      if (this.engine.contents.words[row + C_REFS] <= LISTED_MAX) {
        this.#fromList(this.engine.contents.words[row + C_HEAD]);
        return false;
      }
    }
    for (let chunks = 0; chunks < CHUNKS_A_CALL; chunks++) if (!this.#nextChunk()) return false;
    return true;
  }

  #fromList(head: number): void {
    const { frames } = this.engine;
    const indexOf = new Map(this.domains.map(({ slot }, index) => [slot, index]));
    const keys: number[] = [];
    for (let id = head; id !== NO_FRAME; id = frames.words[id * FRAME_WORDS + F_NEXT]) {
      keys.push((indexOf.get(frames.ownerOf(id)) ?? 0) * 2 ** 32 + frames.gfnOf(id));
    }
    for (const key of Float64Array.from(keys).sort()) this.#add(Math.floor(key / 2 ** 32), key % 2 ** 32);
  }

  /** Looks through the next chunk of the next domain; false at the end. */
  #nextChunk(): boolean {
    const domain = this.domains[this.#domain];
    if (domain === undefined) return false;
    const { engine } = this;
    const table = engine.frames.chunks[domain.slot];
    const isZero = this.contentId < FIRST_CONTENT;
    const hasNone = isZero && engine.domains.counters[domain.slot * DOMAIN_COUNTERS + D_ZERO] === 0;
    if (this.#chunk >= table.length || hasNone) {
      this.#domain++;
      this.#chunk = 0;
      return true;
    }
    const number = this.#chunk++;
    const base = table[number];
    if (base === 0) return true;
    const words = engine.frames.words;
    for (let i = 0, at = (base - 1) * FRAME_WORDS; i < CHUNK_FRAMES; i++, at += FRAME_WORDS) {
      if (words[at] === this.contentId) this.#add(this.#domain, number * CHUNK_FRAMES + i);
    }
    return true;
  }

  #add(owner: number, gfn: number): void {
    if (this.count === this.gfns.length) {
      const owners = new Uint16Array(this.count * 2);
      const gfns = new Uint32Array(this.count * 2);
      owners.set(this.owners);
      gfns.set(this.gfns);
      this.owners = owners;
      this.gfns = gfns;
    }
    this.owners[this.count] = owner;
    this.gfns[this.count++] = gfn;
  }

  /** The frame of a place if it still holds the content, else -1. */
  frameOf(place: number): number {
    const domain = this.domains[this.owners[place]];
    const { domains, frames } = this.engine;
    if (domains.bySlot[domain.slot] !== domain) return -1;
    const id = frames.find(domain.slot, this.gfns[place]);
    return id >= 0 && frames.words[id * FRAME_WORDS] === this.contentId ? id : -1;
  }
}
