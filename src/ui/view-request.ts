/** What to ask the engine's side for, given what is on the screen. */
import { NAME_SORTS, type NamesRequest } from '../figures/name-figures.js';
import type { PageRequest, Rows } from '../figures/page-figures.js';
import type { PairsRequest } from '../figures/pair-figures.js';
import type { ViewRequest } from '../figures/snapshot.js';
import type { Pane, WindowSpec } from '../figures/window.js';
import { domainLayout } from '../views/domain-screen.js';
import { filesShown } from '../views/files-screen.js';
import { hotShown } from '../views/hot-screen.js';
import type { Frame } from '../views/line.js';
import { type MainLayout, mainLayout } from '../views/main-screen.js';
import { pageLayout } from '../views/page-screen.js';
import { pairsLayout } from '../views/pairs-screen.js';
import type { Sort } from '../views/screen-state.js';
import {
  type Cursor,
  domainState,
  mainState,
  type OpenPage,
  screenBelow,
  shownSnapshot,
  type ViewState,
} from './view-state.js';

/**
 * Up to this many domains all rows are asked for, though fewer are shown: the cursor then finds its domain wherever
 * sorting put it, and a paused view can be sorted. A host rarely has more; a row is about 1 kB.
 */
export const DOMAINS_WHOLE_MAX = 128;

/** A window around what is shown, one page before and one after, so that a page down shows rows at once. */
function windowAround(pane: Pane, sort: Sort, cursor: Cursor, shown: number): WindowSpec {
  const offset = Math.max(0, cursor.offset - shown);
  return { pane, sort: sort.id, descending: sort.descending, offset, count: cursor.offset - offset + 2 * shown };
}

function domainsWindow(state: ViewState, total: number, shown: number): WindowSpec {
  const { domainFilter: filter } = state;
  if (total > DOMAINS_WHOLE_MAX) return { ...windowAround('domains', state.domainSort, state.domains, shown), filter };
  const { id, descending } = state.domainSort;
  return { pane: 'domains', sort: id, descending, offset: 0, count: DOMAINS_WHOLE_MAX, filter };
}

/** The request for the present state; equal states give equal requests but for the id. */
export function viewRequest(state: ViewState, id: number): ViewRequest {
  const { frame } = state;
  const snapshot = shownSnapshot(state);
  // Each pane as it is with the focus on it: where there is room for one only, Tab finds the other's rows here.
  const layout = (focus: 'domains' | 'hot'): MainLayout | null =>
    snapshot === null ? null : mainLayout(snapshot, { ...mainState(state), focus }, frame);
  const main = layout('domains');
  const detail = snapshot === null ? null : domainLayout(snapshot, domainState(state), frame);
  const hotRows = state.mainTab === 'hot' ? hotShown(frame) : (layout('hot')?.hotShown ?? frame.rows);
  const domainKey = state.opening?.key ?? state.domainKey;
  const partnersShown = domainKey === null ? 0 : Math.max(detail?.partnersShown ?? 0, frame.rows);
  return {
    id,
    policy: state.policy === '' ? (snapshot?.policy.name ?? '') : state.policy,
    withZeros: state.withZeros,
    domains: domainsWindow(state, snapshot?.domains.total ?? 0, main?.domainsShown ?? frame.rows),
    hot: windowAround('hot', state.hotSort, state.hot, hotRows),
    domainKey,
    partners: windowAround('partners', state.partnerSort, state.partners, partnersShown),
    historyPoints: Math.max(main?.historyPoints ?? frame.columns, detail?.historyPoints ?? 0),
    page: state.page === null ? null : pageRequest(state.page, frame),
    pairs: screenBelow(state) === 'pairs' ? pairsRequest(state) : null,
    ...(screenBelow(state) === 'compare' && { compare: true }),
    names: screenBelow(state) === 'files' ? namesRequest(state) : null,
  };
}

/** Rows around what is shown of a list, one page before and one after. */
function rowsAround(offset: number, shown: number): Rows {
  const start = Math.max(0, offset - shown);
  return { offset: start, count: offset - start + 2 * shown };
}

function pageRequest({ row, mappings, history, centre }: OpenPage, frame: Frame): PageRequest {
  const { listShown, reach } = pageLayout(frame);
  return {
    ...{ hashLow: row.hashLow, hashHigh: row.hashHigh },
    mappings: rowsAround(mappings.offset, listShown),
    selected: mappings.index,
    history: rowsAround(history.offset, listShown),
    neighbours: { centre, reach },
  };
}

function namesRequest({ namesBy: by, namesSort, names, frame }: ViewState): NamesRequest {
  const sort = NAME_SORTS.find((id) => id === namesSort.id) ?? 'saved';
  return { by, sort, descending: namesSort.descending, ...rowsAround(names.offset, filesShown(frame)) };
}

function pairsRequest({ pairs: { row, column }, frame }: ViewState): PairsRequest {
  const { rowsShown, columnsShown } = pairsLayout(frame);
  return {
    rows: rowsAround(row.offset, rowsShown),
    columns: rowsAround(column.offset, columnsShown),
    cursor: { row: row.index, column: column.index },
  };
}
