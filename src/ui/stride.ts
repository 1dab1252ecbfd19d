import type { CommandId } from './keymap.js';

/** How far a key moves a cursor: a row, a pane or column, a page, or to the end. */
export type Stride = 'row' | 'pane' | 'page' | 'all';

/** A move of a cursor. */
export interface Motion {
  direction: 1 | -1;
  stride: Stride;
}

const MOTIONS: Readonly<Partial<Record<CommandId, Motion>>> = {
  up: { direction: -1, stride: 'row' },
  down: { direction: 1, stride: 'row' },
  left: { direction: -1, stride: 'pane' },
  right: { direction: 1, stride: 'pane' },
  pageUp: { direction: -1, stride: 'page' },
  pageDown: { direction: 1, stride: 'page' },
  first: { direction: -1, stride: 'all' },
  last: { direction: 1, stride: 'all' },
};

/** The move that a command makes, if it is one. */
export function motionOf(command: CommandId): Motion | undefined {
  return MOTIONS[command];
}

/** Rows that a stride goes: `page` rows are shown at once, `row` go together (a row of the grid). */
export function strideLength(stride: Stride, page: number, row: number): number {
  if (stride === 'all') return Number.MAX_SAFE_INTEGER;
  if (stride === 'page') return Math.max(1, page);
  return stride === 'row' ? row : 1;
}
