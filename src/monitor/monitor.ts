import { MemoryBudget } from '../base/memory-budget.js';
import type { Domain } from '../engine/domain-table.js';
import { Engine } from '../engine/engine.js';
import { GivenGroups } from '../engine/given-groups.js';
import { domainSortValue } from '../figures/domain-sort.js';
import type { Position } from '../figures/host-figures.js';
import type { RealFigures } from '../figures/real-figures.js';
import {
  type DomainDetail,
  type DomainRow,
  type Health,
  type Snapshot,
  STILL_SECONDS,
  type ViewRequest,
} from '../figures/snapshot.js';
import type { PartnerRow, Window, WindowSpec } from '../figures/window.js';
import { filterDomains } from '../query/domain-filter.js';
import { sortedWindow } from '../query/sort-rows.js';
import type { OwnPolicyModule } from '../policy/own-policy-interface.js';
import type { RecordRange } from '../source/record-source.js';
import { comparedPolicies } from './compared-policies.js';
import { domainFigures, hostFigures, positionOf } from './figures-of.js';
import { GuardedCurve } from './guarded-curve.js';
import { HostHistory } from './host-history.js';
import { HotPages } from './hot-pages.js';
import { LabelBook } from './label-book.js';
import { LabelFiles } from './label-files.js';
import { NameQuestions } from './name-questions.js';
import { PageQuestions, type SecondReading } from './page-questions.js';
import { type PairCounts, pairCounts } from './pair-counts.js';
import type { PolicyOptions } from './policy-registry.js';
import { PolicySet, type PolicySlot } from './policy-set.js';
import { realFiguresOf } from './real-figures-of.js';
import { SharingQuestions } from './sharing-questions.js';
import { SharingTimes } from './sharing-times.js';

/** Blocks applied between two estimates of pairs. */
const ESTIMATE_EPOCHS = 64;
/** Points of the small history in a domain's row. */
const ROW_HISTORY_POINTS = 60;
const NO_SECOND_READING: SecondReading = { openAgain: null, streamNames: () => [] };

/**
 * Engine, policies and histories of one trace, and the answers to what a screen asks. The same class serves the worker
 * of the live view and the commands that print once.
 */
export class Monitor {
  readonly engine: Engine;
  readonly policies = new PolicySet();
  readonly history: HostHistory;
  /** How large the region should be; null: not asked for. */
  readonly regionCurve: GuardedCurve | null;
  /** Lifetimes and latencies; null: nobody asked. */
  readonly times: SharingTimes | null;
  /** What contents are called. */
  readonly labels = new LabelBook();
  readonly #labelFiles: LabelFiles;
  readonly #hot: HotPages;
  readonly #names: NameQuestions;
  readonly #pages: PageQuestions;
  readonly #sharing: SharingQuestions;
  #pairs: { epoch: number; counts: PairCounts } | null = null;

  /**
   * @param second how the trace can be read again for the history of a page; left out: it cannot
   * @param own policies that a person brought along, loaded. Throws OwnPolicyError if one of them cannot be made,
   *   TraceError if a label file of the options cannot be read
   */
  constructor(options: PolicyOptions, second: SecondReading = NO_SECOND_READING, own: readonly OwnPolicyModule[] = []) {
    const budget = new MemoryBudget(options.memoryLimitBytes);
    const onEffects = (words: Uint32Array, used: number): void => {
      this.times?.apply(words, used);
      this.policies.apply(words, used);
      this.history.apply(words, used);
      this.regionCurve?.apply(words, used);
    };
    this.engine = new Engine(onEffects, budget, new GivenGroups(options.groups));
    this.policies.start(this.engine, options, own);
    this.times = options.times === true ? new SharingTimes(this.engine, this.policies) : null;
    if (this.times !== null) budget.watch(this.times);
    this.history = new HostHistory(this.engine, this.policies);
    this.regionCurve = this.#curve(options);
    if (this.regionCurve !== null) budget.watch(this.regionCurve);
    budget.watch(this.policies);
    budget.watch(this.history);
    budget.watch(this.labels);
    budget.onTight(() => this.history.giveUpDomains());
    const files = new LabelFiles(this.labels, budget, options.directory ?? '');
    this.#labelFiles = files;
    for (const path of options.labels ?? []) files.use(path);
    this.engine.labels = {
      label: ({ low, high, offset, text }) => this.labels.note(low, high, offset, text),
      labelFile: (path) => files.refer(path),
    };
    this.#hot = new HotPages(this.engine, this.labels);
    this.#names = new NameQuestions(this.engine, this.labels);
    this.#pages = new PageQuestions(this.engine, this.labels, second);
    this.#sharing = new SharingQuestions(this.engine);
    this.engine.clock.listener = {
      settle: (work) => this.settle(work),
      sample: (second, count) => this.history.sample(second, count),
    };
  }

