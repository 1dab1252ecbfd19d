/** How the plain reports write a figure: a label, then its text. */
const LABEL_COLUMNS = 24;

/** A whole number with thousands separators. */
export function frames(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `label    text`, the texts of all lines below one another; a long label keeps two spaces to its text. */
export function figureLine(label: string, text: string): string {
  const gap = label.length < LABEL_COLUMNS ? '' : '  ';
  return `${label.padEnd(LABEL_COLUMNS)}${gap}${text}`;
}

/** A part of a whole: `12.3 %`; `-` where there is no whole. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}
