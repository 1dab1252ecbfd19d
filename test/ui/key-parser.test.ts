import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ESC_WAIT_MS, KeyParser } from '../../src/ui/key-parser.js';
import { ManualClock } from './manual-clock.js';

function parser(): { keys: string[]; clock: ManualClock; parser: KeyParser } {
  const keys: string[] = [];
  const clock = new ManualClock();
  return { keys, clock, parser: new KeyParser(clock, (key) => keys.push(key)) };
}

/** What terminals send, from the tables of xterm, rxvt, the Linux console, tmux and PuTTY. */
const SENT: readonly (readonly [string, string])[] = [
  ['\x1b[A', 'up'],
  ['\x1bOA', 'up'],
  ['\x1b[B', 'down'],
  ['\x1b[C', 'right'],
  ['\x1bOD', 'left'],
  ['\x1b[1;5A', 'up'],
  ['\x1b[5~', 'pageup'],
  ['\x1b[6~', 'pagedown'],
  ['\x1b[H', 'home'],
  ['\x1b[1~', 'home'],
  ['\x1bOH', 'home'],
  ['\x1b[7~', 'home'],
  ['\x1b[F', 'end'],
  ['\x1b[4~', 'end'],
  ['\x1b[8~', 'end'],
  ['\x1bOP', 'f1'],
  ['\x1b[11~', 'f1'],
  ['\x1b[[A', 'f1'],
  ['\x1b[Z', 'shift-tab'],
  ['\t', 'tab'],
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\x7f', 'backspace'],
  ['\b', 'backspace'],
  [' ', 'space'],
  ['\x03', 'ctrl-c'],
  ['\x0c', 'ctrl-l'],
  ['\x1a', 'ctrl-z'],
  ['j', 'j'],
  ['G', 'G'],
  ['?', '?'],
  ['ё', 'ё'],
  ['😀', '😀'],
];

describe('keys from bytes', () => {
  test('every known sequence in one read', () => {
    const { keys, parser: p } = parser();
    for (const [bytes] of SENT) p.push(Buffer.from(bytes));
    expect(keys).toEqual(SENT.map(([, key]) => key));
  });

  test('any keys, cut into reads anywhere, give the same keys', () => {
    const many = fc.array(fc.constantFrom(...SENT), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(many, fc.array(fc.nat({ max: 60 }), { maxLength: 10 }), (sent, cuts) => {
        const { keys, parser: p } = parser();
        const bytes = Buffer.from(sent.map(([text]) => text).join(''));
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        for (let i = 1; i < places.length; i++) p.push(bytes.subarray(places[i - 1], places[i]));
        expect(keys).toEqual(sent.map(([, key]) => key));
      }),
    );
  });

  test('a lone ESC is the Esc key once nothing came behind it', () => {
    const { keys, clock, parser: p } = parser();
    p.push('\x1b');
    clock.advance(ESC_WAIT_MS - 1);
    expect(keys).toEqual([]);
    clock.advance(1);
    expect(keys).toEqual(['esc']);
  });

  test('an arrow whose ESC came in an earlier read is an arrow', () => {
    const { keys, clock, parser: p } = parser();
    p.push('\x1b');
    clock.advance(ESC_WAIT_MS - 1);
    p.push('[');
    clock.advance(ESC_WAIT_MS + 1);
    p.push('A');
    clock.advance(10_000);
    expect(keys).toEqual(['up']);
  });

  test('Esc twice, and Esc with a key right behind it', () => {
    const { keys, clock, parser: p } = parser();
    p.push('\x1b\x1bq');
    clock.advance(10_000);
    expect(keys).toEqual(['esc', 'esc', 'q']);
  });

  test('a terminal that was asked tells its focus', () => {
    const { keys, parser: p } = parser();
    p.push('\x1b[Oq\x1b[');
    p.push('I');
    expect(keys).toEqual(['focus-out', 'q', 'focus-in']);
  });

  test('sequences that are no keys are dropped whole', () => {
    const { keys, clock, parser: p } = parser();
    // A mouse report, a cursor report, F5, a sequence that never ends.
    p.push(`\x1b[<0;12;7M\x1b[24;80R\x1b[15~q\x1b[1;2;3`);
    clock.advance(10_000);
    p.push(`\x1b[${'1;'.repeat(200)}`);
    clock.advance(10_000);
    p.push('j');
    expect(keys).toEqual(['q', 'j']);
  });

  test('random bytes never throw and never leave the parser deaf', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const { keys, clock, parser: p } = parser();
        for (const chunk of chunks) p.push(chunk);
        clock.advance(10_000);
        p.push('\x18');
        clock.advance(10_000);
        p.push('q');
        expect(keys.at(-1)).toBe('q');
      }),
    );
  });
});
