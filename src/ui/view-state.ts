/**
 * What the screen shows and where its cursors are: plain data, changed only by `reduce`. Figures are not copied into
 * it; it holds the snapshots as they came.
 */
import type { Snapshot } from '../figures/snapshot.js';
import type { NameKind } from '../figures/name-figures.js';
import type { HotPageRow } from '../figures/window.js';
import type { Frame } from '../views/line.js';
import type {
  DomainState,
  FilesState,
  HotState,
  MainState,
  PageState,
  PageTab,
  PairsState,
  Paused,
  ScreenState,
  Sort,
  Units,
  WaitingState,
} from '../views/screen-state.js';
import { HINTS, type ScreenName } from './keymap.js';
import type { ThemeName } from './theme.js';

/** The row under the cursor of a pane and the first row shown; both are indices in the whole list. */
export interface Cursor {
  index: number;
  offset: number;
}

/** What stays on the screen while the view is paused. */
export interface Frozen {
  main: Snapshot;
  /**
   * The drill-down opened while paused: frozen at the moment it was opened, which is later than `main`; the header
   * shows its own time. Null until its figures came, and on the main screen.
   */
  domain: Snapshot | null;
  /** The page, the pairs and the sums by name that are open, likewise: taken as they come until nothing is missing. */
  page: Snapshot | null;
  pairs: Snapshot | null;
  names: Snapshot | null;
}

/** The tabs of the main screen, in the order of their keys. */
export const MAIN_TAB_IDS = ['overview', 'hot', 'pairs', 'compare', 'files'] as const;
/** One of MAIN_TAB_IDS. */
export type MainTabId = (typeof MAIN_TAB_IDS)[number];

/** A page that is open. */
export interface OpenPage {
  /** Its row when it was opened. */
  row: HotPageRow;
  tab: PageTab;
  mappings: Cursor;
  history: Cursor;
  /** How far from the page the middle of its neighbours is. */
  centre: number;
}

/** Four frames a second: what a person still sees as live. */
const FRAME_MS = 250;
/** What `+` and `-` go through. */
export const PACES_MS: readonly number[] = [200, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];
/** Nobody looks: it is enough that the figures are not of yesterday when somebody does. */
const UNFOCUSED_MS = 10_000;

/** Time between two requests for figures now, ms. */
export function paceOf({ frameMs, isFocused }: Pick<ViewState, 'frameMs' | 'isFocused'>): number {
  return isFocused ? frameMs : Math.max(frameMs, UNFOCUSED_MS);
}

/** The state of the whole screen. */
export interface ViewState {
  frame: Frame;
  /** The trace as the user named it. */
  source: string;
  /** When the app began and the time of the last action, ms of the clock. */
  startedMs: number;
  nowMs: number;
  units: Units;
  /** Null: colours are off, only attributes are sent. */
  theme: ThemeName | null;
  /** Time between two requests for figures, and the least that `+` goes down to, ms. */
  frameMs: number;
  fastestMs: number;
  /** false: the terminal said that nobody looks. */
  isFocused: boolean;
  withZeros: boolean;
  /** The policy asked for; empty: the one that the engine's side answers with. */
  policy: string;
  form: MainState['form'];
  focus: MainState['focus'];
  /** Key of the domain under the cursor: it stays with the domain when rows move. */
  selectedKey: string | null;
  domains: Cursor;
  hot: Cursor;
  partners: Cursor;
  /** Which domains are listed; empty for all. */
  domainFilter: string;
  /** The filter before the one that is being typed, for Esc; null while none is typed. */
  filterBefore: string | null;
  domainSort: Sort;
  hotSort: Sort;
  partnerSort: Sort;
  /** The domain that is drilled into; null on the main screen. */
  domainKey: string | null;
  /** A domain whose figures are on their way: the screen stays until an answer to this request or a later one. */
  opening: { key: string; name: string; fromRequest: number } | null;
  mainTab: MainTabId;
  /** The page that is open; null: none. It lies over whatever it was opened from. */
  page: OpenPage | null;
  /** The pair under the cursor of the matrix. */
  pairs: { row: Cursor; column: Cursor };
  /** The sums by name: what by, their order, and the row under the cursor. */
  namesBy: NameKind;
  namesSort: Sort;
  names: Cursor;
  /** The line under the cursor of the menu of views; null while it is closed. */
  menu: number | null;
  /** First line of the help; null while it is closed. */
  helpScroll: number | null;
  /** The newest answer. */
  latest: Snapshot | null;
  frozen: Frozen | null;
  lastRequestId: number;
  message: { text: string; untilMs: number } | null;
}

/** What the user may choose before the screen is there (flags, settings). */
export interface InitialView {
  source: string;
  units?: Units;
  theme?: ThemeName | null;
  frameMs?: number;
  fastestMs?: number;
  withZeros?: boolean;
  policy?: string;
  form?: MainState['form'];
  domainSort?: Sort;
}

