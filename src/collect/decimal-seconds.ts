/**
 * Seconds written in decimal, as integer microseconds, by their digits: `Number(text) * 1e6` is wrong in the last
 * place for some of them, and then two clocks that agree would not be equal.
 */
const SECONDS = /^(-?)(\d{1,10})(?:\.(\d{1,18}))?$/;

/**
 * The microseconds of e.g. `43.506577` or `-0.25`, digits beyond the sixth cut off (towards zero); null if the text is
 * not such a number. At most 10^10 s, so the result is an exact integer.
 */
export function parseDecimalSeconds(text: string): number | null {
  const match = SECONDS.exec(text);
  if (match === null) return null;
  const fraction = (match[3] ?? '').slice(0, 6).padEnd(6, '0');
  const value = Number(match[2]) * 1_000_000 + Number(fraction);
  return match[1] === '-' && value > 0 ? -value : value;
}
