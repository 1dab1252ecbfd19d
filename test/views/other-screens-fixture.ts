/** What the screens without figures are made from in tests. */
import type { WaitingState } from '../../src/views/screen-state.js';

/** Keys as the key map gives them to the help. */
export const KEYS = [
  { keys: 'q, Ctrl-C', help: 'quit and restore the screen' },
  { keys: '↑ ↓, j k', help: 'move the cursor' },
  { keys: 'Space', help: 'pause the view; the trace is read on, and the header says how many records are newer' },
];

/** What a waiting screen is told while there is no trace. */
export const WAITING: WaitingState = {
  ...{ source: './trace', sourceFound: false, streams: 0, records: 0, waitedSeconds: 12, notice: '' },
  hints: [{ key: 'q', label: 'Quit' }],
};
