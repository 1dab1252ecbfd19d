/**
 * Follows one content through the records of a trace: who gets it, who loses it and why, who reads it from disk. It
 * knows nothing else, so it is quicker than the engine: its rules are the engine's (design §3),
 * and a test compares the two.
 */
import { fromHalves } from '../base/units.js';
import type { PageEvent, PageEventKind } from '../figures/page-figures.js';
import { FRAMES_MAX } from '../engine/frame-table.js';
import { readDomainRecord, readImageRecord } from '../trace/record-text.js';
import * as record from '../trace/record.js';
import { HeldFrames } from './held-frames.js';

/** One life of a domain as far as the content is concerned. */
interface Life {
  readonly key: string;
  name: string;
  reserved: number;
  /** The gfns that hold the content. */
  readonly held: HeldFrames;
  /** Of those, what the open keyframe has not named yet; null while none is open. */
  unnamed: HeldFrames | null;
  /** Where it is bound: its numbers in the streams. */
  readonly bound: { lives: (Life | undefined)[]; domid: number }[];
}

function newLife(key: string, name: string, reserved: number): Life {
  return { key, name, reserved, held: new HeldFrames(), unnamed: null, bound: [] };
}

function bindLife(life: Life, { lives }: StreamNumbers, domid: number): void {
  if (lives[domid] === life) return;
  lives[domid] = life;
  life.bound.push({ lives, domid });
}

/** What one stream's numbers mean. */
interface StreamNumbers {
  readonly lives: (Life | undefined)[];
  readonly images: Map<number, string>;
}

/** Holders of one content and the events that made them; feed it every record of the trace in order. */
export class PageFollower {
  /** Frames that hold the content. */
  refs = 0;
  /** Newest time met, µs. */
  #now: number;
  readonly #byKey = new Map<string, Life>();
  readonly #streams: StreamNumbers[] = [];

  /**
   * @param add takes each event; it may be changed by the taker
   * @param nowMicros newest time so far, if it begins in the middle
   */
  constructor(
    private readonly low: number,
    private readonly high: number,
    private readonly add: (event: PageEvent) => void,
    nowMicros = -1,
  ) {
    this.#now = nowMicros;
  }

  /** Begins in the middle: a domain that lives, under its number in a stream. */
  bind(stream: number, domid: number, key: string, name: string, reserved: number): void {
    bindLife(this.#life(key, name, reserved), this.#stream(stream), domid);
  }

  /** Begins in the middle: the frames of a domain that hold the content, to be filled with `hold`. */
  held(key: string, name: string, reserved: number): HeldFrames {
    return this.#life(key, name, reserved).held;
  }

  #life(key: string, name: string, reserved: number): Life {
    const life = this.#byKey.get(key) ?? newLife(key, name, reserved);
    this.#byKey.set(key, life);
    return life;
  }

  /** Begins in the middle of a keyframe of that domain: which of the holders it has named already. */
  openKeyframe(key: string, isNamed: (gfn: number) => boolean): void {
    const life = this.#byKey.get(key);
    if (life === undefined) return;
    life.unnamed = life.held.copy();
    for (const gfn of life.held.within(0, life.reserved)) if (isNamed(gfn)) life.unnamed.remove(gfn);
  }

  /** Begins in the middle: one more frame of what `held` gave. */
  hold(held: HeldFrames, gfn: number): void {
    if (held.add(gfn)) this.refs++;
  }

  /** Begins in the middle: an image under its number in a stream. */
  nameImage(stream: number, id: number, name: string): void {
    this.#stream(stream).images.set(id, name);
  }

  /** Holders by key of their domain. */
  holders(): Map<string, number> {
    const holders = new Map<string, number>();
    for (const { key, held } of this.#byKey.values()) if (held.count > 0) holders.set(key, held.count);
    return holders;
  }

  /** Follows the checked records in words[start, end) of a stream. */
  follow(streamIndex: number, baseTimeMicros: number, words: Uint32Array, start: number, end: number): void {
    const stream = this.#stream(streamIndex);
    const { lives } = stream;
    const { low, high } = this;
    this.#setTime(baseTimeMicros);
    for (let at = start; at < end;) {
      const head = words[at];
      const kind = head & 63;
      if (kind === record.KIND_FILL) {
        const life = lives[head >>> 16];
        if (words[at + 2] === low && words[at + 3] === high) this.#fill(life, words[at + 1], 1, words, at + 2, 0);
        else if (life !== undefined && life.held.has(words[at + 1]))
          this.#fill(life, words[at + 1], 1, words, at + 2, 0);
        at += record.SLOT_WORDS;
        continue;
      }
      this.#other(stream, kind, head, words, at);
      at += (1 + ((head >>> 6) & 63)) * record.SLOT_WORDS;
    }
  }

  #stream(index: number): StreamNumbers {
    return (this.#streams[index] ??= { lives: [], images: new Map() });
  }

  #setTime(timeMicros: number): void {
    if (timeMicros > this.#now) this.#now = timeMicros;
  }

  #event(kind: PageEventKind, name: string, gfn: number, image = '', block = -1): void {
    this.add({ timeMicros: this.#now, kind, name, gfn, count: 1, image, block, refs: this.refs });
  }

  #other(stream: StreamNumbers, kind: number, head: number, words: Uint32Array, at: number): void {
    const K = record.KIND;
    const life = stream.lives[head >>> 16];
    const first = at + record.SLOT_WORDS;
    if (kind === K.time) this.#setTime(fromHalves(words[at + 1], words[at + 2]));
    else if (kind === K.fillSpan) this.#fill(life, words[at + 1], words[at + 2], words, first, 2);
    else if (kind === K.fillRun) this.#fill(life, words[at + 1], words[at + 2], words, first, 0);
    else if (kind === K.dirty || kind === K.free) {
      if (this.#has(life, words[at + 1], words[at + 2])) {
        this.#loseRange(life, words[at + 1], words[at + 2], kind === K.dirty ? 'dirty' : 'freed');
      }
    } else if (kind === K.domain) this.#declare(stream, words, at);
    else if (kind === K.image) {
      const { id, name } = readImageRecord(words, at);
      stream.images.set(id, name);
    } else if (life === undefined) return;
    else if (kind === K.blockRead || kind === K.blockReadSpan) this.#reads(stream, life, kind, head, words, at);
    else if (kind === K.gone) this.#end(life);
    else if (kind === K.keyframeBegin) life.unnamed = life.held.copy();
    else if (kind === K.keyframeEnd) this.#endKeyframe(life);
  }

  /** Whether a record that names frames counts: its domain lives and has them all. */
  #has(life: Life | undefined, gfn: number, count: number): life is Life {
    return life !== undefined && count <= FRAMES_MAX && gfn + count <= life.reserved;
  }

