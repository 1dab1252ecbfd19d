/**
 * Snapshots made by hand whose figures belong together: a small model of who holds what is written down, and every
 * figure is counted from it, so that the sums on a screen can be checked against the model.
 */
import { micros } from '../../src/base/units.js';
import type { DomainHistoryPoint } from '../../src/figures/domain-figures.js';
import type { HostFigures } from '../../src/figures/host-figures.js';
import type { PolicyFigures } from '../../src/figures/policy-figures.js';
import type { DomainRow, HostHistoryPoint, Snapshot } from '../../src/figures/snapshot.js';
import type { HotPageRow } from '../../src/figures/window.js';
import type { DomainState, KeyHint, MainState } from '../../src/views/screen-state.js';

/** `count` contents that each have these holders; a domain twice in `holders` has two frames of it. */
export interface ContentClass {
  count: number;
  holders: number[];
  /** The shown policy shares them. */
  shared: boolean;
}

export interface ModelDomain {
  domid: number;
  name: string;
  kind: string;
  reservedFrames: number;
  zeroFrames: number;
  unknownFrames: number;
  freeFrames: number;
  /** Contents that only this domain holds, once. */
  uniqueFrames: number;
  readsSeen: number;
  readsAvoided: number;
  avoidedPerSecond: number;
  changedPerSecond: number;
  scannedSecondsAgo: number;
  still?: boolean;
}

export interface Model {
  domains: ModelDomain[];
  contents: ContentClass[];
  idleSlots: number;
  /** Slots with one bound frame: held, but not shared. */
  singleSlots: number;
  regionFrames: number;
}

const domain = (
  domid: number,
  name: string,
  kind: string,
  frames: [zero: number, unknown: number, free: number, unique: number],
  reads: [seen: number, avoided: number],
  rates: [avoided: number, changed: number],
  scannedSecondsAgo: number,
  still = false,
): ModelDomain => ({
  ...{ domid, name, kind, reservedFrames: 65_536, still, scannedSecondsAgo },
  ...{ zeroFrames: frames[0], unknownFrames: frames[1], freeFrames: frames[2], uniqueFrames: frames[3] },
  ...{ readsSeen: reads[0], readsAvoided: reads[1], avoidedPerSecond: rates[0], changedPerSecond: rates[1] },
});

/** Five guests of 256 MiB, like those of the recording. */
export function fiveGuests(): Model {
  return {
    domains: [
      domain(1, 'web1', 'qemu', [21_204, 311, 0, 9_120], [21_338, 8_911], [121.4, 2.1], 0.4),
      domain(2, 'web2', 'qemu', [20_991, 290, 0, 9_318], [21_402, 17_020], [118.2, 0.9], 0.4),
      domain(3, 'build1', 'qemu', [4_011, 4_804, 2_048, 31_220], [41_977, 9_204], [33.6, 14.7], 1.4),
      domain(4, 'idle1', 'qemu', [41_870, 12, 0, 2_004], [6_012, 2_347], [0, 0], 1.4),
      domain(5, 'trix1', 'qemu', [30_118, 0, 0, 24_871], [6_457, 0], [0, 0], 71.2, true),
    ],
    contents: [
      { count: 9_412, holders: [0, 1], shared: true },
      { count: 5_120, holders: [0, 1, 3], shared: true },
      { count: 6_204, holders: [0, 1, 2, 3], shared: true },
      { count: 1_377, holders: [0, 1, 2, 3, 4], shared: true },
      { count: 402, holders: [2, 2, 3], shared: true },
      { count: 2_511, holders: [0, 1], shared: false },
      { count: 1_804, holders: [2, 3], shared: false },
      { count: 288, holders: [4, 4, 4], shared: false },
    ],
    idleSlots: 640,
    singleSlots: 3_120,
    regionFrames: 32_768,
  };
}

const TIME_MICROS = 280_669_000;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Frames of the contents that domain `index` holds, of all classes or of the shared ones. */
function held(model: Model, index: number, sharedOnly: boolean): number {
  return sum(
    model.contents
      .filter((content) => content.shared || !sharedOnly)
      .map((content) => content.count * content.holders.filter((holder) => holder === index).length),
  );
}

/** Σ (n − 1)/n over the frames of domain `index` in the classes. */
function fair(model: Model, index: number, sharedOnly: boolean): number {
  return sum(
    model.contents
      .filter((content) => content.shared || !sharedOnly)
      .map((content) => {
        const n = content.holders.length;
        return (content.count * content.holders.filter((holder) => holder === index).length * (n - 1)) / n;
      }),
  );
}

