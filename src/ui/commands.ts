/** What each key does to the state of the screen. */
import { assertNever } from '../base/assert.js';
import { FIGURES } from '../figures/figure-table.js';
import { NAME_SORTS } from '../figures/name-figures.js';
import { DOMAIN_SORTS, HOT_SORTS, PARTNER_SORTS } from '../figures/window.js';
import { helpLength } from '../views/help-screen.js';
import type { Sort, Units } from '../views/screen-state.js';
import { keepInside, ranges, selectDomain } from './cursor.js';
import { sortHeldRows } from './frozen-rows.js';
import { beginFilter, clearFilter } from './filter-line.js';
import { type CommandId, HELP_KEYS } from './keymap.js';
import { say } from './message.js';
import { nextTheme, THEMES, type ThemeName } from './theme.js';
import { openDomain } from './open-domain.js';
import { type Motion, motionOf, type Stride, strideLength } from './stride.js';
import { openHotPage, reduceViewCommand } from './view-commands.js';
import { type Frozen, PACES_MS, screenBelow, shownSnapshot, type ViewState } from './view-state.js';

const PAUSED_TEXT = 'Paused: Space lets the figures go on, then this can change';
/** Lines of the help screen that are not help: its title and its last line. */
const HELP_FRAME_ROWS = 2;
const UNITS: readonly Units[] = ['iec', 'si', 'pages'];
/** Columns of text sort upwards first, figures downwards. */
const ASCENDING: readonly string[] = ['id', 'name'];

/** Applies a command that is valid on the present screen; an answer to the user is in `message`. */
export function reduceCommand(state: ViewState, command: CommandId): ViewState {
  const elsewhere = reduceViewCommand(state, command);
  if (elsewhere !== null) return elsewhere;
  const motion = motionOf(command);
  if (motion !== undefined) return move(state, motion);
  switch (command) {
    case 'nextPane':
    case 'previousPane':
      // There are two panes with rows; settling goes back if the other has no room.
      return { ...state, focus: state.focus === 'domains' ? 'hot' : 'domains' };
    case 'open':
      return open(state);
    case 'back':
      return back(state);
    case 'pause':
      return pause(state);
    case 'filter':
      return state.frozen === null ? beginFilter(state) : say(state, PAUSED_TEXT);
    case 'filterClear':
      return state.frozen === null ? clearFilter(state) : say(state, PAUSED_TEXT);
    case 'sortNext':
      return resort(state, nextSort);
    case 'sortReverse':
      return resort(state, (sort) => ({ ...sort, descending: !sort.descending }));
    case 'form':
      return { ...state, form: isGrid(state) ? 'table' : 'grid' };
    case 'policy':
      return nextPolicy(state);
    case 'zeros':
      return toggleZeros(state);
    case 'units':
      return { ...state, units: UNITS[(UNITS.indexOf(state.units) + 1) % UNITS.length] };
    case 'theme':
      return changeTheme(state);
    case 'faster':
    case 'slower':
      return changePace(state, command);
    case 'help':
      return { ...state, helpScroll: state.helpScroll === null ? 0 : null };
    case 'up':
    case 'down':
    case 'left':
    case 'right':
    case 'pageUp':
    case 'pageDown':
    case 'first':
    case 'last':
    case 'tab1':
    case 'tab2':
    case 'tab3':
    case 'tab4':
    case 'tab5':
    case 'nameKind':
    case 'views':
    case 'nextHot':
    case 'previousHot':
    case 'repaint':
    case 'suspend':
    case 'quit':
    case 'quitKeeping':
      return state;
    default:
      return assertNever(command, 'command');
  }
}

function isGrid(state: ViewState): boolean {
  return (ranges(state)?.gridColumns ?? 1) > 1;
}

function move(state: ViewState, { direction, stride }: Motion): ViewState {
  if (state.helpScroll !== null) return scrollHelp(state, state.helpScroll, direction, stride);
  const known = ranges(state);
  if (known === null) return state;
  if (state.domainKey !== null) {
    const by = direction * strideLength(stride, known.partners.shown, 1);
    return { ...state, partners: keepInside(moved(state.partners, by), known.partners) };
  }
  if (state.focus === 'hot') {
    if (stride === 'pane') return state;
    const by = direction * strideLength(stride, known.hot.shown, 1);
    return { ...state, hot: keepInside(moved(state.hot, by), known.hot) };
  }
  if (stride === 'pane' && known.gridColumns === 1) return state;
  const by = direction * strideLength(stride, known.domains.shown, known.gridColumns);
  const target = state.domains.index + by;
  // In the grid a step down from the last full row to nothing stays, as a step right from the last pane does.
  if (stride === 'row' && known.gridColumns > 1 && (target < known.domains.first || target >= known.domains.end)) {
    return state;
  }
  return selectDomain(state, target);
}

function moved(cursor: { index: number; offset: number }, by: number): { index: number; offset: number } {
  return { index: cursor.index + by, offset: cursor.offset };
}

function scrollHelp(state: ViewState, scroll: number, direction: 1 | -1, stride: Stride): ViewState {
  const page = Math.max(1, state.frame.rows - HELP_FRAME_ROWS);
  const end = Math.max(0, helpLength(HELP_KEYS, FIGURES, state.frame) - page);
  const target = scroll + direction * strideLength(stride, page, 1);
  return { ...state, helpScroll: Math.max(0, Math.min(end, target)) };
}

