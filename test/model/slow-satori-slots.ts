/** What slow-satori.ts keeps, and what is counted from it. */
import type { Held, Life, SlowImage } from './slow-engine.js';

/** Where a frame was read from, for what its sharing is owed to: a key, or what is no key of anybody else. */
export type Block = Key | string;

/** A block of a trust group that was read. Without a slot it is one of zeros. */
export interface Key {
  readonly name: string;
  slot: Slot | null;
  readonly readers: Set<Life>;
}

export interface Pending {
  readonly serial: number;
  readonly life: Life;
  readonly block: Block;
  readonly time: number;
  slot: Slot;
}

/** A frame that is bound to a slot. */
export interface Bound {
  readonly life: Life;
  readonly gfn: number;
  readonly block: Block;
  slot: Slot;
}

export interface Slot {
  readonly group: string;
  hash: bigint | null;
  referenced: boolean;
  readonly keys: Set<Key>;
  readonly bound: Set<Bound>;
  readonly pending: Set<Pending>;
  ring: number;
}

export interface LifeState {
  group: string;
  readonly bound: Map<number, Bound>;
  /** Frames that are alone in their slots, the oldest first. */
  readonly fifo: Set<Bound>;
  readonly written: Map<SlowImage, Set<number>>;
  readsSeen: number;
  readsAvoided: number;
  contentChanged: number;
}

/** Nothing was read yet. */
export const newCounts = () => ({
  readsSeen: 0,
  readsIssued: 0,
  readsAvoided: 0,
  readsAvoidedCross: 0,
  readsAvoidedOwn: 0,
  readsIneligible: { unaligned: 0, ownWritten: 0, writableImage: 0 },
  contentChanged: { overwritten: 0, zeroed: 0, unknown: 0, freed: 0 },
  evictions: 0,
  identityConflicts: 0,
  bindExpired: 0,
});

/** Counts a bound frame that lost its content; returns whether that breaks a share, if there is one. */
export function countChange(
  state: LifeState,
  { contentChanged }: ReturnType<typeof newCounts>,
  held: Held | undefined,
): boolean {
  state.contentChanged++;
  if (held === undefined || held.state === 'free') {
    contentChanged.freed++;
    return false;
  }
  if (held.state === 'zero') contentChanged.zeroed++;
  else if (held.state === 'unknown') contentChanged.unknown++;
  else contentChanged.overwritten++;
  return true;
}

/** A domain that has read nothing. */
export function newLifeState(group: string): LifeState {
  const reads = { readsSeen: 0, readsAvoided: 0, contentChanged: 0 };
  return { group, bound: new Map(), fifo: new Set(), written: new Map(), ...reads };
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

/** What dlps counts of its slots, too. */
export function areaFigures(all: Iterable<Slot>) {
  const slots = [...all];
  const refs = slots.map(({ bound }) => bound.size);
  const idleSlots = refs.filter((n) => n === 0).length;
  const savedFrames = sum(refs.map((n) => Math.max(0, n - 1)));
  const known = slots.map(({ hash }) => hash).filter((hash) => hash !== null);
  return {
    residentSlots: slots.length,
    idleSlots,
    duplicateSlots: known.length - new Set(known).size,
    boundFrames: sum(refs),
    savedFrames,
    netSavedFrames: savedFrames - idleSlots,
  };
}

/** To what the saving is owed (rules 7 and 8). */
export function attribution(all: Iterable<Slot>) {
  const used = [...all].filter(({ bound }) => bound.size > 0);
  const blocksOf = ({ bound }: Slot): number => new Set([...bound].map(({ block }) => block)).size;
  return {
    savedByBlock: sum(used.map((slot) => slot.bound.size - blocksOf(slot))),
    savedByContent: sum(used.map((slot) => blocksOf(slot) - 1)),
    entitlementFrames: sum(used.map(({ bound }) => bound.size - 1)),
  };
}

/** Frames that hold this content and are bound to a slot that is shared. */
export function sharedRefs(slots: Iterable<Slot>, hash: bigint): number {
  const shared = [...slots].filter((slot) => slot.hash === hash && slot.bound.size >= 2);
  const frames = shared.flatMap(({ bound }) => [...bound]);
  return frames.filter(({ life, gfn }) => life.frames.get(gfn)?.state === 'known').length;
}
