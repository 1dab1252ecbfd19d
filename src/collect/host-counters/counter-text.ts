/**
 * The small texts in which a Linux kernel tells its figures (`/sys/kernel/mm/ksm`, `/proc/PID/ksm_stat`,
 * `/proc/vmstat`). Pure; what is not understood is left out, for a newer kernel has files that nobody here knows yet.
 */

/** A figure under its kernel's name. */
export type NamedCounter = readonly [name: string, value: number];

/** The text as one whole number; null where it is none, or beyond 2^53. */
export function parseInteger(text: string): number | null {
  const trimmed = text.trim();
  if (!/^-?\d{1,17}$/.test(trimmed)) return null;
  const value = Number(trimmed);
  // -0 is 0 in a trace.
  return Number.isSafeInteger(value) ? value + 0 : null;
}

/**
 * A file of choices, the one in force in brackets (`always [madvise] never`): its position, from 0 on, and its word.
 * Null where the text has no such form.
 */
export function parseChoice(text: string): { index: number; word: string } | null {
  const words = text.trim().split(/\s+/);
  const index = words.findIndex((word) => /^\[[^[\]]+\]$/.test(word));
  return index < 0 ? null : { index, word: words[index].slice(1, -1) };
}

/**
 * Lines of `name value` or `name: value` (ksm_stat, vmstat): each name whose value is a whole number, or yes or no
 * (1, 0), in order. `wanted` left out: all.
 */
export function parseNamedLines(text: string, wanted?: ReadonlySet<string>): NamedCounter[] {
  const found: NamedCounter[] = [];
  for (const line of text.split('\n')) {
    const parts = line.trim().split(/\s+/);
    if (parts.length !== 2) continue;
    const name = parts[0].replace(/:$/, '');
    if (wanted !== undefined && !wanted.has(name)) continue;
    const value = parts[1] === 'yes' ? 1 : parts[1] === 'no' ? 0 : parseInteger(parts[1]);
    if (value !== null) found.push([name, value]);
  }
  return found;
}
