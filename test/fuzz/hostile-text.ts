/** Texts that try to take over a terminal, to break a layout, or to be something else than text. */
import type { SeededRandom } from '../seeded-random.js';
import { pick } from './fuzz-case.js';

const PIECES = [
  '\u001b]0;owned\u0007',
  '\u001b[31m',
  '\u001b[2J\u001b[H',
  '\u001b[?1049l',
  '\u001bc',
  '\u001bP+q544e\u001b\\',
  '\u001b]52;c;AAAA\u0007',
  '\u009b2J',
  '\u009d0;x\u009c',
  '\u0085',
  '\r\n',
  '\n',
  '\t',
  '\b\b\b',
  '\u0000',
  '\u007f',
  '\u202e',
  '\u2066\u2067\u2068\u2069',
  '\u200e\u200f\u061c',
  '\u2028\u2029',
  '\u200b\u200d\ufeff\u00ad',
  '\ufe0f\u20e3',
  '\u0301\u0308\u0323'.repeat(5),
  'e\u0301',
  '漢字',
  'ｗｉｄｅ',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '\u{e0041}\u{e0020}',
  '\u{10ffff}\uffff\ufffe',
  '\udb80\udc00',
  '\ud800',
  '\udc00',
  '\u{f0000}\u{100000}',
  '__proto__',
  'constructor',
  '../../etc',
  '%s%n',
  '"\\\'`$(',
  'web1',
  ' ',
  '',
];

/** A text of pieces, mostly short, sometimes as long as a record takes or far longer. */
export function hostileText(random: SeededRandom): string {
  let text = '';
  for (let i = random.below(6); i >= 0; i--) text += pick(random, PIECES);
  const roll = random.unit();
  if (roll < 0.04) return text.repeat(1 + random.below(400)).slice(0, 70_000);
  if (roll < 0.3) return `${'A'.repeat(random.below(1000))}${text}`;
  return text;
}
