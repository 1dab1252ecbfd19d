import { EFFECT_DOMAIN, EFFECT_GONE, EFFECT_WRITE, EFFECT_WORDS } from '../engine/effects.js';
import type { Engine } from '../engine/engine.js';
import { D_UNKNOWN, D_KNOWN, D_ZERO, DOMAIN_COUNTERS } from '../engine/layout.js';
import type { DomainHistoryPoint } from '../figures/domain-figures.js';
import { type HostHistoryPoint, RATE_SECONDS } from '../figures/snapshot.js';
import { fairZeros, zeroSavableFrames } from '../figures/derived.js';
import { hostFigures } from './figures-of.js';
import { historySteps, ratePerSecond, Series } from './history.js';
import type { PolicySet, PolicySlot } from './policy-set.js';

/** Domains with a history of their own: 38 kB each. Later ones have none until a slot is free. */
const DOMAINS_WITH_HISTORY_MAX = 512;

// Host series: columns for all policies, then three a policy.
const H_FRAMES = 0;
const H_POTENTIAL = 1;
const H_ZERO = 2;
const H_POLICIES = 3;
const HP_SAVED = 0;
const HP_AVOIDED = 1;
const HP_ISSUED = 2;
const HP_CHANGED = 3;
const HP_ZERO_SAVED = 4;
const HP_WIDTH = 5;
// Domain series, likewise.
const G_FRAMES = 0;
const G_ZERO = 1;
const G_POLICIES = 2;
const GP_SHARED = 0;
const GP_FAIR = 1;
const GP_AVOIDED = 2;
const GP_CHANGED = 3;
const GP_WIDTH = 4;

/** Rates of one domain or of the host over RATE_SECONDS. */
export interface Rates {
  avoidedPerSecond: number;
  issuedPerSecond: number;
  changedPerSecond: number;
}

/** The histories of the host and of each domain under each policy, and when each domain last did anything. */
export class HostHistory {
  readonly #host: Series;
  readonly #domains: (Series | undefined)[] = [];
  #domainSeries = 0;
  /** By domain slot: trace time of its last change, read or write, µs. */
  activeMicros = new Float64Array(8).fill(-1);
  #lastSecond = 0;
  readonly #domainWidth: number;
  readonly #seriesBytes: number;

  constructor(
    private readonly engine: Engine,
    private readonly policies: PolicySet,
  ) {
    this.#host = new Series(H_POLICIES + HP_WIDTH * policies.slots.length);
    this.#domainWidth = G_POLICIES + GP_WIDTH * policies.slots.length;
    this.#seriesBytes = new Series(this.#domainWidth).bytes;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#host.bytes + this.#domainSeries * this.#seriesBytes + this.activeMicros.byteLength;
  }

  /** Drops the histories of domains, for good: room is short, and no figure depends on them. */
  giveUpDomains(): void {
    this.#domains.length = 0;
    this.#domainSeries = 0;
  }

