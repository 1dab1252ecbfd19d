/**
 * Hand-written cases of `ksm`: an engine, the policy alone, and a scan of one visit a millisecond from the first fill
 * on, so that the time of a record says which frames were visited before it.
 */
import { expect } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import type { KsmFigures } from '../../src/figures/ksm-figures.js';
import { KsmPolicy } from '../../src/policy/ksm.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { FILL_CLASS, ZERO_HASH_HIGH, ZERO_HASH_LOW } from '../../src/trace/record.js';

/** Zero frames: at home in a small page, and inside a huge one. */
export const ZERO = 0;
export const THP_ZERO = -1;

/** What a case may set; domains are 1, 2, … of that many frames. */
export interface KsmCaseOptions {
  domains?: number;
  frames?: number;
  max?: number;
  zeroPages?: boolean;
  /** Visits at the end of each sleep. */
  perMillisecond?: number;
  sleepMillis?: number;
}

/** One world; contents are small positive numbers. */
export class KsmCase {
  readonly engine: Engine;
  readonly policy: KsmPolicy;
  readonly #buffer = new RecordBuffer();
  readonly #frames: number;
  #now = 0;

  constructor(options: KsmCaseOptions = {}) {
    const { domains = 1, frames = 5000, max = 256, zeroPages = false, perMillisecond = 1, sleepMillis = 1 } = options;
    this.engine = new Engine((words, used) => {
      this.policy.apply(words, used);
    });
    this.policy = new KsmPolicy(this.engine, {
      pages_to_scan: perMillisecond,
      sleep_millisecs: sleepMillis,
      max_page_sharing: max,
      use_zero_pages: zeroPages ? 1 : 0,
    });
    this.#frames = frames;
    for (let domid = 1; domid <= domains; domid++) this.domain(domid);
  }

  /** Applies records, written by `write`, at the time reached. */
  say(write: (records: RecordBuffer) => void): this {
    this.#buffer.clear();
    write(this.#buffer);
    this.engine.apply(0, this.#now * 1000, this.#buffer.words, 0, this.#buffer.wordCount);
    return this;
  }

  domain(domid: number, group = 'default', frames = this.#frames): this {
    return this.say((records) => records.domain(domid, `d${domid}`, '', group, '', frames));
  }

  gone(domid: number): this {
    return this.say((records) => records.gone(domid));
  }

  /** Frames from `gfn` on hold these contents. */
  fill(domid: number, gfn: number, ...contents: number[]): this {
    return this.say((records) => {
      contents.forEach((content, i) => {
        if (content > 0) records.fill(domid, gfn + i, content, 7, FILL_CLASS.plain);
        else {
          const fillClass = content === THP_ZERO ? FILL_CLASS.thpZero : FILL_CLASS.plain;
          records.fill(domid, gfn + i, ZERO_HASH_LOW, ZERO_HASH_HIGH, fillClass);
        }
      });
    });
  }

  /** `count` frames from `gfn` on hold one content. */
  run(domid: number, gfn: number, count: number, content: number): this {
    return this.say((records) => records.fillRun(domid, gfn, count, content, 7, FILL_CLASS.plain));
  }

  dirty(domid: number, gfn: number, count = 1): this {
    return this.say((records) => records.dirty(domid, gfn, count));
  }

  free(domid: number, gfn: number, count = 1): this {
    return this.say((records) => records.free(domid, gfn, count));
  }

  /** So many milliseconds go by: as many visits fall due, for one a millisecond. */
  wait(milliseconds: number): this {
    this.#now += milliseconds;
    return this.say((records) => records.time(this.#now * 1000));
  }

  /** Goes round until nothing changes, in slices of an odd size. */
  converge(): this {
    while (this.policy.converge(7));
    return this;
  }

  /** The kernel's counters, audited. */
  get counters(): KsmFigures {
    while (this.policy.settle(5));
    expect(this.policy.audit()).toEqual([]);
    return this.policy.figures().ksm!;
  }

  /** shared, sharing, unshared, volatile. */
  get state(): number[] {
    const { pages_shared, pages_sharing, pages_unshared, pages_volatile } = this.counters;
    return [pages_shared, pages_sharing, pages_unshared, pages_volatile];
  }
}
