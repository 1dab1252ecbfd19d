/**
 * A trace as if its domains had been scanned less often: of each domain's scans every k-th is kept, the first always. A
 * scan is what fills frames of a domain at one time. What the others saw is merged into the next one that is kept (the
 * newest content of a frame counts, so nothing appears that a slower scanner would not have seen); what the last ones
 * saw comes at the end of the trace, so that it ends in the same state.
 *
 * Everything else stays as it is and where it is: block reads, also those that name a frame, frames that are written or
 * freed, and keyframes, which are a scan of their own that is always kept. The fills of a kept scan come behind the
 * other records of their time.
 *
 * Where there is no room to hold what a scan saw it passes at once, as if that scan were kept, and is counted: thinned
 * less than asked, but nothing is lost.
 */
import { assert } from '../base/assert.js';
import { fromHalves } from '../base/units.js';
import { FillPacker } from '../trace/fill-packer.js';
import { FrameStates, type HeldBytes, KNOWN, UNTOUCHED } from '../trace/frame-states.js';
import { RecordBuffer } from '../trace/record-buffer.js';
import { readDomainRecord } from '../trace/record-text.js';
import { domidOf, flagsOf, KIND, kindOf, NO_GFN, SLOT_WORDS, slotsOf } from '../trace/record.js';
import type { RangeTaker, RecordRange } from './record-source.js';

/** Records are handed on when there are about as many as a block of a segment holds. */
const DRAIN_WORDS = 12 * 1024;
const DOMIDS = 65536;
/** Room is asked for in steps of this, so that a fill costs a comparison. */
const ROOM_STEP_BYTES = 2 ** 20;

/** Where memory is asked for; the engine is one. */
export interface RoomToHold {
  hasRoom(bytes: number): boolean;
  /** Counts something that was left out for want of room. */
  countUnmodelled(): void;
}
const UNLIMITED_ROOM: RoomToHold = { hasRoom: () => true, countUnmodelled: () => undefined };

interface ThinnedDomain {
  readonly stream: number;
  readonly domid: number;
  readonly key: string;
  reservedFrames: number;
  /** Inside a keyframe: its fills pass. */
  inKeyframe: boolean;
  /** Inside a scan that says its begin and its end: it is whole at its end only. */
  inScan: boolean;
  /** Frames filled by this scan and by those that were not kept. */
  readonly held: FrameStates;
  /** Scans before the one of this instant. */
  scans: number;
  /** Filled at the instant that time stands at. */
  isOpen: boolean;
}

/** See the head of this file. A range that `next` refuses is the last that it gets. */
export class ThinnedScans {
  readonly #domains = new Map<number, ThinnedDomain>();
  #open: ThinnedDomain[] = [];
  /** Newest time, µs. */
  #now = -1;
  /** `next` wants no more. */
  #isRefused = false;
  readonly #held: HeldBytes = { bytes: 0 };
  /** What may be held without asking again. */
  #grantedBytes = 0;
  readonly #buffer = new RecordBuffer();

  /**
   * @param every k, at least 1
   * @param next takes the records of the thinned trace
   * @param room asked before more is held
   */
  constructor(
    private readonly every: number,
    private readonly next: RangeTaker,
    private readonly room: RoomToHold = UNLIMITED_ROOM,
  ) {
    assert(Number.isSafeInteger(every) && every >= 1, 'every is a whole number from 1 on');
  }

  /** Bytes held, about. */
  get bytes(): number {
    return this.#held.bytes;
  }

