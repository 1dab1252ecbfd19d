import type { ReactNode } from 'react';
import { mainLines } from '../screen-lines.js';
import { shownSnapshot } from '../view-state.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** The host: gauges, domains, hot pages. */
export function MainScreen({ state, palette, texts }: ScreenProps): ReactNode {
  const snapshot = shownSnapshot(state);
  return snapshot === null ? null : <Lines lines={mainLines(state, snapshot)} palette={palette} texts={texts} />;
}
