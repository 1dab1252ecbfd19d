/**
 * Follows the records of one stream and keeps what a reader needs to begin in the middle of it: host, images, domains,
 * label files, and what each frame holds. From that the opening of a new segment is written. What is history (reads,
 * writes, touches, labels, marks, counters, scans) is not kept.
 */
import { assert } from '../base/assert.js';
import { fromHalves } from '../base/units.js';
import { FillPacker } from './fill-packer.js';
import { DIRTY, FREE, FrameStates, KNOWN, type HeldBytes } from './frame-states.js';
import type { RecordBuffer } from './record-buffer.js';
import {
  readDomainRecord,
  readHostRecord,
  readImageRecord,
  readLabelFileRecord,
  type DomainRecord,
  type HostRecord,
  type ImageRecord,
} from './record-text.js';
import {
  domidOf,
  flagsOf,
  KIND,
  kindOf,
  NO_GFN,
  READ_HASH_KNOWN,
  SLOT_WORDS,
  slotsOf,
  type RecordBlock,
} from './record.js';

/** Past this many bytes the frames of the largest domains are kept no longer: their keyframes are left out then. */
const STATE_BYTES_MAX = 2 ** 31;
/** Label files that an opening names at most. */
const LABEL_FILES_MAX = 1024;
/** `writeOpening` offers the buffer for draining when it holds more words than this. */
const DRAIN_WORDS = 16 * 1024;

interface DomainState {
  settings: DomainRecord;
  /** This stream has named frames of it. Only then has a keyframe something to say (another stream may do so, too). */
  framesNamed: boolean;
  /** False: its frames were too many to keep, and no opening has a keyframe of it. */
  framesKept: boolean;
  frames: FrameStates;
  /** Its extra frames, by index. */
  extras: FrameStates;
  /** Inside a keyframe: what it has named so far. */
  keyframe: FrameStates | undefined;
}

/** The state of one stream behind the records followed so far; writes a segment's opening. */
export class StreamState {
  /** Trace time of the last record, µs. */
  timeMicros = 0;
  /** Records of a domid that no domain has. */
  orphanRecords = 0;
  /** Records that name a gfn at or above the reservation. They are ignored as a whole. */
  damagedRecords = 0;

  #host: HostRecord | undefined;
  #images = new Map<number, ImageRecord>();
  readonly #labelFiles = new Set<string>();
  /** By domid. A key declared for two domids is one domain, known by both. */
  #domains = new Map<number, DomainState>();
  #byKey = new Map<string, DomainState>();
  #held: HeldBytes = { bytes: 0 };
  #domainsNotKept = 0;

  /** @param bytesMax past this the frames of the largest domains are no longer kept. */
  constructor(readonly bytesMax = STATE_BYTES_MAX) {}

  /**
   * Domains whose frames were not kept, because all together needed more than `bytesMax`: the openings declare them
   * and have no keyframe of them, so a reader that begins there knows of their frames only what comes later.
   */
  get domainsNotKept(): number {
    return this.#domainsNotKept;
  }

  /** The domains that live, by domid; one of two domids is there twice. */
  get domains(): { domid: number; key: string }[] {
    return [...this.#domains].map(([domid, { settings }]) => ({ domid, key: settings.key }));
  }

  /** As `follow`, of records that begin at a time of their own. */
  followBlock(block: Pick<RecordBlock, 'baseTimeMicros' | 'words' | 'start' | 'end'>): void {
    this.timeMicros = block.baseTimeMicros;
    this.follow(block.words, block.start, block.end);
  }

  /** Follows the checked records in words[start, end). */
  follow(words: Uint32Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const head = words[at];
      const kind = kindOf(head);
      if (kind === KIND.time) {
        this.timeMicros = fromHalves(words[at + 1], words[at + 2]);
      } else if (kind >= KIND.fill && kind <= KIND.free) {
        this.#followFrames(words, at, head, kind);
      } else {
        this.#followOther(words, at, head, kind);
      }
      while (this.#held.bytes > this.bytesMax) this.#dropLargest();
      at += slotsOf(head) * SLOT_WORDS;
    }
  }

  #followFrames(words: Uint32Array, at: number, head: number, kind: number): void {
    const gfn = words[at + 1];
    const count = kind === KIND.fill ? 1 : words[at + 2];
    const domain = this.#domainOf(domidOf(head), gfn, count);
    if (domain === undefined) return;
    const known = KNOWN + flagsOf(head);
    if (kind === KIND.fill) {
      set(domain, gfn, 1, known, words[at + 2], words[at + 3]);
    } else if (kind === KIND.fillRun) {
      set(domain, gfn, count, known, words[at + 4], words[at + 5]);
    } else if (kind === KIND.fillSpan) {
      for (let i = 0; i < count; i++) {
        set(domain, gfn + i, 1, known, words[at + 4 + 2 * i], words[at + 5 + 2 * i]);
      }
    } else {
      set(domain, gfn, count, kind === KIND.dirty ? DIRTY : FREE, 0, 0);
    }
  }

