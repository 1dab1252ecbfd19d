/** Every way in which the state of the screen changes: keys, figures, size, time. Pure. */
import { assertNever } from '../base/assert.js';
import type { Snapshot } from '../figures/snapshot.js';
import { reduceCommand } from './commands.js';
import { settleCursors } from './cursor.js';
import type { CommandId } from './keymap.js';
import { typeFilter } from './filter-line.js';
import { say } from './message.js';
import { screenBelow, type ViewState } from './view-state.js';

/** One thing that happened. */
export type Action =
  | { type: 'command'; command: CommandId }
  /** A key while a filter is typed. */
  | { type: 'typed'; key: string }
  | { type: 'snapshot'; snapshot: Snapshot }
  | { type: 'asked'; id: number }
  | { type: 'resized'; columns: number; rows: number }
  | { type: 'focus'; isFocused: boolean }
  | { type: 'tick' };

/** The state after an action at a time. Quit, suspend and repaint change nothing here: the app does them. */
export function reduce(before: ViewState, action: Action, nowMs: number): ViewState {
  const isOver = before.message !== null && nowMs >= before.message.untilMs;
  const state = { ...before, nowMs, message: isOver ? null : before.message };
  switch (action.type) {
    case 'command':
      return settleCursors(reduceCommand({ ...state, message: null }, action.command));
    case 'typed':
      return settleCursors(typeFilter(state, action.key));
    case 'snapshot':
      return settleCursors(takeSnapshot(state, action.snapshot));
    case 'asked':
      return { ...state, lastRequestId: action.id };
    case 'resized':
      return settleCursors({ ...state, frame: { ...state.frame, columns: action.columns, rows: action.rows } });
    case 'focus':
      return { ...state, isFocused: action.isFocused };
    case 'tick':
      return state;
    default:
      return assertNever(action, 'action');
  }
}

function takeSnapshot(before: ViewState, snapshot: Snapshot): ViewState {
  const state = freezeLater({ ...before, latest: snapshot }, snapshot);
  const { opening, frozen } = state;
  if (opening === null || snapshot.requestId < opening.fromRequest) return state;
  if (snapshot.detail?.row.key !== opening.key) return say({ ...state, opening: null }, `${opening.name} is gone`);
  return {
    ...state,
    opening: null,
    domainKey: opening.key,
    partners: { index: 0, offset: 0 },
    // Opened while paused: its figures freeze as they come.
    frozen: frozen && { ...frozen, domain: snapshot },
  };
}

/** Paused, the figures of a page, of pairs or by name are taken as they come until nothing of them is missing. */
function freezeLater(state: ViewState, snapshot: Snapshot): ViewState {
  const { frozen, page } = state;
  if (frozen === null) return state;
  const answer = snapshot.page;
  const isPage = page !== null && answer?.hashLow === page.row.hashLow && answer.hashHigh === page.row.hashHigh;
  if (isPage && !isWholePage(frozen.page)) return { ...state, frozen: { ...frozen, page: snapshot } };
  const isPairs = screenBelow(state) === 'pairs' && snapshot.pairs !== undefined;
  if (isPairs && !isWholePairs(frozen.pairs)) return { ...state, frozen: { ...frozen, pairs: snapshot } };
  const isNames = screenBelow(state) === 'files' && snapshot.names !== undefined;
  if (isNames && !isWholeNames(frozen.names)) return { ...state, frozen: { ...frozen, names: snapshot } };
  return state;
}

function isWholeNames(snapshot: Snapshot | null): boolean {
  const names = snapshot?.names;
  return names !== undefined && (names.labels === 0 || names.sums !== null);
}

function isWholePage(snapshot: Snapshot | null): boolean {
  const page = snapshot?.page;
  if (page === undefined || page.mappings === null || page.history === null) return false;
  return page.neighbours?.blocks !== null && page.history.reach.kind !== 'reading';
}

function isWholePairs(snapshot: Snapshot | null): boolean {
  const pairs = snapshot?.pairs;
  return pairs !== undefined && pairs.answer !== null && !pairs.counts.includes(-1);
}
