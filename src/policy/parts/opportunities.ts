import { Column } from '../../base/column.js';
import { DurationHistogram } from '../../base/duration-histogram.js';
import { fromHalves } from '../../base/units.js';
import {
  CAUSE_FILL,
  EFFECT_DOMAIN,
  EFFECT_FRAME,
  EFFECT_GROUP,
  EFFECT_TIME,
  EFFECT_WORDS,
  type EngineView,
} from '../../engine/effects.js';
import { FIRST_CONTENT } from '../../engine/layout.js';
import { SPAN_EDGES } from '../../figures/time-figures.js';
import { BlockIndex } from './block-index.js';
import { FrameSpans, type SpanListener, TraceTicks } from './frame-spans.js';
import { type OpportunityStarts, ShareSpans } from './share-spans.js';

/** Row of a key ⟨group, content⟩: group, content; of a free row the next free one. */
const ROW_WORDS = 2;

/**
 * Which frames could be shared, and since when: a frame is in an opportunity while its content (known, not zero) has
 * at least two holders in its trust group. Followed once for all policies, from the effects, whose batches must end
 * before each EFFECT_TIME: then the shares of a policy can ask about the instant that both have behind them.
 */
export class Opportunities implements SpanListener, OpportunityStarts {
  readonly ticks = new TraceTicks();
  readonly spans: FrameSpans;
  /** Opportunities that ended and whose beginning was seen. */
  readonly lifetimes = new DurationHistogram(SPAN_EDGES);
  /**
   * Those that ended and were there when a domain was scanned for the first time: they began before, nobody knows when,
   * so they are in no estimate. Frames, and Σ of how long they were seen, ticks.
   */
  readonly fromFirstScan = { ended: 0, sum: 0 };
  readonly #shares: ShareSpans[] = [];
  readonly #rows = new Column('contents with several holders', 0);
  readonly #index = new BlockIndex(this.#rows, ROW_WORDS);
  #end = 1;
  #free = 0;
  /** By domain slot: trust group, and whether a scan has filled a frame. */
  #group = new Uint32Array(8);
  #scanned = new Uint8Array(8);
  /** A domain was scanned for the first time at this instant. */
  #isFirstScan = false;
  #nowMicros = 0;

  constructor(private readonly engine: EngineView) {
    this.spans = new FrameSpans(this.ticks, engine, this);
  }

  /** Bytes held, with those of the policies' shares. */
  get bytes(): number {
    const shares = this.#shares.reduce((sum, share) => sum + share.bytes, 0);
    return this.spans.bytes + this.#rows.bytes + this.#index.bytes + this.lifetimes.bytes + shares;
  }

  /** The shares of one more policy, from the start of the trace on. */
  addShares(): ShareSpans {
    const shares = new ShareSpans(this.ticks, this.engine, this);
    this.#shares.push(shares);
    return shares;
  }

  /** Takes an effects batch, before the policies do. */
  apply(words: Uint32Array, used: number): void {
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      if (kind === EFFECT_FRAME) this.#frame(head >>> 16, words[at + 1], words[at + 3], words[at + 4]);
      else if (kind === EFFECT_TIME) this.#moveTo(fromHalves(words[at + 1], words[at + 2]));
      else if (kind === EFFECT_DOMAIN) this.#domain(head >>> 16, words[at + 1]);
      else if (kind === EFFECT_GROUP) this.#changeGroup(head >>> 16, words[at + 1]);
    }
  }

  #moveTo(timeMicros: number): void {
    this.#nowMicros = timeMicros;
    this.spans.moveTo(timeMicros);
    this.#isFirstScan = false;
  }

  #frame(domain: number, frameId: number, next: number, cause: number): void {
    if (cause === CAUSE_FILL && this.#scanned[domain] === 0) {
      this.#scanned[domain] = 1;
      this.#isFirstScan = true;
    }
    this.#leave(frameId);
    if (next >= FIRST_CONTENT) this.#join(this.#group[domain], next, frameId);
  }

  #domain(domain: number, group: number): void {
    if (domain >= this.#group.length) {
      const length = Math.max(domain + 1, this.#group.length * 2);
      const [groups, scanned] = [new Uint32Array(length), new Uint8Array(length)];
      groups.set(this.#group);
      scanned.set(this.#scanned);
      [this.#group, this.#scanned] = [groups, scanned];
    }
    this.#group[domain] = group;
    this.#scanned[domain] = 0;
  }

  /** All frames of a domain go under the keys of another group. */
  #changeGroup(domain: number, group: number): void {
    this.#group[domain] = group;
    for (let frameId = 0; frameId < this.engine.frameIdEnd(); frameId++) {
      const key = this.spans.keyOf(frameId);
      if (key === 0 || this.engine.domainOfFrame(frameId) !== domain) continue;
      const content = this.#rows.u32[key * ROW_WORDS + 1];
      this.#leave(frameId);
      this.#join(group, content, frameId);
    }
  }

  #join(group: number, content: number, frameId: number): void {
    if (this.spans.isFull) return;
    let key = this.#index.find(group, content);
    if (key === 0) {
      const more = this.#rows.growthBytes((this.#end + 1) * ROW_WORDS) + this.#index.growthBytes;
      if (!this.engine.hasRoom(more)) {
        this.spans.giveUp();
        return;
      }
      key = this.#add(group, content);
    }
    this.spans.join(key, frameId);
  }

  #add(group: number, content: number): number {
    let key = this.#free;
    if (key === 0) {
      key = this.#end++;
      this.#rows.reserve(this.#end * ROW_WORDS);
    } else this.#free = this.#rows.u32[key * ROW_WORDS];
    this.#rows.u32[key * ROW_WORDS] = group;
    this.#rows.u32[key * ROW_WORDS + 1] = content;
    this.#index.add(key);
    return key;
  }

  #leave(frameId: number): void {
    const key = this.spans.keyOf(frameId);
    if (key === 0 || this.spans.leave(frameId) > 0) return;
    this.#index.remove(key);
    this.#rows.u32[key * ROW_WORDS] = this.#free;
    this.#free = key;
  }

  startOf(frameId: number): number {
    return this.spans.startOf(frameId);
  }

  /** The opportunity that a frame is in was there at the first scan of a domain. */
  isFromFirstScan(frameId: number): boolean {
    return this.spans.isMarked(frameId);
  }

  ended(frameId: number, start: number, now: number): void {
    if (this.isFromFirstScan(frameId)) {
      this.fromFirstScan.ended++;
      this.fromFirstScan.sum += now - start;
    } else this.lifetimes.end(now - start);
    for (const shares of this.#shares) shares.opportunityEnded(frameId, start, now);
  }

  started(frameId: number): void {
    this.spans.mark(frameId, this.#isFirstScan);
    for (const shares of this.#shares) shares.opportunityStarted(frameId);
  }

  settled(): void {
    // Shares look at their frames themselves.
  }

  /**
   * The trace is at its end, and the policies have done what they owed: the instant that time stands at is over, here
   * and in all shares. A scanner told of time only as far as it had something to do.
   */
  finish(): void {
    for (const shares of this.#shares) shares.moveTo(this.#nowMicros);
    this.spans.endInstant();
    for (const shares of this.#shares) shares.spans.endInstant();
  }
}
