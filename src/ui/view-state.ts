/**
 * What the screen shows and where its cursors are: plain data, changed only by `reduce`. Figures are not copied into
 * it; it holds the snapshots as they came.
 */
import type { Snapshot } from '../figures/snapshot.js';
import type { Frame } from '../views/line.js';
import type { DomainState, MainState, Paused, ScreenState, Sort, Units, WaitingState } from '../views/screen-state.js';
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
  domainSort: Sort;
  hotSort: Sort;
  partnerSort: Sort;
  /** The domain that is drilled into; null on the main screen. */
  domainKey: string | null;
  /** A domain whose figures are on their way: the screen stays until an answer to this request or a later one. */
  opening: { key: string; name: string; fromRequest: number } | null;
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
    withZeros: initial.withZeros ?? false,
    policy: initial.policy ?? '',
    form: initial.form ?? 'auto',
    focus: 'domains',
    selectedKey: null,
    domains: { index: 0, offset: 0 },
    hot: { index: 0, offset: 0 },
    partners: { index: 0, offset: 0 },
    domainSort: initial.domainSort ?? { id: 'saved', descending: true },
    hotSort: { id: 'heat', descending: true },
    partnerSort: { id: 'both', descending: true },
    domainKey: null,
    opening: null,
    helpScroll: null,
    latest: null,
    frozen: null,
    lastRequestId: 0,
    message: null,
  };
}

/** The figures that are drawn; null before the first. */
export function shownSnapshot(state: ViewState): Snapshot | null {
  if (state.frozen === null) return state.latest;
  return state.domainKey !== null && state.frozen.domain !== null ? state.frozen.domain : state.frozen.main;
}

/** What is on the screen now. */
export function screenName(state: ViewState): ScreenName {
  if (state.helpScroll !== null) return 'help';
  const snapshot = shownSnapshot(state);
  if (snapshot === null || snapshot.position.records === 0) return 'waiting';
  return state.domainKey === null ? 'main' : 'domain';
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

function common(state: ViewState, screen: 'main' | 'domain'): ScreenState {
  const opening = state.opening === null ? '' : `Opening ${state.opening.name} …`;
  return {
    units: state.units,
    withZeros: state.withZeros,
    policy: state.policy,
    paused: pausedOf(state),
    message: state.message?.text ?? opening,
    hints: HINTS[screen],
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
    domainSort: state.domainSort,
    hotSort: state.hotSort,
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
