/** Soft-dirty bits on a kernel of the test's own making: passes that rely on them find what full passes find. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasSoftDirty } from '../../../src/collect/processes/soft-dirty.js';
import { SeededRandom } from '../../seeded-random.js';
import { Picture } from './known-process.js';
import { MadeUp } from './made-up-process.js';

const BITS = { present: 1n << 63n, swapped: 1n << 62n, shared: 1n << 61n, alone: 1n << 56n, dirty: 1n << 55n };
const FIRST = 0x100;
const PRIVATE = 96;
const SHARED = 32;

/** A mapping's addresses as maps has them. */
const span = (page: number, pages: number): string =>
  [page, page + pages].map((end) => `${end.toString(16)}000`.padStart(8, '0')).join('-');

interface Page {
  byte: number;
  state: 'absent' | 'present' | 'swapped';
  /** Mapped by this process and nobody else: not the kernel's page of zeros, not merged by KSM. */
  alone: boolean;
  dirty: boolean;
}

/** What Linux does with the bit of a page, by its documentation and mm/memory.c. */
class Kernel {
  readonly pages: Page[] = [];
  readonly made = new MadeUp().maps(
    `${span(FIRST, PRIVATE)} rw-p 00000000 00:00 0 `,
    `${span(FIRST + PRIVATE, SHARED)} rw-s 00000000 00:01 5 /memfd:x`,
  );

  constructor(readonly random: SeededRandom) {
    for (let i = 0; i < PRIVATE + SHARED; i++) this.pages.push({ byte: 0, state: 'absent', alone: false, dirty: true });
    this.#write();
  }

  /** So many things happen, each to one page. */
  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.#step();
    this.#write();
  }

  #step(): void {
    const { random } = this;
    const i = random.below(this.pages.length);
    const page = this.pages[i];
    const write = (): void => void Object.assign(page, { byte: 1 + random.below(9), state: 'present', alone: true });
    switch (random.below(6)) {
      case 0:
      case 1:
        write();
        page.dirty = true;
        break;
      case 2:
        if (page.state === 'present' && page.alone) page.state = 'swapped';
        break;
      case 3:
        if (page.state === 'swapped') page.state = 'present';
        break;
      case 4:
        // Given back, then read: the kernel's page of zeros, of which the bit says nothing.
        Object.assign(page, {
          byte: 0,
          state: random.below(2) === 0 ? 'absent' : 'present',
          alone: false,
          dirty: false,
        });
        break;
      case 5:
        // Others write memory that is shared with them: our bit does not see it.
        if (i >= PRIVATE && page.state === 'present') page.byte = 1 + random.below(9);
        break;
    }
  }

  /** If somebody wrote 4 to clear_refs. */
  clear(): void {
    const file = path.join(this.made.folder, 'clear_refs');
    expect(readFileSync(file, 'utf8')).toBe('4');
    writeFileSync(file, '');
    for (const page of this.pages) page.dirty = false;
    this.#write();
  }

  #write(): void {
    const entry = ({ state, alone, dirty }: Page, i: number): bigint => {
      if (state === 'absent') return 0n;
      const bits = (state === 'present' ? BITS.present : BITS.swapped) | (dirty ? BITS.dirty : 0n);
      return bits | (i >= PRIVATE ? BITS.shared : 0n) | (alone && state === 'present' ? BITS.alone : 0n);
    };
    this.made.pages(Object.fromEntries(this.pages.map((page, i) => [FIRST + i, [entry(page, i), page.byte] as const])));
  }
}

describe('soft-dirty bits', () => {
  test.each([1, 2, 3, 4, 5, 6])('the same memory as by full passes, and fewer pages read, seed %i', async (seed) => {
    const random = new SeededRandom(seed);
    const kernel = new Kernel(random);
    const full = await kernel.made.scan('process');
    const soft = await kernel.made.scan('process', { softDirty: true });
    const [all, some] = [new Picture(), new Picture()];
    let [read, readSoft] = [0, 0];
    for (let pass = 0; pass < 8; pass++) {
      kernel.run(25);
      read += (await all.pass(full)).pagesHashed;
      readSoft += (await some.pass(soft)).pagesHashed;
      expect(some.frames, `pass ${pass}`).toEqual(all.frames);
      const whatNext = random.below(4);
      // A pass during which the process ran clears nothing.
      if (whatNext === 0) continue;
      // It was set going before the clearing: what it wrote meanwhile has lost its bit.
      if (whatNext === 1) kernel.run(5);
      expect(soft.clearWritten()).toBe('');
      kernel.clear();
      if (whatNext === 1) soft.doubtWritten();
    }
    expect(readSoft).toBeLessThan(read);
    await some.pass(soft);
    soft.clearWritten();
    kernel.clear();
    const last = (await some.pass(soft)).pagesHashed;
    soft.forget();
    expect((await some.pass(soft)).pagesHashed).toBeGreaterThan(last);
    expect((await all.pass(full)).pagesHashed).toBeGreaterThan(0);
    expect(some.frames).toEqual(all.frames);
  });

  test('bits that cannot be cleared are told, and nothing is lost by it', async () => {
    const kernel = new Kernel(new SeededRandom(1));
    kernel.run(60);
    const soft = await kernel.made.scan('process', { softDirty: true });
    const picture = new Picture();
    await picture.pass(soft);
    mkdirSync(path.join(kernel.made.folder, 'clear_refs'));
    expect(soft.clearWritten()).toBe('process 42: file clear_refs: is a directory');
    await picture.pass(soft);
    const full = new Picture();
    await full.pass(await kernel.made.scan('process'));
    expect(picture.frames).toEqual(full.frames);
  });

  test('a kernel without them is known for what it is', () => {
    const made = new MadeUp();
    mkdirSync(path.join(made.root, 'self'));
    expect(hasSoftDirty(path.join(made.root, 'nothing'))).toBe(false);
    writeFileSync(path.join(made.root, 'self', 'maps'), '00100000-01100000 rw-p 00000000 00:00 0 \n');
    const entries = (dirty: number): void =>
      writeFileSync(
        path.join(made.root, 'self', 'pagemap'),
        new BigUint64Array(0x1100).map((_, page) => BITS.present | BITS.alone | (page % 10 < dirty ? BITS.dirty : 0n)),
      );
    for (const [dirty, expected] of [
      [0, false],
      [5, true],
      [10, false],
    ] as const) {
      entries(dirty);
      expect(hasSoftDirty(made.root), `${dirty} of 10`).toBe(expected);
    }
    expect(readFileSync(path.join(made.root, 'self', 'clear_refs'), 'utf8')).toBe('4');
  });
});
