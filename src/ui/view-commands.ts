/** What the keys do on the screens beside the overview: hot pages, pairs, a page, the menu of views. */
import { filesShown } from '../views/files-screen.js';
import { hotShown } from '../views/hot-screen.js';
import { pageLayout } from '../views/page-screen.js';
import { pairsLayout } from '../views/pairs-screen.js';
import { PAGE_TABS } from '../views/screen-state.js';
import { ranges } from './cursor.js';
import type { CommandId } from './keymap.js';
import { say } from './message.js';
import { openDomain } from './open-domain.js';
import { type Motion, motionOf, strideLength } from './stride.js';
import { type Cursor, MAIN_TAB_IDS, type OpenPage, screenBelow, shownSnapshot, type ViewState } from './view-state.js';
import { VIEWS } from './views.js';

const TABS: Readonly<Partial<Record<CommandId, number>>> = { tab1: 0, tab2: 1, tab3: 2, tab4: 3, tab5: 4 };
const PAUSED_TEXT = 'Paused: Space lets the figures go on, then this can change';
const TOP: Cursor = { index: 0, offset: 0 };
/** Neighbours are looked at up to so far away: a gfn or block is a u32. */
const CENTRE_MAX = 2 ** 32;

/** The state after a command of these screens; null if the command is not theirs. */
export function reduceViewCommand(state: ViewState, command: CommandId): ViewState | null {
  if (state.helpScroll !== null) return null;
  if (command === 'views') return { ...state, menu: state.menu === null ? menuLine(state) : null };
  const tab = TABS[command];
  if (state.menu !== null) return reduceMenu(state, state.menu, command, tab);
  if (tab !== undefined) return openTab(state, tab);
  if (state.page !== null) return reducePage(state, state.page, command);
  const on = screenBelow(state);
  if (on === 'hot') return reduceHot(state, command);
  if (on === 'compare') return reduceCompare(state, command);
  if (on === 'files') return reduceFiles(state, command);
  return on === 'pairs' ? reducePairs(state, command) : null;
}

function menuLine(state: ViewState): number {
  return MAIN_TAB_IDS.indexOf(state.mainTab);
}

function reduceMenu(state: ViewState, line: number, command: CommandId, tab: number | undefined): ViewState | null {
  if (tab !== undefined) return openView(state, tab);
  if (command === 'open') return openView(state, line);
  if (command === 'back') return { ...state, menu: null };
  const motion = motionOf(command);
  if (motion === undefined) return null;
  const by = motion.direction * strideLength(motion.stride, VIEWS.length, 1);
  return { ...state, menu: Math.max(0, Math.min(VIEWS.length - 1, line + by)) };
}

/** A line of the menu: leaves whatever lies over the main screen. */
function openView(state: ViewState, line: number): ViewState {
  const tab = VIEWS[line]?.tab ?? null;
  if (tab === null) return { ...state, menu: null, helpScroll: 0 };
  return { ...state, menu: null, page: null, domainKey: null, opening: null, mainTab: tab };
}

function openTab(state: ViewState, tab: number): ViewState {
  if (state.page !== null)
    return tab < PAGE_TABS.length ? { ...state, page: { ...state.page, tab: PAGE_TABS[tab] } } : state;
  return { ...state, mainTab: MAIN_TAB_IDS[tab] };
}

function moved({ index, offset }: Cursor, { direction, stride }: Motion, page: number): Cursor {
  return { index: index + direction * strideLength(stride, page, 1), offset };
}

function reduceHot(state: ViewState, command: CommandId): ViewState | null {
  if (command === 'open') return openHotPage(state, state.hot.index);
  const motion = motionOf(command);
  if (motion === undefined || motion.stride === 'pane') return null;
  return { ...state, hot: moved(state.hot, motion, hotShown(state.frame)) };
}

