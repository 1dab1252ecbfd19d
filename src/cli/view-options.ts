/** Options of the view, on a screen or printed: what commander is told of them, and what they mean. */
import { type Command, Option } from 'commander';
import { paletteOf } from '../ui/theme.js';
import type { Units } from '../views/screen-state.js';
import { colourUse, type Environment, firstTheme, isUtf8, THEME_CHOICES, type ThemeChoice } from './colours.js';
import type { LiveOptions } from './live-command.js';
import { UsageError } from './usage-error.js';
import type { PrintedView } from './report-command.js';

/** As commander gives them. */
export interface GivenViewOptions {
  once?: boolean;
  ascii?: boolean;
  /** false: `--no-color`. */
  color: boolean;
  theme?: ThemeChoice;
  units?: Units;
  interval?: string;
  lowBandwidth?: boolean;
}

/** Rows of a view that is printed: more than a screen's, so that no domain is left out. */
const PRINTED_ROWS = 45;
const PRINTED_COLUMNS = 100;
const PRINTED_COLUMNS_MIN = 40;

const SLOW_LINK_MS = 1000;
const INTERVAL_SECONDS = { least: 0.2, most: 60 };

/** Seconds to ms. Throws UsageError. */
function parseInterval(text: string): number {
  const { least, most } = INTERVAL_SECONDS;
  const seconds = /^\d{1,3}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (seconds >= least && seconds <= most) return seconds * 1000;
  throw new UsageError(`--interval '${text}': write seconds, ${least} to ${most}`);
}

/** Adds the options to a command. */
export function addViewOptions(command: Command): Command {
  return command
    .option('-1, --once', 'print the view once as plain text and end')
    .option('--ascii', 'draw with ASCII only')
    .option('--no-color', 'no colours')
    .addOption(new Option('--theme <name>', 'colours (default: $SHARETOP_THEME, else auto)').choices(THEME_CHOICES))
    .addOption(new Option('--units <unit>', 'of memory (default: iec)').choices(['iec', 'si', 'pages']))
    .option('-d, --interval <seconds>', 'between two looks at the figures, 0.2 … 60 (default: 0.25)')
    .option('--low-bandwidth', 'for slow links: once a second, nothing that changes all the time');
}

function isUnicode(flags: GivenViewOptions, env: Environment): boolean {
  return flags.ascii !== true && isUtf8(env);
}

/** How the live screen is drawn. Throws UsageError if SHARETOP_THEME names no theme. */
export function screenOptions(
  flags: GivenViewOptions,
  env: Environment,
): Omit<LiveOptions, 'trace' | 'traceName' | 'untilMicros' | 'policies'> {
  const theme = firstTheme(flags.theme, env);
  const isLinkSlow = flags.lowBandwidth === true;
  const asked = flags.interval === undefined ? undefined : parseInterval(flags.interval);
  return {
    unicode: isUnicode(flags, env),
    theme: colourUse(flags.color, env) === 'off' ? null : theme,
    units: flags.units ?? 'iec',
    isLinkSlow,
    frameMs: isLinkSlow ? Math.max(SLOW_LINK_MS, asked ?? 0) : asked,
    fastestMs: isLinkSlow ? SLOW_LINK_MS : undefined,
  };
}

/** Cells of a printed line: as wide as the terminal, or COLUMNS. */
export function printedColumns(env: Environment, columns: number | undefined): number {
  const asked = Number(env.COLUMNS);
  const isAsked = Number.isInteger(asked) && asked > 0 && asked <= 1000;
  return Math.max(PRINTED_COLUMNS_MIN, columns ?? (isAsked ? asked : PRINTED_COLUMNS));
}

/** How the view is printed: as wide as the terminal, or COLUMNS; with colours only if they are forced. */
export function printedView(flags: GivenViewOptions, env: Environment, columns: number | undefined): PrintedView {
  return {
    columns: printedColumns(env, columns),
    rows: PRINTED_ROWS,
    unicode: isUnicode(flags, env),
    units: flags.units ?? 'iec',
    palette: colourUse(flags.color, env) === 'forced' ? paletteOf(firstTheme(flags.theme, env)) : null,
  };
}
