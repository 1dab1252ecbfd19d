/** A knob of a policy: a whole number with its limits, written NAME=VALUE on the command line. */
export interface Knob {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** What it sets, with its unit, for the help. */
  readonly help: string;
}

/** The knobs of one policy, by name; the names are those of the real system where it has them. */
export type KnobTable = Readonly<Record<string, Knob>>;

/** A value for each knob of a table. */
export type KnobValues<Table extends KnobTable> = Readonly<Record<keyof Table & string, number>>;

/** The values that hold where none was given. */
export function knobDefaults<Table extends KnobTable>(table: Table): KnobValues<Table> {
  return Object.fromEntries(Object.entries(table).map(([name, knob]) => [name, knob.default])) as KnobValues<Table>;
}
