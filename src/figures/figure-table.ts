/** One figure of sharetop: the only place where its name, unit, formula and explanation are written. */
export interface FigureEntry {
  id: string;
  /** As the screens label it. */
  label: string;
  unit: string;
  formula: string;
  /** One or two sentences for the help screen. */
  help: string;
}

export const FIGURES: readonly FigureEntry[] = [];
