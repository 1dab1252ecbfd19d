import { NAME_CHARACTERS_MAX, type PageLabel } from '../figures/name-figures.js';
import type { LabelTable } from '../trace/label-file.js';
import { InlineLabels } from './inline-labels.js';

/** What names contents: a label file, or the labels of the trace itself. */
export type LabelSource = Omit<LabelTable, 'hashAt'>;

/** Label files looked into: each costs every lookup. */
export const LABEL_TABLES_MAX = 32;

/**
 * All that names contents: the tables of label files in the order of their use, then the labels of the trace itself.
 * The first one that knows a content names it.
 */
export class LabelBook {
  readonly inline = new InlineLabels();
  #tables: readonly LabelSource[] = [];
  /** Goes up whenever a content may be called otherwise. */
  version = 0;

  /** Adds a table behind those there are; false if there are LABEL_TABLES_MAX already. */
  add(table: LabelSource): boolean {
    if (this.#tables.length >= LABEL_TABLES_MAX) return false;
    this.#tables = [...this.#tables, table];
    this.version++;
    return true;
  }

  /** Takes a label of the trace itself. */
  note(low: number, high: number, offset: number, text: string): void {
    if (this.inline.add(low, high, offset, text)) this.version++;
  }

  /** The tables, the trace's own last. The list is never changed: another one takes its place. */
  get sources(): readonly LabelSource[] {
    return this.inline.labels === 0 ? this.#tables : [...this.#tables, this.inline];
  }

  /** Contents that have a label, over all tables. */
  get labels(): number {
    return this.#tables.reduce((sum, { labels }) => sum + labels, this.inline.labels);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#tables.reduce((sum, { bytes }) => sum + bytes, this.inline.bytes);
  }

  /** Whether rows have to say which image they are of. */
  get hasSeveralImages(): boolean {
    return new Set(this.#tables.map(({ image }) => image)).size > 1;
  }

  /** The name of a content; undefined: it has none. Texts are cut, not made safe. */
  labelOf(low: number, high: number): PageLabel | undefined {
    for (const source of this.sources) {
      const row = source.rowOf(low, high);
      if (row < 0) continue;
      const { file, offset, package: packageName, image, more } = source.labelAt(row);
      return {
        file: cutName(file),
        offset,
        package: cutName(packageName),
        image: this.hasSeveralImages ? cutName(image) : '',
        more,
      };
    }
    return undefined;
  }
}

/** The end of a name that is longer than any screen is wide. */
export function cutName(name: string): string {
  if (name.length <= NAME_CHARACTERS_MAX) return name;
  return name.slice(-NAME_CHARACTERS_MAX).replace(/^[\udc00-\udfff]/, '');
}
