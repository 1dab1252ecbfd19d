/**
 * Several streams as one: each numbers its domains and images by itself, so these numbers are given anew. As in the
 * engine, one key is one domain and one image name is one image, also in several streams; but two ids of one stream
 * are two images, whatever they are called.
 *
 * A domid keeps its number if no other stream has it. Records of a domid that was never declared keep being orphans.
 */
import { assert } from '../base/assert.js';
import { readDomainRecord, readImageRecord } from '../trace/record-text.js';
import { domidOf, flagsOf, KIND, kindOf, SLOT_WORDS, slotsOf } from '../trace/record.js';
import { TraceError } from '../trace/trace-error.js';

const DOMIDS = 65536;
const NO_DOMID = new Set<number>([KIND.time, KIND.host, KIND.image, KIND.label, KIND.labelFile, KIND.mark, KIND.lost]);
/** Kinds whose first word after the head is an image's id. */
const HAS_IMAGE = new Set<number>([KIND.image, KIND.blockRead, KIND.blockReadSpan, KIND.blockWrite]);

/** Numbers of one stream → numbers of the union. */
interface StreamNumbers {
  readonly domids: Map<number, number>;
  readonly images: Map<number, number>;
}

/** Gives the records of several streams numbers that are unique over all of them. */
export class StreamUnion {
  readonly #streams: StreamNumbers[];
  readonly #domidByKey = new Map<string, number>();
  readonly #keyByDomid = new Map<number, string>();
  readonly #domidsUsed = new Set<number>();
  readonly #imageByName = new Map<string, number>();
  #nextImage = 1;
  /** All below are in use or were. From 1: 0 is the control domain's. */
  #domidFree = 1;

  /** @param source the trace, for messages */
  constructor(
    readonly source: string,
    streamCount: number,
  ) {
    this.#streams = Array.from({ length: streamCount }, () => ({ domids: new Map(), images: new Map() }));
  }

  /** Renumbers the records in words[start, end), in place. Throws TraceError if there are more domids than 65,536. */
  renumber(streamIndex: number, words: Uint32Array, start: number, end: number): void {
    const stream = this.#streams[streamIndex];
    for (let at = start; at < end; at += slotsOf(words[at]) * SLOT_WORDS) {
      const head = words[at];
      const kind = kindOf(head);
      if (HAS_IMAGE.has(kind)) words[at + 1] = this.#image(stream, words, at, kind);
      if (NO_DOMID.has(kind) || (kind === KIND.counter && flagsOf(head) === 0)) continue;
      const domid = kind === KIND.domain ? this.#declare(stream, words, at) : this.#domid(stream, domidOf(head));
      if (kind === KIND.gone) this.#forget(domid);
      words[at] = ((head & 0xffff) | (domid << 16)) >>> 0;
    }
  }

  #domid(stream: StreamNumbers, own: number): number {
    const known = stream.domids.get(own);
    if (known !== undefined) return known;
    let domid = own;
    while (this.#domidsUsed.has(domid)) {
      domid = this.#domidFree++;
      if (domid === DOMIDS) throw new TraceError(this.source, '', `more than ${DOMIDS - 1} domains in all its streams`);
    }
    this.#domidsUsed.add(domid);
    stream.domids.set(own, domid);
    return domid;
  }

  #declare(stream: StreamNumbers, words: Uint32Array, at: number): number {
    const { domid: own, key } = readDomainRecord(words, at);
    const same = this.#domidByKey.get(key);
    if (same !== undefined) stream.domids.set(own, same);
    if (same !== undefined) return same;
    const domid = this.#domid(stream, own);
    // Another key before: that domain's `gone` was lost.
    this.#forgetKey(domid);
    this.#domidByKey.set(key, domid);
    this.#keyByDomid.set(domid, key);
    return domid;
  }

  /** The domain is gone for all streams; its key and its numbers may come again. */
  #forget(domid: number): void {
    this.#forgetKey(domid);
    for (const { domids } of this.#streams) {
      for (const [own, other] of domids) if (other === domid) domids.delete(own);
    }
    this.#domidsUsed.delete(domid);
    this.#domidFree = Math.min(this.#domidFree, Math.max(1, domid));
  }

  #forgetKey(domid: number): void {
    const key = this.#keyByDomid.get(domid);
    if (key === undefined) return;
    this.#keyByDomid.delete(domid);
    this.#domidByKey.delete(key);
  }

  #image(stream: StreamNumbers, words: Uint32Array, at: number, kind: number): number {
    const own = words[at + 1];
    const known = stream.images.get(own);
    if (known !== undefined) return known;
    const name = kind === KIND.image ? readImageRecord(words, at).name : undefined;
    let image = name === undefined ? undefined : this.#imageByName.get(name);
    if (image === undefined || [...stream.images.values()].includes(image)) image = this.#nextImage++;
    assert(image < 2 ** 32, 'image id is a u32');
    stream.images.set(own, image);
    if (name !== undefined && !this.#imageByName.has(name)) this.#imageByName.set(name, image);
    return image;
  }
}
