/** NDJSON lines of a script that is wrong, old, hostile or no script at all. */
import type { SeededRandom } from '../seeded-random.js';
import { pick } from './fuzz-case.js';
import { hostileText } from './hostile-text.js';

const VALUES: readonly string[] = [
  '-1',
  '-0',
  '0',
  '0.5',
  '4294967294',
  '4294967295',
  '4294967296',
  '65535',
  '65536',
  '9007199254740991',
  '9007199254740993',
  '18446744073709551616',
  '1e308',
  '1e999',
  '-1e999',
  'null',
  'true',
  '"1"',
  '[]',
  '{}',
  '""',
  '"ffffffffffffffff"',
  '"FFFFFFFFFFFFFFFG"',
  '"ac869b6f32d8bbdb"',
  '["0000000000000001","0000000000000002"]',
  '{"__proto__":1}',
  '"\\ud800"',
  '"\\u0000\\u001b[2J"',
];
const FIELDS =
  't record domid gfn count hash hashes class image block aligned frames key name group kind text offset index'.split(
    ' ',
  );
const ODD_FIELDS = ['__proto__', 'constructor', 'toString', '', 'Gfn', 'gfn ', 'hasOwnProperty'];

function spoilField(line: string, random: SeededRandom): string {
  const fields = [...line.matchAll(/"(\w+)":("[^"]*"|[-\w.]+)/g)];
  if (fields.length === 0) return line;
  const [whole, name] = pick(random, fields);
  const value = random.chance(0.8) ? pick(random, VALUES) : JSON.stringify(hostileText(random));
  const roll = random.unit();
  if (roll < 0.6) return line.replace(whole, `"${name}":${value}`);
  if (roll < 0.75) return line.replace(whole, `${whole},"${pick(random, [...FIELDS, ...ODD_FIELDS])}":${value}`);
  if (roll < 0.85) return line.replace(whole, `${whole},${whole}`);
  return line.replace(new RegExp(`,?${whole.replace(/[^\w]/g, '\\$&')}`), '');
}

function oddLine(random: SeededRandom): string {
  const roll = random.below(12);
  if (roll === 0) return '['.repeat(1 + random.below(6_000));
  if (roll === 1) return '{"a":'.repeat(1 + random.below(1_200));
  if (roll === 2) return `{"record":"mark","text":"${'x'.repeat(random.chance(0.1) ? 80_000 : random.below(900))}"}`;
  if (roll === 3 && random.chance(0.2)) return 'y'.repeat(2 ** 20);
  if (roll === 4) return `{"record":${JSON.stringify(hostileText(random))}}`;
  if (roll === 5)
    return `{"record":"fill","domid":1,"gfn":0,"hashes":[${'"0000000000000009",'.repeat(random.below(600))}1]}`;
  if (roll === 6) return hostileText(random).replaceAll('\n', '');
  if (roll === 7) return pick(random, ['null', '1', '"x"', '[]', '{}', 'NaN', '{"record":null}', '{"record":"time"}']);
  if (roll === 8) return `\ufeff{"record":"mark","text":"bom"}\r`;
  if (roll === 9) return `{"__proto__":{"record":"gone","domid":1}}`;
  if (roll === 10) return `{"record":"constructor","domid":1}`;
  return `{"record":"mark","text":${JSON.stringify(hostileText(random))},"t":${pick(random, VALUES)}}`;
}

/** The bytes of a stream of these lines (each with its newline), spoiled in places. */
export function hostileNdjson(lines: readonly string[], random: SeededRandom): Uint8Array {
  const rate = random.chance(0.2) ? 0 : pick(random, [0.01, 0.1, 0.5]);
  let text = '';
  for (const line of lines) {
    const isSpoiled = random.chance(rate);
    text += isSpoiled ? spoilField(line, random) : line;
    if (random.chance(rate / 4)) text += `${oddLine(random)}\n`;
  }
  if (rate > 0) text += `${oddLine(random)}\n`;
  const bytes = Buffer.from(text);
  for (let i = rate > 0 ? random.below(4) : 0; i > 0; i--) bytes[random.below(bytes.length)] = random.below(256);
  return random.chance(0.3) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}
