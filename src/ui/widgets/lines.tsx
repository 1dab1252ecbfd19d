import { Box, Text } from 'ink';
import { memo, type ReactNode } from 'react';
import type { Line } from '../../views/line.js';
import { rowMark, type RowTexts } from '../row-marks.js';
import type { Palette } from '../theme.js';
import { lineText } from './line-text.js';

interface RowProps {
  row: number;
  text: string;
  texts: RowTexts;
}

/** One row of the screen. */
const Row = memo(function Row({ row, text, texts }: RowProps): ReactNode {
  texts.set(row, text);
  return (
    <Box height={1} flexShrink={0}>
      <Text>{rowMark(row)}</Text>
    </Box>
  );
});

interface LinesProps {
  /** Row of the screen on which the first line is. */
  top?: number;
  lines: readonly Line[];
  palette: Palette;
  texts: RowTexts;
}

/** Lines of a view, one row each; rows whose text is as before are not rendered again. */
export function Lines({ top = 0, lines, palette, texts }: LinesProps): ReactNode {
  return lines.map((line, index) => <Row key={index} row={top + index} text={lineText(line, palette)} texts={texts} />);
}
