/** The lines of each screen for a state. Pure, so that the last frame can be printed without Ink. */
import { FIGURES } from '../figures/figure-table.js';
import type { Snapshot } from '../figures/snapshot.js';
import { type DomainParts, domainScreen } from '../views/domain-screen.js';
import { helpScreen } from '../views/help-screen.js';
import type { Line } from '../views/line.js';
import { filesScreen } from '../views/files-screen.js';
import { hotScreen } from '../views/hot-screen.js';
import { compareScreen } from '../views/compare-screen.js';
import { mainScreen } from '../views/main-screen.js';
import { pageScreen } from '../views/page-screen.js';
import { pairsScreen } from '../views/pairs-screen.js';
import { withMenu } from '../views/views-menu.js';
import { waitingScreen } from '../views/waiting-screen.js';
import { HELP_KEYS } from './keymap.js';
import {
  compareState,
  domainState,
  filesState,
  hotState,
  mainState,
  pageState,
  pairsState,
  screenBelow,
  screenName,
  shownSnapshot,
  type ViewState,
  waitingState,
} from './view-state.js';
import { VIEWS } from './views.js';

/** The main screen of these figures. */
export function mainLines(state: ViewState, snapshot: Snapshot): Line[] {
  return mainScreen(snapshot, mainState(state), state.frame);
}

/** The drill-down of these figures; `parts` are what the caller draws itself. */
export function domainLines(state: ViewState, snapshot: Snapshot, parts: DomainParts = {}): Line[] {
  return domainScreen(snapshot, domainState(state), state.frame, parts);
}

/** The list of hot pages. */
export function hotLines(state: ViewState, snapshot: Snapshot): Line[] {
  return hotScreen(snapshot, hotState(state), state.frame);
}

/** The matrix of pairs. */
export function pairsLines(state: ViewState, snapshot: Snapshot): Line[] {
  return pairsScreen(snapshot, pairsState(state), state.frame);
}

/** The policies side by side. */
export function compareLines(state: ViewState, snapshot: Snapshot): Line[] {
  return compareScreen(snapshot, compareState(state), state.frame);
}

/** The sums by file or package. */
export function filesLines(state: ViewState, snapshot: Snapshot): Line[] {
  return filesScreen(snapshot, filesState(state), state.frame);
}

/** The page that is open. */
export function pageLines(state: ViewState, snapshot: Snapshot): Line[] {
  return state.page === null ? [] : pageScreen(snapshot, pageState(state, state.page), state.frame);
}

/** The menu of views over the screen that it was opened on. */
export function menuLines(state: ViewState, snapshot: Snapshot): Line[] {
  const lines = SCREENS[screenBelow(state)](state, snapshot);
  return withMenu(lines, VIEWS, state.menu ?? 0, state.frame);
}

const SCREENS = {
  main: mainLines,
  hot: hotLines,
  pairs: pairsLines,
  compare: compareLines,
  files: filesLines,
  domain: domainLines,
  page: pageLines,
} as const;

/** The help, from the line that it was scrolled to. */
export function helpLines(state: ViewState): Line[] {
  return helpScreen(HELP_KEYS, FIGURES, state.helpScroll ?? 0, state.frame);
}

/** What is shown before the first figures. */
export function waitingLines(state: ViewState): Line[] {
  return waitingScreen(waitingState(state), state.frame);
}

/** Whatever is on the screen, in the plain form of the views. */
export function screenLines(state: ViewState): Line[] {
  const name = screenName(state);
  const snapshot = shownSnapshot(state);
  if (name === 'help') return helpLines(state);
  if (name === 'waiting' || snapshot === null) return waitingLines(state);
  return name === 'menu' ? menuLines(state, snapshot) : SCREENS[name](state, snapshot);
}
