/**
 * The real kernel beside the model: KSM is switched on, merges known memory of a process, and its pages_sharing is what
 * a report says of our recording of exactly that memory. Alone (no other file runs meanwhile): KSM is the machine's.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openDomainScan } from '../src/collect/processes/domain-scan.js';
import { openHashPool } from '../src/collect/processes/hash-pool.js';
import { sharetop } from './cli/run-tool.js';
import { KnownProcess, Picture } from './collect/processes/known-process.js';
import { temporaryDirectory, writeInto } from './temporary-directory.js';

const KSM = '/sys/kernel/mm/ksm';
/** What the test sets: written back in this order. */
const FOR_TEST = { pages_to_scan: '20000', sleep_millisecs: '5', use_zero_pages: '0', max_page_sharing: '256' };

const read = (name: string): string => readFileSync(path.join(KSM, name), 'utf8').trim();
const write = (name: string, value: string): void => writeFileSync(path.join(KSM, name), value);

/** Whether KSM may be switched on here without touching what somebody else uses it for. */
function isOurs(): boolean {
  try {
    for (const name of ['run', ...Object.keys(FOR_TEST)]) accessSync(path.join(KSM, name), constants.W_OK);
    const isIdle = read('run') === '0' && read('pages_shared') === '0';
    return isIdle && spawnSync('python3', ['-c', 'import mmap; mmap.MADV_MERGEABLE']).status === 0;
  } catch {
    return false;
  }
}

/** Runs KSM over what is mergeable until its figure has not moved for three scans; gives pages_sharing. */
async function merged(): Promise<number> {
  const before = Object.keys(FOR_TEST).map((name): [string, string] => [name, read(name)]);
  try {
    for (const [name, value] of Object.entries(FOR_TEST)) write(name, value);
    write('run', '1');
    let sharing = '';
    let since = Number(read('full_scans'));
    for (let turn = 0; turn < 400; turn++) {
      await sleep(10);
      const scans = Number(read('full_scans'));
      if (read('pages_sharing') !== sharing) {
        sharing = read('pages_sharing');
        since = scans;
      }
      if (scans >= since + 3 && sharing !== '0') break;
    }
    return Number(sharing);
  } finally {
    // 2 gives every page back its own frame; max_page_sharing may be written only then.
    write('run', '2');
    for (const [name, value] of before) write(name, value);
    write('run', '0');
  }
}

test.skipIf(!isOurs())('pages_sharing is ours (needs an idle, writable KSM and python3)', async () => {
  const file = path.join(import.meta.dirname, 'collect/processes/python-memory.py');
  const known = await KnownProcess.start('python3', [file, '-m', '16M', 'MERGEABLE']);
  const pool = await openHashPool({ threads: 0 });
  const scan = openDomainScan(known.target('guest-ram'), { pool });
  try {
    await known.ask('m.madvise(mmap.MADV_NOHUGEPAGE)');
    // Contents of 2 to 201 pages, 30 pages of zeros, and 500 pages like no other; the rest is never touched.
    await known.ask('n = 0');
    await known.ask(
      'for value in range(1, 9): [page(n + i, value) for i in range(25 * value + 1)]; n += 25 * value + 1',
    );
    await known.ask('[page(n + i, 1000 + i) for i in range(500)]; [page(n + 500 + i, 0) for i in range(30)]');
    const picture = new Picture();
    await picture.pass(scan);
    const byKernel = await merged();
    // What is known of the program: each of the 8 contents but for one page, and the zeros but for one.
    expect(byKernel).toBe(25 * (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8) + 29);

    const lines = [JSON.stringify({ t: 1, record: 'domain', domid: 1, key: 'known', frames: 4096 })];
    for (const [gfn, hash] of picture.frames) lines.push(JSON.stringify({ record: 'fill', domid: 1, gfn, hash }));
    const directory = temporaryDirectory();
    writeInto(directory, 'known.ndjson', `${lines.join('\n')}\n`);
    const { stdout, stderr } = await sharetop(['report', directory, '--json', '--policies', 'ksm', '--settle']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`"pages_sharing": ?${byKernel}\\b`));
    // Merged pages read as before: the kernel's frames are shared, what they hold is not changed.
    expect((await picture.pass(scan)).framesChanged).toBe(0);
  } finally {
    await scan.close();
    await known.end();
  }
});