  /** Takes the next records of a stream. */
  readonly take: RangeTaker = (stream, range) => {
    if (this.every === 1) return this.next(stream, range);
    const { words, end } = range;
    let { start, baseTimeMicros } = range;
    let time = baseTimeMicros;
    // What lies between fills that are held passes on as it is.
    const pass = (at: number, behind: number): void => {
      if (at > start) this.#pass(stream, { baseTimeMicros, words, start, end: at });
      [start, baseTimeMicros] = [behind, time];
    };
    if (kindOf(words[start]) !== KIND.time) this.#moveTo(time);
    for (let at = start; at < end;) {
      const behind = at + slotsOf(words[at]) * SLOT_WORDS;
      if (kindOf(words[at]) === KIND.time) {
        const next = fromHalves(words[at + 1], words[at + 2]);
        if (this.#open.length > 0 && next > this.#now) pass(at, at);
        this.#moveTo(next);
        time = next;
      } else if (this.#holds(stream, words, at)) pass(at, behind);
      at = behind;
    }
    pass(end, end);
    return !this.#isRefused;
  };

  #pass(stream: number, range: RecordRange): void {
    if (!this.#isRefused && !this.next(stream, range)) this.#isRefused = true;
  }

  /** The trace is at its end: what is held yet comes now. */
  finish(): void {
    this.#endInstant();
    for (const domain of this.#domains.values()) this.#release(domain);
  }

  #moveTo(timeMicros: number): void {
    if (timeMicros <= this.#now) return;
    this.#endInstant();
    this.#now = timeMicros;
  }

  /** The scans of this instant are whole. */
  #endInstant(): void {
    for (const domain of this.#open) {
      domain.isOpen = false;
      if (domain.scans++ % this.every === 0) this.#release(domain);
    }
    this.#open = [];
  }

  /** Hands on what is held of a domain. */
  #release(domain: ThinnedDomain): void {
    const buffer = this.#buffer;
    const packer = new FillPacker(buffer, domain.domid);
    const drain = (): void => {
      packer.flush();
      const { words, wordCount } = buffer;
      const range: RecordRange = { baseTimeMicros: this.#now, words, start: 0, end: wordCount };
      if (wordCount > 0) this.#pass(domain.stream, range);
      buffer.clear();
    };
    domain.held.visit((gfn, count, state, low, high) => {
      packer.add(gfn, count, low, high, state - KNOWN);
      if (buffer.wordCount > DRAIN_WORDS) drain();
    });
    drain();
    domain.held.release();
  }

  /** Looks at a record; true if it is a fill that is held, false if it passes. */
  #holds(stream: number, words: Uint32Array, at: number): boolean {
    const head = words[at];
    const kind = kindOf(head);
    if (kind === KIND.domain) this.#declare(stream, words, at);
    const domain = this.#domains.get(addressOf(stream, domidOf(head)));
    if (domain === undefined) return false;
    if (kind === KIND.gone) this.#forget(domain);
    else if (kind === KIND.keyframeBegin) {
      // The whole state of the domain: nothing that was seen before counts.
      domain.held.release();
      domain.inKeyframe = true;
    } else if (kind === KIND.keyframeEnd) domain.inKeyframe = false;
    else if (kind === KIND.scanBegin || kind === KIND.scanEnd) {
      // Swallowed: what is kept of a scan comes at one instant, when it is whole.
      domain.inScan = kind === KIND.scanBegin;
      if (!domain.inScan) this.#openAt(domain);
      return true;
    } else if (kind === KIND.dirty || kind === KIND.free) this.#drop(domain, words[at + 1], words[at + 2]);
    else if (kind === KIND.blockRead && words[at + 6] !== NO_GFN) this.#drop(domain, words[at + 6], 1);
    else if (kind === KIND.fill) return this.#hold(domain, words, at, 1, at + 2, 0);
    else if (kind === KIND.fillRun) return this.#hold(domain, words, at, words[at + 2], at + SLOT_WORDS, 0);
    else if (kind === KIND.fillSpan) return this.#hold(domain, words, at, words[at + 2], at + SLOT_WORDS, 2);
    return false;
  }

  /** Holds the frames of a fill; their hashes lie `step` words apart, 0: they have one. */
  #hold(domain: ThinnedDomain, words: Uint32Array, at: number, count: number, hash: number, step: number): boolean {
    const gfn = words[at + 1];
    // What is damaged is for the engine to count.
    if (domain.inKeyframe || gfn + count > domain.reservedFrames) return false;
    if (!this.#mayHold(FrameStates.growthBytes(count))) {
      this.room.countUnmodelled();
      this.#drop(domain, gfn, count);
      return false;
    }
    const state = KNOWN + flagsOf(words[at]);
    if (step === 0) domain.held.set(gfn, count, state, words[hash], words[hash + 1]);
    else {
      for (let i = 0; i < count; i++) {
        domain.held.set(gfn + i, 1, state, words[hash + i * step], words[hash + i * step + 1]);
      }
    }
    if (!domain.inScan) this.#openAt(domain);
    return true;
  }

  /** The domain's scan ends with this instant. */
  #openAt(domain: ThinnedDomain): void {
    if (domain.isOpen) return;
    domain.isOpen = true;
    this.#open.push(domain);
  }

  #mayHold(bytes: number): boolean {
    const wanted = this.#held.bytes + bytes;
    if (wanted <= this.#grantedBytes) return true;
    if (!this.room.hasRoom(bytes + ROOM_STEP_BYTES)) return false;
    this.#grantedBytes = wanted + ROOM_STEP_BYTES;
    return true;
  }

  /** A record that passes says what these frames are: what a scan saw before does not count any more. */
  #drop(domain: ThinnedDomain, gfn: number, count: number): void {
    if (domain.held.bytes > 0 && gfn + count <= domain.reservedFrames) domain.held.set(gfn, count, UNTOUCHED, 0, 0);
  }

  #declare(stream: number, words: Uint32Array, at: number): void {
    const { domid, key, frames } = readDomainRecord(words, at);
    const address = addressOf(stream, domid);
    const known = this.#domains.get(address);
    if (known?.key === key) {
      // It joins a domain of which another stream knows more.
      if (frames === 0) return;
      known.held.cut(frames);
      known.reservedFrames = frames;
      return;
    }
    // Another key is another domain: its predecessor's `gone` was lost.
    if (known !== undefined) this.#forget(known);
    const held = new FrameStates(this.#held);
    const state = { reservedFrames: frames, inKeyframe: false, inScan: false, held, scans: 0, isOpen: false };
    this.#domains.set(address, { stream, domid, key, ...state });
  }

  #forget(domain: ThinnedDomain): void {
    domain.held.release();
    this.#open = this.#open.filter((other) => other !== domain);
    this.#domains.delete(addressOf(domain.stream, domain.domid));
  }
}

function addressOf(stream: number, domid: number): number {
  return stream * DOMIDS + domid;
}
