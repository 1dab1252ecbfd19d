/**
 * The slow second source for what a stream means to frames: plain maps, a frame at a time, by the words of the
 * format's documentation. It reads records with its own code.
 */
import fc from 'fast-check';
import type { Append } from './record-streams.js';

interface ModelDomain {
  key: string;
  settings: string;
  reservation: number;
  /** By gfn: `dirty`, `free`, or class and hash. Untouched frames are absent. */
  frames: Map<number, string>;
  /** Extra frames by index: class and hash. */
  extras: Map<number, string>;
  /** Gfns named in the keyframe that is open. */
  named: Set<number> | undefined;
}

export class FrameModel {
  time = 0;
  orphans = 0;
  damaged = 0;
  readonly domains = new Map<number, ModelDomain>();
  #declarations = new Map<string, string>();

  /** Everything that keyframes and declarations are to bring back, in a form that can be compared. */
  picture(): unknown {
    const byNumber = <T>(map: Map<number, T>): [number, T][] => [...map].sort(([a], [b]) => a - b);
    return {
      time: this.time,
      declarations: [...this.#declarations].sort(),
      domains: byNumber(this.domains).map(([domid, { settings, frames, extras }]) => {
        return [domid, settings, byNumber(frames), byNumber(extras)];
      }),
    };
  }

  apply(words: readonly number[], baseTime = this.time): void {
    this.time = baseTime;
    for (let at = 0; at < words.length;) {
      const slots = 1 + ((words[at] >> 6) & 63);
      this.#record(words.slice(at, at + 4 * slots));
      at += 4 * slots;
    }
  }

  #record(words: readonly number[]): void {
    const [head = 0, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = words;
    const kind = head & 63;
    const flags = (head >> 12) & 15;
    const domid = head >>> 16;
    const text = Buffer.from(Uint32Array.from(words.slice(4)).buffer).toString('latin1');
    if (kind === 1) this.time = a + b * 2 ** 32;
    if (kind === 2) this.#declarations.set('host', `${a} ${b} ${c} ${text}`);
    if (kind === 3) this.#declarations.set(`image ${a}`, `${flags} ${b} ${c} ${text}`);
    if (kind === 4) this.#declare(domid, text.slice(0, b & 0xffff), `${a} ${b} ${c} ${text}`, a);
    if (kind === 5) this.#gone(domid);
    if (kind === 6) this.#frames(domid, a, 1, () => `${flags} ${b} ${c}`);
    if (kind === 7) this.#frames(domid, a, b, () => `${flags} ${d} ${e}`);
    if (kind === 8) this.#frames(domid, a, b, (i) => `0 ${words[4 + 2 * i]} ${words[5 + 2 * i]}`);
    if (kind === 9) this.#frames(domid, a, b, () => 'dirty');
    if (kind === 10) this.#frames(domid, a, b, () => 'free');
    if (kind === 11) this.#frames(domid, a, b, undefined);
    if (kind === 12 && f === 0xffffffff && !this.domains.has(domid)) this.orphans++;
    if (kind === 12 && f !== 0xffffffff) this.#frames(domid, f, 1, () => ((flags & 1) === 1 ? `0 ${d} ${e}` : 'dirty'));
    if (kind === 20) this.#extras(domid, a, b, `${flags} ${d} ${e}`);
    if ((kind === 23 || kind === 24 || (kind === 21 && flags === 1)) && !this.domains.has(domid)) this.orphans++;
    if (kind === 17 || kind === 18) this.#keyframe(domid, kind === 17);
  }

  #declare(domid: number, key: string, settings: string, reservation: number): void {
    if (this.domains.has(domid) && this.domains.get(domid)?.key !== key) this.#gone(domid);
    // A key is a domain, whatever its domid.
    const known = [...this.domains.values()].find((other) => other.key === key);
    const [frames, extras] = [new Map<number, string>(), new Map<number, string>()];
    const domain = known ?? { key, settings, reservation, frames, extras, named: undefined };
    this.domains.set(domid, domain);
    if (reservation === 0 && domain.reservation > 0) return;
    domain.settings = settings;
    domain.reservation = reservation;
    for (const gfn of [...domain.frames.keys()]) if (gfn >= reservation) domain.frames.delete(gfn);
  }

