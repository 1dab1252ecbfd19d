/** A /proc with one process, made of files: address spaces and kernels that no process here has. */
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type MemoryLayout, openDomainScan, type ScanOptions } from '../../../src/collect/processes/domain-scan.js';
import { openHashPool } from '../../../src/collect/processes/hash-pool.js';
import { temporaryDirectory } from '../../temporary-directory.js';

/** A process of files: its pages are 4096 times one byte, at pages below 4096. */
export class MadeUp {
  readonly root = temporaryDirectory();
  readonly folder = path.join(this.root, '42');

  constructor() {
    mkdirSync(this.folder);
    writeFileSync(path.join(this.folder, 'stat'), `42 (a) b ) S ${'1 '.repeat(18)}777 0\n`);
    writeFileSync(path.join(this.folder, 'cmdline'), 'qemu-system-x86_64\0-m\x00016k\0');
  }

  maps(...lines: string[]): this {
    writeFileSync(path.join(this.folder, 'maps'), `${lines.join('\n')}\n`);
    return this;
  }

  /** page → its entry and its byte; `memPages`: pages that `mem` has. */
  pages(pages: Readonly<Record<number, readonly [entry: bigint, byte: number]>>, memPages = 4096): this {
    const pagemap = openSync(path.join(this.folder, 'pagemap'), 'w');
    const mem = openSync(path.join(this.folder, 'mem'), 'w');
    ftruncateSync(pagemap, 4096 * 8);
    for (const [page, [entry, byte]] of Object.entries(pages)) {
      writeSync(pagemap, new BigUint64Array([entry]), 0, 8, Number(page) * 8);
      writeSync(mem, new Uint8Array(4096).fill(byte), 0, 4096, Number(page) * 4096);
    }
    ftruncateSync(mem, memPages * 4096);
    closeSync(pagemap);
    closeSync(mem);
    return this;
  }

  async scan(layout: MemoryLayout, more: Partial<ScanOptions> = {}) {
    const pool = await openHashPool({ threads: 0 });
    return openDomainScan({ pid: 42, startTicks: 777, layout }, { pool, procRoot: this.root, ...more });
  }
}
