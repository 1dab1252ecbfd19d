/** What happens to one content, written down by the slow engine as it happens: one event a frame or read. */
import type { PageEventKind } from '../../src/figures/page-figures.js';
import {
  type Cause,
  type Held,
  type Life,
  type SlowEngine,
  type SlowImage,
  type SlowPolicy,
  ZERO_HASH,
} from './slow-engine.js';

export interface SlowEvent {
  time: number;
  kind: PageEventKind;
  name: string;
  /** -1: a read, whose frame a policy is not told. */
  gfn: number;
  block: number;
  refs: number;
}

const LOSSES: Readonly<Record<Exclude<Cause, 'fill' | 'read'>, PageEventKind>> = {
  dirty: 'dirty',
  free: 'freed',
  gone: 'gone',
  unnamed: 'unnamed',
  shrink: 'shrunk',
};

/** Follows one content. */
export class SlowPage implements SlowPolicy {
  readonly events: SlowEvent[] = [];
  readonly #holders = new Set<string>();
  #now = -1;

  constructor(private readonly hash: bigint) {}

  get refs(): number {
    return this.#holders.size;
  }

  timeMoved(now: number): void {
    this.#now = now;
  }
  memoryChanged(): void {
    // of no concern
  }
  groupChanged(): void {
    // of no concern
  }
  written(): void {
    // of no concern
  }
  gone(): void {
    // its frames went before
  }

  read(life: Life, _image: SlowImage, block: number, hash: bigint | null): void {
    if (hash === this.hash) this.#add('read', life, -1, block);
  }

  frameChanged(life: Life, gfn: number, held: Held | undefined, cause: Cause): void {
    const frame = `${life.id}/${gfn}`;
    if (this.#isThis(held)) {
      this.#holders.add(frame);
      // The read itself was told before: it is one event with what it did to the frame.
      if (cause === 'read') this.events[this.events.length - 1].refs = this.refs;
      else this.#add('seen', life, gfn, -1);
    } else if (this.#holders.delete(frame)) {
      const isFill = cause === 'fill' || cause === 'read';
      this.#add(isFill ? (held?.state === 'zero' ? 'zeroed' : 'overwritten') : LOSSES[cause], life, gfn, -1);
    }
  }

  #isThis(held: Held | undefined): boolean {
    if (this.hash === ZERO_HASH) return held?.state === 'zero';
    return held?.state === 'known' && held.hash === this.hash;
  }

  #add(kind: PageEventKind, life: Life, gfn: number, block: number): void {
    this.events.push({ time: this.#now, kind, name: life.name, gfn, block, refs: this.refs });
  }
}

/** Whether a frame of a live domain holds the content. */
export function holdersOf(engine: SlowEngine, hash: bigint): { life: Life; gfn: number }[] {
  return engine.live.flatMap((life) =>
    [...life.frames]
      .filter(([, held]) => (hash === ZERO_HASH ? held.state === 'zero' : held.state === 'known' && held.hash === hash))
      .map(([gfn]) => ({ life, gfn })),
  );
}