/** Σ (refs − 1), counted by contents, not by domains. */
function saving(model: Model, sharedOnly: boolean): number {
  return sum(
    model.contents
      .filter((content) => content.shared || !sharedOnly)
      .map((content) => content.count * (content.holders.length - 1)),
  );
}

function domainRow(model: Model, index: number): DomainRow {
  const made = model.domains[index];
  const knownFrames = made.uniqueFrames + held(model, index, false);
  const frames = made.zeroFrames + knownFrames + made.unknownFrames;
  const sharedFrames = held(model, index, true);
  const distinct =
    made.uniqueFrames + sum(model.contents.filter((c) => c.holders.includes(index)).map((content) => content.count));
  const fairSaved = fair(model, index, true);
  return {
    ...{ slot: index, domid: made.domid, key: `key-${made.name}`, name: made.name, group: 'default', kind: made.kind },
    ...{ reservedFrames: made.reservedFrames, frames, zeroFrames: made.zeroFrames, knownFrames },
    ...{ unknownFrames: made.unknownFrames, freeFrames: made.freeFrames, fillPageFrames: 24 * (index + 1) },
    ...{ distinctContents: distinct, selfSavedFrames: knownFrames - distinct },
    fairSavedFrames: fair(model, index, false),
    scannedMicros: TIME_MICROS - made.scannedSecondsAgo * 1e6,
    policy: {
      ...{ sharedFrames, fairSavedFrames: fairSaved, readsSeen: made.readsSeen, readsAvoided: made.readsAvoided },
      contentChanged: 100 * (index + 1),
    },
    privateFrames: frames - made.zeroFrames - sharedFrames,
    couldFrames: fair(model, index, false) - fairSaved,
    readsAvoidedPerSecond: made.avoidedPerSecond,
    contentChangedPerSecond: made.changedPerSecond,
    savedHistory: Array.from(
      { length: 40 },
      (_, step) => (fairSaved * (1 - Math.exp(-(step + 1) / (6 + 4 * index)))) / (1 - Math.exp(-40 / (6 + 4 * index))),
    ),
    state: made.still === true ? 'still' : 'run',
  };
}

function hostFigures(model: Model, rows: readonly DomainRow[]): HostFigures {
  const total = (value: (row: DomainRow) => number): number => sum(rows.map(value));
  const distinct =
    sum(model.domains.map((made) => made.uniqueFrames)) + sum(model.contents.map((content) => content.count));
  const known = total((row) => row.knownFrames);
  return {
    ...{ name: 'lab-1', hypervisor: 'kvm', memoryFrames: 655_360, reservedFrames: total((row) => row.reservedFrames) },
    frames: total((row) => row.frames),
    zeroFrames: total((row) => row.zeroFrames),
    knownFrames: known,
    unknownFrames: total((row) => row.unknownFrames),
    fillPageFrames: total((row) => row.fillPageFrames),
    distinctContents: distinct,
    sharedContents: sum(model.contents.map((content) => content.count)),
    potentialSavedFrames: known - distinct,
    selfSavedFrames: total((row) => row.selfSavedFrames),
    interSavedFrames: total((row) => row.distinctContents) - distinct,
  };
}

function dlpsFigures(model: Model, rows: readonly DomainRow[]): PolicyFigures {
  const gross = saving(model, true);
  const copies = sum(model.contents.filter((content) => content.shared).map((content) => content.count));
  const avoided = sum(rows.map((row) => row.policy.readsAvoided));
  const seen = sum(rows.map((row) => row.policy.readsSeen));
  const net = gross - model.idleSlots;
  return {
    ...{ name: 'dlps', savedFrames: gross, zeroSavedFrames: 0, netSavedFrames: net },
    ...{ sharedFrames: copies, metadataBytes: 0 },
    dlps: {
      ...{ regionFrames: model.regionFrames, residentSlots: copies + model.singleSlots + model.idleSlots },
      ...{ idleSlots: model.idleSlots, duplicateSlots: 212, savedFrames: gross, netSavedFrames: net },
      boundFrames: gross + copies + model.singleSlots,
      ...{ readsSeen: seen, readsIssued: seen - avoided, readsAvoided: avoided },
      ...{ readsAvoidedCross: avoided - 2, readsAvoidedOwn: 2, readsCold: seen - 40, readsAvoidedCold: avoided - 30 },
      readsIneligible: { unaligned: 10, ownWritten: 1_204, writableImage: 0 },
      contentChanged: { overwritten: 1_200, zeroed: 81, unknown: 190, freed: 29 },
      ...{ evictions: 0, identityConflicts: 0, bindExpired: 318 },
    },
  };
}

