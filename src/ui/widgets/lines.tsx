import { Box, Text, Transform } from 'ink';
import { memo, type ReactNode } from 'react';
import type { Line } from '../../views/line.js';
import { type ColourLevel, lineText } from './line-text.js';

/**
 * One row of the screen. The text goes in as a transformation of a blank: Ink then places it without measuring it.
 * Ink's measurements are cached for ever, and a live screen has new text in every frame, so measuring would use more
 * memory day by day.
 */
export const Row = memo(function Row({ text }: { text: string }): ReactNode {
  return (
    <Box height={1} flexShrink={0}>
      <Transform transform={() => text}>
        <Text> </Text>
      </Transform>
    </Box>
  );
});

/** Lines of a view, one row each; rows whose text is as before are not rendered again. */
export function Lines({ lines, level }: { lines: readonly Line[]; level: ColourLevel }): ReactNode {
  return lines.map((line, index) => <Row key={index} text={lineText(line, level)} />);
}
