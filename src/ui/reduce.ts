/** Every way in which the state of the screen changes: keys, figures, size, time. Pure. */
import { assertNever } from '../base/assert.js';
import type { Snapshot } from '../figures/snapshot.js';
import { reduceCommand } from './commands.js';
import { settleCursors } from './cursor.js';
import type { CommandId } from './keymap.js';
import { say } from './message.js';
import type { ViewState } from './view-state.js';

/** One thing that happened. */
export type Action =
  | { type: 'command'; command: CommandId }
  | { type: 'snapshot'; snapshot: Snapshot }
  | { type: 'asked'; id: number }
  | { type: 'resized'; columns: number; rows: number }
  | { type: 'tick' };

/** The state after an action at a time. Quit, suspend and repaint change nothing here: the app does them. */
export function reduce(before: ViewState, action: Action, nowMs: number): ViewState {
  const isOver = before.message !== null && nowMs >= before.message.untilMs;
  const state = { ...before, nowMs, message: isOver ? null : before.message };
  switch (action.type) {
    case 'command':
      return settleCursors(reduceCommand({ ...state, message: null }, action.command));
    case 'snapshot':
      return settleCursors(takeSnapshot(state, action.snapshot));
    case 'asked':
      return { ...state, lastRequestId: action.id };
    case 'resized':
      return settleCursors({ ...state, frame: { ...state.frame, columns: action.columns, rows: action.rows } });
    case 'tick':
      return state;
    default:
      return assertNever(action, 'action');
  }
}

function takeSnapshot(before: ViewState, snapshot: Snapshot): ViewState {
  const state = { ...before, latest: snapshot };
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