/** Four minutes and a half that end in the figures of now. */
function hostHistory(now: Omit<HostHistoryPoint, 'timeMicros'>): HostHistoryPoint[] {
  return Array.from({ length: 140 }, (_, step) => ({
    timeMicros: TIME_MICROS - (139 - step) * 2e6,
    frames: now.frames - (139 - step) * 300,
    savedFrames: (now.savedFrames * (1 - Math.exp(-(step + 1) / 30))) / (1 - Math.exp(-140 / 30)),
    couldFrames: now.couldFrames * (1 + 0.6 * Math.sin((139 - step) / 22)),
    readsAvoidedPerSecond: now.readsAvoidedPerSecond * Math.abs(Math.cos((139 - step) / 9)),
    readsIssuedPerSecond: now.readsIssuedPerSecond * Math.abs(Math.cos((139 - step) / 7)),
    contentChangedPerSecond: now.contentChangedPerSecond * (1 + ((139 - step) % 17 === 5 ? 2 : 0)),
  }));
}

/** Hot pages of every kind. */
export function hotPages(count: number): HotPageRow[] {
  const kinds = ['disk', 'memory', 'fill', 'disk', 'zero'] as const;
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length];
    const refs = kind === 'zero' ? 118_194 : kind === 'fill' ? 360 : 2 + ((index * 7) % 13);
    return {
      ...{
        contentId: index,
        hashLow: (0x9f2c71d0 + index * 0x1003) >>> 0,
        hashHigh: (0x51a8e100 - index * 77) >>> 0,
        kind,
      },
      ...{ fillByte: kind === 'fill' ? 0xcc : -1, refs, domains: Math.min(5, refs) },
      ...{ sharedRefs: kind === 'disk' ? refs : 0, heatPerSecond: 98.2 / (1 + index / 3), churnPerSecond: index % 3 },
      ...{ firstSeenMicros: index * 1e6, lastEventMicros: TIME_MICROS - index * 300_000 },
      ...{ image: kind === 'disk' ? 'debian12-base' : '', block: kind === 'disk' ? 88_120 + index * 8 : -1 },
    };
  });
}

function domainHistory(row: DomainRow): DomainHistoryPoint[] {
  return row.savedHistory.map((fairSavedFrames, step) => ({
    timeMicros: TIME_MICROS - (row.savedHistory.length - 1 - step) * 7e6,
    ...{ frames: row.frames, zeroFrames: row.zeroFrames, sharedFrames: row.policy.sharedFrames, fairSavedFrames },
    ...{ readsAvoidedPerSecond: row.readsAvoidedPerSecond * Math.abs(Math.sin(step / 5)) },
    ...{ contentChangedPerSecond: row.contentChangedPerSecond * (step % 4) },
  }));
}

/** Contents that both domains hold, from the model. */
export function bothHave(model: Model, a: number, b: number): number {
  return sum(model.contents.filter((c) => c.holders.includes(a) && c.holders.includes(b)).map((c) => c.count));
}

/** Contents that these two hold and nobody else; of one domain alone if they are the same. */
export function onlyTheseTwo(model: Model, a: number, b: number): number {
  const own = a === b ? model.domains[a].uniqueFrames : 0;
  const only = (c: ContentClass): boolean =>
    c.holders.includes(a) && c.holders.includes(b) && c.holders.every((holder) => holder === a || holder === b);
  return own + sum(model.contents.filter(only).map((c) => c.count));
}

/** What is saved less without domain `index`: counted before and after. */
export function stopOf(model: Model, index: number): { potentialFrames: number; policyFrames: number } {
  const left = model.contents.map((c) => ({ ...c, holders: c.holders.filter((holder) => holder !== index) }));
  const after = { ...model, contents: left.filter((c) => c.holders.length > 0) };
  return {
    potentialFrames: saving(model, false) - saving(after, false),
    policyFrames: saving(model, true) - saving(after, true),
  };
}

/** Contents of domain `index` that others hold too. */
function commonContents(model: Model, index: number): number {
  return sum(
    model.contents
      .filter((c) => c.holders.includes(index) && c.holders.some((holder) => holder !== index))
      .map((c) => c.count),
  );
}

