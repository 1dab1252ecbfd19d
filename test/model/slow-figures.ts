/** Every figure of design §2, counted from the frames of the slow engine by its definition. */
import { FILL_PAGES, type Life, type SlowEngine } from './slow-engine.js';

/** The fill pages of the random worlds. */
const FILL_PAGES_USED: ReadonlySet<bigint> = new Set(FILL_PAGES);

export interface SlowHolders {
  /** Holders of each known content. */
  total: Map<bigint, number>;
  /** Holders of each known content within each domain. */
  within: Map<Life, Map<bigint, number>>;
}

export function countHolders(engine: SlowEngine): SlowHolders {
  const total = new Map<bigint, number>();
  const within = new Map<Life, Map<bigint, number>>();
  for (const life of engine.live) {
    const own = new Map<bigint, number>();
    for (const held of life.frames.values()) {
      if (held.state !== 'known') continue;
      total.set(held.hash, (total.get(held.hash) ?? 0) + 1);
      own.set(held.hash, (own.get(held.hash) ?? 0) + 1);
    }
    within.set(life, own);
  }
  return { total, within };
}

/** Fair shares are sums of fractions in another order: to a millionth. */
export const roundFair = (frames: number): number => Math.round(frames * 1e6) / 1e6;

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

/** As DomainFigures, less the slot, which is the fast engine's own. */
export function slowDomainFigures(life: Life, { total, within }: SlowHolders, fillPages = FILL_PAGES_USED) {
  const count = { free: 0, zero: 0, known: 0, unknown: 0, provisional: 0 };
  let fillPageFrames = 0;
  for (const held of life.frames.values()) {
    count[held.state]++;
    if (held.state === 'known' && fillPages.has(held.hash)) fillPageFrames++;
  }
  const own = within.get(life) ?? new Map<bigint, number>();
  const unknownFrames = count.unknown + count.provisional;
  const fair = [...own].map(([hash, n]) => (n * ((total.get(hash) ?? 0) - 1)) / (total.get(hash) ?? 1));
  const shared = [...own].filter(([hash]) => (total.get(hash) ?? 0) >= 2);
  return {
    key: life.key,
    domid: life.domid,
    name: life.name,
    group: life.group,
    kind: life.type,
    reservedFrames: life.reserved,
    frames: count.zero + count.known + unknownFrames,
    zeroFrames: count.zero,
    knownFrames: count.known,
    unknownFrames,
    freeFrames: count.free,
    fillPageFrames,
    distinctContents: own.size,
    selfSavedFrames: count.known - own.size,
    fairSavedFrames: sum(fair),
    scannedMicros: life.scanned,
    /** Of the oracle: frames whose content another frame holds too. */
    sharedFrames: sum(shared.map(([, n]) => n)),
  };
}

/** As HostFigures. */
export function slowHostFigures(engine: SlowEngine, holders: SlowHolders, fillPages = FILL_PAGES_USED) {
  const domains = engine.live.map((life) => slowDomainFigures(life, holders, fillPages));
  const distinct = holders.total.size;
  const of = (name: Exclude<keyof (typeof domains)[0], 'key' | 'name' | 'group' | 'kind'>): number =>
    sum(domains.map((domain) => domain[name]));
  return {
    name: engine.host.name,
    hypervisor: engine.host.hypervisor,
    memoryFrames: engine.host.frames,
    reservedFrames: of('reservedFrames'),
    frames: of('frames'),
    zeroFrames: of('zeroFrames'),
    knownFrames: of('knownFrames'),
    unknownFrames: of('unknownFrames'),
    fillPageFrames: of('fillPageFrames'),
    distinctContents: distinct,
    sharedContents: [...holders.total.values()].filter((n) => n >= 2).length,
    potentialSavedFrames: of('knownFrames') - distinct,
    selfSavedFrames: sum(domains.map(({ knownFrames, distinctContents }) => knownFrames - distinctContents)),
    interSavedFrames: of('distinctContents') - distinct,
  };
}

/** Contents that both hold, for each pair of live domains: `keyA|keyB` with the older life first. */
export function slowPairs(engine: SlowEngine, { within }: SlowHolders): Map<string, number> {
  const pairs = new Map<string, number>();
  const live = engine.live;
  for (const [i, a] of live.entries()) {
    for (const b of live.slice(i + 1)) {
      const [less, more] = [within.get(a) ?? new Map(), within.get(b) ?? new Map()].sort((x, y) => x.size - y.size);
      pairs.set(`${a.key}|${b.key}`, [...less.keys()].filter((hash) => more.has(hash)).length);
    }
  }
  return pairs;
}
