import { Terminal as Xterm } from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutToCells, textCells } from '../../src/base/cell-width.js';
import { CellSink, type SinkEvents } from '../../src/ui/cell-sink.js';
import { FakeTerminal, seenCells } from './fake-terminal.js';

interface Run {
  text: string;
  codes: string;
}
type Frame = readonly (readonly Run[])[];

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '#', '.', ' ', ' ', '7'), minLength: 0, maxLength: 12 });
const drawings = fc.string({
  unit: fc.constantFrom('█', '░', '▁', '⣿', '─', '│', '…', '●'),
  minLength: 1,
  maxLength: 8,
});
const scripts = fc.string({
  unit: fc.constantFrom('日', '本', '한', 'ｗ', 'e\u0301', 'o\u0308\u0323', 'я', 'Ω', 'ก', 'ש', '日\u0301', ' \u0301'),
  minLength: 1,
  maxLength: 6,
});
const text = fc.oneof(
  { weight: 4, arbitrary: letters },
  { weight: 2, arbitrary: drawings },
  { weight: 1, arbitrary: scripts },
);
const codes = fc.constantFrom(
  '',
  '',
  '',
  '1',
  '2',
  '7',
  '31',
  '32;1',
  '90',
  '97',
  '44',
  '103;30',
  '38;5;200',
  '48;5;7',
  '4',
  '9;3',
);
const run: fc.Arbitrary<Run> = fc.record({ text, codes });
const row = fc.array(run, { maxLength: 6 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ rows: fc.dictionary(fc.nat({ max: 7 }).map(String), row, { maxKeys: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ frame: fc.array(row, { maxLength: 9 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ columns: fc.integer({ min: 2, max: 50 }), rows_: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.constant('repaint' as const) },
);

/** The line as a frame has it, cut to the columns so that no rule about cutting is needed to know what is right. */
function lineText(runs: readonly Run[], columns: number): string {
  let left = columns;
  let line = '';
  for (const { text, codes } of runs) {
    const part = cutToCells(text, left);
    left -= textCells(part);
    line += codes === '' ? part : `\x1b[${codes}m${part}\x1b[m`;
    if (part !== text) break;
  }
  return line;
}

/** What a fresh terminal shows when each line is written where it belongs, with none of our code in between. */
async function drawnFromScratch(
  lines: readonly string[],
  columns: number,
  rows: number,
): Promise<ReturnType<typeof seenCells>> {
  const screen = new Xterm({ cols: columns, rows, allowProposedApi: true });
  const text = lines.slice(0, rows).map((line, index) => `\x1b[${index + 1};1H${line}`);
  await new Promise<void>((done) => screen.write(`\x1b[?7l${text.join('')}`, done));
  const cells = seenCells(screen);
  screen.dispose();
  return cells;
}

const quiet: SinkEvents = { resized: () => undefined, drained: () => undefined, gone: () => undefined };

describe('the cell sink', () => {
  test('any sequence of frames leaves exactly the cells of the last', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const terminal = new FakeTerminal(30, 7);
        const sink = new CellSink(terminal, quiet, { resizeRestMs: 0 });
        sink.open();
        let frame: Frame = [];
        for (const step of steps) {
          if (step === 'repaint') {
            await new Promise<void>((done) =>
              terminal.screen.write('\x1b[2;3H\x1b[41mBroadcast message from root\x1b[m', done),
            );
            sink.repaint();
          } else if ('columns' in step) {
            terminal.resize(step.columns, step.rows_);
            await new Promise((resolve) => setTimeout(resolve, 2));
          } else if ('frame' in step) {
            frame = step.frame;
          } else {
            const changed = [...frame];
            for (const [index, runs] of Object.entries(step.rows)) {
              while (changed.length <= Number(index)) changed.push([]);
              changed[Number(index)] = runs;
            }
            frame = changed;
          }
          const lines = frame.map((runs) => lineText(runs, terminal.columns));
          sink.write(lines.join('\n'));
          await terminal.settled();
          expect(terminal.cells()).toEqual(await drawnFromScratch(lines, terminal.columns, terminal.rows));
        }
        // Nothing ever cleared the screen or the lines above it.
        expect(terminal.log).not.toMatch(/\x1b\[[23]J/);
        await sink.close();
      }),
      { numRuns: 150 },
    );
  });

  test('takes the alternate screen and gives everything back', async () => {
    const terminal = new FakeTerminal(20, 4);
    await new Promise<void>((done) => terminal.screen.write('$ sharetop\r\n', done));
    const sink = new CellSink(terminal, quiet);
    sink.open();
    sink.write('one\ntwo');
    await terminal.settled();
    expect(terminal.screen.buffer.active.type).toBe('alternate');
    expect(terminal.lines()).toEqual(['one', 'two', '', '']);
    await sink.close();
    await sink.close();
    expect(terminal.screen.buffer.active.type).toBe('normal');
    expect(terminal.lines()[0]).toBe('$ sharetop');
    expect(terminal.log.match(/\x1b\[\?1049l/g)).toHaveLength(1);
    for (const mode of ['\x1b[?25h', '\x1b[?7h', '\x1b[?2026l', '\x1b[m']) expect(terminal.log).toContain(mode);
    expect(terminal.screen.modes.wraparoundMode).toBe(true);
    sink.write('late');
    await terminal.settled();
    expect(terminal.log).not.toContain('late');
  });

  test('an equal frame writes nothing', async () => {
    const terminal = new FakeTerminal(20, 4);
    const sink = new CellSink(terminal, quiet);
    sink.open();
    sink.write('\x1b[1mone\x1b[22m');
    await terminal.settled();
    const before = terminal.bytes;
    sink.write('\x1b[1mone\x1b[m  ');
    await terminal.settled();
    expect(terminal.bytes).toBe(before);
    expect(sink.counters).toMatchObject({ drawn: 1, unchanged: 1, dropped: 0 });
  });

  test('has one frame under way, keeps the newest, counts the rest', async () => {
    const terminal = new FakeTerminal(20, 4);
    let drained = 0;
    const sink = new CellSink(terminal, { ...quiet, drained: () => (drained += 1) });
    sink.open();
    terminal.isStalled = true;
    for (let frame = 1; frame <= 9; frame++) sink.write(`frame ${frame}`);
    expect(sink.busy).toBe(true);
    await terminal.settled();
    expect(terminal.log.match(/frame/g)).toHaveLength(1);
    terminal.release();
    await terminal.settled();
    expect(terminal.lines()[0]).toBe('frame 9');
    expect(sink.counters).toMatchObject({ drawn: 2, dropped: 7 });
    expect(drained).toBe(1);
    expect(sink.busy).toBe(false);
  });

  test('waits until a window that is dragged has come to rest', async () => {
    const terminal = new FakeTerminal(20, 4);
    const sizes: string[] = [];
    const sink: CellSink = new CellSink(
      terminal,
      { ...quiet, resized: () => sizes.push(`${sink.columns}x${sink.rows}`) },
      { resizeRestMs: 20 },
    );
    sink.open();
    sink.write('before');
    await terminal.settled();
    for (let columns = 21; columns <= 40; columns++) terminal.resize(columns, 5);
    sink.write('meanwhile');
    expect(sink.busy).toBe(true);
    await expect.poll(() => sizes).toEqual(['40x5']);
    sink.write('after');
    await terminal.settled();
    expect(terminal.lines()[0]).toBe('after');
    expect(terminal.log).not.toContain('meanwhile');
  });

  test('a terminal that is gone is written to no more', async () => {
    const terminal = new FakeTerminal(20, 4);
    let gone = 0;
    const sink = new CellSink(terminal, { ...quiet, gone: () => (gone += 1) });
    sink.open();
    sink.write('one');
    await terminal.settled();
    terminal.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
    terminal.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
    const before = terminal.bytes;
    sink.write('two');
    await sink.close();
    expect(gone).toBe(1);
    expect(terminal.bytes).toBe(before);
  });

  test('after a hang-up not even the restore string is written', async () => {
    const terminal = new FakeTerminal(20, 4);
    const sink = new CellSink(terminal, quiet);
    sink.open();
    sink.write('one');
    await terminal.settled();
    const before = terminal.bytes;
    sink.abandon();
    await sink.close();
    expect(terminal.bytes).toBe(before);
  });

  test('gives the screen back while suspended and draws it all again after', async () => {
    const terminal = new FakeTerminal(20, 4);
    const sink: CellSink = new CellSink(terminal, { ...quiet, resized: () => sink.write('one\ntwo') });
    sink.open();
    sink.write('one');
    await terminal.settled();
    await new Promise<void>((taken) => sink.suspend(taken));
    expect(terminal.screen.buffer.active.type).toBe('normal');
    sink.write('hidden');
    sink.resume();
    await terminal.settled();
    expect(terminal.screen.buffer.active.type).toBe('alternate');
    expect(terminal.lines().slice(0, 2)).toEqual(['one', 'two']);
  });

  test('makes writing asynchronous where Node lets it, and synchronous again at the end', async () => {
    const calls: boolean[] = [];
    const terminal = Object.assign(new FakeTerminal(20, 4), {
      _handle: { setBlocking: (on: boolean) => calls.push(on) },
    });
    const sink = new CellSink(terminal, quiet);
    sink.open();
    await sink.close();
    expect(calls).toEqual([false, true]);
  });

  test('a terminal that does not know its size has 80 by 24', () => {
    const terminal = new FakeTerminal(20, 4);
    terminal.columns = 0;
    terminal.rows = 0;
    const sink = new CellSink(terminal, quiet);
    expect([sink.columns, sink.rows]).toEqual([80, 24]);
  });
});