/** A snapshot of the model; with `detailOf` (an index of `model.domains`) also its drill-down. */
export function snapshotOf(model: Model, detailOf?: number): Snapshot {
  const rows = model.domains.map((_, index) => domainRow(model, index));
  const host = hostFigures(model, rows);
  const policy = dlpsFigures(model, rows);
  const detailRow = detailOf === undefined ? undefined : rows[detailOf];
  const sorted = [...rows].sort((a, b) => b.policy.fairSavedFrames - a.policy.fairSavedFrames);
  const pages = hotPages(60);
  const rates = {
    readsAvoidedPerSecond: sum(rows.map((row) => row.readsAvoidedPerSecond)),
    readsIssuedPerSecond: 23.4,
    contentChangedPerSecond: sum(rows.map((row) => row.contentChangedPerSecond)),
  };
  return {
    requestId: 1,
    position: { epoch: 512, timeMicros: micros(TIME_MICROS), sinceMicros: micros(0), records: 1_204_118 },
    ...{ host, policy, policyNames: ['dlps', 'oracle', 'ksm', 'satori'], withZeros: false },
    ...rates,
    liveDomains: rows.length,
    domains: { offset: 0, total: rows.length, rows: sorted },
    hot: { offset: 0, total: 25_905, rows: pages },
    history: hostHistory({
      frames: host.frames,
      savedFrames: saving(model, true),
      couldFrames: saving(model, false) - saving(model, true),
      ...rates,
    }),
    detail:
      detailRow === undefined
        ? null
        : {
            row: detailRow,
            partners: {
              offset: 0,
              total: rows.length - 1,
              rows: rows
                .filter((row) => row !== detailRow)
                .map(({ slot, domid, name, group }) => ({
                  ...{ slot, domid, name, group, contents: bothHave(model, detailRow.slot, slot) },
                  onlyContents: onlyTheseTwo(model, detailRow.slot, slot),
                }))
                .sort((a, b) => b.contents - a.contents),
            },
            history: domainHistory(detailRow),
            aloneContents: detailRow.distinctContents - commonContents(model, detailRow.slot),
            commonContents: commonContents(model, detailRow.slot),
            stop: { ...stopOf(model, detailRow.slot), epoch: 512 },
          },
    health: {
      gaps: { lost: 0, damagedBlocks: 0, late: 0, orphans: 0, missing: 0, damagedRecords: 0, unmodelled: 0 },
      ...{ skewMicros: 71_200_000, lagMs: 180, backlogBytes: 0, selfCpu: 0.014, selfBytes: 100_663_296 },
      ...{ streams: 1, sourceFound: true, notice: '' },
    },
    traceName: 'kvm-five',
    ended: false,
  };
}

/** A model with `count` domains of no particular kind. */
export function manyGuests(count: number): Model {
  const made = fiveGuests();
  const domains = Array.from({ length: count }, (_, index) => ({
    ...made.domains[index % made.domains.length],
    domid: index + 1,
    name: `guest-${index + 1}`,
  }));
  const contents = [{ count: 1_000, holders: domains.map((_, index) => index), shared: true }];
  return { ...made, domains, contents: count > 1 ? contents : [] };
}

const HINTS: readonly KeyHint[] = [
  ...[
    { key: 'q', label: 'Quit' },
    { key: '?', label: 'Help' },
    { key: 's', label: 'Sort' },
  ],
  ...[
    { key: 'Enter', label: 'Drill in' },
    { key: 'Tab', label: 'Pane' },
    { key: 'Space', label: 'Pause' },
  ],
  ...[
    { key: 'p', label: 'Policy' },
    { key: '0', label: 'Zeros' },
    { key: 'f', label: 'Form' },
  ],
  ...[{ key: 'u', label: 'Units' }],
];

const SHARED_STATE = {
  units: 'iec',
  withZeros: false,
  policy: 'dlps',
  paused: null,
  message: '',
  hints: HINTS,
} as const;

/** The state of a main screen just opened. */
export function mainState(changes: Partial<MainState> = {}): MainState {
  return {
    ...SHARED_STATE,
    ...{ form: 'auto', focus: 'domains', selectedKey: 'key-web1', hotSelected: 0, domainsOffset: 0, hotOffset: 0 },
    domainFilter: '',
    domainSort: { id: 'saved', descending: true },
    hotSort: { id: 'heat', descending: true },
    ...changes,
  };
}

/** The state of a drill-down just opened. */
export function domainState(changes: Partial<DomainState> = {}): DomainState {
  return {
    ...SHARED_STATE,
    ...{ partnersOffset: 0, partnerSelected: 0, partnerSort: { id: 'both', descending: true }, tableForm: 'plain' },
    ...changes,
  };
}
