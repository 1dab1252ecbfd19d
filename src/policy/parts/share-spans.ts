import { DurationHistogram } from '../../base/duration-histogram.js';
import { SPAN_EDGES } from '../../figures/time-figures.js';
import { FrameSpans, type SpanListener, type SpanMemory, type TraceTicks } from './frame-spans.js';

/**
 * What a policy tells of its copies, so that lifetimes of shares and merge latency are known. A copy has a number from
 * 1 on that is its own while frames refer to it.
 */
export interface ShareFollower {
  /** A frame, which refers to no copy, refers to this one now. */
  join(copy: number, frameId: number): void;
  /** A frame does not refer to its copy any more. */
  leave(frameId: number): void;
  /** Trace time moves on, µs: said before anything else that happens at that time. Times never go back. */
  moveTo(timeMicros: number): void;
}

/** Opportunities as the shares of one policy see them. */
export interface OpportunityStarts {
  /** When a frame's opportunity began (ticks) as of the last instant; 0: it is in none. */
  startOf(frameId: number): number;
}

/**
 * The shares of one policy, and how long frames waited for them. A frame is in a share while another frame refers to
 * the same copy. Merge latency: from the start of a frame's opportunity to the start of its first share in it, 0 if it
 * was shared already; an opportunity that ends, or still runs, without a share is a latency of at least its length.
 */
export class ShareSpans implements ShareFollower, SpanListener {
  readonly spans: FrameSpans;
  /** Shares that ended. */
  readonly lifetimes = new DurationHistogram(SPAN_EDGES);
  /** Latencies: ended are merges, open are opportunities that ended without one. */
  readonly latencies = new DurationHistogram(SPAN_EDGES);

  constructor(
    ticks: TraceTicks,
    memory: SpanMemory,
    private readonly opportunities: OpportunityStarts,
  ) {
    this.spans = new FrameSpans(ticks, memory, this);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.spans.bytes + this.lifetimes.bytes + this.latencies.bytes;
  }

  join(copy: number, frameId: number): void {
    this.spans.join(copy, frameId);
  }
  leave(frameId: number): void {
    this.spans.leave(frameId);
  }
  moveTo(timeMicros: number): void {
    this.spans.moveTo(timeMicros);
  }

  ended(_frameId: number, start: number, now: number): void {
    this.lifetimes.end(now - start);
  }
  started(): void {
    // What begins is counted when it ends, or when somebody asks.
  }

  settled(frameId: number, isIn: boolean, now: number): void {
    if (!isIn || this.spans.isMarked(frameId)) return;
    const start = this.opportunities.startOf(frameId);
    if (start === 0) return;
    this.spans.mark(frameId, true);
    this.latencies.end(now - start);
  }

  /** A frame came into an opportunity at this instant: it may be shared already. */
  opportunityStarted(frameId: number): void {
    this.spans.mark(frameId, false);
    this.spans.look(frameId);
  }

  /** An opportunity ended. */
  opportunityEnded(frameId: number, start: number, now: number): void {
    if (!this.spans.isMarked(frameId)) this.latencies.censor(now - start);
  }
}
