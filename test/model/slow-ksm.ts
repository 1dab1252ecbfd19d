/**
 * The scanner of `ksm` the slow way, written from docs/POLICIES.md (what scanners have in common; ksm, rules 1–7) and
 * not from `src/policy`: one object a frame, one visit after another, nothing counted but by counting.
 */
import { CLASS_THP_ZERO, ZERO_HASH, type Cause, type Held, type Life, type SlowPolicy } from './slow-engine.js';

const PAGE_BYTES = 4096;
const ITEM_BYTES = 64;

/** The knobs of /sys/kernel/mm/ksm. */
export interface SlowKsmKnobs {
  readonly pages_to_scan: number;
  readonly sleep_millisecs: number;
  readonly max_page_sharing: number;
  readonly use_zero_pages: number;
}

/** A stable copy: the frames that share it. Newer copies have higher serials. */
interface Copy {
  readonly serial: number;
  readonly key: string;
  readonly content: bigint;
  readonly frames: Set<Frame>;
}

/** What the scanner keeps of a frame that it visited. */
interface Item {
  /** Of the last visit; null: what was there was unknown. */
  note: bigint | null;
  copy: Copy | null;
  /** In the unstable tree, of this pass or of the one before. */
  isUnshared: boolean;
}

/** Places from here on are those of extra frames, outside the guest's RAM. */
const EXTRA_PLACE = 2 ** 32;

/** A frame that may be visited. */
export interface Frame {
  readonly life: Life;
  readonly place: number;
  /** null: unknown. */
  content: bigint | null;
  item: Item | null;
  isOnZeroPage: boolean;
}

interface DomainState {
  readonly life: Life;
  group: string;
  readonly frames: Map<number, Frame>;
  contentChanged: number;
}

const isInRam = (frame: Frame): boolean => frame.place < EXTRA_PLACE;
/** The copy that a frame is in. */
export const copyOf = (frame: Frame): Copy | null => frame.item?.copy ?? null;
const ramFrames = (copy: Copy): number => [...copy.frames].filter(isInRam).length;
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
/** What stands for the kernel's checksum. */
const checksum = (content: bigint): bigint => content & 0xffffffffn;

export class SlowKsm implements SlowPolicy {
  /** In the order in which they appeared; those that are gone have left. */
  protected readonly domains = new Map<Life, DomainState>();
  readonly copies = new Set<Copy>();
  pagesScanned = 0;
  /** Of all domains, those that are gone too. */
  readonly contentChanges = { overwritten: 0, zeroed: 0, unknown: 0, freed: 0 };
  fullScans = 0;
  /** Visits at which a frame was shared. */
  readonly merges = { byHint: 0, byScan: 0 };
  /** The frame of this pass for each ⟨group, content⟩. */
  #tree = new Map<string, Frame>();
  /** The frame that the scan visited last: its life and place; null: a pass begins. */
  #behind: { life: Life; place: number } | null = null;
  #startedMicros: number | null = null;
  #now = 0;
  /** Visits that fell due, done or lost. */
  #due = 0;
  #serial = 0;
  /** It went round, and nothing changed since. */
  protected isConverged = false;

  /** @param extraOf the contents of a domain's extra frames, in order; by its key */
  constructor(
    private readonly knobs: SlowKsmKnobs,
    private readonly extraOf: ReadonlyMap<string, readonly bigint[]> = new Map(),
  ) {}

