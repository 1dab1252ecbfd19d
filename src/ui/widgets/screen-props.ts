import type { RowTexts } from '../row-marks.js';
import type { Palette } from '../theme.js';
import type { ViewState } from '../view-state.js';
import type { DrawChart } from './history-chart.js';

/** What every screen is given. */
export interface ScreenProps {
  state: ViewState;
  palette: Palette;
  /** Null until the charts are loaded, and where they cannot be. */
  chart: DrawChart | null;
  /** Where the texts of rows are left for the cell sink. */
  texts: RowTexts;
}
