/**
 * Large hosts by seed, never kept: every domain is scanned once, then single frames change at random. What happens is
 * told twice, as records for the engine and as lines of the trace's own NDJSON (docs/FORMAT.md) for whoever recounts
 * it. Each line has its own time, so that an order is in the data and not in how it is read.
 */
import { hashHex } from '../../src/base/hash-hex.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { SPAN_FRAMES_MAX, ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../../src/trace/record.js';
import { SeededRandom } from '../../test/seeded-random.js';

/** How large, and how much of it is alike. Shares are of the frames of a domain. */
export interface HostSize {
  readonly name: string;
  readonly seed: number;
  readonly domains: number;
  readonly framesPerDomain: number;
  /** Frames that hold what all domains hold at the same gfn. */
  readonly commonShare: number;
  /** Frames whose content no other frame has. */
  readonly ownShare: number;
  /** Contents that the other frames (a twentieth of all is zero) are drawn from. */
  readonly pool: number;
  readonly changes: number;
}

const ZERO_SHARE = 0.05;
const BATCH_WORDS = 60_000;

/** Takes what happens, in batches: the records, and the same as lines. */
export interface HostListener {
  records(buffer: RecordBuffer, baseTimeMicros: number): void;
  lines(text: string): void;
}

/** Tells a whole host to a listener. Texts are made only for a listener that wants them. */
export class ScaleHost {
  readonly #random: SeededRandom;
  readonly #buffer = new RecordBuffer();
  readonly #hashes = new Uint32Array(2 * SPAN_FRAMES_MAX);
  #texts: string[] = [];
  #time = 0;
  #batchTime = 0;
  #own = 0;

  constructor(
    readonly size: HostSize,
    private readonly listener: HostListener,
    private readonly wantsLines: boolean,
  ) {
    this.#random = new SeededRandom(size.seed);
  }

  /** Everything, from the declarations to the last change. */
  tell(): void {
    const { domains, framesPerDomain, changes } = this.size;
    this.#buffer.host('scale', 'xen', domains * framesPerDomain);
    for (let d = 1; d <= domains; d++) {
      this.#buffer.domain(d, `d${d}`, `d${d}`, '', '', framesPerDomain);
      this.#line(`{"record":"domain","domid":${d},"key":"d${d}","frames":${framesPerDomain}}`);
    }
    for (let d = 1; d <= domains; d++) {
      for (let gfn = 0; gfn < framesPerDomain; gfn += SPAN_FRAMES_MAX) this.#scan(d, gfn);
    }
    for (let i = 0; i < changes; i++) this.#change();
    this.#flush();
  }

  #scan(domid: number, gfn: number): void {
    const count = Math.min(SPAN_FRAMES_MAX, this.size.framesPerDomain - gfn);
    for (let i = 0; i < count; i++) this.#draw(gfn + i, 2 * i);
    this.#next();
    this.#buffer.fillSpan(domid, gfn, count, this.#hashes, 0);
    if (this.wantsLines) {
      const texts: string[] = [];
      for (let i = 0; i < count; i++) texts.push(hashHex(this.#hashes[2 * i], this.#hashes[2 * i + 1]));
      const head = `{"t":${this.#time},"record":"fill","domid":${domid},"gfn":${gfn}`;
      this.#line(`${head},"hashes":["${texts.join('","')}"]}`);
    }
    this.#flushIfFull();
  }

  #change(): void {
    const random = this.#random;
    const domid = 1 + random.below(this.size.domains);
    const gfn = random.below(this.size.framesPerDomain);
    const what = random.below(10);
    this.#next();
    const head = `{"t":${this.#time},"record":`;
    if (what < 8) {
      this.#draw(random.below(this.size.framesPerDomain), 0);
      const [low, high] = this.#hashes;
      this.#buffer.fill(domid, gfn, low, high, 0);
      this.#line(`${head}"fill","domid":${domid},"gfn":${gfn},"hash":"${hashHex(low, high)}"}`);
    } else if (what === 8) {
      this.#buffer.dirty(domid, gfn, 1);
      this.#line(`${head}"dirty","domid":${domid},"gfn":${gfn},"count":1}`);
    } else {
      this.#buffer.free(domid, gfn, 1);
      this.#line(`${head}"free","domid":${domid},"gfn":${gfn},"count":1}`);
    }
    this.#flushIfFull();
  }

  /** A content as it may stand at this gfn, into #hashes[at] and the word behind it. */
  #draw(gfn: number, at: number): void {
    const { commonShare, ownShare, pool } = this.size;
    const chance = this.#random.unit();
    const hashes = this.#hashes;
    if (chance < ZERO_SHARE) {
      hashes[at] = ZERO_HASH_LOW;
      hashes[at + 1] = ZERO_HASH_HIGH;
      return;
    }
    let family = 3;
    let number = 0;
    if (chance < ZERO_SHARE + commonShare) {
      family = 1;
      number = gfn;
    } else if (chance < ZERO_SHARE + commonShare + ownShare) {
      family = 2;
      number = this.#own++;
    } else number = this.#random.below(pool);
    hashes[at] = Math.imul(number + 1, 0x9e3779b1);
    hashes[at + 1] = Math.imul(number + 1, 0x85ebca77) ^ (family << 28);
  }

  /** The next record has its own instant. */
  #next(): void {
    this.#buffer.time(++this.#time);
  }

  #line(text: string): void {
    if (this.wantsLines) this.#texts.push(text);
  }

  #flushIfFull(): void {
    if (this.#buffer.wordCount > BATCH_WORDS) this.#flush();
  }

  #flush(): void {
    this.listener.records(this.#buffer, this.#batchTime);
    if (this.#texts.length > 0) this.listener.lines(`${this.#texts.join('\n')}\n`);
    this.#batchTime = this.#time;
    this.#buffer.clear();
    this.#texts = [];
  }
}
