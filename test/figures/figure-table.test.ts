import { describe, expect, test } from 'vitest';
import { figure, FIGURES } from '../../src/figures/figure-table.js';
import { DOMAIN_SORTS, HOT_SORTS } from '../../src/figures/window.js';
import { domainColumns } from '../../src/views/domain-table.js';
import { hotColumns } from '../../src/views/hot-pane.js';

const FRAME = { columns: 300, rows: 60, unicode: true };

describe('the table of figures', () => {
  test('every figure has a formula and a sentence, and no two share an id or a label', () => {
    expect(new Set(FIGURES.map((entry) => entry.id)).size).toBe(FIGURES.length);
    expect(new Set(FIGURES.map((entry) => entry.label)).size).toBe(FIGURES.length);
    for (const entry of FIGURES) {
      expect(entry.formula, entry.id).not.toBe('');
      expect(entry.help, entry.id).toMatch(/^[A-Z0-9].*\.$/s);
    }
  });

  test('a figure is found by its name', () => {
    expect(figure('saved').formula).toBe('Σ over shared frames (refs − 1)');
  });

  test('the help says that sharing lowers demand, not commitment', () => {
    expect(figure('committed').help).toContain('lowers demand, not commitment');
  });

  test('every column of the tables that is a figure is explained', () => {
    const explained = new Set(FIGURES.flatMap((entry) => [entry.label, ...entry.label.split(' ')]));
    const plain = new Set(['', 'ID', 'NAME', 'GROUP', '#', 'CONTENT', 'DISK BLOCK', 'SAVED over time']);
    for (const column of [...domainColumns('iec', FRAME), ...hotColumns(0, FRAME)]) {
      expect(explained.has(column.label) || plain.has(column.label), column.label).toBe(true);
    }
  });

  test('every sort column is a column of its table', () => {
    const domainIds = domainColumns('iec', FRAME).map((column) => column.id);
    const hotIds = hotColumns(0, FRAME).map((column) => column.id);
    for (const id of DOMAIN_SORTS) expect(domainIds).toContain(id);
    for (const id of HOT_SORTS) expect(hotIds).toContain(id);
  });
});
