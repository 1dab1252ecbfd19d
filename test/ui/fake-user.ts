import { screenLines } from '../../src/ui/screen-lines.js';
import { Store } from '../../src/ui/store.js';
import { screenName, shownSnapshot, type ViewState } from '../../src/ui/view-state.js';
import { plainText } from '../../src/views/line.js';
import { FakeFeed } from './fake-feed.js';
import { ManualClock } from './manual-clock.js';

const FRAME_MS = 250;

/** A person at the keyboard, and a host that changes under their hands. */
export class FakeUser {
  readonly clock = new ManualClock();
  readonly feed: FakeFeed;
  readonly store: Store;

  constructor(domains = 6, columns = 80, rows = 24, latencyMs = 5) {
    this.feed = new FakeFeed(this.clock, { domains, latencyMs });
    const frame = { columns, rows, unicode: true };
    this.store = new Store(this.feed, this.clock, { source: 'run-0412', frameMs: FRAME_MS }, frame, () => undefined);
  }

  get state(): ViewState {
    return this.store.state;
  }

  get screen(): string {
    return screenName(this.state);
  }

  /** Keys by name; single letters may be written together. */
  press(...keys: string[]): this {
    for (const key of keys) this.store.press(key);
    return this;
  }

  /** Time passes: so many frames. */
  wait(frames = 2): this {
    this.clock.advance(frames * FRAME_MS);
    return this;
  }

  get lines(): string[] {
    return screenLines(this.state).map(plainText);
  }

  /** The line with the cursor, from the cursor on. */
  get cursorLine(): string {
    return this.lines.find((line) => line.includes('▶'))?.replace(/^.*▶/, '') ?? '';
  }

  get selectedName(): string {
    return shownSnapshot(this.state)?.domains.rows.find((row) => row.key === this.state.selectedKey)?.name ?? '';
  }
}

/** A user in front of a screen with figures on it. */
export function started(domains?: number, columns?: number, rows?: number): FakeUser {
  return new FakeUser(domains, columns, rows).wait();
}