  #gone(domid: number): void {
    const domain = this.domains.get(domid);
    if (domain === undefined) this.orphans++;
    for (const [other, { key }] of [...this.domains]) if (key === domain?.key) this.domains.delete(other);
  }

  #frames(domid: number, gfn: number, count: number, content: ((i: number) => string) | undefined): void {
    const domain = this.domains.get(domid);
    if (domain === undefined) {
      this.orphans++;
    } else if (gfn + count > domain.reservation) {
      this.damaged++;
    } else if (content !== undefined) {
      for (let i = 0; i < count; i++) {
        domain.frames.set(gfn + i, content(i));
        domain.named?.add(gfn + i);
      }
    }
  }

  #extras(domid: number, index: number, count: number, content: string): void {
    const domain = this.domains.get(domid);
    if (domain === undefined) this.orphans++;
    else for (let i = 0; i < count; i++) domain.extras.set(index + i, content);
  }

  #keyframe(domid: number, begins: boolean): void {
    const domain = this.domains.get(domid);
    if (domain === undefined) {
      this.orphans++;
    } else if (begins) {
      domain.named = new Set();
    } else if (domain.named !== undefined) {
      for (const gfn of [...domain.frames.keys()]) if (!domain.named.has(gfn)) domain.frames.delete(gfn);
      domain.named = undefined;
    }
  }
}

const domid = fc.nat(2);
const reservation = fc.constantFrom(0, 10, 70, 2500);
// Around the ends of runs, spans, chunks (1024) and the reservations.
const gfn = fc.oneof(fc.nat(75), fc.constantFrom(1020, 1023, 1024, 2047), fc.nat(2600));
const count = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(64, 1024, 1030));
const hash = fc.nat(4);

/** Streams over few domains, frames and contents: settings that change, domids used again, keyframes of their own. */
export const streamOps: fc.Arbitrary<Append[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(domid, fc.constantFrom('a', 'b'), reservation).map(
        ([d, key, frames]): Append =>
          (b) =>
            b.domain(d, key, `name ${key}`, 'default', 'pv', frames),
      ),
    },
    domid.map(
      (d): Append =>
        (b) =>
          b.gone(d),
    ),
    fc.nat(100).map(
      (t): Append =>
        (b) =>
          b.time(t),
    ),
    fc.nat(3).map(
      (n): Append =>
        (b) =>
          b.host(`h${n}`, 'xen', n),
    ),
    fc.tuple(fc.nat(2), fc.boolean()).map(
      ([id, readOnly]): Append =>
        (b) =>
          b.image(id, `i${id}`, readOnly, id),
    ),
    fc.nat(3).map(
      (n): Append =>
        (b) =>
          b.mark(`m${n}`),
    ),
    {
      weight: 5,
      arbitrary: fc.tuple(domid, gfn, hash, fc.constantFrom(0, 0, 0, 1, 5)).map(
        ([d, g, h, c]): Append =>
          (b) =>
            b.fill(d, g, h, h, c),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(domid, gfn, count, hash, fc.constantFrom(0, 0, 0, 1)).map(
        ([d, g, n, h, c]): Append =>
          (b) =>
            b.fillRun(d, g, n, h, h, c),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(domid, gfn, fc.uint32Array({ minLength: 2, maxLength: 252, max: 3 })).map(
        ([d, g, hashes]): Append =>
          (b) =>
            b.fillSpan(d, g, hashes.length >> 1, hashes, 0),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(domid, gfn, count, fc.constantFrom('dirty' as const, 'free' as const, 'touch' as const)).map(
        ([d, g, n, kind]): Append =>
          (b) =>
            b[kind](d, g, n),
      ),
    },
    fc.tuple(domid, fc.oneof(gfn, fc.constant(0xffffffff)), fc.boolean()).map(
      ([d, g, known]): Append =>
        (b) =>
          b.blockRead(d, 1, 5, known ? 9 : 0, known ? 9 : 0, g, known ? 3 : 2),
    ),
    fc.tuple(domid, fc.nat(80), fc.integer({ min: 1, max: 12 }), hash, fc.constantFrom(0, 0, 1)).map(
      ([d, i, n, h, c]): Append =>
        (b) =>
          b.extra(d, i, n, h, h, c),
    ),
    fc.tuple(domid, fc.boolean()).map(
      ([d, begin]): Append =>
        (b) =>
          begin ? b.keyframeBegin(d) : b.keyframeEnd(d),
    ),
  ),
  { maxLength: 150, size: 'max' },
);
