/**
 * Whether to use colour: `--no-color` before NO_COLOR (set and not empty) before FORCE_COLOR and CLICOLOR_FORCE before
 * CLICOLOR=0 before TERM=dumb. 16 colours of the terminal's own, or none.
 */
export function colourLevel(flag: boolean, env: Readonly<Record<string, string | undefined>>): 0 | 16 {
  if (!flag) return 0;
  if ((env.NO_COLOR ?? '') !== '') return 0;
  const forced = env.FORCE_COLOR ?? env.CLICOLOR_FORCE;
  if (forced !== undefined && forced !== '') return forced === '0' || forced === 'false' ? 0 : 16;
  if (env.CLICOLOR === '0' || env.TERM === 'dumb') return 0;
  return 16;
}

/** Whether the locale's encoding is UTF-8, by the variables in their order of precedence. */
export function isUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return locale !== undefined && /utf-?8/i.test(locale);
}
