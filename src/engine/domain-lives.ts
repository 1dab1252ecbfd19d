import { highHalf, lowHalf } from '../base/units.js';
import { type HostRecord, readDomainRecord, readHostRecord } from '../trace/record-text.js';
import type { Domain, DomainTable } from './domain-table.js';
import {
  CAUSE_GONE,
  CAUSE_SHRINK,
  CAUSE_UNNAMED,
  EFFECT_DOMAIN,
  EFFECT_GONE,
  EFFECT_GROUP,
  EFFECT_MEMORY,
} from './effects.js';
import type { EffectsBuffer } from './effects-buffer.js';
import type { FrameChanges } from './frame-changes.js';
import type { FrameTable } from './frame-table.js';
import { CHUNK_FRAMES, CHUNK_SHIFT, STATE_UNTOUCHED } from './layout.js';
import { PAIR_SLOTS_MAX, type PairMatrix } from './pair-matrix.js';
import type { Settle } from './settle.js';

/** The rare records: the host, domains that come, change and go, and keyframes. */
export class DomainLives {
  /** From the newest `host` record. */
  host: HostRecord = { name: '', hypervisor: '', frames: 0 };
  /** Σ reservations. */
  reservedFrames = 0;

  constructor(
    private readonly frames: FrameTable,
    private readonly domains: DomainTable,
    private readonly changes: FrameChanges,
    private readonly settling: Settle,
    private readonly pairs: PairMatrix,
    private readonly effects: EffectsBuffer,
  ) {}

  /** A `host` record. */
  setHost(words: Uint32Array, at: number): void {
    this.host = readHostRecord(words, at);
    this.#memoryChanged();
  }

  /** Percentages of a region are of the host's memory; of the reservations while no `host` record said it. */
  #memoryChanged(): void {
    const memory = this.host.frames > 0 ? this.host.frames : this.reservedFrames;
    this.effects.push(EFFECT_MEMORY, lowHalf(memory), highHalf(memory), 0, 0);
  }

  /**
   * A `domain` record of a stream: a new life, or changed settings. False if it cannot be taken: there are too many
   * domains or trust groups, or memory is out. It is ignored then; no domain ever lands in another's group.
   */
  declare(stream: number, domid: number, words: Uint32Array, at: number): boolean {
    const text = readDomainRecord(words, at);
    const group = text.group === '' ? 'default' : text.group;
    if (this.domains.groupNumber(group) < 0) return false;
    const bound = this.domains.slotOf(stream, domid);
    let domain = bound < 0 ? undefined : this.domains.bySlot[bound];
    if (domain !== undefined && domain.key !== text.key) {
      // A domid used again without `gone`: the recorder missed the end of the first one.
      this.end(domain);
      domain = undefined;
    }
    if (domain === undefined) {
      const known = this.domains.byKey.get(text.key);
      const added = known ?? this.#addDomain(domid, text.key);
      if (added === null) return false;
      domain = added;
      this.domains.bind(stream, domid, domain);
    }
    domain.name = text.name === '' ? text.key : text.name;
    domain.kind = text.kind;
    this.#setGroup(domain, group);
    this.#setReservation(domain, text.frames);
    return true;
  }

  #addDomain(domid: number, key: string): Domain | null {
    // Slots of destroyed domains come back with the next settle: do it rather than give up exact pairs for them.
    if (this.domains.bySlot.length >= PAIR_SLOTS_MAX && this.settling.goneSlots.length > 0) this.#settle();
    const domain = this.domains.add(domid, key);
    if (domain === null) return null;
    this.frames.addDomain(domain.slot);
    this.domains.scannedMicros[domain.slot] = -1;
    domain.group = 'default';
    domain.groupNumber = this.domains.groupNumber('default');
    if (this.domains.bySlot.length > PAIR_SLOTS_MAX && this.changes.pairsExact) {
      this.#settle();
      this.changes.pairsExact = false;
      this.pairs.clear();
    }
    if (this.changes.pairsExact) this.pairs.reserve(this.domains.bySlot.length);
    this.effects.push((EFFECT_DOMAIN | (domain.slot << 16)) >>> 0, domain.groupNumber, domain.life, 0, 0);
    return domain;
  }

  /** Settling forgets contents: policies must have read (and pinned) what the effects name before. */
  #settle(): void {
    this.effects.flush();
    this.settling.run(Number.POSITIVE_INFINITY);
  }

  #setGroup(domain: Domain, group: string): void {
    if (domain.group === group) return;
    const old = domain.groupNumber;
    domain.group = group;
    domain.groupNumber = this.domains.groupNumber(group);
    this.effects.push((EFFECT_GROUP | (domain.slot << 16)) >>> 0, domain.groupNumber, old, 0, 0);
  }

  #setReservation(domain: Domain, frames: number): void {
    if (frames === domain.reservedFrames) return;
    if (frames < domain.reservedFrames) this.#untouchAbove(domain, frames, CAUSE_SHRINK);
    this.reservedFrames += frames - domain.reservedFrames;
    domain.reservedFrames = frames;
    if (this.host.frames === 0) this.#memoryChanged();
  }

  /** Frames at or above a gfn become untouched. */
  #untouchAbove(domain: Domain, from: number, cause: number): void {
    this.frames.eachChunk(domain.slot, from >>> CHUNK_SHIFT, (number, base) => {
      const first = Math.max(0, from - number * CHUNK_FRAMES);
      for (let i = first; i < CHUNK_FRAMES; i++) this.changes.set(base + i, domain.slot, STATE_UNTOUCHED, cause, 0);
    });
  }

  /** A `gone` record: releases all frames and the slot. */
  end(domain: Domain): void {
    const slot = domain.slot;
    this.#untouchAbove(domain, 0, CAUSE_GONE);
    this.effects.push((EFFECT_GONE | (slot << 16)) >>> 0, domain.life, 0, 0, 0);
    // Policies look frames up by id: they must have read the effects before the chunks are given to somebody else.
    this.effects.flush();
    this.frames.removeDomain(slot);
    this.reservedFrames -= domain.reservedFrames;
    this.domains.remove(domain);
    this.settling.giveBackSlot(slot);
    if (this.host.frames === 0) this.#memoryChanged();
  }

  beginKeyframe(domain: Domain): void {
    domain.keyframeNamed = new Map();
  }

  /** The keyframe is complete: frames that it did not name are untouched. */
  endKeyframe(domain: Domain, timeMicros: number): void {
    const named = domain.keyframeNamed;
    if (named === null) return;
    domain.keyframeNamed = null;
    this.domains.scannedMicros[domain.slot] = timeMicros;
    this.frames.eachChunk(domain.slot, 0, (number, base) => {
      const bits = named.get(number);
      for (let i = 0; i < CHUNK_FRAMES; i++) {
        if (bits !== undefined && ((bits[i >>> 5] >>> (i & 31)) & 1) !== 0) continue;
        this.changes.set(base + i, domain.slot, STATE_UNTOUCHED, CAUSE_UNNAMED, 0);
      }
    });
  }
}

/**
 * Notes `count` frames from `first` on of a domain's chunk as named by the keyframe that is being read. Only of chunks
 * that are allocated: a bit for each frame is the most that this costs.
 */
export function nameInKeyframe(named: Map<number, Uint32Array>, chunk: number, first: number, count: number): void {
  let bits = named.get(chunk);
  if (bits === undefined) named.set(chunk, (bits = new Uint32Array(CHUNK_FRAMES / 32)));
  for (let at = first; at < first + count; at++) bits[at >>> 5] |= 1 << (at & 31);
}
