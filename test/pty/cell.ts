/** One cell of a terminal as plain data, to compare in tests. */
import type { IBufferCell } from '@xterm/headless';

/** Palette number 0–255, `#rrggbb`, or undefined for the terminal's own colour. */
export type CellColor = number | string | undefined;

/** What is in a cell and how it looks. */
export interface Cell {
  /** The character; empty in the right half of a wide one. */
  readonly text: string;
  readonly foreground: CellColor;
  readonly background: CellColor;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

function color(isDefault: boolean, isRgb: boolean, value: number): CellColor {
  if (isDefault) return undefined;
  return isRgb ? `#${value.toString(16).padStart(6, '0')}` : value;
}

/** Copies the cell: xterm's own is a view that changes under the reader. */
export function readCell(cell: IBufferCell): Cell {
  return {
    text: cell.getChars(),
    foreground: color(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    background: color(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
  };
}
