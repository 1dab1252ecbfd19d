/**
 * Lifetimes of opportunities and shares, merge latency and page-seconds the slow way, written from docs/POLICIES.md
 * (Time): at the end of every instant it lists all frames, and keeps for each since when it is in a span.
 */
import type { Cause, Held, Life, SlowEngine, SlowPolicy } from './slow-engine.js';

/** Durations, ms. */
export interface Durations {
  ended: number[];
  open: number[];
}

/** A frame that refers to a copy, alone or not; `stay` is another one when it left and came back meanwhile. */
export interface Sharer {
  readonly frame: string;
  readonly copy: unknown;
  readonly stay: unknown;
}

/** How a frame is called here. */
export const frameName = (life: Life, gfn: number): string => `${life.id}/${gfn}`;

/** A span under way: since when, and what it was about. */
interface Span {
  readonly start: number;
  readonly copy: unknown;
  readonly stay: unknown;
}

/** Frames that are in a span now: those whose copy has at least two. */
function together(sharers: readonly Sharer[]): Sharer[] {
  const counts = new Map<unknown, number>();
  for (const { copy } of sharers) counts.set(copy, (counts.get(copy) ?? 0) + 1);
  return sharers.filter(({ copy }) => (counts.get(copy) ?? 0) >= 2);
}

/**
 * Stands before the scheme in the order of those who hear of time: when it looks, the scheme has not moved on. Who
 * scans between two records must be told of those times, too.
 */
export class SlowTimes implements SlowPolicy {
  /** Those whose beginning was seen, and those that were there at a domain's first scan. */
  readonly opportunities: Durations = { ended: [], open: [] };
  readonly undated: Durations = { ended: [], open: [] };
  readonly shares: Durations = { ended: [], open: [] };
  readonly latencies: Durations = { ended: [], open: [] };
  /** ∫ frames in shares dt, ∫ saved dt; frames × ms. */
  sharedMillis = 0;
  savedMillis = 0;
  #inOpportunity = new Map<string, Span>();
  #inShare = new Map<string, Span>();
  readonly #merged = new Set<string>();
  /** By frame: how often it left its content. */
  readonly #changes = new Map<string, number>();
  /** Who could share; null: memory changed since. */
  #couldShare: Sharer[] | null = null;
  #now = -1;
  readonly #scanned = new Set<Life>();
  /** A domain was filled for the first time at this instant. */
  #isFirstScan = false;
  /** Spans that began at such an instant. */
  readonly #undatedSpans = new Set<Span>();

  /** @param sharers of the scheme, as it is now */
  constructor(
    readonly engine: () => SlowEngine,
    readonly sharers: () => readonly Sharer[],
  ) {}

  timeMoved(now: number): void {
    if (this.#now >= 0) this.endInstant((now - this.#now) / 1000);
    this.#now = now;
    this.#isFirstScan = false;
  }

  frameChanged(life: Life, gfn: number, _: Held | undefined, cause: Cause): void {
    if (cause === 'fill' && !this.#scanned.has(life)) this.#isFirstScan = true;
    if (cause === 'fill') this.#scanned.add(life);
    this.#leave(life, gfn);
  }
  groupChanged(life: Life): void {
    for (const gfn of life.frames.keys()) this.#leave(life, gfn);
  }

  #leave(life: Life, gfn: number): void {
    const frame = frameName(life, gfn);
    this.#changes.set(frame, (this.#changes.get(frame) ?? 0) + 1);
    this.#couldShare = null;
  }
  /** The state now lasts for so long. */
  endInstant(millis: number): void {
    const now = this.#now / 1000;
    this.#couldShare ??= this.#opportunities();
    this.#inOpportunity = this.#follow(this.#inOpportunity, this.#couldShare, (frame, span) => {
      const { start } = span;
      (this.#undatedSpans.has(span) ? this.undated : this.opportunities).ended.push(now - start);
      if (!this.#merged.has(frame)) this.latencies.open.push(now - start);
    });
    for (const [frame, span] of this.#inOpportunity) {
      if (span.start !== now) continue;
      this.#merged.delete(frame);
      if (this.#isFirstScan) this.#undatedSpans.add(span);
    }
    const sharers = this.sharers();
    const shared = together(sharers);
    this.#inShare = this.#follow(this.#inShare, shared, (_, { start }) => {
      this.shares.ended.push(now - start);
    });
    for (const frame of this.#inShare.keys()) {
      const opportunity = this.#inOpportunity.get(frame);
      if (opportunity === undefined || this.#merged.has(frame)) continue;
      this.#merged.add(frame);
      this.latencies.ended.push(now - opportunity.start);
    }
    this.sharedMillis += shared.length * millis;
    this.savedMillis += (sharers.length - new Set(sharers.map(({ copy }) => copy)).size) * millis;
  }

  /** The spans after this instant; tells those that ended. */
  #follow(
    before: Map<string, Span>,
    sharers: readonly Sharer[],
    ended: (frame: string, span: Span) => void,
  ): Map<string, Span> {
    const after = new Map<string, Span>();
    for (const { frame, copy, stay } of sharers) {
      const old = before.get(frame);
      const stays = old !== undefined && old.copy === copy && old.stay === stay;
      after.set(frame, stays ? old : { start: this.#now / 1000, copy, stay });
    }
    for (const [frame, span] of before) if (after.get(frame) !== span) ended(frame, span);
    return after;
  }

  #opportunities(): Sharer[] {
    const holders: Sharer[] = [];
    for (const life of this.engine().live) {
      for (const [gfn, held] of life.frames) {
        if (held.state !== 'known') continue;
        const frame = frameName(life, gfn);
        holders.push({ frame, copy: `${life.group} ${held.hash}`, stay: this.#changes.get(frame) });
      }
    }
    return together(holders);
  }

  /** What runs is open. */
  finish(): void {
    this.endInstant(0);
    const now = this.#now / 1000;
    for (const [frame, span] of this.#inOpportunity) {
      const { start } = span;
      (this.#undatedSpans.has(span) ? this.undated : this.opportunities).open.push(now - start);
      if (!this.#merged.has(frame)) this.latencies.open.push(now - start);
    }
    for (const { start } of this.#inShare.values()) this.shares.open.push(now - start);
  }

  memoryChanged(): void {}
  written(): void {}
  read(): void {}
  gone(): void {}
}
