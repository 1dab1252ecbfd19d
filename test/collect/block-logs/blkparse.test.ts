import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { BLKPARSE_ACTIONS, domidOfBackend } from '../../../src/collect/block-logs/blkparse.js';
import { TraceError } from '../../../src/trace/trace-error.js';
import { temporaryDirectory, writeInto } from '../../temporary-directory.js';
import { blkparseText, blktraceBytes, HAS_BLKPARSE } from './blktrace-binary.js';
import { blockWorld, type World, type WorldRequest } from './block-world.js';
import { importAll, optionsOf, requestLines } from './import-logs.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../../fixtures/block-logs');
/** What blkparse printed of this world lies in the fixtures, for machines without it. */
const FIXTURE_SEED = 7;
const FIXTURE_REQUESTS = 40;

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The lines that an import must give, from what the world knows. */
function expectedLines(requests: readonly WorldRequest[], domainOf: (request: WorldRequest) => string): string[] {
  return requests.flatMap((request) => {
    const { nanos, disk, sector, count, write } = request;
    const whose = `${Math.floor(nanos / 1000)} ${domainOf(request)} ${disk}`;
    const first = Math.floor(sector / 8);
    const blocks = Math.ceil((sector + count) / 8) - first;
    if (write) return [`${whose} write ${first}+${blocks}`];
    if (sector % 8 !== 0 || count % 8 !== 0) return [`${whose} read ${first} unaligned`];
    return Array.from({ length: blocks }, (_, i) => `${whose} read ${first + i}`);
  });
}

async function importText(
  text: string,
  more: Parameters<typeof optionsOf>[1] = {},
): Promise<{ lines: string[]; notes: string[]; damagedLines: number }> {
  const file = writeInto(temporaryDirectory(), 'sdb.txt', latin1(text));
  const logs = { ...more.logs, guests: new Map([...(more.logs?.guests ?? [])].map(([, guest]) => [file, guest])) };
  const { records, result } = await importAll(optionsOf([file], { ...more, logs }));
  const notes = result.notes.map((note) => note.slice(note.indexOf(': ') + 2));
  return { lines: requestLines(records), notes, damagedLines: result.damagedLines };
}

function dom0Expectation({ requests }: World): string[] {
  return expectedLines(
    requests.filter(({ domid }) => domid >= 0),
    ({ domid }) => `dom${domid}`,
  );
}

