/** Cursors kept inside their lists and on the screen. */
import { domainLayout } from '../views/domain-screen.js';
import { filesShown } from '../views/files-screen.js';
import { hotShown as hotShownOn } from '../views/hot-screen.js';
import { mainLayout } from '../views/main-screen.js';
import { pageLayout } from '../views/page-screen.js';
import { pairsLayout } from '../views/pairs-screen.js';
import { type Cursor, domainState, mainState, type OpenPage, shownSnapshot, type ViewState } from './view-state.js';

/** Where a cursor may be: rows [first, end) of a list, of which `shown` fit on the screen at once. */
export interface Range {
  first: number;
  end: number;
  shown: number;
  /** Rows that go together (a row of the grid): the first one shown is a multiple of it. */
  step: number;
}

/** The cursor moved into the range, and the part shown moved so that the cursor is in it. */
export function keepInside(cursor: Cursor, range: Range): Cursor {
  const { first, end, shown, step } = range;
  const index = Math.max(first, Math.min(cursor.index, end - 1));
  const room = Math.max(1, shown);
  let offset = Math.max(first, Math.min(cursor.offset, end - room));
  if (index < offset) offset = index;
  if (index >= offset + room) offset = index - room + 1;
  const aligned = Math.ceil(offset / step) * step;
  offset = aligned > index ? Math.floor(offset / step) * step : aligned;
  return index === cursor.index && offset === cursor.offset ? cursor : { index, offset };
}

interface Held {
  offset: number;
  total: number;
  rows: readonly unknown[];
}

/** Rows that a list holds: all of it, or while paused only those that came before. */
function heldRange(state: ViewState, window: Held): [number, number] {
  if (state.frozen === null) return [0, window.total];
  return [window.offset, window.offset + window.rows.length];
}

/**
 * The ranges of the three lists, each as it is with the focus on it (small windows show the domains or the hot pages);
 * null before the first figures.
 */
export function ranges(state: ViewState): { domains: Range; hot: Range; partners: Range; gridColumns: number } | null {
  const snapshot = shownSnapshot(state);
  if (snapshot === null) return null;
  const main = mainLayout(snapshot, { ...mainState(state), focus: 'domains' }, state.frame);
  const hot = mainLayout(snapshot, { ...mainState(state), focus: 'hot' }, state.frame);
  const [firstDomain, endDomain] = heldRange(state, snapshot.domains);
  const [firstHot, endHot] = heldRange(state, snapshot.hot);
  const partners = snapshot.detail?.partners ?? { offset: 0, total: 0, rows: [] };
  const [firstPartner, endPartner] = heldRange(state, partners);
  const shownPartners =
    state.domainKey === null ? 1 : domainLayout(snapshot, domainState(state), state.frame).partnersShown;
  const hotShown = state.mainTab === 'hot' ? hotShownOn(state.frame) : hot.hotShown;
  const gridColumns = main.form === 'grid' ? main.gridColumns : 1;
  return {
    domains: { first: firstDomain, end: endDomain, shown: main.domainsShown, step: gridColumns },
    hot: { first: firstHot, end: endHot, shown: hotShown, step: 1 },
    partners: { first: firstPartner, end: endPartner, shown: shownPartners, step: 1 },
    gridColumns,
  };
}

/** A list whose length is not known yet begins at its first row all the same. */
function fromFirst(cursor: Cursor): Cursor {
  return cursor.index < 0 ? { index: 0, offset: 0 } : cursor;
}

/** The cursors of a page inside its lists, as far as those are known. */
function settlePage(state: ViewState, page: OpenPage): OpenPage {
  const detail = shownSnapshot(state)?.page;
  if (detail?.hashLow !== page.row.hashLow || detail.hashHigh !== page.row.hashHigh) {
    return { ...page, mappings: fromFirst(page.mappings), history: fromFirst(page.history) };
  }
  const shown = pageLayout(state.frame).listShown;
  const inside = (cursor: Cursor, window: Held | undefined): Cursor => {
    if (window === undefined) return fromFirst(cursor);
    const [first, end] = heldRange(state, window);
    return keepInside(cursor, { first, end: Math.max(first + 1, end), shown, step: 1 });
  };
  return {
    ...page,
    mappings: inside(page.mappings, detail.mappings ?? undefined),
    history: inside(page.history, detail.history?.rows),
  };
}

function settlePairs(state: ViewState): ViewState['pairs'] {
  const pairs = shownSnapshot(state)?.pairs;
  if (pairs === undefined) return state.pairs;
  const { rowsShown, columnsShown } = pairsLayout(state.frame);
  const inside = (cursor: Cursor, offset: number, rows: unknown[], shown: number): Cursor => {
    const [first, end] = heldRange(state, { offset, total: pairs.total, rows });
    return keepInside(cursor, { first, end: Math.max(first + 1, end), shown, step: 1 });
  };
  return {
    row: inside(state.pairs.row, pairs.rowOffset, pairs.rows, rowsShown),
    column: inside(state.pairs.column, pairs.columnOffset, pairs.columns, columnsShown),
  };
}

function settleNames(state: ViewState): Cursor {
  const sums = shownSnapshot(state)?.names?.sums;
  // Until the sums of another kind are there nobody knows how many rows they have.
  if (sums?.by !== state.namesBy) return fromFirst(state.names);
  const [first, end] = heldRange(state, sums);
  return keepInside(state.names, { first, end: Math.max(first + 1, end), shown: filesShown(state.frame), step: 1 });
}

/** The domain at an index of the whole list, if its row is held. */
function keyAt(state: ViewState, index: number): string | null {
  const domains = shownSnapshot(state)?.domains;
  return domains?.rows[index - domains.offset]?.key ?? null;
}

/** Puts the domains' cursor on a row. Until the answer to a scroll brings that row, no domain is selected. */
export function selectDomain(state: ViewState, index: number): ViewState {
  const range = ranges(state)?.domains;
  if (range === undefined) return state;
  const domains = keepInside({ index, offset: state.domains.offset }, range);
  return { ...state, domains, selectedKey: keyAt(state, domains.index) };
}

/**
 * Brings the cursors in line with the figures shown: the domains' cursor follows its domain, and stays at its place
 * when that is no longer held (it went, or sorting took it out of a long list's window).
 */
export function settleCursors(state: ViewState): ViewState {
  const snapshot = shownSnapshot(state);
  const known = ranges(state);
  if (snapshot === null || known === null) return state;
  const at = snapshot.domains.rows.findIndex((row) => row.key === state.selectedKey);
  const index = at < 0 ? state.domains.index : snapshot.domains.offset + at;
  return {
    ...selectDomain(state, index),
    focus: known.hot.shown === 0 ? 'domains' : state.focus,
    hot: keepInside(state.hot, known.hot),
    partners: keepInside(state.partners, known.partners),
    page: state.page === null ? null : settlePage(state, state.page),
    pairs: settlePairs(state),
    names: settleNames(state),
  };
}
