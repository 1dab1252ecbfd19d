/**
 * Labels of a tree the plain way, from the documentation alone: a recursive walk, one hash at a time, maps of strings.
 * And a tree with everything that a root may hold. Names are latin-1, a character a byte.
 */
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import xxhash from 'xxhash-wasm';
import type { SeededRandom } from '../../seeded-random.js';

/** A label as the label file's columns give it. */
export interface TreeLabel {
  readonly file: string;
  readonly offset: number;
  readonly package: string;
  readonly more: number;
}

const bytesOf = (path: string): Buffer => Buffer.from(path, 'latin1');

/** Every name of every file below `root` that is no link: path in the image → [inode, content]. */
function readTree(root: string, name = ''): Map<string, { inode: string; content: Buffer }> {
  const found = new Map<string, { inode: string; content: Buffer }>();
  for (const raw of readdirSync(bytesOf(`${root}${name}`), { encoding: 'buffer' })) {
    const path = `${name}/${raw.toString('latin1')}`;
    const stats = lstatSync(bytesOf(root + path));
    if (stats.isDirectory() && path !== '/proc' && path !== '/sys' && path !== '/dev') {
      for (const [below, file] of readTree(root, path)) found.set(below, file);
    }
    if (!stats.isFile()) continue;
    found.set(path, { inode: `${stats.dev} ${stats.ino}`, content: readFileSync(bytesOf(root + path)) });
  }
  return found;
}

/** @param packageOf path in the image, without links in it → package. Gives hash as 16 hex digits → label. */
export async function plainLabels(
  root: string,
  packageOf: ReadonlyMap<string, string>,
): Promise<Map<string, TreeLabel>> {
  const hasher = await xxhash();
  const places = new Map<string, { file: string; offset: number; inode: string }[]>();
  for (const [file, { inode, content }] of readTree(root)) {
    for (let offset = 0; offset < content.length; offset += 4096) {
      const page = Buffer.alloc(4096);
      content.copy(page, 0, offset);
      if (page.every((byte) => byte === page[0])) continue;
      const hash = hasher.h64Raw(page).toString(16).padStart(16, '0');
      places.set(hash, [...(places.get(hash) ?? []), { file, offset, inode }]);
    }
  }
  const labels = new Map<string, TreeLabel>();
  for (const [hash, all] of places) {
    all.sort((a, b) => {
      const isOwned = Number(packageOf.has(b.file)) - Number(packageOf.has(a.file));
      const byName = a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
      return isOwned || a.file.length - b.file.length || byName || a.offset - b.offset;
    });
    const [{ file, offset }] = all;
    const more = new Set(all.map(({ inode }) => inode)).size - 1;
    // What the label file says of bytes that are no UTF-8.
    const shown = bytesOf(file).toString('utf8');
    labels.set(hash, { file: shown, offset, package: packageOf.get(file) ?? '', more });
  }
  return labels;
}

/** Makes the tree; gives the packages that its lists speak of, by real path. */
export function makeTree(root: string, random: SeededRandom): Map<string, string> {
  const noise = (bytes: number): Buffer => Buffer.from(Uint8Array.from({ length: bytes }, () => random.below(256)));
  const put = (path: string, content: Uint8Array | string): void =>
    writeFileSync(bytesOf(root + path), content, 'latin1');
  for (const directory of [
    '/usr/lib/x86_64-linux-gnu',
    '/usr/bin',
    '/srv/me',
    '/proc/1',
    '/sys',
    '/dev',
    '/empty/er',
    '/var/lib/dpkg/info',
    '/etc',
  ]) {
    mkdirSync(root + directory, { recursive: true });
  }
  symlinkSync('usr/lib', `${root}/lib`);
  symlinkSync('/usr/bin', `${root}/bin`);
  symlinkSync('/', `${root}/srv/me/everything`);
  symlinkSync('../../../../../../etc', `${root}/outside`);
  symlinkSync('loop', `${root}/loop`);
  symlinkSync('nowhere', `${root}/usr/bin/dangling`);
  const library = noise(5 * 4096 + 100);
  put('/usr/lib/x86_64-linux-gnu/libc.so.6', library);
  put('/srv/me/copy', library);
  put('/a', library.subarray(4096, 3 * 4096));
  put('/usr/bin/perl', noise(9000));
  linkSync(`${root}/usr/bin/perl`, `${root}/usr/bin/perl5.36.0`);
  linkSync(`${root}/usr/bin/perl`, `${root}/p`);
  put('/usr/bin/cut', Buffer.concat([library.subarray(0, 4096), library.subarray(0, 4096), noise(50)]));
  put('/etc/empty', '');
  put('/etc/one', 'x');
  put('/etc/page', noise(4096));
  put('/etc/page-and-one', noise(4097));
  put('/etc/diverted', noise(300));
  put('/etc/diverted.real', noise(300));
  put('/etc/zeros', new Uint8Array(20000));
  put('/etc/ones', new Uint8Array(8192).fill(0xff));
  put('/etc/half-zero', Buffer.concat([noise(10), Buffer.alloc(9000)]));
  put('/etc/sparse', noise(10));
  truncateSync(`${root}/etc/sparse`, 3_000_000);
  put('/etc/new\nline', noise(10));
  put('/etc/\u001b[31mred', noise(10));
  put('/etc/caf\u00e9\u00ff', noise(10));
  put('/etc/\u00cf\u0080', noise(10));
  put('/proc/1/maps', noise(10));
  put('/dev/file', noise(10));
  for (let i = 0; i < 40; i++)
    put(`/srv/me/f${i}`, random.chance(0.5) ? library.subarray(4096 * random.below(5)) : noise(10));

  put('/var/lib/dpkg/info/libc6:amd64.list', '/.\n/lib\n/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/libc.so.6\n');
  put('/var/lib/dpkg/info/perl-base.list', '/.\n/bin/perl5.36.0\n/usr/bin/perl\n/etc/diverted\n/../../etc/hostname\n');
  put(
    '/var/lib/dpkg/info/zz.list',
    '/usr/bin/perl\n/etc/diverted\n/loop/x\n/lib/gone\n/etc/caf\u00e9\u00ff\nno path\n',
  );
  put('/var/lib/dpkg/diversions', '/etc/diverted\n/etc/diverted.real\nzz\n/half');
  return new Map([
    ['/usr/lib/x86_64-linux-gnu/libc.so.6', 'libc6'],
    ['/usr/bin/perl5.36.0', 'perl-base'],
    ['/usr/bin/perl', 'perl-base'],
    ['/etc/diverted.real', 'perl-base'],
    ['/etc/diverted', 'zz'],
    ['/etc/caf\u00e9\u00ff', 'zz'],
  ]);
}