/** The state of a screen on which nothing has come yet. */
export function initialState(initial: InitialView, frame: Frame, nowMs: number): ViewState {
  return {
    frame,
    source: initial.source,
    startedMs: nowMs,
    nowMs,
    units: initial.units ?? 'iec',
    theme: initial.theme === undefined ? 'dark' : initial.theme,
    frameMs: initial.frameMs ?? FRAME_MS,
    fastestMs: initial.fastestMs ?? PACES_MS[0],
    isFocused: true,
    withZeros: initial.withZeros ?? false,
    policy: initial.policy ?? '',
    form: initial.form ?? 'auto',
    focus: 'domains',
    selectedKey: null,
    domains: { index: 0, offset: 0 },
    hot: { index: 0, offset: 0 },
    partners: { index: 0, offset: 0 },
    domainFilter: '',
    filterBefore: null,
    domainSort: initial.domainSort ?? { id: 'saved', descending: true },
    hotSort: { id: 'heat', descending: true },
    partnerSort: { id: 'both', descending: true },
    domainKey: null,
    opening: null,
    mainTab: 'overview',
    page: null,
    pairs: { row: { index: 0, offset: 0 }, column: { index: 1, offset: 0 } },
    namesBy: 'file',
    namesSort: { id: 'saved', descending: true },
    names: { index: 0, offset: 0 },
    menu: null,
    helpScroll: null,
    latest: null,
    frozen: null,
    lastRequestId: 0,
    message: null,
  };
}

/** The figures that are drawn; null before the first. */
export function shownSnapshot(state: ViewState): Snapshot | null {
  const { frozen } = state;
  if (frozen === null) return state.latest;
  if (state.page !== null) return frozen.page ?? frozen.main;
  if (state.domainKey !== null) return frozen.domain ?? frozen.main;
  if (state.mainTab === 'files') return frozen.names ?? frozen.main;
  return (state.mainTab === 'pairs' ? frozen.pairs : null) ?? frozen.main;
}

/** What is on the screen now. */
export function screenName(state: ViewState): ScreenName {
  if (state.helpScroll !== null) return 'help';
  const snapshot = shownSnapshot(state);
  if (snapshot === null || snapshot.position.records === 0) return 'waiting';
  return state.menu === null ? screenBelow(state) : 'menu';
}

/** What is on the screen, menu and help apart, as soon as there are figures. */
export function screenBelow(state: ViewState): 'main' | 'hot' | 'pairs' | 'compare' | 'files' | 'domain' | 'page' {
  if (state.page !== null) return 'page';
  if (state.domainKey !== null) return 'domain';
  return state.mainTab === 'overview' ? 'main' : state.mainTab;
}

/** How far the trace is ahead of the frozen figures; null while they are not frozen. */
export function pausedOf(state: ViewState): Paused | null {
  const shown = shownSnapshot(state);
  if (state.frozen === null || shown === null) return null;
  const newest = state.latest ?? shown;
  return {
    timeMicros: shown.position.timeMicros,
    newerRecords: Math.max(0, newest.position.records - shown.position.records),
    newerEpochs: Math.max(0, newest.position.epoch - shown.position.epoch),
  };
}

function common(state: ViewState, screen: ScreenName): ScreenState {
  const opening = state.opening === null ? '' : `Opening ${state.opening.name} …`;
  return {
    units: state.units,
    withZeros: state.withZeros,
    policy: state.policy,
    paused: pausedOf(state),
    message: state.filterBefore === null ? (state.message?.text ?? opening) : `/${state.domainFilter}_`,
    hints: HINTS[state.menu === null ? screen : 'menu'],
  };
}

/** What the main screen's view is told. */
export function mainState(state: ViewState): MainState {
  return {
    ...common(state, 'main'),
    form: state.form,
    focus: state.focus,
    selectedKey: state.selectedKey,
    hotSelected: state.hot.index,
    domainsOffset: state.domains.offset,
    hotOffset: state.hot.offset,
    domainFilter: state.domainFilter,
    domainSort: state.domainSort,
    hotSort: state.hotSort,
  };
}

/** What the list of hot pages is told. */
export function hotState(state: ViewState): HotState {
  const { hot, hotSort } = state;
  return { ...common(state, 'hot'), hotSelected: hot.index, hotOffset: hot.offset, hotSort };
}

/** What the matrix of pairs is told. */
export function pairsState(state: ViewState): PairsState {
  const { row, column } = state.pairs;
  return {
    ...common(state, 'pairs'),
    ...{ row: row.index, rowOffset: row.offset, column: column.index, columnOffset: column.offset },
  };
}

/** What the policies side by side are told. */
export function compareState(state: ViewState): ScreenState {
  return common(state, 'compare');
}

/** What the sums by name are told. */
export function filesState(state: ViewState): FilesState {
  const { namesBy, namesSort, names } = state;
  return { ...common(state, 'files'), namesBy, namesSort, namesSelected: names.index, namesOffset: names.offset };
}

/** What the page screen is told. */
export function pageState(state: ViewState, page: OpenPage): PageState {
  const { row, tab, mappings, history, centre } = page;
  return {
    ...common(state, 'page'),
    ...{ opened: row, tab, mappingSelected: mappings.index, mappingsOffset: mappings.offset },
    ...{ historySelected: history.index, historyOffset: history.offset, neighboursCentre: centre },
  };
}

/** What the drill-down's view is told. */
export function domainState(state: ViewState): DomainState {
  return {
    ...common(state, 'domain'),
    partnersOffset: state.partners.offset,
    partnerSelected: state.partners.index,
    partnerSort: state.partnerSort,
  };
}

/** What the waiting screen's view is told. */
export function waitingState(state: ViewState): WaitingState {
  const health = state.latest?.health;
  return {
    source: state.source,
    sourceFound: health?.sourceFound ?? false,
    streams: health?.streams ?? 0,
    records: state.latest?.position.records ?? 0,
    waitedSeconds: Math.floor((state.nowMs - state.startedMs) / 1000),
    notice: state.message?.text ?? health?.notice ?? '',
    hints: HINTS.waiting,
  };
}
