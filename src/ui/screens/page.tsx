import type { ReactNode } from 'react';
import { pageLines } from '../screen-lines.js';
import { shownSnapshot } from '../view-state.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** One page: its holders, history, neighbours. */
export function PageScreen({ state, palette, texts }: ScreenProps): ReactNode {
  const snapshot = shownSnapshot(state);
  return snapshot === null ? null : <Lines lines={pageLines(state, snapshot)} palette={palette} texts={texts} />;
}
