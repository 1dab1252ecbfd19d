/**
 * The `capacity` largest of the values offered, each with an id: a min-heap, so that most offers of a long scan cost
 * one comparison. Equal values: the ones offered first are kept.
 */
export class BoundedHeap {
  readonly values: Float64Array;
  readonly ids: Uint32Array;
  count = 0;

  constructor(readonly capacity: number) {
    this.values = new Float64Array(capacity);
    this.ids = new Uint32Array(capacity);
  }

  /** The smallest value kept once the heap is full; before, -Infinity. */
  get threshold(): number {
    return this.count < this.capacity ? Number.NEGATIVE_INFINITY : this.values[0];
  }

  /** Keeps the value if it is among the largest so far. */
  offer(value: number, id: number): void {
    if (this.count < this.capacity) this.#rise(this.count++, value, id);
    else if (this.capacity > 0 && value > this.values[0]) this.#sink(value, id);
  }

  #rise(start: number, value: number, id: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.values[parent] <= value) break;
      this.#move(parent, at);
      at = parent;
    }
    this.values[at] = value;
    this.ids[at] = id;
  }

  /** Replaces the smallest. */
  #sink(value: number, id: number): void {
    let at = 0;
    for (let child = 1; child < this.count; child = 2 * at + 1) {
      if (child + 1 < this.count && this.values[child + 1] < this.values[child]) child++;
      if (this.values[child] >= value) break;
      this.#move(child, at);
      at = child;
    }
    this.values[at] = value;
    this.ids[at] = id;
  }

  #move(from: number, to: number): void {
    this.values[to] = this.values[from];
    this.ids[to] = this.ids[from];
  }
}
