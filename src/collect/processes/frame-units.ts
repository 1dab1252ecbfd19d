/**
 * Which frames the pages of a process are, in the layout of a process: virtual memory is far too large and empty to be
 * numbered page by page, so that aligned units of UNIT_PAGES pages get numbers when something is first present in
 * them, keep them while something is, and leave them to later units when nothing is any more.
 */
import { UNIT_PAGES } from './page-job.js';

/** Virtual unit number → number of its frames / UNIT_PAGES. */
export class FrameUnits {
  #numbers = new Map<number, number>();
  /** Numbers that no unit has. */
  #spare: number[] = [];
  #count = 0;

  /** Numbers ever given: the reservation is this × UNIT_PAGES. */
  get count(): number {
    return this.#count;
  }

  /**
   * From now on exactly these virtual units have numbers; those that had one keep it. Returns the numbers that were
   * taken back and not given again, ascending.
   */
  assign(units: Iterable<number>): number[] {
    const numbers = new Map<number, number>();
    const fresh: number[] = [];
    for (const unit of units) {
      const number = this.#numbers.get(unit);
      if (number === undefined) fresh.push(unit);
      else numbers.set(unit, number);
    }
    const released: number[] = [];
    for (const [unit, number] of this.#numbers) if (!numbers.has(unit)) released.push(number);
    // Lowest last, so that they are given in rising order, and neighbours in memory become neighbours in frames.
    this.#spare.push(...released);
    this.#spare.sort((a, b) => b - a);
    fresh.sort((a, b) => a - b);
    for (const unit of fresh) numbers.set(unit, this.#spare.pop() ?? this.#count++);
    this.#numbers = numbers;
    const spare = new Set(this.#spare);
    return released.filter((number) => spare.has(number)).sort((a, b) => a - b);
  }

  /** The units that have numbers, in the order of the numbers: virtual unit, number. */
  inOrder(): [unit: number, number: number][] {
    return [...this.#numbers].sort((a, b) => a[1] - b[1]);
  }
}

/** First frame of a number. */
export function firstFrame(number: number): number {
  return number * UNIT_PAGES;
}
