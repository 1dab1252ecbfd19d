import type { ReactNode } from 'react';
import { menuLines } from '../screen-lines.js';
import { shownSnapshot } from '../view-state.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** The menu of views over another screen. */
export function MenuScreen({ state, palette, texts }: ScreenProps): ReactNode {
  const snapshot = shownSnapshot(state);
  return snapshot === null ? null : <Lines lines={menuLines(state, snapshot)} palette={palette} texts={texts} />;
}
