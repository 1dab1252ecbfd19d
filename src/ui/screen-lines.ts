/** The lines of each screen for a state. Pure, so that the last frame can be printed without Ink. */
import { FIGURES } from '../figures/figure-table.js';
import type { Snapshot } from '../figures/snapshot.js';
import { type DomainParts, domainScreen } from '../views/domain-screen.js';
import { helpScreen } from '../views/help-screen.js';
import type { Line } from '../views/line.js';
import { mainScreen } from '../views/main-screen.js';
import { waitingScreen } from '../views/waiting-screen.js';
import { HELP_KEYS } from './keymap.js';
import { domainState, mainState, screenName, shownSnapshot, type ViewState, waitingState } from './view-state.js';

/** The main screen of these figures. */
export function mainLines(state: ViewState, snapshot: Snapshot): Line[] {
  return mainScreen(snapshot, mainState(state), state.frame);
}

/** The drill-down of these figures; `parts` are what the caller draws itself. */
export function domainLines(state: ViewState, snapshot: Snapshot, parts: DomainParts = {}): Line[] {
  return domainScreen(snapshot, domainState(state), state.frame, parts);
}

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
  return name === 'domain' ? domainLines(state, snapshot) : mainLines(state, snapshot);
}
