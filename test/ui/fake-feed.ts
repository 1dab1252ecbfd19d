import { SeededRandom } from '../seeded-random.js';
import { micros } from '../../src/base/units.js';
import type { DomainHistoryPoint } from '../../src/figures/domain-figures.js';
import type { DomainRow, HostHistoryPoint, Snapshot, ViewRequest } from '../../src/figures/snapshot.js';
import type { HotPageRow, PartnerRow, Window, WindowSpec } from '../../src/figures/window.js';
import type { Clock } from '../../src/ui/clock.js';
import type { Feed } from '../../src/ui/feed.js';
import type { ComparedPolicy } from '../../src/figures/compare-figures.js';
import { fakePage, fakePairs } from './fake-answers.js';
import { sortHeldRows } from '../../src/ui/frozen-rows.js';

export interface FakeOptions {
  domains: number;
  seed?: number;
  /** Records a second. */
  rate?: number;
  /** Time from request to answer, ms. */
  latencyMs?: number;
}

const NAMES = ['web-a', 'web-b', 'ci-7', 'db-1', 'build', 'Domain-0', '日本-srv', 'mail', 'cache', 'proxy'];
const START_MICROS = 1_765_000_000_000_000;

/** A made-up host that changes a little with every answer. MEM = PRIV + SHARED + ZERO holds for its domains. */
export class FakeFeed implements Feed {
  readonly requests: ViewRequest[] = [];
  isClosed = false;
  /** Keys of domains that are gone. */
  readonly gone = new Set<string>();
  #listeners = new Set<(snapshot: Snapshot) => void>();
  #failures = new Set<(line: string) => void>();
  #failure: string | null = null;
  #next: ViewRequest | null = null;
  #isBusy = false;
  #epoch = 0;
  #rows: DomainRow[];
  #history: HostHistoryPoint[] = [];
  readonly #random: SeededRandom;

  constructor(
    private readonly clock: Clock,
    private readonly options: FakeOptions,
  ) {
    this.#random = new SeededRandom(options.seed ?? 1);
    this.#rows = Array.from({ length: options.domains }, (_, index) => this.#domain(index));
    for (let i = 0; i < 120; i++) this.#advance(250);
  }

