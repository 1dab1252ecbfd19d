import { highHalf, lowHalf } from '../base/units.js';
import type { GapFigures } from '../figures/host-figures.js';
import { type DomainRecord, type HostRecord, readDomainRecord, readHostRecord } from '../trace/record-text.js';
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
import type { ExtraFrames } from './extra-frames.js';
import type { FrameChanges } from './frame-changes.js';
import type { FrameTable } from './frame-table.js';
import type { GivenGroups } from './given-groups.js';
import type { LongWork } from './long-work.js';
import { PAIR_SLOTS_MAX, type PairMatrix } from './pair-matrix.js';
import type { Settle } from './settle.js';

/** The rare records: the host, domains that come, change and go, and keyframes. */
export class DomainLives {
  /** From the newest `host` record. */
  host: HostRecord = { name: '', hypervisor: '', frames: 0 };
  /** Σ reservations. */
  reservedFrames = 0;
  /** Two domains were in different trust groups, or one in two after another. */
  hasSeveralGroups = false;
  /** The number of the first domain's group; -1: there was no domain yet. */
  #firstGroup = -1;

  constructor(
    private readonly frames: FrameTable,
    private readonly domains: DomainTable,
    private readonly changes: FrameChanges,
    private readonly extras: ExtraFrames,
    private readonly settling: Settle,
    private readonly pairs: PairMatrix,
    private readonly effects: EffectsBuffer,
    private readonly long: LongWork,
    private readonly gaps: GapFigures,
    /** Trust groups that override the trace's. */
    readonly givenGroups: GivenGroups,
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
   * A `domain` record of a stream: a new life, or changed settings. It is ignored and counted if there
   * are too many domains or trust groups, or memory is out; no domain ever lands in another's group.
   */
  declare(stream: number, domid: number, words: Uint32Array, at: number): void {
    const text = readDomainRecord(words, at);
    if (this.domains.groupNumber(this.#groupOf(text)) < 0 || !this.domains.reserveDomid(stream, domid)) {
      this.gaps.unmodelled++;
      return;
    }
    const bound = this.domains.slotOf(stream, domid);
    const before = bound < 0 ? undefined : this.domains.bySlot[bound];
    const declared = (): void => this.#declareKey(stream, domid, text);
    // A domid used again without `gone`: the recorder missed the end of the first one.
    if (before !== undefined && before.key !== text.key) this.end(before, declared);
    else declared();
  }

  /** The domid is free, or the key's. */
  #declareKey(stream: number, domid: number, text: DomainRecord): void {
    const known = this.domains.byKey.get(text.key);
    if (known !== undefined) this.#configure(stream, domid, text, known);
    else if (this.domains.bySlot.length < PAIR_SLOTS_MAX) this.#addDomain(stream, domid, text);
    else if (this.settling.goneSlots.length > 0 || this.changes.pairsExact) {
      // Slots of destroyed domains come back with the next settle: do it rather than give up exact pairs for them.
      // Settling forgets contents: policies must have read (and pinned) what the effects name before.
      this.effects.flush();
      this.long.steps(
        (work) => this.settling.run(work),
        () => this.#addDomain(stream, domid, text),
      );
    } else this.#addDomain(stream, domid, text);
  }

  #addDomain(stream: number, domid: number, text: DomainRecord): void {
    const domain = this.domains.add(domid, text.key);
    if (domain === null) {
      this.gaps.unmodelled++;
      return;
    }
    this.frames.addDomain(domain.slot);
    this.domains.startScans(domain.slot);
    domain.group = this.#groupOf(text);
    domain.groupNumber = this.domains.groupNumber(domain.group);
    if (this.domains.bySlot.length > PAIR_SLOTS_MAX && this.changes.pairsExact) {
      // All is settled: no entry without frames is left that only settling would take away.
      this.changes.pairsExact = false;
      this.pairs.clear();
    }
    if (this.changes.pairsExact) this.pairs.reserve(this.domains.bySlot.length);
    this.#pushAlone((EFFECT_DOMAIN | (domain.slot << 16)) >>> 0, domain.groupNumber, domain.life);
    this.#configure(stream, domid, text, domain);
  }