function reducePairs(state: ViewState, command: CommandId): ViewState | null {
  const { row, column } = state.pairs;
  if (command === 'open') {
    const pairs = shownSnapshot(state)?.pairs;
    const head = pairs?.rows[row.index - pairs.rowOffset];
    return head === undefined ? state : openDomain(state, head.key, head.name);
  }
  const motion = motionOf(command);
  if (motion === undefined) return null;
  if (motion.stride === 'pane') return { ...state, pairs: { row, column: moved(column, motion, 1) } };
  return { ...state, pairs: { row: moved(row, motion, pairsLayout(state.frame).rowsShown), column } };
}

function reduceFiles(state: ViewState, command: CommandId): ViewState | null {
  if (command === 'open') return state;
  if (command === 'nameKind') {
    if (state.frozen !== null) return say(state, PAUSED_TEXT);
    return { ...state, namesBy: state.namesBy === 'file' ? 'package' : 'file', names: TOP };
  }
  const motion = motionOf(command);
  if (motion === undefined || motion.stride === 'pane') return null;
  return { ...state, names: moved(state.names, motion, filesShown(state.frame)) };
}

/** Up and down change the policy that is shown: the cursor stands on it. */
function reduceCompare(state: ViewState, command: CommandId): ViewState | null {
  const motion = motionOf(command);
  const shown = shownSnapshot(state);
  if (motion === undefined || motion.stride === 'pane' || shown === null) return null;
  if (state.frozen !== null) return say(state, PAUSED_TEXT);
  const names = shown.policyNames;
  const now = names.indexOf(state.policy === '' ? shown.policy.name : state.policy);
  const by = motion.direction * strideLength(motion.stride, names.length, 1);
  return { ...state, policy: names[Math.max(0, Math.min(names.length - 1, now + by))] ?? state.policy };
}

function reducePage(state: ViewState, page: OpenPage, command: CommandId): ViewState | null {
  if (command === 'back') return { ...state, page: null, frozen: state.frozen && { ...state.frozen, page: null } };
  if (command === 'nextHot') return openBeside(state, page, 1);
  if (command === 'previousHot') return openBeside(state, page, -1);
  const motion = motionOf(command);
  if (motion === undefined) return null;
  const { listShown, reach } = pageLayout(state.frame);
  if (page.tab === 'mappings') return withPage(state, { ...page, mappings: moved(page.mappings, motion, listShown) });
  if (page.tab === 'history') return withPage(state, { ...page, history: moved(page.history, motion, listShown) });
  if (state.frozen !== null) return say(state, 'Paused: Space lets the figures go on, then others can be looked at');
  // Home comes back to the page itself.
  const by = motion.direction * strideLength(motion.stride, 2 * reach + 1, 1);
  const centre = motion.stride === 'all' ? 0 : page.centre + by;
  return withPage(state, { ...page, centre: Math.max(-CENTRE_MAX, Math.min(CENTRE_MAX, centre)) });
}

function withPage(state: ViewState, page: OpenPage): ViewState {
  return { ...state, page };
}

/** Opens the page at a place of the hot list, if its row is held. */
export function openHotPage(state: ViewState, index: number): ViewState {
  const hot = shownSnapshot(state)?.hot;
  const row = hot?.rows[index - hot.offset];
  if (row === undefined) return state;
  const tab = state.page?.tab ?? 'mappings';
  return {
    ...state,
    page: { row, tab, mappings: TOP, history: TOP, centre: 0 },
    hot: { index, offset: state.hot.offset },
    frozen: state.frozen && { ...state.frozen, page: null },
  };
}

/** The neighbour of the page in the hot list as it is now; where the page is no longer in it, of its old place. */
function openBeside(state: ViewState, page: OpenPage, direction: 1 | -1): ViewState {
  const hot = shownSnapshot(state)?.hot;
  if (hot === undefined) return state;
  const { hashLow, hashHigh } = page.row;
  const at = hot.rows.findIndex((row) => row.hashLow === hashLow && row.hashHigh === hashHigh);
  const index = (at < 0 ? state.hot.index : hot.offset + at) + direction;
  const end = ranges(state)?.hot.end ?? 0;
  if (index < 0 || index >= end)
    return say(state, direction > 0 ? 'This is the last page of the list' : 'This is the first page of the list');
  return openHotPage(state, index);
}
