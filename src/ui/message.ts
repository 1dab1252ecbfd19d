import type { ViewState } from './view-state.js';

/** How long an answer to a key stays, unless another key comes. */
const MESSAGE_MS = 4000;

/** The state with a line of the app itself on the screen for a while. */
export function say(state: ViewState, text: string): ViewState {
  return { ...state, message: { text, untilMs: state.nowMs + MESSAGE_MS } };
}
