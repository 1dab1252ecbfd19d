/** The text of docs/SCREENS.md: the steps of the screens and the widths of their columns, from the code. */
import { domainColumns } from '../../src/views/domain-table.js';
import { hotColumns } from '../../src/views/hot-pane.js';
import {
  BODY_STEPS,
  DOMAIN_STEPS,
  MAIN_STEPS,
  FILES_STEPS,
  PAGE_STEPS,
  PAIRS_STEPS,
  COMPARE_STEPS,
  type SizeStep,
} from '../../src/views/size-steps.js';
import { type Column, placeColumns } from '../../src/views/table.js';

const COLUMNS_MAX = 300;

const INTRODUCTION = `# Screens and sizes

Written from \`src/views/size-steps.ts\` and the columns of the tables; \`UPDATE_SCREENS=1\` with
\`test/views/every-size.test.ts\` writes it anew, and the test keeps the two the same.

No size is refused: from 1×1 to 300×100 and beyond every screen has exactly the rows of the window, no line is wider
than it, and \`q\` and \`?\` work whether they are shown or not. A part comes in at the size of its step and goes at the
same size; what has gone first is at the bottom of the tables. Nothing depends on the figures, so no pane comes or goes
while they change, and items of a line keep their places (their widths are fixed).

Stated exceptions, where a larger window shows less of something:

- At 22 rows the gauges take four rows more than the lines of figures; with many domains three rows of the table go.
  Where all domains fit (13 rows and one for each of them, at least 14) the gauges come earlier and nothing goes.
- When the hot pages come in, the domains keep 8 rows at least; from there on they have two thirds of the room.
- At 44 rows, below 118 columns, charts take the place of two sparklines: 8 rows.
- At 118 columns and 28 rows the charts stand at the right: the tables keep the columns that 79 cells have room for.
- The panes of the grid (\`t\`) show no total: the gauges have it. They are 27 cells wide and 6 rows high at least;
  where not even one fits, the table stays.
- Without room for both, Tab shows the hot pages in place of the domains.
- What kernel or hypervisor itself shares is a line that only a trace with its counters has: at 25 rows, on the
  drill-down at 24, a row of a table makes room for it.
- Pairs: at 8 rows a row of the matrix makes room for the pair. Page: at 16 rows a row of the list makes room for a
  fact; at 25 rows, below 116 columns, half the neighbouring frames make room for the disk blocks.
`;

function stepTable(steps: Readonly<Record<string, SizeStep>>): string[] {
  const ordered = Object.values(steps).sort((a, b) => a.rows - b.rows || (a.columns ?? 1) - (b.columns ?? 1));
  return [
    '| from rows | from columns | part | why it may go |',
    '|---|---|---|---|',
    ...ordered.map(({ rows, columns, part, why }) => `| ${rows} | ${columns ?? ''} | ${part} | ${why} |`),
  ];
}

/** Columns with the least width at which they are there, in that order. */
function columnTable<Row>(columns: readonly Column<Row>[]): string[] {
  const from = new Map<string, number>();
  for (let width = COLUMNS_MAX; width > 0; width--) {
    for (const { column } of placeColumns(columns, width)) from.set(column.id, width);
  }
  const name = (id: string): string => {
    const { label } = columns.find((column) => column.id === id)!;
    return label === '' ? 'the bar' : label;
  };
  const ordered = [...from].sort(([, a], [, b]) => a - b);
  return ['| from cells | column |', '|---|---|', ...ordered.map(([id, width]) => `| ${width} | ${name(id)} |`)];
}

export function sizesMarkdown(): string {
  const frame = { columns: 160, rows: 45, unicode: true };
  return [
    INTRODUCTION,
    '## Main screen\n',
    ...stepTable(MAIN_STEPS),
    '\n## Domain\n',
    ...stepTable(DOMAIN_STEPS),
    '\n## Hot pages alone, pairs, compare, files, page: what they have in common\n',
    ...stepTable(BODY_STEPS),
    '\n## Pairs, besides\n',
    ...stepTable(PAIRS_STEPS),
    '\n## Compare, besides\n',
    ...stepTable(COMPARE_STEPS),
    '\n## Files, besides\n',
    ...stepTable(FILES_STEPS),
    '\n## Page, besides\n',
    ...stepTable(PAGE_STEPS),
    '\n## Columns of the domains (IEC units; a cell or two more for SI and pages)\n',
    ...columnTable(domainColumns('iec', frame)),
    '\n## Columns of the hot pages\n',
    ...columnTable(hotColumns(0, frame)),
    '',
  ].join('\n');
}