  #followOther(words: Uint32Array, at: number, head: number, kind: number): void {
    switch (kind) {
      case KIND.host:
        this.#host = readHostRecord(words, at);
        return;
      case KIND.image: {
        const image = readImageRecord(words, at);
        this.#images.set(image.id, image);
        return;
      }
      case KIND.domain: {
        this.#declare(readDomainRecord(words, at));
        return;
      }
      case KIND.gone:
        this.#gone(domidOf(head));
        return;
      case KIND.extra: {
        this.#followExtra(words, at, head);
        return;
      }
      case KIND.labelFile: {
        // Few in any honest trace; of a hostile one the first must do.
        if (this.#labelFiles.size < LABEL_FILES_MAX) this.#labelFiles.add(readLabelFileRecord(words, at));
        return;
      }
      case KIND.counter:
        if (flagsOf(head) !== 0 && !this.#domains.has(domidOf(head))) this.orphanRecords++;
        return;
      case KIND.touch:
        this.#domainOf(domidOf(head), words[at + 1], words[at + 2]);
        return;
      case KIND.blockRead: {
        this.#followRead(words, at, head);
        return;
      }
      case KIND.blockReadSpan:
      case KIND.blockWrite:
      case KIND.scanBegin:
      case KIND.scanEnd:
        if (!this.#domains.has(domidOf(head))) this.orphanRecords++;
        return;
      case KIND.keyframeBegin:
      case KIND.keyframeEnd: {
        this.#followKeyframe(domidOf(head), kind);
        return;
      }
      default:
        // label, mark and lost are history.
        return;
    }
  }

  #declare(settings: DomainRecord): void {
    const bound = this.#domains.get(settings.domid);
    // Another key is another domain: its predecessor's `gone` was lost.
    if (bound !== undefined && bound.settings.key !== settings.key) this.#release(bound);
    let domain = this.#byKey.get(settings.key);
    if (domain === undefined) {
      domain = this.#newDomain(settings);
      this.#byKey.set(settings.key, domain);
    }
    this.#domains.set(settings.domid, domain);
    // It joins a domain of which another stream, merged into this one, knows more.
    if (settings.frames === 0 && domain.settings.frames > 0) return;
    if (settings.frames < domain.settings.frames) {
      domain.frames.cut(settings.frames);
      domain.keyframe?.cut(settings.frames);
    }
    domain.settings = settings;
  }

  /** A read into a known frame fills it; of unknown content, the frame is dirty. */
  #followRead(words: Uint32Array, at: number, head: number): void {
    const gfn = words[at + 6];
    if (gfn === NO_GFN) {
      if (!this.#domains.has(domidOf(head))) this.orphanRecords++;
      return;
    }
    const domain = this.#domainOf(domidOf(head), gfn, 1);
    if (domain === undefined) return;
    const hashKnown = (flagsOf(head) & READ_HASH_KNOWN) !== 0;
    set(domain, gfn, 1, hashKnown ? KNOWN : DIRTY, words[at + 4], words[at + 5]);
  }

  #followExtra(words: Uint32Array, at: number, head: number): void {
    const domain = this.#domains.get(domidOf(head));
    if (domain === undefined) this.orphanRecords++;
    else if (domain.framesKept) {
      domain.extras.set(words[at + 1], words[at + 2], KNOWN + flagsOf(head), words[at + 4], words[at + 5]);
    }
  }

  #followKeyframe(domid: number, kind: number): void {
    const domain = this.#domains.get(domid);
    if (domain === undefined) {
      this.orphanRecords++;
    } else if (kind === KIND.keyframeBegin) {
      domain.framesNamed = true;
      domain.keyframe?.release();
      if (domain.framesKept) domain.keyframe = new FrameStates(this.#held);
    } else if (domain.keyframe !== undefined) {
      domain.frames.release();
      domain.frames = domain.keyframe;
      domain.keyframe = undefined;
    }
  }