  #curve({ regionCurve, dlps }: PolicyOptions): GuardedCurve | null {
    if (regionCurve === undefined) return null;
    return new GuardedCurve(this.engine, { ...regionCurve, victim: dlps.victim }, (line) => {
      this.policies.notice = line;
    });
  }

  /** Applies records of one stream. */
  apply(stream: number, block: RecordRange): void {
    this.engine.apply(stream, block.baseTimeMicros, block.words, block.start, block.end);
    this.#pages.follow(stream, block);
  }

  /** Takes note of what a request asks beyond what is kept: it is worked out by `work` and `read`. Settled before. */
  want(request: ViewRequest, nowMs: number): void {
    const policy = this.policies.find(request.policy).policy;
    this.#pages.want(request.page, nowMs);
    this.#sharing.want({ pairs: request.pairs ?? null, domainKey: request.domainKey }, policy, nowMs);
    this.#names.want(request.names ?? null, policy, nowMs);
  }

  /** Walks over the tables until `untilMs` for what was asked; true if more is left: nothing may be applied then. */
  work(now: () => number, untilMs: number): boolean {
    this.#pages.work(now, untilMs);
    if (now() < untilMs) this.#sharing.work(now, untilMs);
    if (now() < untilMs) this.#names.work(now, untilMs);
    return this.#pages.busy || this.#sharing.busy || this.#names.busy;
  }

  /** Reads the trace a second time, until `untilMs`, for the history of a page; true if more is left. */
  read(now: () => number, untilMs: number): boolean {
    this.#pages.read(now, untilMs);
    return this.#pages.reading;
  }

  /** As `apply`, but `step` does the work; the block before must be done. */
  begin(stream: number, block: RecordRange): void {
    this.engine.begin(stream, block.baseTimeMicros, block.words, block.start, block.end);
    this.#pages.follow(stream, block);
  }

  /** A block is begun and not done. */
  get isApplying(): boolean {
    return this.engine.isUnderWay;
  }

  /** Goes on with the block for about `frames` frames; true if more of it is left. Figures may be asked in between. */
  step(frames: number): boolean {
    return this.engine.step(frames);
  }

  /** What is left of the block is kept: its words may be overwritten. */
  keepRest(): void {
    this.engine.keepRest();
  }

  /** Settles a slice of about `work` contents, and of the slots of each policy; true if more is left. */
  settle(work: number): boolean {
    return this.engine.settle(work) || this.policies.settle(work);
  }

  /** What of the labels is missing; empty: nothing. */
  get labelNotice(): string {
    const { dropped } = this.labels.inline;
    if (dropped === 0) return this.#labelFiles.notice;
    return `${dropped.toLocaleString('en-US')} labels of the trace are not kept, they are too many: write a label file`;
  }

  /** Where the engine stands in the trace. */
  get position(): Position {
    return positionOf(this.engine);
  }

  /** Everything a screen needs, of this epoch. The caller has settled. */
  snapshot(request: ViewRequest, health: Health, trace: { name: string; ended: boolean }): Snapshot {
    const policy = this.policies.find(request.policy);
    const rates = this.history.hostRates(policy);
    const rows = this.engine.domains.live().map((domain) => this.#domainRow(domain, policy, request.withZeros));
    const { sort, descending, offset, count } = request.domains;
    const host = hostFigures(this.engine);
    const figures = policy.policy.figures();
    const around = { host, policy: figures, withZeros: request.withZeros };
    const key = domainSortValue(sort, around);
    const filtered = filterDomains(rows, request.domains.filter ?? '', around);
    const page = this.#pages.answer((id) => this.#hot.row(id, policy.policy), policy.policy);
    const pairs = this.#sharing.pairs();
    const names = this.#names.answer();
    const regionCurve = this.regionCurve?.figures() ?? null;
    const real = realFiguresOf(this.engine);
    return {
      ...(regionCurve !== null && { regionCurve }),
      ...(real !== null && { real }),
      ...(page !== null && { page }),
      ...(pairs !== null && { pairs }),
      ...(names !== null && { names }),
      ...(this.labels.labels > 0 && { hasLabels: true }),
      ...(request.compare === true && { compare: comparedPolicies(this) }),
      requestId: request.id,
      position: this.position,
      host,
      policy: figures,
      policyNames: this.policies.slots.map((slot) => slot.policy.name),
      withZeros: request.withZeros,
      readsAvoidedPerSecond: rates.avoidedPerSecond,
      readsIssuedPerSecond: rates.issuedPerSecond,
      contentChangedPerSecond: rates.changedPerSecond,
      liveDomains: rows.length,
      domains: sortedWindow(filtered, key, (row) => row.domid, descending, offset, count),
      hot: this.#hot.window(request.hot, policy.policy, request.withZeros),
      history: this.history.host(policy, request.historyPoints, request.withZeros),
      detail: this.#detail(request, rows, policy, real),
      health,
      traceName: trace.name,
      ended: trace.ended,
    };
  }

  #domainRow(domain: Domain, policy: PolicySlot, withZeros: boolean): DomainRow {
    const figures = domainFigures(this.engine, domain);
    const part = policy.policy.domainFigures(domain.slot);
    const rates = this.history.domainRates(domain.slot, policy);
    const active = this.history.activeMicros[domain.slot];
    return {
      ...figures,
      policy: part,
      privateFrames: figures.frames - figures.zeroFrames - part.sharedFrames,
      couldFrames: figures.fairSavedFrames - part.fairSavedFrames,
      readsAvoidedPerSecond: rates.avoidedPerSecond,
      contentChangedPerSecond: rates.changedPerSecond,
      savedHistory: this.history.domainSaved(domain.slot, policy, ROW_HISTORY_POINTS, withZeros),
      state: this.engine.now - active <= STILL_SECONDS * 1e6 ? 'run' : 'still',
    };
  }

  #detail(
    request: ViewRequest,
    rows: readonly DomainRow[],
    policy: PolicySlot,
    real: RealFigures | null,
  ): DomainDetail | null {
    const row = rows.find((candidate) => candidate.key === request.domainKey);
    if (row === undefined) return null;
    const pairs = this.#pairCounts();
    const alone = pairs.alone(row.slot);
    const walk = this.#sharing.censusOf(row.slot);
    const told = real?.domains.find(({ slot }) => slot === row.slot)?.told;
    return {
      row,
      ...(told !== undefined && { told }),
      ...(walk !== null && { stop: { ...walk.stop(row.slot), epoch: walk.epoch } }),
      partners: this.#partners(row.slot, request.partners, pairs),
      history: this.history.domain(row.slot, policy, request.historyPoints, request.withZeros),
      aloneContents: alone,
      commonContents: row.distinctContents - alone,
    };
  }

  /** Estimates walk over all contents: one serves several answers. */
  #pairCounts(): PairCounts {
    const { epoch, changes } = this.engine;
    if (this.#pairs === null || changes.pairsExact || epoch - this.#pairs.epoch > ESTIMATE_EPOCHS) {
      this.#pairs = { epoch, counts: pairCounts(this.engine) };
    }
    return this.#pairs.counts;
  }

  #partners(slot: number, spec: WindowSpec, pairs: PairCounts): Window<PartnerRow> {
    const partners: PartnerRow[] = [];
    const census = this.#sharing.censusOf(slot)?.census;
    for (const domain of this.engine.domains.live()) {
      if (domain.slot === slot) continue;
      const { domid, name, group } = domain;
      const contents = pairs.both(slot, domain.slot);
      const onlyContents = census?.onlyContents(slot, domain.slot);
      partners.push({
        slot: domain.slot,
        domid,
        name,
        group,
        contents,
        ...(onlyContents !== undefined && { onlyContents }),
      });
    }
    const key = (row: PartnerRow): number | string =>
      spec.sort === 'name' ? row.name : spec.sort === 'id' ? row.domid : row.contents;
    return sortedWindow(partners, key, (row) => row.domid, spec.descending, spec.offset, spec.count);
  }
}