  /** `count` frames from `gfn` on with hashes `step` words apart. */
  #fill(life: Life | undefined, gfn: number, count: number, words: Uint32Array, at: number, step: number): void {
    if (!this.#has(life, gfn, count)) return;
    const isThis = words[at] === this.low && words[at + 1] === this.high;
    if (step === 0 && !isThis) {
      this.#loseRange(life, gfn, count, lossBy(words[at], words[at + 1]));
      return;
    }
    for (let i = 0, hash = at; i < count; i++, hash += step) {
      if (words[hash] === this.low && words[hash + 1] === this.high) this.#gain(life, gfn + i, 'seen', '', -1);
      else if (life.held.count > 0) this.#lose(life, gfn + i, lossBy(words[hash], words[hash + 1]));
    }
  }

  #gain(life: Life, gfn: number, kind: PageEventKind, image: string, block: number): void {
    life.unnamed?.remove(gfn);
    const isNew = life.held.add(gfn);
    if (isNew) this.refs++;
    if (isNew || kind === 'read') this.#event(kind, life.name, gfn, image, block);
  }

  #lose(life: Life, gfn: number, kind: PageEventKind): void {
    life.unnamed?.remove(gfn);
    if (!life.held.remove(gfn)) return;
    this.refs--;
    this.#event(kind, life.name, gfn);
  }

  #loseRange(life: Life, gfn: number, count: number, kind: PageEventKind): void {
    for (const each of life.held.within(gfn, gfn + count)) this.#lose(life, each, kind);
  }

  #reads(stream: StreamNumbers, life: Life, kind: number, head: number, words: Uint32Array, at: number): void {
    const id = words[at + 1];
    const image = stream.images.get(id) ?? `image ${id}`;
    const hash = at + record.SLOT_WORDS;
    if (kind === record.KIND_BLOCK_READ_SPAN) {
      for (let i = 0; i < words[at + 3]; i++) {
        const isThis = words[hash + 2 * i] === this.low && words[hash + 2 * i + 1] === this.high;
        if (isThis) this.#event('read', life.name, -1, image, words[at + 2] + i);
      }
      return;
    }
    const isKnown = (record.flagsOf(head) & record.READ_HASH_KNOWN) !== 0;
    const isThis = isKnown && words[hash] === this.low && words[hash + 1] === this.high;
    const gfn = words[at + 6];
    if (gfn === record.NO_GFN) {
      if (isThis) this.#event('read', life.name, -1, image, words[at + 2]);
    } else if (gfn < life.reserved) {
      if (isThis) this.#gain(life, gfn, 'read', image, words[at + 2]);
      else this.#lose(life, gfn, isKnown ? lossBy(words[hash], words[hash + 1]) : 'overwritten');
    }
  }

  #declare(stream: StreamNumbers, words: Uint32Array, at: number): void {
    const { domid, key, name, frames } = readDomainRecord(words, at);
    let life = stream.lives[domid];
    if (life !== undefined && life.key !== key) {
      // Another key is another domain: its predecessor's `gone` was lost.
      this.#end(life);
      life = undefined;
    }
    life ??= this.#life(key, name, 0);
    bindLife(life, stream, domid);
    // It joins a domain of which another stream knows more.
    if (frames === 0 && life.reserved > 0) return;
    life.name = name === '' ? key : name;
    if (frames < life.reserved) this.#loseRange(life, frames, life.reserved - frames, 'shrunk');
    life.reserved = frames;
  }

  #end(life: Life): void {
    this.#loseRange(life, 0, life.reserved, 'gone');
    this.#byKey.delete(life.key);
    for (const { lives, domid } of life.bound) if (lives[domid] === life) lives[domid] = undefined;
  }

  #endKeyframe(life: Life): void {
    const { unnamed } = life;
    life.unnamed = null;
    if (unnamed === null) return;
    for (const gfn of unnamed.within(0, life.reserved)) this.#lose(life, gfn, 'unnamed');
  }
}

function lossBy(low: number, high: number): PageEventKind {
  return low === record.ZERO_HASH_LOW && high === record.ZERO_HASH_HIGH ? 'zeroed' : 'overwritten';
}
