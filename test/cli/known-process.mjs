/**
 * A process that knows what a part of its memory holds: pages of a WebAssembly memory, which lies at a page boundary.
 * Page i of a pattern holds the two words (pattern, i) over and over.
 *
 * Lines on stdin: `fill FROM COUNT PATTERN`, `zero FROM COUNT` (written, then zeroed), each answered by `ok`; it ends
 * with its input.
 */
import { createInterface } from 'node:readline';
import process from 'node:process';

const PAGE_WORDS = 1024;
const memory = new Uint32Array(new WebAssembly.Memory({ initial: Number(process.argv[2] ?? 32) }).buffer);

function fill(from, count, pattern) {
  for (let page = from; page < from + count; page++) {
    for (let i = 0; i < PAGE_WORDS; i += 2) {
      memory[page * PAGE_WORDS + i] = pattern;
      memory[page * PAGE_WORDS + i + 1] = pattern === 0 ? 0 : page;
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [word, from, count, pattern] = line.split(' ');
  fill(Number(from), Number(count), word === 'zero' ? 1 : Number(pattern));
  if (word === 'zero') fill(Number(from), Number(count), 0);
  process.stdout.write('ok\n');
}