  /** Notes which domains were active; takes the same effects as the policies. */
  apply(words: Uint32Array, used: number): void {
    const now = this.engine.timeMicros;
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const kind = words[at] & 0xff;
      const slot = words[at] >>> 16;
      if (kind <= EFFECT_WRITE) this.activeMicros[slot] = now;
      else if (kind === EFFECT_DOMAIN) this.#start(slot);
      else if (kind === EFFECT_GONE) this.#end(slot);
    }
  }

  #start(slot: number): void {
    if (slot >= this.activeMicros.length) {
      const grown = new Float64Array(Math.max(slot + 1, this.activeMicros.length * 2)).fill(-1);
      grown.set(this.activeMicros);
      this.activeMicros = grown;
    }
    this.activeMicros[slot] = this.engine.timeMicros;
    const { budget } = this.engine;
    if (this.#domainSeries >= DOMAINS_WITH_HISTORY_MAX || budget.isTight) return;
    if (!budget.hasRoom(this.#seriesBytes)) return;
    this.#domainSeries++;
    this.#domains[slot] = new Series(this.#domainWidth);
  }

  #end(slot: number): void {
    if (this.#domains[slot] !== undefined) this.#domainSeries--;
    this.#domains[slot] = undefined;
  }

  /** Samples the settled state at the end of a second, for it and the `count − 1` seconds without records after it. */
  sample(second: number, count: number): void {
    this.#lastSecond = second + count - 1;
    const host = hostFigures(this.engine);
    const row = [host.frames, host.potentialSavedFrames, host.zeroFrames];
    for (const slot of this.policies.slots) {
      const sums = slot.policy.sums();
      row.push(sums.savedFrames, sums.readsAvoided, sums.readsIssued, sums.contentChanged, sums.zeroSavedFrames);
    }
    this.#host.push(row, count);
    for (const domain of this.engine.domains.live()) this.#sampleDomain(domain.slot, count);
  }

  #sampleDomain(slot: number, count: number): void {
    const series = this.#domains[slot];
    if (series === undefined) return;
    const counters = this.engine.domains.counters;
    const at = slot * DOMAIN_COUNTERS;
    const zero = counters[at + D_ZERO];
    const row = [zero + counters[at + D_KNOWN] + counters[at + D_UNKNOWN], zero];
    for (const { policy } of this.policies.slots) {
      const part = policy.domainFigures(slot);
      row.push(part.sharedFrames, part.fairSavedFrames, part.readsAvoided, part.contentChanged);
    }
    series.push(row, count);
  }

  /** The host's rates now. */
  hostRates(policy: PolicySlot): Rates {
    const base = H_POLICIES + HP_WIDTH * this.policies.slots.indexOf(policy);
    return {
      avoidedPerSecond: ratePerSecond(this.#host, base + HP_AVOIDED, 0, RATE_SECONDS),
      issuedPerSecond: ratePerSecond(this.#host, base + HP_ISSUED, 0, RATE_SECONDS),
      changedPerSecond: ratePerSecond(this.#host, base + HP_CHANGED, 0, RATE_SECONDS),
    };
  }

  /** A domain's rates now; issued reads are known of the host only. */
  domainRates(slot: number, policy: PolicySlot): Omit<Rates, 'issuedPerSecond'> {
    const series = this.#domains[slot];
    if (series === undefined) return { avoidedPerSecond: 0, changedPerSecond: 0 };
    const base = G_POLICIES + GP_WIDTH * this.policies.slots.indexOf(policy);
    return {
      avoidedPerSecond: ratePerSecond(series, base + GP_AVOIDED, 0, RATE_SECONDS),
      changedPerSecond: ratePerSecond(series, base + GP_CHANGED, 0, RATE_SECONDS),
    };
  }

  /** Fair saved frames of a domain, oldest first; with zeros in, those of its zero frames are among them. */
  domainSaved(slot: number, policy: PolicySlot, pointsMax: number, withZeros: boolean): number[] {
    const series = this.#domains[slot];
    if (series === undefined) return [];
    const { points, step } = historySteps(series.length, pointsMax);
    const column = G_POLICIES + GP_WIDTH * this.policies.slots.indexOf(policy) + GP_FAIR;
    return Array.from({ length: points }, (_, i) => {
      const back = (points - 1 - i) * step;
      return series.at(back, column) + this.#fairZerosAt(series, back, policy, withZeros);
    });
  }

  /** The host's points, oldest first; with zeros in, what zero pages would save is in the sums. */
  host(policy: PolicySlot, pointsMax: number, withZeros: boolean): HostHistoryPoint[] {
    const series = this.#host;
    const { points, step } = historySteps(series.length, pointsMax);
    const base = H_POLICIES + HP_WIDTH * this.policies.slots.indexOf(policy);
    return Array.from({ length: points }, (_, i) => {
      const back = (points - 1 - i) * step;
      const zeros = withZeros ? zeroSavableFrames(series.at(back, H_ZERO)) : 0;
      const saved = series.at(back, base + HP_SAVED) + (withZeros ? series.at(back, base + HP_ZERO_SAVED) : 0);
      return {
        timeMicros: this.#timeOf(back),
        frames: series.at(back, H_FRAMES),
        savedFrames: saved,
        couldFrames: series.at(back, H_POTENTIAL) + zeros - saved,
        readsAvoidedPerSecond: ratePerSecond(series, base + HP_AVOIDED, back, step),
        readsIssuedPerSecond: ratePerSecond(series, base + HP_ISSUED, back, step),
        contentChangedPerSecond: ratePerSecond(series, base + HP_CHANGED, back, step),
      };
    });
  }

  /** What a policy that shares zeros saves of them for a domain, as its fair part. */
  #fairZerosAt(series: Series, back: number, policy: PolicySlot, withZeros: boolean): number {
    if (!withZeros) return 0;
    const saved = H_POLICIES + HP_WIDTH * this.policies.slots.indexOf(policy) + HP_ZERO_SAVED;
    return fairZeros(series.at(back, G_ZERO), this.#host.at(back, H_ZERO), this.#host.at(back, saved));
  }

  /** The history of a domain slot under a policy, oldest first, at most `pointsMax` points; none if it has none. */
  domain(slot: number, policy: PolicySlot, pointsMax: number, withZeros: boolean): DomainHistoryPoint[] {
    const series = this.#domains[slot];
    if (series === undefined) return [];
    const { points, step } = historySteps(series.length, pointsMax);
    const base = G_POLICIES + GP_WIDTH * this.policies.slots.indexOf(policy);
    return Array.from({ length: points }, (_, i) => {
      const back = (points - 1 - i) * step;
      return {
        timeMicros: this.#timeOf(back),
        frames: series.at(back, G_FRAMES),
        zeroFrames: series.at(back, G_ZERO),
        sharedFrames: series.at(back, base + GP_SHARED),
        fairSavedFrames: series.at(back, base + GP_FAIR) + this.#fairZerosAt(series, back, policy, withZeros),
        readsAvoidedPerSecond: ratePerSecond(series, base + GP_AVOIDED, back, step),
        contentChangedPerSecond: ratePerSecond(series, base + GP_CHANGED, back, step),
      };
    });
  }

  #timeOf(back: number): number {
    return (this.#lastSecond - back) * 1e6;
  }
}