function open(state: ViewState): ViewState {
  const snapshot = shownSnapshot(state);
  if (snapshot === null) return state;
  if (state.domainKey !== null) {
    const partner = snapshot.detail?.partners;
    const slot = partner?.rows[state.partners.index - partner.offset]?.slot;
    const row = snapshot.domains.rows.find((domain) => domain.slot === slot);
    return row === undefined ? state : openDomain(state, row.key, row.name);
  }
  if (state.focus === 'hot') return openHotPage(state, state.hot.index);
  const row = snapshot.domains.rows.find(({ key }) => key === state.selectedKey);
  return row === undefined ? state : openDomain(state, row.key, row.name);
}

function back(state: ViewState): ViewState {
  if (state.helpScroll !== null) return { ...state, helpScroll: null };
  if (state.opening !== null) return { ...state, opening: null };
  if (state.domainKey === null && state.domainFilter !== '' && state.frozen === null) return clearFilter(state);
  // Paused, the main screen's figures are still the frozen ones; the domain's stay for when it is opened again.
  return state.domainKey !== null ? { ...state, domainKey: null } : { ...state, mainTab: 'overview' };
}

function pause(state: ViewState): ViewState {
  const shown = shownSnapshot(state);
  if (shown === null) return state;
  if (state.frozen !== null) return { ...state, frozen: null };
  const on = screenBelow(state);
  const frozen: Frozen = {
    main: shown,
    domain: on === 'domain' ? shown : null,
    page: on === 'page' ? shown : null,
    pairs: on === 'pairs' ? shown : null,
    names: on === 'files' ? shown : null,
  };
  return { ...state, frozen };
}

function nextSort(sort: Sort, ids: readonly string[]): Sort {
  const id = ids[(ids.indexOf(sort.id) + 1) % ids.length];
  return { id, descending: !ASCENDING.includes(id) };
}

function resort(state: ViewState, change: (sort: Sort, ids: readonly string[]) => Sort): ViewState {
  let next: ViewState;
  if (screenBelow(state) === 'files') {
    if (state.frozen !== null) return say(state, PAUSED_TEXT);
    return { ...state, namesSort: change(state.namesSort, NAME_SORTS), names: { index: 0, offset: 0 } };
  }
  if (state.domainKey !== null) next = { ...state, partnerSort: change(state.partnerSort, PARTNER_SORTS) };
  else if (state.focus === 'hot' || state.mainTab === 'hot')
    next = { ...state, hotSort: change(state.hotSort, HOT_SORTS) };
  else next = { ...state, domainSort: change(state.domainSort, DOMAIN_SORTS) };
  return next.frozen === null ? next : resortFrozen(next, next.frozen);
}

/** Paused, the rows that are held are sorted; the answer says so when that is not the whole list. */
function resortFrozen(state: ViewState, frozen: Frozen): ViewState {
  const { main, domain } = frozen;
  const next: ViewState = {
    ...state,
    frozen: { ...frozen, main: sortHeldRows(main, state), domain: domain && sortHeldRows(domain, state) },
  };
  const shown = shownSnapshot(next);
  if (shown === null) return next;
  const pane = state.focus === 'hot' || state.mainTab === 'hot' ? shown.hot : shown.domains;
  const list = next.domainKey !== null ? shown.detail?.partners : pane;
  if (list === undefined || list.rows.length === list.total) return next;
  return say(next, `Paused: only the ${list.rows.length} rows held of ${list.total} are sorted`);
}

function nextPolicy(state: ViewState): ViewState {
  const shown = shownSnapshot(state);
  if (shown === null) return state;
  if (state.frozen !== null) return say(state, PAUSED_TEXT);
  const names = shown.policyNames;
  const now = state.policy === '' ? shown.policy.name : state.policy;
  const next = names[(names.indexOf(now) + 1) % names.length];
  if (next === undefined || next === now) return say(state, `Only ${now} runs; --policies starts others`);
  return say({ ...state, policy: next }, `Shared, saved and could: policy ${next}`);
}

const THEME_TEXTS: Readonly<Record<ThemeName, string>> = {
  dark: 'for a dark ground',
  light: 'for a light ground',
  cb: 'for colour-blind eyes',
  mono: 'no colours',
};

function changeTheme(state: ViewState): ViewState {
  if (state.theme === null) return say(state, 'Colours are off: --no-color, NO_COLOR or CLICOLOR=0');
  const theme = nextTheme(state.theme);
  return say({ ...state, theme }, `Theme ${theme}, ${THEME_TEXTS[theme]} (one of ${THEMES.join(', ')})`);
}

function changePace(state: ViewState, command: 'faster' | 'slower'): ViewState {
  const now = state.frameMs;
  const next = command === 'faster' ? PACES_MS.findLast((pace) => pace < now) : PACES_MS.find((pace) => pace > now);
  const frameMs = Math.max(state.fastestMs, next ?? now);
  return say({ ...state, frameMs }, `Figures every ${frameMs / 1000} s`);
}

function toggleZeros(state: ViewState): ViewState {
  if (state.frozen !== null) return say(state, PAUSED_TEXT);
  const withZeros = !state.withZeros;
  return say({ ...state, withZeros }, `Zero pages ${withZeros ? 'in' : 'out of'} the sums`);
}
