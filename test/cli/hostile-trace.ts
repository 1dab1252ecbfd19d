/** A trace whose every text tries to take over the terminal of who looks at it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeInto } from '../temporary-directory.js';

/** Titles, colours, screens, moves, bells, line ends; C1 forms; bidi; invisible; too long; wide; half a character. */
const TEXTS = [
  '\u001b]0;owned\u0007\u001b[31mred\u001b[0m',
  'a\r\nb\tc\u0000d',
  '\u009b2J\u009d0;owned\u009c\u0085\u008d',
  '\u001b[?1049l\u001b[H\u001b[2J\u001bc',
  '\u202egnp.exe\u2066\u200f\u061c\u2028x',
  'e\u0301\u0301\u0301\u0301 \u{1f468}\u200d\u{1f469} \u{e0041} 漢字漢字漢字漢字漢字漢字漢字漢字',
  `${'A'.repeat(900)}\u001b[5m`,
  '\ud800half',
];

/** What the texts hold of letters: to see that they are shown, only made harmless. */
export const SEEN_OF_TEXTS = /gnp\.exe/;

/** Makes the trace in `directory` and returns its path. */
export function hostileTrace(directory: string): string {
  const trace = join(directory, 'trace');
  mkdirSync(trace);
  const lines: object[] = [{ record: 'host', t: 1_000_000, name: TEXTS[0], hypervisor: TEXTS[2], frames: 4096 }];
  TEXTS.forEach((text, i) => {
    lines.push(
      { record: 'image', id: i, name: text, readOnly: true, blocks: 100 },
      { record: 'domain', domid: i, key: `${i}${text}`, name: text, group: text, kind: text, frames: 64 },
      { record: 'mark', text },
      { record: 'label', hash: `00000000000000${10 + i}`, text },
    );
  });
  TEXTS.forEach((_, i) => {
    lines.push(
      { record: 'blockRead', domid: i, image: 0, block: 5, hash: '0000000000000010', gfn: 3 },
      { record: 'fill', domid: i, gfn: 3, hash: '0000000000000010' },
      { record: 'fill', domid: i, gfn: 4, count: 3, hash: '0000000000000011' },
    );
  });
  // The writer of JSON escapes what it must; the rest stands as it is, as a script would write it.
  writeInto(trace, 'a.ndjson', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  // A damaged line is told with its text.
  writeInto(trace, 'b.ndjson', '{"record":"mark","text":"ok"}\n{"record":"\u001b[31m\u009bx"}\n');
  return trace;
}
