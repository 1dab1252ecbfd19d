import type { ReactNode } from 'react';
import { filesLines } from '../screen-lines.js';
import { shownSnapshot } from '../view-state.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** Saved memory by file or by package. */
export function FilesScreen({ state, palette, texts }: ScreenProps): ReactNode {
  const snapshot = shownSnapshot(state);
  return snapshot === null ? null : <Lines lines={filesLines(state, snapshot)} palette={palette} texts={texts} />;
}