  timeMoved(now: number): void {
    this.#now = now;
    if (this.#startedMicros === null) return;
    const sleeps = Math.floor((now - this.#startedMicros) / (this.knobs.sleep_millisecs * 1000));
    const due = sleeps * this.knobs.pages_to_scan;
    for (; this.#due < due; this.#due++) this.visitNext();
  }

  memoryChanged(): void {}

  appeared(life: Life): void {
    this.isConverged = false;
    const state: DomainState = { life, group: life.group, frames: new Map(), contentChanged: 0 };
    this.domains.set(life, state);
    const extra = this.extraOf.get(life.key) ?? [];
    for (const [i, content] of extra.entries()) {
      const place = EXTRA_PLACE + i;
      state.frames.set(place, { life, place, content, item: null, isOnZeroPage: false });
    }
  }

  groupChanged(life: Life): void {
    this.isConverged = false;
    const state = this.state(life);
    for (const frame of state.frames.values()) this.leave(frame);
    state.group = life.group;
  }

  gone(life: Life): void {
    this.isConverged = false;
    for (const frame of this.state(life).frames.values()) this.leave(frame);
    this.domains.delete(life);
  }

  written(): void {
    this.#begin();
  }

  // The other arguments are those of xlh.
  read(..._: Parameters<SlowPolicy['read']>): void {
    this.#begin();
  }

  frameChanged(life: Life, gfn: number, held: Held | undefined, cause: Cause, fillClass: number): void {
    this.#begin();
    this.isConverged = false;
    const state = this.state(life);
    const before = state.frames.get(gfn);
    if (before !== undefined) {
      if (cause !== 'gone' && (before.isOnZeroPage || copyOf(before) !== null)) {
        state.contentChanged++;
        this.#countChange(held);
      }
      this.leave(before);
      before.isOnZeroPage = false;
    }
    const content = contentOf(held, fillClass);
    if (content === undefined) state.frames.delete(gfn);
    else if (before === undefined) {
      state.frames.set(gfn, { life, place: gfn, content, item: null, isOnZeroPage: false });
    } else before.content = content;
  }

  extraChanged(life: Life, index: number, held: Held | undefined, cause: Cause, fillClass: number): void {
    this.frameChanged(life, EXTRA_PLACE + index, held, cause, fillClass);
  }

  /** Begins anew, with nothing merged and nothing noted; then whole passes, until one leaves all as it found it. */
  converge(): void {
    if (this.isConverged) return;
    this.isConverged = true;
    for (const { frames } of this.domains.values()) {
      for (const frame of frames.values()) {
        this.leave(frame);
        frame.item = null;
        frame.isOnZeroPage = false;
      }
    }
    this.#beginPass();
    let before = '';
    do {
      before = this.#states();
      // Without a frame to visit there is no pass.
      if (this.#frameBehind(null) === null) return;
      while (this.#frameBehind(this.#behind) !== null) this.visitNext();
      this.fullScans++;
      this.#beginPass();
    } while (this.#states() !== before);
  }

  /** One visit that is due. */
  protected visitNext(): void {
    const next = this.nextOfScan();
    if (next !== null) this.visit(next, false);
  }

  /** The next frame in the order of the scan, null if there is none at all. */
  protected nextOfScan(): Frame | null {
    let frame = this.#frameBehind(this.#behind);
    if (frame === null) {
      frame = this.#frameBehind(null);
      if (frame === null) return null;
      this.fullScans++;
      this.#beginPass();
    }
    this.#behind = { life: frame.life, place: frame.place };
    return frame;
  }

  #beginPass(): void {
    this.#behind = null;
    this.#tree = new Map();
  }

  /** Visits a frame, by a hint or in the order of the scan. */
  protected visit(frame: Frame, isHinted: boolean): void {
    this.pagesScanned++;
    if (copyOf(frame) !== null) return;
    this.#visitUnmerged(frame, isHinted);
    if (copyOf(frame) !== null) this.merges[isHinted ? 'byHint' : 'byScan']++;
  }

  #visitUnmerged(frame: Frame, isHinted: boolean): void {
    this.leave(frame);
    const item: Item = frame.item ?? { note: null, copy: null, isUnshared: false };
    frame.item = item;
    const content = frame.content;
    const note = content === null ? null : checksum(content);
    const isUnchanged = note !== null && item.note === note;
    item.note = note;
    if (content === null || !(isUnchanged || isHinted)) return;
    if (content === ZERO_HASH && this.knobs.use_zero_pages === 1) {
      frame.item = null;
      frame.isOnZeroPage = true;
      return;
    }
    this.#merge(frame, item, content);
  }

  #merge(frame: Frame, item: Item, content: bigint): void {
    const key = this.#key(frame);
    const [fullest] = [...this.copies]
      .filter((copy) => copy.key === key && copy.frames.size < this.knobs.max_page_sharing)
      .sort((a, b) => b.frames.size - a.frames.size || b.serial - a.serial);
    const other = this.#tree.get(key);
    if (fullest !== undefined) {
      fullest.frames.add(frame);
      item.copy = fullest;
    } else if (other !== undefined && other.item !== null) {
      this.leave(other);
      const copy: Copy = { serial: this.#serial++, key, content, frames: new Set([other, frame]) };
      this.copies.add(copy);
      other.item.copy = copy;
      item.copy = copy;
    } else {
      this.#tree.set(key, frame);
      item.isUnshared = true;
    }
  }

  /** The frame leaves its copy and the tree; its item stays. */
  protected leave(frame: Frame): void {
    const { item } = frame;
    if (item === null) return;
    item.copy?.frames.delete(frame);
    if (item.copy?.frames.size === 0) this.copies.delete(item.copy);
    item.copy = null;
    if (item.isUnshared) for (const [key, other] of this.#tree) if (other === frame) this.#tree.delete(key);
    item.isUnshared = false;
  }

  #begin(): void {
    this.#startedMicros ??= this.#now;
  }

  #key({ life, content }: Frame): string {
    return `${this.state(life).group}\n${content}`;
  }

  /** The first frame that may be visited behind a place; null: from the first place on. */
  #frameBehind(place: { life: Life; place: number } | null): Frame | null {
    for (const { life, frames } of this.domains.values()) {
      if (place !== null && life.id < place.life.id) continue;
      const from = life === place?.life ? place.place : Number.NEGATIVE_INFINITY;
      let first: Frame | null = null;
      for (const frame of frames.values()) {
        if (frame.place <= from || frame.isOnZeroPage) continue;
        if (first === null || frame.place < first.place) first = frame;
      }
      if (first !== null) return first;
    }
    return null;
  }

  #states(): string {
    const stateOf = ({ item, isOnZeroPage }: Frame): string => {
      if (isOnZeroPage) return 'zero page';
      if (item === null) return 'never visited';
      return item.copy !== null ? `copy ${item.copy.serial}` : item.isUnshared ? 'unshared' : `volatile ${item.note}`;
    };
    return [...this.domains.values()].flatMap(({ frames }) => [...frames.values()].map(stateOf)).join('\n');
  }

  #countChange(held: Held | undefined): void {
    if (held === undefined || held.state === 'free') this.contentChanges.freed++;
    else if (held.state === 'zero') this.contentChanges.zeroed++;
    else if (held.state === 'unknown') this.contentChanges.unknown++;
    else this.contentChanges.overwritten++;
  }

  /** What it keeps of a live domain. */
  state(life: Life): DomainState {
    const state = this.domains.get(life);
    if (state === undefined) throw new Error(`${life.key} did not appear`);
    return state;
  }

  /** The counters by the kernel's names. */
  counters() {
    const frames = [...this.domains.values()].flatMap((domain) => [...domain.frames.values()]);
    const items = this.items;
    const inCopies = sum([...this.copies].map((copy) => copy.frames.size));
    const shared = this.copies.size;
    const sharing = inCopies - shared;
    const unshared = frames.filter(({ item }) => item?.isUnshared === true).length;
    const zeroPages = frames.filter(({ isOnZeroPage }) => isOnZeroPage).length;
    const copiesOf = new Map<string, number>();
    for (const { key } of this.copies) copiesOf.set(key, (copiesOf.get(key) ?? 0) + 1);
    const chains = [...copiesOf.values()].filter((n) => n > 1);
    return {
      pages_shared: shared,
      pages_sharing: sharing,
      pages_unshared: unshared,
      pages_volatile: items - inCopies - unshared,
      pages_scanned: this.pagesScanned,
      pages_skipped: 0,
      full_scans: this.fullScans,
      ksm_zero_pages: zeroPages,
      stable_node_chains: chains.length,
      stable_node_dups: sum(chains),
      general_profit: (sharing + zeroPages) * PAGE_BYTES - items * ITEM_BYTES,
    };
  }

  /** Frames that were visited and are still in use. */
  get items(): number {
    const frames = [...this.domains.values()].flatMap((domain) => [...domain.frames.values()]);
    return frames.filter(({ item }) => item !== null).length;
  }

  /** As PolicyFigures, without the policy's own block. */
  figures() {
    const copies = [...this.copies];
    const saved = (of: readonly Copy[]): number => sum(of.map((copy) => Math.max(0, ramFrames(copy) - 1)));
    const zeroPages = sum([...this.domains.values()].map(({ frames }) => onZeroPage(frames)));
    const plain = copies.filter(({ content }) => content !== ZERO_HASH);
    return {
      savedFrames: saved(plain),
      zeroSavedFrames: saved(copies.filter(({ content }) => content === ZERO_HASH)) + Math.max(0, zeroPages - 1),
      netSavedFrames: saved(plain),
      sharedFrames: plain.filter((copy) => ramFrames(copy) >= 2).length,
      metadataBytes: this.items * ITEM_BYTES,
    };
  }

  /** As DomainPolicyFigures. */
  domainFigures(life: Life) {
    const { frames, contentChanged } = this.state(life);
    let sharedFrames = 0;
    let fairSavedFrames = 0;
    for (const frame of frames.values()) {
      const copy = copyOf(frame);
      if (copy === null || copy.content === ZERO_HASH || !isInRam(frame)) continue;
      const refs = ramFrames(copy);
      if (refs >= 2) sharedFrames++;
      fairSavedFrames += (refs - 1) / refs;
    }
    return { sharedFrames, fairSavedFrames, readsSeen: 0, readsAvoided: 0, contentChanged };
  }

  /** One process by the kernel's names: its extra frames count. */
  process(life: Life) {
    const frames = [...this.state(life).frames.values()];
    const items = frames.filter(({ item }) => item !== null).length;
    const merging = frames.filter((frame) => copyOf(frame) !== null).length;
    const zeroPages = frames.filter(({ isOnZeroPage }) => isOnZeroPage).length;
    return {
      ksm_rmap_items: items,
      ksm_zero_pages: zeroPages,
      ksm_merging_pages: merging,
      ksm_process_profit: (merging + zeroPages) * PAGE_BYTES - items * ITEM_BYTES,
    };
  }

  /** Frames in RAM that hold this content and are in a copy of at least two such. */
  sharedRefs(hash: bigint): number {
    const refs = [...this.copies].filter(({ content }) => content === hash).map(ramFrames);
    return sum(refs.filter((n) => n >= 2));
  }
}

const onZeroPage = (frames: ReadonlyMap<number, Frame>): number =>
  [...frames.values()].filter((frame) => frame.isOnZeroPage && isInRam(frame)).length;

/** What a scanner sees in a frame: undefined if it passes over it, null if it cannot be known. */
export function contentOf(held: Held | undefined, fillClass: number): bigint | null | undefined {
  if (held === undefined || held.state === 'free') return undefined;
  if (held.state === 'zero') return fillClass === CLASS_THP_ZERO ? undefined : ZERO_HASH;
  return held.state === 'known' ? held.hash : null;
}
