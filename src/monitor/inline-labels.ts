import type { ContentLabel } from '../trace/label-file.js';
import type { LabelSource } from './label-book.js';

/** Labels and bytes of text kept: a recorder that wants to name more writes a label file. */
const LABELS_MAX = 65_536;
const TEXT_CHARACTERS_MAX = 2 ** 23;
/** Labels of one low half of a hash: those of one content, and more only in a trace made for it. */
const SAME_LOW_MAX = 64;
/** What a label takes beside its text, about: entries of the columns and of the map. */
const LABEL_BYTES = 96;

/**
 * The `label` records of a trace as a table of labels, bounded. The first label of a content is the one that is shown;
 * further ones with another text or offset are counted.
 */
export class InlineLabels implements LabelSource {
  readonly image = '';
  /** Labels that did not fit. */
  dropped = 0;
  /** Low half of the hash → newest row + 1 with that half; a row knows the one before it. */
  readonly #rows = new Map<number, number>();
  readonly #high: number[] = [];
  readonly #before: number[] = [];
  readonly #offset: number[] = [];
  readonly #file: number[] = [];
  /** Of the first row of a content: further labels that it has. */
  readonly #more: number[] = [];
  readonly #files = new Map<string, number>();
  readonly #names: string[] = [];
  #characters = 0;

  get labels(): number {
    return this.#high.length;
  }
  get files(): number {
    return this.#names.length;
  }
  get packages(): number {
    return 1;
  }
  /** Bytes held, about. */
  get bytes(): number {
    return this.labels * LABEL_BYTES + 2 * this.#characters;
  }

  /** Takes a label; true if it was not known. */
  add(low: number, high: number, offset: number, text: string): boolean {
    let first = -1;
    let chain = 0;
    for (let row = (this.#rows.get(low) ?? 0) - 1; row >= 0; row = this.#before[row] - 1) {
      chain++;
      if (this.#high[row] !== high) continue;
      first = row;
      if (this.#offset[row] === offset && this.#names[this.#file[row]] === text) return false;
    }
    const file = chain < SAME_LOW_MAX && this.labels < LABELS_MAX ? this.#fileOf(text) : -1;
    if (file < 0) {
      this.dropped++;
      return false;
    }
    const row = this.labels;
    this.#before.push(this.#rows.get(low) ?? 0);
    this.#high.push(high);
    this.#offset.push(offset);
    this.#file.push(file);
    this.#more.push(0);
    this.#rows.set(low, row + 1);
    if (first >= 0) this.#more[first]++;
    return true;
  }

  #fileOf(text: string): number {
    const known = this.#files.get(text);
    if (known !== undefined) return known;
    if (this.#characters + text.length > TEXT_CHARACTERS_MAX) return -1;
    this.#characters += text.length;
    this.#files.set(text, this.#names.length);
    return this.#names.push(text) - 1;
  }

  /** The oldest row of the hash: the others were added to its chain later. */
  rowOf(low: number, high: number): number {
    let found = -1;
    for (let row = (this.#rows.get(low) ?? 0) - 1; row >= 0; row = this.#before[row] - 1) {
      if (this.#high[row] === high) found = row;
    }
    return found;
  }

  labelAt(row: number): ContentLabel {
    const file = this.#names[this.#file[row]];
    return { file, offset: this.#offset[row], package: '', image: '', more: this.#more[row] };
  }
  fileAt(row: number): number {
    return this.#file[row];
  }
  packageAt(): number {
    return 0;
  }
  fileName(file: number): string {
    return this.#names[file];
  }
  packageName(): string {
    return '';
  }
}
