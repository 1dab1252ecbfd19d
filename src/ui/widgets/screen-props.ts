import type { RowTexts } from '../row-marks.js';
import type { ViewState } from '../view-state.js';
import type { DrawChart } from './history-chart.js';
import type { ColourLevel } from './line-text.js';

/** What every screen is given. */
export interface ScreenProps {
  state: ViewState;
  level: ColourLevel;
  /** Null until the charts are loaded, and where they cannot be. */
  chart: DrawChart | null;
  /** Where the texts of rows are left for the cell sink. */
  texts: RowTexts;
}
