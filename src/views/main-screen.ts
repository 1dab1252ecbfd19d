import type { Snapshot } from '../figures/snapshot.js';
import type { Frame, Line } from './line.js';
import type { MainState } from './screen-state.js';

/** How the main screen divides the frame: what the ui needs for windows and for moving the cursor. */
export interface MainLayout {
  form: 'grid' | 'table';
  /** Domains shown at once: rows of the table or panes of the grid. At least 1 from 40×10 on. */
  domainsShown: number;
  /** Panes side by side; 1 for the table. Up/down move by this many domains, left/right by one. */
  gridColumns: number;
  /** Hot pages shown at once; 0 when the pane has no room. */
  hotShown: number;
  /** Points of host history that the sparklines can show: ask for this many. */
  historyPoints: number;
}

/** The division of `frame`. Depends on the number of domains, the form and the frame only, so it does not flicker. */
export function mainLayout(_snapshot: Snapshot, state: MainState, frame: Frame): MainLayout {
  return {
    form: state.form === 'grid' ? 'grid' : 'table',
    domainsShown: Math.max(1, frame.rows - 14),
    gridColumns: 1,
    hotShown: 4,
    historyPoints: frame.columns,
  };
}

/** The main screen: exactly `frame.rows` lines, none wider than `frame.columns` cells. Lines are not padded. */
export function mainScreen(_snapshot: Snapshot, _state: MainState, frame: Frame): Line[] {
  return Array.from({ length: frame.rows }, () => []);
}
