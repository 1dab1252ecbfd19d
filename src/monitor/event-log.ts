import type { HistoryRow, PageEvent } from '../figures/page-figures.js';

/** Kept from the beginning, and of the newest. */
const FIRST_KEPT = 200;
const LAST_KEPT = 800;

/** Events of one page: the first and the newest, and how many there were in between. */
export class EventLog {
  readonly #first: PageEvent[] = [];
  /** A ring once it is full. */
  readonly #last: PageEvent[] = [];
  #oldest = 0;
  /** All events so far. */
  total = 0;
  #newest: PageEvent | null = null;

  /** Takes an event; one that goes on with the newest (same instant, domain and kind, next frame or block) joins it. */
  add(event: PageEvent): void {
    const last = this.#newest;
    if (last !== null && goesOn(last, event)) {
      last.count += event.count;
      last.refs = event.refs;
      return;
    }
    this.total++;
    this.#newest = event;
    if (this.#first.length < FIRST_KEPT) this.#first.push(event);
    else if (this.#last.length < LAST_KEPT) this.#last.push(event);
    else {
      this.#last[this.#oldest] = event;
      this.#oldest = (this.#oldest + 1) % LAST_KEPT;
    }
  }

  get #omitted(): number {
    return this.total - this.#first.length - this.#last.length;
  }

  /** Takes over what another log has seen after this one. */
  append(later: EventLog): void {
    for (const event of later.#first) this.add({ ...event });
    const omitted = later.#omitted;
    for (const event of later.#inOrder()) this.add({ ...event });
    this.total += omitted;
  }

  #inOrder(): PageEvent[] {
    return [...this.#last.slice(this.#oldest), ...this.#last.slice(0, this.#oldest)];
  }

  /** Everything that is kept, oldest first, with a row for what is not. */
  rows(): HistoryRow[] {
    const gap = this.#omitted > 0 ? [{ omitted: this.#omitted }] : [];
    return [...this.#first, ...gap, ...this.#inOrder()];
  }
}

function goesOn(last: PageEvent, event: PageEvent): boolean {
  if (last.timeMicros !== event.timeMicros || last.kind !== event.kind || last.name !== event.name) return false;
  if (last.image !== event.image) return false;
  if (event.gfn < 0) return last.gfn < 0 && event.block === last.block + last.count;
  return event.gfn === last.gfn + last.count && (event.block < 0 || event.block === last.block + last.count);
}
