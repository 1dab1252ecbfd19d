import type { Frame, Line } from './line.js';
import type { WaitingState } from './screen-state.js';

/** No figures yet: says what is missing and how to get it. Exactly `frame.rows` lines. */
export function waitingScreen(_state: WaitingState, frame: Frame): Line[] {
  return Array.from({ length: frame.rows }, () => []);
}