  #configure(stream: number, domid: number, text: DomainRecord, domain: Domain): void {
    this.domains.bind(stream, domid, domain);
    // A stream of reads does not know the reservation, and must not take away what a recorder of memory has said.
    if (text.frames === 0 && domain.reservedFrames > 0) return;
    domain.name = text.name === '' ? text.key : text.name;
    domain.kind = text.kind;
    // Once given it stays, whatever the trace calls the domain or its group later.
    const given = this.givenGroups.of(text.key, domain.name);
    if (given !== undefined || !domain.hasGivenGroup) this.#setGroup(domain, given ?? groupOf(text));
    domain.hasGivenGroup ||= given !== undefined;
    this.#setReservation(domain, text.frames);
  }

  #setGroup(domain: Domain, group: string): void {
    if (domain.group === group) return;
    const old = domain.groupNumber;
    domain.group = group;
    domain.groupNumber = this.domains.groupNumber(group);
    this.#pushAlone((EFFECT_GROUP | (domain.slot << 16)) >>> 0, domain.groupNumber, old);
  }

  /** What may move all frames of a domain goes in a batch of its own: policies find the tables as they are at it. */
  #pushAlone(head: number, group: number, b: number): void {
    if (this.#firstGroup < 0) this.#firstGroup = group;
    this.hasSeveralGroups ||= group !== this.#firstGroup;
    this.effects.flush();
    this.effects.push(head, group, b, 0, 0);
    this.effects.flush();
  }

  /** The trust group of a domain record: the one given for it, or the one it names. */
  #groupOf(text: DomainRecord): string {
    const name = text.name === '' ? text.key : text.name;
    return this.givenGroups.of(text.key, name) ?? groupOf(text);
  }

  #setReservation(domain: Domain, frames: number): void {
    const reserved = (): void => {
      this.reservedFrames += frames - domain.reservedFrames;
      domain.reservedFrames = frames;
      if (this.host.frames === 0) this.#memoryChanged();
    };
    if (frames < domain.reservedFrames) this.long.untouch(domain, frames, null, CAUSE_SHRINK, reserved);
    else if (frames > domain.reservedFrames) reserved();
  }

  /** A `gone` record: releases all frames and the slot, then calls `then`. */
  end(domain: Domain, then: (() => void) | null = null): void {
    this.long.untouch(domain, 0, null, CAUSE_GONE, () => {
      this.#release(domain);
      then?.();
    });
  }

  #release(domain: Domain): void {
    const slot = domain.slot;
    this.extras.clear(slot);
    this.effects.push((EFFECT_GONE | (slot << 16)) >>> 0, domain.life, 0, 0, 0);
    // Policies look frames up by id: they must have read the effects before the chunks are given to somebody else.
    this.effects.flush();
    this.frames.removeDomain(slot);
    this.reservedFrames -= domain.reservedFrames;
    this.domains.remove(domain);
    this.settling.giveBackSlot(slot);
    if (this.host.frames === 0) this.#memoryChanged();
  }

  /** A `keyframe begin` record: from here on it is kept which frames are named. */
  beginKeyframe(domain: Domain): void {
    domain.keyframeNamed = new Map();
  }

  /** The keyframe is complete: frames that it did not name are untouched. */
  endKeyframe(domain: Domain, timeMicros: number): void {
    const named = domain.keyframeNamed;
    if (named === null) return;
    domain.keyframeNamed = null;
    this.domains.scan(domain.slot, timeMicros);
    this.long.untouch(domain, 0, named, CAUSE_UNNAMED, null);
  }
}

/** The trust group that a domain record names. */
function groupOf(text: DomainRecord): string {
  return text.group === '' ? 'default' : text.group;
}
