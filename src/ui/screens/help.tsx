import type { ReactNode } from 'react';
import { helpLines } from '../screen-lines.js';
import { Lines } from '../widgets/lines.js';
import type { ScreenProps } from '../widgets/screen-props.js';

/** Keys and the definition of every figure. */
export function HelpScreen({ state, palette, texts }: ScreenProps): ReactNode {
  return <Lines lines={helpLines(state)} palette={palette} texts={texts} />;
}
