/** Lets counters through that changed: most never do, and a pass without changes should write little. */
import type { RecordBuffer } from '../../trace/record-buffer.js';
import { readCounterRecord } from '../../trace/record-text.js';
import { KIND, kindOf, SLOT_WORDS, slotsOf } from '../../trace/record.js';

/** Remembers the last value of each counter. */
export class CounterChanges {
  readonly #last = new Map<string, number>();

  /** Appends those counters of `from` to `to` whose value is another one than the last time. */
  pass(from: RecordBuffer, to: RecordBuffer): void {
    const { words } = from;
    for (let at = 0; at < from.wordCount; at += slotsOf(words[at]) * SLOT_WORDS) {
      if (kindOf(words[at]) !== KIND.counter) continue;
      const { domid, name, value } = readCounterRecord(words, at);
      const key = `${domid ?? ''} ${name}`;
      if (this.#last.get(key) === value) continue;
      this.#last.set(key, value);
      to.counter(domid, name, value);
    }
  }

  /** All come through once more: a reader may begin here. */
  forget(): void {
    this.#last.clear();
  }

  /** A domain has ended: its domid may become another's. */
  forgetDomain(domid: number): void {
    for (const key of this.#last.keys()) if (key.startsWith(`${domid} `)) this.#last.delete(key);
  }
}
