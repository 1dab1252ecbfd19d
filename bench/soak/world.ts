/**
 * A host over days: guests boot, read their disks, change pages, balloon, change their trust group, reboot under the
 * same name, are shut down, or crash and have their domid taken over. Everything follows from the seed. Its size stays
 * the same however long it goes on, so whatever grows beside it is a leak; contents, domids and names of short-lived
 * guests are new all the time, which is what a table that forgets nothing would show.
 */
import { fillPageHigh, fillPageLow } from '../../src/trace/fill-pages.js';
import type { RecordBuffer } from '../../src/trace/record-buffer.js';
import { NO_GFN, READ_ALIGNED, READ_HASH_KNOWN, ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../../src/trace/record.js';
import { SeededRandom } from '../../test/seeded-random.js';

const SEATS = 10;
/** Seats whose guest comes back under the same key; the others get a new one each time. */
const SEATS_WITH_A_NAME = 5;
const FRAMES = 16_384;
const CHANGES_PER_SECOND = 25;
const BASE_IMAGE = 1;
const BASE_BLOCKS = 8_192;
const BOOT_BLOCKS = 2_048;
const BOOT_SECONDS = 16;
const POOL_CONTENTS = 4_000;
const LIFE_SECONDS_MIN = 600;
const LIFE_SECONDS_MAX = 5_400;
const OFF_SECONDS_MAX = 300;
/** Xen counts domids up to 0x7fef and begins again. */
const DOMIDS = 0x7fef;
const READ_FLAGS = READ_ALIGNED | READ_HASH_KNOWN;

interface Seat {
  readonly image: number;
  domid: number;
  key: string;
  isOn: boolean;
  /** Second of trace time at which it boots or ends. */
  until: number;
  bootedAt: number;
  reserved: number;
}

/** Half of a content's hash: contents of a family (base image, pool) are told apart by their number. */
function mixed(number: number, salt: number): number {
  const product = Math.imul(number ^ salt, 0x9e3779b1);
  return (product ^ (product >>> 15)) >>> 0;
}

/** Writes one second after another into a buffer; the time records are in it. */
export class SoakWorld {
  /** Seconds of trace time written. */
  second = 0;
  /** Guests that have booted so far. */
  boots = 0;
  readonly #random: SeededRandom;
  readonly #seats: Seat[] = [];
  #nextDomid = 1;
  /** Contents that were never seen before are numbered. */
  #fresh = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    for (let i = 0; i < SEATS; i++) {
      const until = 1 + this.#random.below(60);
      this.#seats.push({ image: 10 + i, domid: 0, key: '', isOn: false, until, bootedAt: 0, reserved: FRAMES });
    }
  }

  /** Host and images; before the first second. */
  begin(buffer: RecordBuffer): void {
    buffer.host('soak', 'xen', SEATS * FRAMES);
    buffer.image(BASE_IMAGE, 'base', true, BASE_BLOCKS);
    for (const { image } of this.#seats) buffer.image(image, `disk-${image}`, false, BASE_BLOCKS);
  }

  /** One more second. */
  advance(buffer: RecordBuffer): void {
    buffer.time(++this.second * 1_000_000);
    for (const seat of this.#seats) {
      if (this.second >= seat.until) {
        if (seat.isOn) this.#end(buffer, seat);
        else this.#boot(buffer, seat, this.#domid());
      }
      if (!seat.isOn) continue;
      if (this.second - seat.bootedAt < BOOT_SECONDS) this.#readAtBoot(buffer, seat);
      for (let i = 0; i < CHANGES_PER_SECOND; i++) this.#change(buffer, seat);
      if (this.#random.chance(1 / 900)) this.#resettle(buffer, seat);
    }
    if (this.#random.chance(1 / 1800)) buffer.mark(`mark at ${this.second} s`);
  }

  /** Gives every frame of every guest a content of its own: nothing is shared behind this. */
  makeAllDifferent(buffer: RecordBuffer): void {
    for (const seat of this.#seats) {
      if (!seat.isOn) continue;
      for (let gfn = 0; gfn < seat.reserved; gfn++) {
        const number = this.#fresh++;
        buffer.fill(seat.domid, gfn, number >>> 0, mixed(number, 0x5eed), 0);
      }
    }
  }

  /** Every guest is shut down. */
  end(buffer: RecordBuffer): void {
    for (const seat of this.#seats) if (seat.isOn) buffer.gone(seat.domid);
  }

  #domid(): number {
    do this.#nextDomid = (this.#nextDomid % DOMIDS) + 1;
    while (this.#seats.some(({ isOn, domid }) => isOn && domid === this.#nextDomid));
    return this.#nextDomid;
  }

  #declare(buffer: RecordBuffer, seat: Seat, group: string): void {
    buffer.domain(seat.domid, seat.key, seat.key, group, 'pvh', seat.reserved);
  }

  #boot(buffer: RecordBuffer, seat: Seat, domid: number): void {
    const index = this.#seats.indexOf(seat);
    seat.domid = domid;
    seat.key = index < SEATS_WITH_A_NAME ? `guest-${index}` : `job-${this.boots}`;
    seat.isOn = true;
    seat.bootedAt = this.second;
    seat.reserved = FRAMES;
    seat.until = this.second + LIFE_SECONDS_MIN + this.#random.below(LIFE_SECONDS_MAX - LIFE_SECONDS_MIN);
    this.boots++;
    this.#declare(buffer, seat, '');
    buffer.fillRun(domid, 0, FRAMES, ZERO_HASH_LOW, ZERO_HASH_HIGH, 0);
  }

  #end(buffer: RecordBuffer, seat: Seat): void {
    const how = this.#random.below(3);
    if (how < 2) buffer.gone(seat.domid);
    seat.isOn = false;
    seat.until = this.second + 1 + this.#random.below(OFF_SECONDS_MAX);
    if (how === 1) this.#boot(buffer, seat, this.#domid());
    // A crash: nobody says that it is gone, another guest has its domid from one record to the next.
    if (how === 2) {
      const isNamed = this.#seats.indexOf(seat) < SEATS_WITH_A_NAME;
      if (isNamed) buffer.gone(seat.domid);
      else this.#boot(buffer, seat, seat.domid);
    }
  }

  /** A part of the base image, block after block, and the page cache that it goes into. */
  #readAtBoot(buffer: RecordBuffer, seat: Seat): void {
    const perSecond = BOOT_BLOCKS / BOOT_SECONDS;
    const first = (this.second - seat.bootedAt) * perSecond;
    const start = seat.image % 2 === 0 ? 0 : BOOT_BLOCKS / 2;
    for (let i = 0; i < perSecond; i++) {
      const block = start + first + i;
      const low = mixed(block, 0xb10c);
      buffer.blockRead(seat.domid, BASE_IMAGE, block, low, block, NO_GFN, READ_FLAGS);
      buffer.fill(seat.domid, first + i, low, block, 0);
    }
  }

  #change(buffer: RecordBuffer, seat: Seat): void {
    const random = this.#random;
    const { domid } = seat;
    const gfn = random.below(seat.reserved);
    const what = random.below(100);
    if (what < 40) {
      const content = random.below(POOL_CONTENTS);
      buffer.fill(domid, gfn, mixed(content, 0x9001), content, 0);
    } else if (what < 62) {
      const number = this.#fresh++;
      buffer.fill(domid, gfn, number >>> 0, mixed(number, 0xf4e5), 0);
    } else if (what < 66) buffer.fill(domid, gfn, fillPageLow(0xcc), fillPageHigh(0xcc), 0);
    else if (what < 74) buffer.dirty(domid, gfn, 1);
    else if (what < 79) buffer.free(domid, gfn, 1);
    else if (what < 84) buffer.touch(domid, gfn, 1 + random.below(9));
    else if (what < 95) {
      const block = random.below(BASE_BLOCKS);
      const low = mixed(block, 0xb10c);
      const isHashKnown = random.chance(0.9);
      const flags = isHashKnown ? READ_FLAGS : READ_ALIGNED;
      const target = random.chance(0.5) ? gfn : NO_GFN;
      buffer.blockRead(domid, BASE_IMAGE, block, isHashKnown ? low : 0, isHashKnown ? block : 0, target, flags);
    } else if (what < 99) buffer.blockWrite(domid, seat.image, random.below(BASE_BLOCKS - 8), 8);
    else buffer.blockRead(domid, seat.image, random.below(BASE_BLOCKS), 0, 0, NO_GFN, READ_ALIGNED);
  }

  /** What happens to a guest now and then: ballooning, another trust group, a keyframe, a label. */
  #resettle(buffer: RecordBuffer, seat: Seat): void {
    const random = this.#random;
    const what = random.below(4);
    if (what === 0) {
      seat.reserved = FRAMES / 2 + random.below(FRAMES / 2) + 1;
      this.#declare(buffer, seat, '');
    } else if (what === 1) this.#declare(buffer, seat, random.chance(0.5) ? 'tenant' : '');
    else if (what === 2) {
      const block = random.below(BASE_BLOCKS);
      buffer.label(mixed(block, 0xb10c), block, block * 4096, `/usr/lib/part-${block}.so`);
    } else {
      buffer.keyframeBegin(seat.domid);
      for (let gfn = 0; gfn < seat.reserved; gfn += 2) {
        const content = random.below(POOL_CONTENTS);
        buffer.fill(seat.domid, gfn, mixed(content, 0x9001), content, 0);
      }
      buffer.keyframeEnd(seat.domid);
    }
  }
}
