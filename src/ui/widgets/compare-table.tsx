import { Box, Text, Transform } from 'ink';
import { Table } from 'ink-table';
import type { ReactNode } from 'react';
import type { CompareRow } from '../../views/domain-facts.js';
import type { Rectangle } from '../../views/domain-layout.js';
import type { Style } from '../../views/line.js';
import type { Palette } from '../theme.js';
import { lineText } from './line-text.js';

/** ink-table draws a rule above each row, a head, and a rule below. */
const RULE_LINES = 3;
const PADDING = 1;
const COLUMNS = ['figure', 'domain', 'host', 'part'] as const;

/** Rows of the table that fit into the rectangle; 0 when it is too narrow or too low for a table at all. */
export function compareRowsThatFit(rows: readonly CompareRow[], place: Rectangle): number {
  let width = 1;
  for (const column of COLUMNS) {
    width += Math.max(column.length, ...rows.map((row) => row[column].length)) + 2 * PADDING + 1;
  }
  if (width > place.columns) return 0;
  return Math.max(0, Math.min(rows.length, Math.floor((place.rows - RULE_LINES) / 2)));
}

/** A cell of the table: text of a known width that Ink need not measure (see Row in lines.tsx). */
function Piece({ text, style, palette }: { text: string; style?: Style; palette: Palette }): ReactNode {
  const styled = lineText([style === undefined ? { text } : { text, style }], palette);
  return (
    <Box width={text.length} height={1} flexShrink={0}>
      <Transform transform={() => styled}>
        <Text> </Text>
      </Transform>
    </Box>
  );
}

/** What ink-table gives to the components of its cells and rules. */
interface PieceProps {
  children?: ReactNode;
}

function textOf({ children }: PieceProps): string {
  return typeof children === 'string' ? children : '';
}

/** The domain beside the host, in an ink-table. Cells are narrow text (ink-table measures by String.length). */
export function CompareTable({ rows, palette }: { rows: readonly CompareRow[]; palette: Palette }): ReactNode {
  return (
    <Table
      data={rows.map(({ figure, domain, host, part }) => ({ figure, domain, host, part }))}
      columns={[
        { key: 'figure', align: 'left' },
        { key: 'domain', align: 'right' },
        { key: 'host', align: 'right' },
        { key: 'part', align: 'right' },
      ]}
      padding={PADDING}
      header={(props: PieceProps) => <Piece text={textOf(props)} style={{ bold: true }} palette={palette} />}
      cell={(props: PieceProps) => <Piece text={textOf(props)} palette={palette} />}
      skeleton={(props: PieceProps) => <Piece text={textOf(props)} style={{ dim: true }} palette={palette} />}
    />
  );
}
