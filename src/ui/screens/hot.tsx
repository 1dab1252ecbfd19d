import type { ReactNode } from 'react';
import { hotLines } from '../screen-lines.js';
import { shownSnapshot } from '../view-state.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** The hot pages alone. */
export function HotScreen({ state, palette, texts }: ScreenProps): ReactNode {
  const snapshot = shownSnapshot(state);
  return snapshot === null ? null : <Lines lines={hotLines(state, snapshot)} palette={palette} texts={texts} />;
}
