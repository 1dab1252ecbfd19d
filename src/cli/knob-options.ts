/** Knobs of policies on the command line: `--ksm pages_to_scan=20000,sleep_millisecs=20`. */
import { knobDefaults, type KnobTable, type KnobValues } from '../policy/knobs.js';
import { UsageError } from './usage-error.js';

/** The values of a table's knobs: those given, the defaults of the others. Throws UsageError naming option and knob. */
export function parseKnobs<Table extends KnobTable>(option: string, text: string, table: Table): KnobValues<Table> {
  const values: Record<string, number> = { ...knobDefaults(table) };
  const seen = new Set<string>();
  for (const pair of text.split(',')) {
    const [name, value = '', more] = pair.split('=', 3).map((part) => part.trim());
    if (!Object.hasOwn(table, name)) {
      throw new UsageError(`${option} '${pair}': write ${Object.keys(table).join('=N,')}=N, or some of them`);
    }
    const { min, max } = table[name];
    const number = more === undefined && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) {
      throw new UsageError(`${option} '${pair}': ${name} is a whole number from ${min} to ${max}`);
    }
    if (seen.has(name)) throw new UsageError(`${option} '${text}': ${name} is there twice`);
    seen.add(name);
    values[name] = number;
  }
  return values as KnobValues<Table>;
}

/** The text of the option in the help: its knobs with their defaults, with blanks at which lines may break. */
export function knobHelp(policy: string, table: KnobTable): string {
  const knobs = Object.entries(table).map(([name, knob]) => `${name}=${knob.default}`);
  return `knobs of ${policy}: ${knobs.join(', ')}`;
}
