/**
 * Memory of a running process → hashes → records, on one core, beside the plain reading of the same memory in chunks as
 * large (the goal: half of it), and beside what ksmd scans in the same run, where KSM is there, idle and writable.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { openDomainScan } from '../../src/collect/processes/domain-scan.js';
import { openHashPool } from '../../src/collect/processes/hash-pool.js';
import { parseMaps } from '../../src/collect/processes/memory-map.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { type Bench, subject } from '../harness.js';

const PAGE = 4096;
const CHUNK = 64 * PAGE;
const KSM = '/sys/kernel/mm/ksm';
const KSM_SETTINGS = { pages_to_scan: '1000000', sleep_millisecs: '0' };

/** Holds `-m N` MiB: pages like no other, in one mapping of that size. */
const HOLDER = `
const pages = parseInt(process.argv[2]) * 16;
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
require('node:crypto').randomFillSync(new Uint8Array(memory.buffer));
console.log('ready');
setInterval(() => memory.buffer.byteLength, 1e6);`;

/** The same, mergeable: Node has no madvise. */
const MERGEABLE = `
import mmap, os, sys, time
m = mmap.mmap(-1, int(sys.argv[2][:-1]) << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
m.madvise(mmap.MADV_MERGEABLE)
m[:] = os.urandom(len(m))
print('ready', flush=True)
time.sleep(1e6)`;

function started(command: string, args: readonly string[]): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`${command} has ended`)));
    child.stdout.once('data', () => resolve(child));
  });
}

function startTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

/** Bytes a CPU second of reading the mapping and touching nothing else. */
function plainRead(pid: number, bytes: number): number {
  const found = parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8')).find(
    ({ startPage, endPage, isWritable }) => isWritable && (endPage - startPage) * PAGE === bytes,
  );
  if (found === undefined) throw new Error('the mapping is not there');
  const fd = openSync(`/proc/${pid}/mem`, 'r');
  const target = new Uint8Array(CHUNK);
  const before = process.cpuUsage();
  for (let at = 0; at < bytes; at += CHUNK) readSync(fd, target, 0, CHUNK, found.startPage * PAGE + at);
  const { user, system } = process.cpuUsage(before);
  closeSync(fd);
  return bytes / ((user + system) / 1e6);
}

/** Pages that ksmd scans in a second, without its pauses, over `seconds`. */
async function ksmdRate(mebibytes: number, seconds: number): Promise<number> {
  const read = (name: string): string => readFileSync(`${KSM}/${name}`, 'utf8').trim();
  const write = (name: string, value: string): void => writeFileSync(`${KSM}/${name}`, value);
  if (read('run') !== '0' || read('pages_shared') !== '0') throw new Error('KSM is in use');
  const before = Object.keys(KSM_SETTINGS).map((name): [string, string] => [name, read(name)]);
  const child = await started('python3', ['-c', MERGEABLE, '-m', `${mebibytes}M`]);
  try {
    for (const [name, value] of Object.entries(KSM_SETTINGS)) write(name, value);
    write('run', '1');
    const pagesBefore = Number(read('pages_scanned'));
    const timeBefore = performance.now();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const pages = Number(read('pages_scanned')) - pagesBefore;
    return pages / ((performance.now() - timeBefore) / 1000);
  } finally {
    write('run', '2');
    for (const [name, value] of before) write(name, value);
    write('run', '0');
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
}

async function run(bench: Bench): Promise<void> {
  if (process.platform !== 'linux') {
    bench.skip('record', 'memory of processes is read on Linux');
    return;
  }
  const mebibytes = bench.small ? 16 : 512;
  const bytes = mebibytes * 2 ** 20;
  const child = await started(process.execPath, ['-e', HOLDER, '--', '-m', `${mebibytes}M`]).catch(() => null);
  if (child === null) {
    bench.skip('record', 'no process to read');
    return;
  }
  const pid = child.pid ?? -1;
  const ours: number[] = [];
  const again: number[] = [];
  const shares: number[] = [];
  try {
    const pool = await openHashPool({ threads: 0 });
    const pass = async (scan: ReturnType<typeof openDomainScan>): Promise<number> => {
      const before = process.cpuUsage();
      await scan.begin();
      const records = new RecordBuffer();
      let read = 0;
      for (;;) {
        records.clear();
        const slice = await scan.next(1, 2 ** 20, records);
        if (slice === null) break;
        read += slice.bytesRead;
      }
      if (read !== bytes) throw new Error(`${read} of ${bytes} bytes`);
      const { user, system } = process.cpuUsage(before);
      return bytes / ((user + system) / 1e6);
    };
    for (let i = 0; i < bench.repeats + 1; i++) {
      const plain = plainRead(pid, bytes);
      const scan = openDomainScan({ pid, startTicks: startTicks(pid), layout: 'guest-ram' }, { pool });
      const first = await pass(scan);
      const second = await pass(scan);
      await scan.close();
      if (i === 0) continue;
      ours.push(first / PAGE / 1e6);
      again.push(second / PAGE / 1e6);
      shares.push(second / plain);
    }
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
  bench.report({ name: 'first pass: all is new', unit: 'M pages/s', values: ours });
  bench.report({ name: 'later pass: nothing changed', unit: 'M pages/s', values: again });
  bench.report({ name: 'later pass / plain read', unit: '×', values: shares, budget: { atLeast: 0.5 } });
  try {
    const rate = await ksmdRate(bench.small ? 16 : 256, bench.small ? 0.2 : 3);
    bench.report({ name: 'ksmd, pages scanned', unit: 'M pages/s', values: [rate / 1e6], note: 'by the clock' });
    bench.report({ name: 'later pass / ksmd', unit: '×', values: again.map((pages) => (pages * 1e6) / rate) });
  } catch (error) {
    bench.skip('ksmd', `KSM is not to be had here: ${error instanceof Error ? error.message : String(error)}`);
  }
}

await subject(run);