  #domainOf(domid: number, gfn: number, count: number): DomainState | undefined {
    const domain = this.#domains.get(domid);
    if (domain === undefined) {
      this.orphanRecords++;
      return undefined;
    }
    if (gfn + count > domain.settings.frames) {
      this.damagedRecords++;
      return undefined;
    }
    return domain;
  }

  #gone(domid: number): void {
    const domain = this.#domains.get(domid);
    if (domain === undefined) this.orphanRecords++;
    else this.#release(domain);
  }

  /** The domain ends, whatever domids it has. */
  #release(domain: DomainState): void {
    for (const [domid, other] of this.#domains) if (other === domain) this.#domains.delete(domid);
    this.#byKey.delete(domain.settings.key);
    domain.frames.release();
    domain.extras.release();
    domain.keyframe?.release();
  }

  #newDomain(settings: DomainRecord): DomainState {
    return {
      settings,
      framesNamed: false,
      framesKept: true,
      frames: new FrameStates(this.#held),
      extras: new FrameStates(this.#held),
      keyframe: undefined,
    };
  }

  /** The frames of the domain that holds the most memory are kept no longer, as long as it lives. */
  #dropLargest(): void {
    let largest: DomainState | undefined;
    for (const domain of this.#byKey.values()) {
      if (largest === undefined || bytesOf(domain) > bytesOf(largest)) largest = domain;
    }
    assert(largest !== undefined && largest.framesKept, 'what is held is held by a domain');
    largest.framesKept = false;
    largest.frames.release();
    largest.extras.release();
    largest.keyframe?.release();
    largest.keyframe = undefined;
    this.#domainsNotKept++;
  }

  /**
   * Writes the opening of a segment: time, host, images, label files, domains, their extra frames, then a keyframe of
   * each domain whose frames were named and kept. A keyframe that has begun in the stream and not ended is begun again
   * at last, with what it has named so far: the records that follow go on in it.
   *
   * @param drain called whenever the buffer holds about a block, to take the records and clear it.
   */
  writeOpening(buffer: RecordBuffer, drain: () => void = () => undefined): void {
    buffer.time(this.timeMicros);
    if (this.#host !== undefined) buffer.host(this.#host.name, this.#host.hypervisor, this.#host.frames);
    for (const image of [...this.#images.values()].sort((a, b) => a.id - b.id)) {
      buffer.image(image.id, image.name, image.readOnly, image.blocks);
      if (buffer.wordCount > DRAIN_WORDS) drain();
    }
    for (const path of this.#labelFiles) {
      buffer.labelFile(path);
      if (buffer.wordCount > DRAIN_WORDS) drain();
    }
    const domains = [...this.#domains].sort(([a], [b]) => a - b);
    for (const [domid, { settings }] of domains) {
      const { key, name, group, kind, frames } = settings;
      buffer.domain(domid, key, name, group, kind, frames);
      if (buffer.wordCount > DRAIN_WORDS) drain();
    }
    writeExtras(domains, buffer, drain);
    const written = new Set<DomainState>();
    for (const [domid, domain] of domains) {
      if (!domain.framesNamed || !domain.framesKept || written.has(domain)) continue;
      written.add(domain);
      writeKeyframe(domid, domain.frames, buffer, drain, true);
      if (domain.keyframe !== undefined) writeKeyframe(domid, domain.keyframe, buffer, drain, false);
    }
  }
}

function bytesOf(domain: DomainState): number {
  return domain.frames.bytes + domain.extras.bytes + (domain.keyframe?.bytes ?? 0);
}

function writeExtras(domains: readonly [number, DomainState][], buffer: RecordBuffer, drain: () => void): void {
  const written = new Set<DomainState>();
  for (const [domid, domain] of domains) {
    if (written.has(domain)) continue;
    written.add(domain);
    domain.extras.visit((index, count, state, low, high) => {
      buffer.extra(domid, index, count, low, high, state - KNOWN);
      if (buffer.wordCount > DRAIN_WORDS) drain();
    });
  }
}

function set(domain: DomainState, gfn: number, count: number, state: number, low: number, high: number): void {
  domain.framesNamed = true;
  if (!domain.framesKept) return;
  domain.frames.set(gfn, count, state, low, high);
  domain.keyframe?.set(gfn, count, state, low, high);
}

/** The whole state of one domain in gfn order, behind keyframeBegin; and keyframeEnd, if it is `ended`. */
function writeKeyframe(
  domid: number,
  states: FrameStates,
  buffer: RecordBuffer,
  drain: () => void,
  ended: boolean,
): void {
  const packer = new FillPacker(buffer, domid);
  // Dirty and free frames: equal neighbours of several chunks become one record.
  let gfnNext = 0;
  let count = 0;
  let state = 0;
  const closeRange = (): void => {
    if (count === 0) return;
    if (state === DIRTY) buffer.dirty(domid, gfnNext - count, count);
    else buffer.free(domid, gfnNext - count, count);
    count = 0;
  };
  buffer.keyframeBegin(domid);
  states.visit((gfn, frames, frameState, low, high) => {
    if (buffer.wordCount > DRAIN_WORDS) drain();
    if (frameState !== state || gfn !== gfnNext) closeRange();
    state = frameState;
    gfnNext = gfn + frames;
    if (frameState >= KNOWN) {
      packer.add(gfn, frames, low, high, frameState - KNOWN);
    } else {
      packer.flush();
      count += frames;
    }
  });
  closeRange();
  packer.flush();
  if (ended) buffer.keyframeEnd(domid);
}
