import type { DurationHistogram } from '../base/duration-histogram.js';
import type { Engine } from '../engine/engine.js';
import { type GapFacts, ScanGaps } from '../engine/scan-gaps.js';
import {
  type DurationBucket,
  type DurationFigures,
  LONG_SECONDS,
  type PolicyTimeFigures,
  type ScanGapFigures,
  SHORT_SECONDS,
  SPAN_EDGES,
  type SpanFigures,
} from '../figures/time-figures.js';
import type { FrameSpans } from '../policy/parts/frame-spans.js';
import { Opportunities } from '../policy/parts/opportunities.js';
import type { ShareSpans } from '../policy/parts/share-spans.js';
import type { PolicySet } from './policy-set.js';

const DURATION_MAX = 2 ** 32;

/** Lifetimes and latencies of one trace: what is followed, and the figures of it. */
export class SharingTimes {
  readonly opportunities: Opportunities;
  readonly #gaps = new ScanGaps();
  /** By name of the policy. */
  readonly #shares = new Map<string, ShareSpans>();

  /** Before the first record: the engine's batches are of one instant from now on. */
  constructor(
    private readonly engine: Engine,
    policies: PolicySet,
  ) {
    this.opportunities = new Opportunities(engine);
    engine.clock.cutsBatches = true;
    engine.domains.scanGaps = this.#gaps;
    for (const { policy } of policies.slots) {
      const follow = policy.running?.followShares?.bind(policy.running);
      if (follow === undefined) continue;
      const shares = this.opportunities.addShares();
      this.#shares.set(policy.name, shares);
      follow(shares);
    }
  }

  /** How far scans are apart, the median; infinite where no domain was scanned twice. Seconds. */
  get gapSeconds(): number {
    return (this.#gaps.host.medianMillis ?? Number.POSITIVE_INFINITY) / 1000;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.opportunities.bytes + this.#gaps.bytes;
  }

  /** Takes an effects batch, before the policies do. */
  apply(words: Uint32Array, used: number): void {
    this.opportunities.apply(words, used);
  }

  /** The trace is at its end, and policies are settled. */
  finish(): void {
    this.opportunities.finish();
  }

  /** Lifetimes of opportunities; null if there was no room to follow them. O(frames). */
  spans(): SpanFigures | null {
    const { opportunities } = this;
    const { spans } = opportunities;
    if (spans.isFull) return null;
    const seen = opportunities.lifetimes.copy();
    const { ended } = opportunities.fromFirstScan;
    let { sum } = opportunities.fromFirstScan;
    let open = 0;
    spans.eachRunning((frameId, start, now) => {
      if (!opportunities.isFromFirstScan(frameId)) seen.censor(now - start);
      else {
        open++;
        sum += now - start;
      }
    });
    return {
      scanGap: gapFigures(this.#gaps.host),
      domains: this.engine.domains
        .live()
        .sort((a, b) => a.domid - b.domid || a.slot - b.slot)
        .map(({ slot, domid, key }) => ({ domid, key, ...gapFigures(this.#gaps.of(slot)) })),
      opportunities: this.#figures(seen),
      fromFirstScan: { ended, open, totalSeconds: sum / 1000 },
    };
  }

  /** The shares of a policy and how long they took; null where they are not followed. O(frames). */
  ofPolicy(name: string): Pick<PolicyTimeFigures, 'shares' | 'latency'> {
    const shares = this.#shares.get(name);
    const { spans } = this.opportunities;
    if (shares === undefined || shares.spans.isFull || spans.isFull) return { shares: null, latency: null };
    const latencies = shares.latencies.copy();
    spans.eachRunning((frameId, start, now) => {
      if (!shares.spans.isMarked(frameId)) latencies.censor(now - start);
    });
    return {
      shares: this.#figures(withRunning(shares.lifetimes, shares.spans)),
      latency: this.#figures(latencies),
    };
  }

  #figures(histogram: DurationHistogram): DurationFigures {
    const gapMillis = this.#gaps.host.medianMillis ?? Number.POSITIVE_INFINITY;
    const bucket = (from: number, to: number): DurationBucket => ({
      fromSeconds: from / 1000,
      toSeconds: to === DURATION_MAX ? null : to / 1000,
      ...histogram.between(from, to),
      resolvable: to > gapMillis,
    });
    const [short, long] = [SHORT_SECONDS * 1000, LONG_SECONDS * 1000];
    const median = histogram.median();
    const edges = [0, ...SPAN_EDGES, DURATION_MAX];
    return {
      ended: histogram.ended,
      open: histogram.open,
      totalSeconds: histogram.sum / 1000,
      medianSeconds: median === null ? null : median / 1000,
      survival30s: short > gapMillis ? histogram.survivalAt(short) : null,
      survival5min: long > gapMillis ? histogram.survivalAt(long) : null,
      short: bucket(0, short),
      middle: bucket(short, long),
      long: bucket(long, DURATION_MAX),
      buckets: edges.slice(1).map((to, i) => bucket(edges[i], to)),
    };
  }
}

/** What ended, and what runs as of now. */
function withRunning(ended: DurationHistogram, spans: FrameSpans): DurationHistogram {
  const all = ended.copy();
  spans.eachRunning((_, start, now) => all.censor(now - start));
  return all;
}

function gapFigures({ gaps, medianMillis, largestMillis }: GapFacts): ScanGapFigures {
  return {
    gaps,
    medianSeconds: medianMillis === null ? null : medianMillis / 1000,
    largestSeconds: gaps === 0 ? null : largestMillis / 1000,
  };
}
