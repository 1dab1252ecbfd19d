/**
 * A process that knows its memory: `node memory-holder.mjs -m SIZE` holds that much (whole MiB, as QEMU has its guest's
 * RAM: in one mapping of just that size) and does what lines on its standard input say, each answered by one line:
 *
 *    fill FIRST COUNT KIND SEED   pages get content: `unique` (differs by page and seed), `same` (by seed alone),
 *                                 `half` (one half the same for all pages, the other unique), `zero`
 *    hashes                       answered by the pages that it ever wrote, `page:hash` each, hashed by itself
 *    more COUNT SEED              another mapping of that many pages of 64 KiB, in use until
 *    drop                         it is given back
 */
import process from 'node:process';
import { createInterface } from 'node:readline';
import xxhash from 'xxhash-wasm';

const PAGE = 4096;
const mebibytes = Number.parseInt(process.argv[3], 10);
const { h64Raw } = await xxhash();
const memory = new WebAssembly.Memory({ initial: mebibytes * 16, maximum: mebibytes * 16 });
const bytes = new Uint8Array(memory.buffer);
const written = new Set();
let more = null;

/** A xorshift of its own: the test has nothing to compare by but the hashes. */
function scramble(target, seed) {
  let x = (seed * 2654435761 + 12345) >>> 0 || 1;
  for (let i = 0; i < target.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    target[i] = x;
  }
}

function fill(target, page, kind, seed) {
  const at = target.subarray(page * PAGE, (page + 1) * PAGE);
  if (kind === 'zero') at.fill(0);
  else scramble(at, kind === 'same' ? seed : seed * 1_000_003 + page);
  if (kind === 'half') scramble(at.subarray(PAGE / 2), seed);
}

const COMMANDS = {
  fill(first, count, kind, seed) {
    for (let page = Number(first); page < Number(first) + Number(count); page++) {
      fill(bytes, page, kind, Number(seed));
      written.add(page);
    }
    return 'done';
  },
  hashes() {
    const of = (page) => h64Raw(bytes.subarray(page * PAGE, (page + 1) * PAGE), 0n);
    return [...written].map((page) => `${page}:${of(page).toString(16).padStart(16, '0')}`).join(' ');
  },
  more(count, seed) {
    more = new Uint8Array(new WebAssembly.Memory({ initial: Number(count), maximum: Number(count) }).buffer);
    const hashes = [];
    for (let page = 0; page < Number(count) * 16; page++) {
      fill(more, page, 'unique', Number(seed));
      hashes.push(
        h64Raw(more.subarray(page * PAGE, (page + 1) * PAGE), 0n)
          .toString(16)
          .padStart(16, '0'),
      );
    }
    // The hasher works on a copy, which would be a second page of that content.
    h64Raw(new Uint8Array(PAGE), 0n);
    return hashes.join(' ');
  },
  drop() {
    more = null;
    for (let i = 0; i < 4; i++) globalThis.gc();
    return 'done';
  },
};

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = line.split(' ');
  process.stdout.write(`${COMMANDS[name](...args)}\n`);
}
