/**
 * Follows the records of one stream and keeps what a reader needs to begin in the middle of it: host, images, domains,
 * and what each frame holds. From that the opening of a new segment is written. What is history (reads, writes,
 * touches, labels, marks) is not kept.
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
  type DomainRecord,
  type HostRecord,
  type ImageRecord,
} from './record-text.js';
import { domidOf, flagsOf, KIND, kindOf, NO_GFN, READ_HASH_KNOWN, SLOT_WORDS, slotsOf } from './record.js';

/** Past this many bytes the frames are not kept any longer: the stream is not rotated then. */
const STATE_BYTES_MAX = 2 ** 31;
/** `writeOpening` offers the buffer for draining when it holds more words than this. */
const DRAIN_WORDS = 16 * 1024;

interface DomainState {
  settings: DomainRecord;
  /** This stream has named frames of it. Only then has a keyframe something to say (another stream may do so, too). */
  framesNamed: boolean;
  frames: FrameStates;
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
  /** By domid. A key declared for two domids is one domain, known by both. */
  #domains = new Map<number, DomainState>();
  #byKey = new Map<string, DomainState>();
  #complete = true;
  #held: HeldBytes = { bytes: 0 };

  /** @param bytesMax past this the frames are no longer kept. */
  constructor(readonly bytesMax = STATE_BYTES_MAX) {}

  /** False when the frames needed more than `bytesMax`: then no opening can be written any more. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Whether a keyframe of some domain has begun and not ended: an opening written now would tear it in two. */
  get insideKeyframe(): boolean {
    for (const domain of this.#byKey.values()) if (domain.keyframe !== undefined) return true;
    return false;
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
      if (this.#held.bytes > this.bytesMax) this.#giveUp();
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
      case KIND.touch:
        this.#domainOf(domidOf(head), words[at + 1], words[at + 2]);
        return;
      case KIND.blockRead: {
        this.#followRead(words, at, head);
        return;
      }
      case KIND.blockReadSpan:
      case KIND.blockWrite:
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
      domain = { settings, framesNamed: false, frames: new FrameStates(this.#held), keyframe: undefined };
      this.#byKey.set(settings.key, domain);
    }
    this.#domains.set(settings.domid, domain);
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

  #followKeyframe(domid: number, kind: number): void {
    const domain = this.#domains.get(domid);
    if (domain === undefined) {
      this.orphanRecords++;
    } else if (kind === KIND.keyframeBegin) {
      domain.framesNamed = true;
      domain.keyframe?.release();
      domain.keyframe = new FrameStates(this.#held);
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
    // Once the memory is used up only the settings are followed.
    return this.#complete ? domain : undefined;
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
    domain.keyframe?.release();
  }

  #giveUp(): void {
    this.#complete = false;
    for (const domain of this.#byKey.values()) {
      domain.frames.release();
      domain.keyframe = undefined;
    }
    this.#held.bytes = 0;
  }

  /**
   * Writes the opening of a segment: time, host, images, domains, then a keyframe of each domain. Not inside a
   * keyframe, and only if `complete`.
   *
   * @param drain called whenever the buffer holds about a block, to take the records and clear it.
   */
  writeOpening(buffer: RecordBuffer, drain: () => void = () => undefined): void {
    assert(this.#complete, 'the state is complete');
    assert(!this.insideKeyframe, 'no keyframe is open');
    buffer.time(this.timeMicros);
    if (this.#host !== undefined) buffer.host(this.#host.name, this.#host.hypervisor, this.#host.frames);
    for (const image of [...this.#images.values()].sort((a, b) => a.id - b.id)) {
      buffer.image(image.id, image.name, image.readOnly, image.blocks);
      if (buffer.wordCount > DRAIN_WORDS) drain();
    }
    const domains = [...this.#domains].sort(([a], [b]) => a - b);
    for (const [domid, { settings }] of domains) {
      const { key, name, group, kind, frames } = settings;
      buffer.domain(domid, key, name, group, kind, frames);
      if (buffer.wordCount > DRAIN_WORDS) drain();
    }
    const written = new Set<DomainState>();
    for (const [domid, domain] of domains) {
      if (!domain.framesNamed || written.has(domain)) continue;
      written.add(domain);
      writeKeyframe(domid, domain.frames, buffer, drain);
    }
  }
}

function set(domain: DomainState, gfn: number, count: number, state: number, low: number, high: number): void {
  domain.framesNamed = true;
  domain.frames.set(gfn, count, state, low, high);
  domain.keyframe?.set(gfn, count, state, low, high);
}

/** The whole state of one domain between keyframeBegin and keyframeEnd, in gfn order. */
function writeKeyframe(domid: number, states: FrameStates, buffer: RecordBuffer, drain: () => void): void {
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
  buffer.keyframeEnd(domid);
}
