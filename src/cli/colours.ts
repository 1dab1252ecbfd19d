import { type ThemeName, THEMES } from '../ui/theme.js';
import { UsageError } from './usage-error.js';

/** The variables that a process was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `off`: nowhere; `terminal`: on a live screen, not in what is printed; `forced`: in what is printed as well. */
export type ColourUse = 'off' | 'terminal' | 'forced';

/**
 * Whether to use colour: `--no-color` before NO_COLOR (set and not empty) before FORCE_COLOR and CLICOLOR_FORCE before
 * CLICOLOR=0 before TERM=dumb. FORCE_COLOR=0 means off; CLICOLOR_FORCE=0 means that nothing is forced.
 *
 * @param flag false: `--no-color` was given
 */
export function colourUse(flag: boolean, env: Environment): ColourUse {
  if (!flag || (env.NO_COLOR ?? '') !== '') return 'off';
  const forced = env.FORCE_COLOR ?? '';
  if (forced !== '') return forced === '0' || forced === 'false' ? 'off' : 'forced';
  const clicolorForced = env.CLICOLOR_FORCE ?? '';
  if (clicolorForced !== '' && clicolorForced !== '0') return 'forced';
  return env.CLICOLOR === '0' || env.TERM === 'dumb' ? 'off' : 'terminal';
}

/** What `--theme` and SHARETOP_THEME take. */
export const THEME_CHOICES = ['auto', ...THEMES] as const;

/** One of them. */
export type ThemeChoice = (typeof THEME_CHOICES)[number];

/**
 * The theme to begin with. `auto` is for a dark ground unless COLORFGBG (`15;0`, set by rxvt, konsole and others) names
 * a light one. Throws UsageError if SHARETOP_THEME names no theme.
 */
export function firstTheme(flag: ThemeChoice | undefined, env: Environment): ThemeName {
  const choice = flag ?? (env.SHARETOP_THEME || 'auto');
  if (choice === 'auto') return isLightGround(env.COLORFGBG ?? '') ? 'light' : 'dark';
  const known = THEMES.find((theme) => theme === choice);
  if (known === undefined) throw new UsageError(`SHARETOP_THEME='${choice}': there are ${THEME_CHOICES.join(', ')}`);
  return known;
}

/** The last field is the ground's number among the 16 colours: white and the bright ones are light. */
function isLightGround(colorfgbg: string): boolean {
  const ground = /;(\d{1,2})$/.exec(colorfgbg)?.[1];
  return ground !== undefined && (ground === '7' || Number(ground) > 8);
}

/** Whether the locale's encoding is UTF-8, by the variables in their order of precedence. */
export function isUtf8(env: Environment): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return locale !== undefined && /utf-?8/i.test(locale);
}