  request(request: ViewRequest): void {
    this.requests.push(request);
    this.#next = request;
    if (!this.#isBusy) this.#serve();
  }

  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onFailure(listener: (line: string) => void): () => void {
    this.#failures.add(listener);
    if (this.#failure !== null) listener(this.#failure);
    return () => this.#failures.delete(listener);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** The worker died. */
  fail(line: string): void {
    this.#failure = line;
    for (const listener of this.#failures) listener(line);
  }

  #serve(): void {
    const request = this.#next;
    if (request === null || this.isClosed) return;
    this.#next = null;
    this.#isBusy = true;
    this.clock.after(this.options.latencyMs ?? 5, () => {
      this.#isBusy = false;
      this.#advance(250);
      const snapshot = this.snapshot(request);
      for (const listener of this.#listeners) listener(snapshot);
      this.#serve();
    });
  }

  /** What would be answered now. */
  snapshot(request: ViewRequest): Snapshot {
    const rows = this.#rows.filter((row) => !this.gone.has(row.key));
    const sum = (value: (row: DomainRow) => number): number => rows.reduce((total, row) => total + value(row), 0);
    const known = sum((row) => row.knownFrames);
    const saved = sum((row) => row.policy.fairSavedFrames);
    const could = sum((row) => row.couldFrames);
    const self = sum((row) => row.selfSavedFrames);
    const potential = Math.round(saved + could);
    const row = rows.find(({ key }) => key === request.domainKey);
    const whole: Snapshot = {
      requestId: request.id,
      position: {
        epoch: this.#epoch,
        timeMicros: micros(START_MICROS + this.#epoch * 250_000),
        sinceMicros: micros(START_MICROS),
        records: this.#epoch * ((this.options.rate ?? 4000) / 4),
      },
      host: {
        name: 'xen-lab-3',
        hypervisor: 'Xen',
        memoryFrames: 16_777_216,
        reservedFrames: sum((row) => row.reservedFrames),
        frames: sum((row) => row.frames),
        zeroFrames: sum((row) => row.zeroFrames),
        knownFrames: known,
        unknownFrames: sum((row) => row.unknownFrames),
        fillPageFrames: sum((row) => row.fillPageFrames),
        distinctContents: known - potential,
        sharedContents: Math.round(potential / 3),
        potentialSavedFrames: potential,
        selfSavedFrames: self,
        interSavedFrames: potential - self,
      },
      policy: {
        name: request.policy === '' ? 'dlps' : request.policy,
        savedFrames: Math.round(saved),
        zeroSavedFrames: 0,
        metadataBytes: 0,
        netSavedFrames: Math.round(saved) - 300,
        sharedFrames: Math.round(saved / 3),
        ...((request.policy === '' || request.policy === 'dlps') && { dlps: this.#dlps(saved) }),
      },
      policyNames: ['dlps', 'oracle', 'ksm'],
      withZeros: request.withZeros,
      readsAvoidedPerSecond: sum((row) => row.readsAvoidedPerSecond),
      readsIssuedPerSecond: 23 + this.#random.below(9),
      contentChangedPerSecond: sum((row) => row.contentChangedPerSecond),
      liveDomains: rows.length,
      domains: filtered(rows, request.domains.filter ?? ''),
      hot: { offset: 0, total: 64, rows: this.#hot() },
      history: this.#history.slice(-request.historyPoints),
      detail: row === undefined ? null : this.#detail(row, rows, request.historyPoints),
      ...(request.page && { page: fakePage(request.page, this.#hot(), this.#epoch) }),
      ...(request.compare === true && { compare: this.#compare(saved) }),
      ...(request.pairs && { pairs: fakePairs(request.pairs, rows, this.#epoch) }),
      health: {
        gaps: { lost: 0, damagedBlocks: 0, late: 0, orphans: 0, missing: 0, damagedRecords: 0, unmodelled: 0 },
        skewMicros: 2_400_000 + this.#random.below(900_000),
        lagMs: 20 + this.#random.below(200),
        backlogBytes: 0,
        selfCpu: 0.05 + this.#random.unit() / 50,
        selfBytes: 96 * 2 ** 20,
        streams: 1,
        sourceFound: true,
        notice: '',
      },
      traceName: 'run-0412',
      ended: false,
    };
    const sortOf = (spec: WindowSpec): { id: string; descending: boolean } => ({
      id: spec.sort,
      descending: spec.descending,
    });
    const sorted = sortHeldRows(whole, {
      domainSort: sortOf(request.domains),
      hotSort: sortOf(request.hot),
      partnerSort: sortOf(request.partners),
    });
    return {
      ...sorted,
      domains: cut(sorted.domains, request.domains),
      hot: cut(sorted.hot, request.hot),
      detail: sorted.detail && { ...sorted.detail, partners: cut(sorted.detail.partners, request.partners) },
    };
  }

  #domain(index: number): DomainRow {
    const random = this.#random;
    const reservedFrames = 65_536 * (1 + random.below(6));
    const name = NAMES[index] ?? `guest-${index}`;
    const row: DomainRow = {
      slot: index,
      domid: index + 1,
      key: `key-${index}`,
      name,
      group: 'default',
      kind: 'pv',
      reservedFrames,
      frames: 0,
      zeroFrames: Math.floor(reservedFrames * 0.04),
      knownFrames: Math.floor(reservedFrames * 0.7),
      unknownFrames: Math.floor(reservedFrames * 0.05),
      freeFrames: 0,
      fillPageFrames: random.below(400),
      distinctContents: Math.floor(reservedFrames * 0.55),
      selfSavedFrames: Math.floor(reservedFrames * 0.01),
      fairSavedFrames: 0,
      scannedMicros: START_MICROS,
      policy: {
        sharedFrames: Math.floor(reservedFrames * (0.1 + random.unit() * 0.4)),
        fairSavedFrames: 0,
        readsSeen: 20_000,
        readsAvoided: 14_000,
        contentChanged: 400,
      },
      privateFrames: 0,
      couldFrames: Math.floor(reservedFrames * 0.03),
      readsAvoidedPerSecond: random.below(120),
      contentChangedPerSecond: random.below(10),
      savedHistory: [],
      state: 'run',
    };
    return refresh(row);
  }

  #advance(ms: number): void {
    this.#epoch += 1;
    const random = this.#random;
    for (const row of this.#rows) {
      // A quarter of the domains do something at a time.
      if (!random.chance(0.25)) continue;
      const step = random.below(600) - 280;
      row.policy.sharedFrames = Math.max(100, Math.min(row.knownFrames, row.policy.sharedFrames + step));
      row.zeroFrames = Math.max(0, row.zeroFrames + random.below(40) - 20);
      row.readsAvoidedPerSecond = Math.max(0, row.readsAvoidedPerSecond + random.below(30) - 15);
      row.contentChangedPerSecond = random.below(9);
      row.scannedMicros = START_MICROS + this.#epoch * ms * 1000;
      refresh(row);
    }
    const saved = this.#rows.reduce((sum, row) => sum + row.policy.fairSavedFrames, 0);
    for (const row of this.#rows) row.savedHistory = [...row.savedHistory, row.policy.fairSavedFrames].slice(-60);
    this.#history = [
      ...this.#history,
      {
        timeMicros: START_MICROS + this.#epoch * 250_000,
        frames: this.#rows.reduce((sum, row) => sum + row.frames, 0),
        savedFrames: Math.round(saved),
        zeroSavedFrames: 0,
        metadataBytes: 0,
        couldFrames: this.#rows.reduce((sum, row) => sum + row.couldFrames, 0),
        readsAvoidedPerSecond: this.#rows.reduce((sum, row) => sum + row.readsAvoidedPerSecond, 0),
        readsIssuedPerSecond: 25,
        contentChangedPerSecond: 10,
      },
    ].slice(-400);
  }

  #compare(saved: number): ComparedPolicy[] {
    return ['dlps', 'oracle', 'ksm'].map((name, index) => {
      const [savedFrames, netSavedFrames] = [Math.round(saved * (1 + index)), Math.round(saved * (1 + index)) - 300];
      const common = { savedFrames, netSavedFrames, zeroSavedFrames: 0, sharedFrames: 1000, metadataBytes: 4096 };
      const figures = { name, ...common, ...(name === 'dlps' && { dlps: this.#dlps(saved) }) };
      return { figures, pageSeconds: null, latencySeconds: null, latencyOver30s: null, latencyOver5min: null };
    });
  }

  #dlps(saved: number): NonNullable<Snapshot['policy']['dlps']> {
    const bound = Math.round(saved * 1.4);
    return {
      regionFrames: 262_144,
      residentSlots: 204_118,
      idleSlots: 300,
      duplicateSlots: 41,
      boundFrames: bound,
      savedFrames: Math.round(saved),
      netSavedFrames: Math.round(saved) - 300,
      readsSeen: 48_000 + this.#epoch * 80,
      readsIssued: 6_800,
      readsAvoided: 41_200 + this.#epoch * 80,
      readsAvoidedCross: 33_000 + this.#epoch * 60,
      readsAvoidedOwn: 8_200 + this.#epoch * 20,
      readsCold: 5_100,
      readsAvoidedCold: 2_300,
      readsIneligible: { unaligned: 12, ownWritten: 812, writableImage: 3_100 },
      contentChanged: { overwritten: 611, zeroed: 12, unknown: 31, freed: 95 },
      evictions: 0,
      identityConflicts: 0,
      bindExpired: 77,
    };
  }

  #hot(): HotPageRow[] {
    return Array.from({ length: 64 }, (_, index) => ({
      contentId: index,
      hashLow: Math.imul(index + 1, 0x9e3779b9) >>> 0,
      hashHigh: Math.imul(index + 7, 0x85ebca6b) >>> 0,
      kind: index % 9 === 3 ? 'memory' : 'disk',
      fillByte: -1,
      refs: 64 - index,
      domains: 1 + (index % 6),
      sharedRefs: 60 - index > 0 ? 60 - index : 0,
      heatPerSecond: 1000 / (index + 1) + this.#random.unit() * 4,
      churnPerSecond: this.#random.unit() * 3,
      firstSeenMicros: START_MICROS - index * 1_000_000,
      lastEventMicros: START_MICROS + this.#epoch * 250_000,
      image: index % 9 === 3 ? '' : 'vda1',
      block: 88_120 + index * 8,
    }));
  }

  #detail(row: DomainRow, rows: DomainRow[], points: number): NonNullable<Snapshot['detail']> {
    const partners: PartnerRow[] = rows
      .filter((other) => other !== row)
      .map(({ slot, domid, name, group, policy }) => ({
        slot,
        domid,
        name,
        group,
        contents: Math.floor(policy.sharedFrames / 2),
      }));
    const history: DomainHistoryPoint[] = row.savedHistory.slice(-points).map((saved, index) => ({
      timeMicros: START_MICROS + (this.#epoch - row.savedHistory.length + index) * 250_000,
      frames: row.frames,
      zeroFrames: row.zeroFrames,
      sharedFrames: Math.round(saved / 0.7),
      fairSavedFrames: saved,
      readsAvoidedPerSecond: row.readsAvoidedPerSecond,
      contentChangedPerSecond: row.contentChangedPerSecond,
    }));
    return {
      row: { ...row, policy: { ...row.policy } },
      partners: { offset: 0, total: partners.length, rows: partners },
      history,
      aloneContents: Math.floor(row.distinctContents * 0.6),
      commonContents: Math.ceil(row.distinctContents * 0.4),
    };
  }
}

/** Makes the sums of a row hold again. */
function refresh(row: DomainRow): DomainRow {
  row.frames = row.zeroFrames + row.knownFrames + row.unknownFrames;
  row.policy.fairSavedFrames = row.policy.sharedFrames * 0.7;
  row.fairSavedFrames = row.policy.fairSavedFrames + row.couldFrames;
  row.privateFrames = row.frames - row.policy.sharedFrames - row.zeroFrames;
  return row;
}

/** Names that have the word in them. */
function filtered(all: DomainRow[], filter: string): Window<DomainRow> {
  const rows = all.filter((row) => row.name.includes(filter.trim()));
  return { offset: 0, total: rows.length, rows };
}

function cut<Row>(window: Window<Row>, spec: WindowSpec): Window<Row> {
  const offset = Math.min(spec.offset, window.total);
  // A copy, as the structured clone of a message is one.
  const rows = structuredClone(window.rows.slice(offset, offset + spec.count));
  return { offset, total: window.total, rows };
}
