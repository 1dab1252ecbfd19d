/**
 * Figures for a slow link (`--low-bandwidth`): what changes all the time without saying anything is left out or made
 * coarse, so that a screen of which nothing happens is not written to at all.
 */
import { micros } from '../base/units.js';
import type { DomainDetail, DomainRow, Snapshot, ViewRequest } from '../figures/snapshot.js';
import type { HotPageRow, Window } from '../figures/window.js';
import type { Clock } from './clock.js';
import type { Feed } from './feed.js';

/** Histories and hot pages stand still for this long. */
const HELD_MS = 10_000;
const SECOND_MICROS = 1_000_000;
/** Ages are told in steps of this. */
const AGE_STEP_MICROS = 10 * SECOND_MICROS;

/** What stands still until `untilMs`. */
interface Held {
  untilMs: number;
  timeMicros: number;
  hotSpec: string;
  snapshot: Snapshot;
}

/** A feed whose answers are calm; requests and failures are passed on. */
export class CalmFeed implements Feed {
  #held: Held | null = null;
  /** Which hot pages were asked for, by the id of the request. */
  readonly #hotSpecs = new Map<number, string>();

  constructor(
    private readonly feed: Feed,
    private readonly clock: Clock,
  ) {}

  request(request: ViewRequest): void {
    this.#hotSpecs.set(request.id, JSON.stringify([request.hot, request.policy]));
    this.feed.request(request);
  }

  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    return this.feed.subscribe((snapshot) => listener(this.#calm(snapshot)));
  }

  onFailure(listener: (line: string) => void): () => void {
    return this.feed.onFailure(listener);
  }

  close(): Promise<void> {
    return this.feed.close();
  }

  #calm(snapshot: Snapshot): Snapshot {
    const hotSpec = this.#hotSpecs.get(snapshot.requestId) ?? '';
    for (const id of this.#hotSpecs.keys()) if (id < snapshot.requestId) this.#hotSpecs.delete(id);
    const coarse = coarseSnapshot(snapshot);
    const held = this.#held;
    if (held === null || this.clock.now() >= held.untilMs) {
      const { timeMicros } = coarse.position;
      this.#held = { untilMs: this.clock.now() + HELD_MS, timeMicros, hotSpec, snapshot: coarse };
      return coarse;
    }
    const later = coarse.position.timeMicros - held.timeMicros;
    const isSameHot = hotSpec === held.hotSpec && coarse.hot.total > 0;
    const histories = new Map(held.snapshot.domains.rows.map(({ key, savedHistory }) => [key, savedHistory]));
    return {
      ...coarse,
      history: heldHistory(held.snapshot.history, coarse.history),
      domains: mapRows(coarse.domains, (row) => {
        const savedHistory = heldHistory(histories.get(row.key) ?? [], row.savedHistory);
        return { ...row, savedHistory };
      }),
      hot: isSameHot ? mapRows(held.snapshot.hot, (row) => shiftedPage(row, later)) : coarse.hot,
      detail: coarse.detail && heldDetail(held.snapshot.detail, coarse.detail),
    };
  }
}

/** The points as they were, but for the newest: it is told as a figure beside the chart. */
function heldHistory<Point>(held: readonly Point[], now: readonly Point[]): Point[] {
  if (held.length !== now.length || now.length === 0) return [...now];
  return [...held.slice(0, -1), now[now.length - 1]];
}

function heldDetail(held: DomainDetail | null, now: DomainDetail): DomainDetail {
  if (held?.row.key !== now.row.key) return now;
  return { ...now, history: heldHistory(held.history, now.history) };
}

function mapRows<Row>(window: Window<Row>, change: (row: Row) => Row): Window<Row> {
  return { ...window, rows: window.rows.map(change) };
}

function floorTo(micros: number, step: number): number {
  return Math.floor(micros / step) * step;
}

/** Everything to the whole second, ages to ten, without sharetop's own cost. */
function coarseSnapshot(snapshot: Snapshot): Snapshot {
  const { position, health } = snapshot;
  const timeMicros = floorTo(position.timeMicros, SECOND_MICROS);
  const coarseAge = (micros: number): number =>
    timeMicros - floorTo(Math.max(0, position.timeMicros - micros), AGE_STEP_MICROS);
  const domain = (row: DomainRow): DomainRow => ({ ...row, scannedMicros: coarseAge(row.scannedMicros) });
  const page = (row: HotPageRow): HotPageRow => ({
    ...row,
    firstSeenMicros: coarseAge(row.firstSeenMicros),
    lastEventMicros: row.lastEventMicros < 0 ? row.lastEventMicros : coarseAge(row.lastEventMicros),
  });
  return {
    ...snapshot,
    position: { ...position, timeMicros: micros(timeMicros) },
    health: {
      ...health,
      lagMs: floorTo(health.lagMs, 1000),
      skewMicros: floorTo(health.skewMicros, AGE_STEP_MICROS),
      selfCpu: 0,
      // The views leave out a cost of 0.
      selfBytes: 0,
    },
    domains: mapRows(snapshot.domains, domain),
    hot: mapRows(snapshot.hot, page),
    detail: snapshot.detail && { ...snapshot.detail, row: domain(snapshot.detail.row) },
  };
}

/** The page as it was, so much trace time later: its ages are those that it had. */
function shiftedPage(row: HotPageRow, later: number): HotPageRow {
  const { firstSeenMicros, lastEventMicros } = row;
  return {
    ...row,
    firstSeenMicros: firstSeenMicros + later,
    lastEventMicros: lastEventMicros < 0 ? lastEventMicros : lastEventMicros + later,
  };
}
