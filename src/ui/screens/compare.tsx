import type { ReactNode } from 'react';
import { compareLines } from '../screen-lines.js';
import { shownSnapshot } from '../view-state.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** The policies side by side. */
export function CompareScreen({ state, palette, texts }: ScreenProps): ReactNode {
  const snapshot = shownSnapshot(state);
  return snapshot === null ? null : <Lines lines={compareLines(state, snapshot)} palette={palette} texts={texts} />;
}
