import type { ReactNode } from 'react';
import { pairsLines } from '../screen-lines.js';
import { shownSnapshot } from '../view-state.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** Who shares with whom. */
export function PairsScreen({ state, palette, texts }: ScreenProps): ReactNode {
  const snapshot = shownSnapshot(state);
  return snapshot === null ? null : <Lines lines={pairsLines(state, snapshot)} palette={palette} texts={texts} />;
}
