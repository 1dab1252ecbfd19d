import type { ReactNode } from 'react';
import { waitingLines } from '../screen-lines.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** No figures yet: what is missing. */
export function WaitingScreen({ state, palette, texts }: ScreenProps): ReactNode {
  return <Lines lines={waitingLines(state)} palette={palette} texts={texts} />;
}