describe('blkparse', () => {
  const world = blockWorld(FIXTURE_SEED, FIXTURE_REQUESTS);
  const text = readFileSync(path.join(FIXTURES, 'dom0.blkparse.txt'), 'latin1');

  test('each request of the backend threads once, from what the real blkparse had printed', async () => {
    const { lines, notes, damagedLines } = await importText(text);
    expect(lines).toEqual(dom0Expectation(world));
    expect(lines.length).toBeGreaterThan(50);
    expect(damagedLines).toBe(0);
    const others = world.requests.filter(({ domid }) => domid < 0).length;
    expect(notes[0]).toBe(`${others} requests of other processes than backend threads left out: they are of no guest`);
  });

  test('counts for each domain agree with the lines of the text', async () => {
    const { lines } = await importText(text);
    const requests = new Map<string, number>();
    for (const line of text.split('\n')) {
      const match = / Q +([A-Z]+) (\d+) \+ (\d+) \[(?:blkback\.)?(\d+)\.(?:xvd|hd)/.exec(line);
      if (match === null || line.startsWith('  8,16')) continue;
      const domain = `dom${match[4]}`;
      const isRead = match[1].startsWith('R');
      const isAligned = Number(match[2]) % 8 === 0 && Number(match[3]) % 8 === 0;
      requests.set(domain, (requests.get(domain) ?? 0) + (isRead && isAligned ? Number(match[3]) / 8 : 1));
    }
    const counted = new Map<string, number>();
    for (const line of lines) {
      const domain = line.split(' ')[1];
      counted.set(domain, (counted.get(domain) ?? 0) + 1);
    }
    expect(counted).toEqual(requests);
  });

  test.skipIf(!HAS_BLKPARSE)('the fixture is what blkparse prints (needs blkparse)', () => {
    expect(blkparseText(blktraceBytes(world.events, world.processes))).toBe(text);
  });

  test.skipIf(!HAS_BLKPARSE)('any requests, any action, as of one guest or by domid (needs blkparse)', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = blockWorld(seed, 60);
      const printed = blkparseText(blktraceBytes(random.events, random.processes), seed % 2 === 0 ? ['-t'] : []);
      expect((await importText(printed)).lines, `seed ${seed}`).toEqual(dom0Expectation(random));
      for (const action of BLKPARSE_ACTIONS) {
        const logs = { action, guests: new Map([['', 'web1']]) };
        const { lines, damagedLines } = await importText(printed, { logs });
        const known = random.requests.filter(({ fails }) => action !== 'C' || !fails);
        // LVM's devices have no lines between queue and completion, and the times are those of the line.
        const place = (line: string): string => line.replace(/^\d+ \S+ \S+ /, '');
        const shifted = known.map((request) =>
          request.disk === '253:0' && action !== 'Q' && action !== 'C'
            ? { ...request, sector: request.sector + 4096 }
            : request,
        );
        const expected = expectedLines(shifted, () => 'web1').map(place);
        expect(lines.map(place), `seed ${seed}, action ${action}`).toEqual(expected);
        expect(damagedLines).toBe(0);
      }
    }
  });

  test.each([
    ['1.xvda-0', 1],
    ['12.xvdab12-10', 12],
    ['blkback.2.xvda', 2],
    ['blkback.12.xvda', 12],
    ['3.xvda1-1', 3],
    ['5.hda-0', 5],
    ['7.sdb', 7],
    ['32751.xvdab-', 32751],
    ['32752.xvda-0', -1],
    ['65535.xvda-0', -1],
    ['1.sh', -1],
    ['0', -1],
    ['x1.xvda-0', -1],
    ['blkback.xvda', -1],
    ['qemu-system-i38', -1],
  ])('the process %s is domid %d', (process, domid) => {
    expect(domidOfBackend(process)).toBe(domid);
  });

  test('what is no request is counted, told, and stops nothing', async () => {
    const line = (i: number, rest: string): string =>
      `  8,32   0 ${String(i).padStart(8)}     0.00000${i}000     9  ${rest}`;
    const printed = [
      line(1, 'Q   R 8 + 8 [dd]'),
      'rubbish',
      line(2, 'Q   R 16 + 99999999999999999999 [dd]'),
      line(3, 'Q   R 99999999999999999999 + 8 [dd]'),
      line(4, 'Q   R 16 + 8'),
      line(5, 'm   N a message'),
      line(6, 'Q   D 16 + 8 [dd]'),
      line(7, 'Q   R 24 + 0 [dd]'),
      'x'.repeat(300_000),
      line(8, 'Q   R 32 + 8 [dd]'),
      'CPU0 (sdb):',
      ' Reads Queued:           6,       89KiB\t Writes Queued:           4,       12KiB',
      '',
      'Skips: 3 forward (17 -   5.0%)',
      '  8,32   0        9     0.000009000     9  Q   R 40 + 8 [d',
    ].join('\r\n');
    const { lines, notes, damagedLines } = await importText(printed);
    const web = 'sdb sdb-disk';
    expect(lines).toEqual([`1 ${web} read 1`, `6 ${web} write 2+1`, `8 ${web} read 4`]);
    expect(damagedLines).toBe(5);
    expect(notes).toEqual([
      '5 damaged lines left out, the first is line 2',
      'ends inside a line',
      '1 flushes and other requests without blocks left out',
      '3 gaps where blktrace lost events',
    ]);
  });

  test.each([
    ['D', 'no line of action D in it, but 1 of Q, 1 of C: choose with --action', {}],
    ['C', 'its C lines name no process, and so no domid: take the Q lines (--action Q)', { dom0: true }],
    ['Q', '1 requests, none of them of a backend thread such as 3.xvda-0', { dom0: true }],
  ])('a log without a request of action %s is refused with the mend', async (action, problem, more) => {
    const printed = [
      '  8,32   0        1     0.000000000  9  Q   R 8 + 8 [dd]',
      '  8,32   0        1     0.000000009  0  C   R 8 + 8 [0]\n',
    ].join('\n');
    const failing = importText(printed, { logs: { action, ...more } });
    await expect(failing).rejects.toBeInstanceOf(TraceError);
    await expect(failing).rejects.toThrow(problem);
  });
});
