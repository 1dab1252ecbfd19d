/**
 * The regular files below a root directory. Paths are bytes on Linux: they are held as latin-1 strings, one character
 * a byte, so that names that are no UTF-8 stay what they are, and compare as bytes do.
 *
 * Symbolic links are never followed: what they lead to is found at its own place, if it is in the root at all. Sockets,
 * fifos and devices are passed over; so are file systems that hold no files of the image (proc, memory, network).
 */
import { type Dirent, lstatSync, readdirSync, statfsSync } from 'node:fs';
import { systemProblem } from '../../base/system-problem.js';

/** One file of the root, however many names it has. */
export interface FoundFile {
  /** Path in the image: begins with `/`; latin-1, a character a byte. */
  readonly name: string;
  /** Further names of the file (hard links). */
  readonly otherNames: string[] | undefined;
  /** Bytes. */
  readonly size: number;
}

/** Tells what could not be looked at: path in the image (latin-1), and why. */
export type TellProblem = (name: string, problem: string) => void;

/** How to walk. */
export interface TreeWalkOptions {
  /** Stay on the file system of the root. */
  readonly oneFileSystem: boolean;
}

/** Of a debootstrapped root, too, where nothing is mounted there. */
const PSEUDO_DIRECTORIES = new Set(['/proc', '/sys', '/dev']);

/** Magic numbers of statfs(2): file systems whose files are in no image. */
const FOREIGN_FILE_SYSTEMS = new Map<number, string>([
  [0x9fa0, 'proc'],
  [0x62656572, 'sysfs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x1cd1, 'devpts'],
  [0x27e0eb, 'cgroup'],
  [0x63677270, 'cgroup2'],
  [0x64626720, 'debugfs'],
  [0x74726163, 'tracefs'],
  [0x73636673, 'securityfs'],
  [0x6165676c, 'pstore'],
  [0xcafe4a11, 'bpf'],
  [0x19800202, 'mqueue'],
  [0x958458f6, 'hugetlbfs'],
  [0x62656570, 'configfs'],
  [0x65735543, 'fusectl'],
  [0x42494e4d, 'binfmt_misc'],
  [0xde5e81e4, 'efivarfs'],
  [0x6e736673, 'nsfs'],
  [0x0187, 'autofs'],
  [0x6969, 'nfs'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
]);

/**
 * A file of more than this, of which less than a thousandth is allocated, is a hole with some data (lastlog, sparse
 * disks): to read it takes hours and finds zeros.
 */
const HOLE_BYTES_MIN = 2 ** 30;
const HOLE_FACTOR = 1000;
const STAT_BLOCK_BYTES = 512;

/** Bytes of a file system path, from its latin-1 form. */
export function pathBytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** Walks a tree, one file at a call. Directories in the order of their names, so that every walk is the same. */
export class TreeWalk {
  /** File systems passed over, e.g. `/run (tmpfs)`. */
  readonly foreign: string[] = [];
  /** The directory in hand: its path and entries in reverse order. */
  #directory = '';
  #entries: Dirent<Buffer>[] = [];
  /** Directories to come, the next one last. */
  readonly #directories: { readonly name: string; readonly device: number }[] = [];
  readonly #linked = new Map<string, FoundFile>();
  #device: number;

  /**
   * @param root path of the root, latin-1, without a slash at its end
   * @param tell what could not be read
   */
  constructor(
    readonly root: string,
    readonly options: TreeWalkOptions,
    readonly tell: TellProblem,
  ) {
    // The root itself may be on any file system, and be named by a link.
    this.#device = lstatSync(pathBytes(`${root}/.`)).dev;
    this.#open('', this.#device);
  }

  /** The next file, undefined at the end. A hard link to one that was given is put among its other names. */
  next(): FoundFile | undefined {
    for (;;) {
      const entry = this.#entries.pop();
      if (entry === undefined) {
        const directory = this.#directories.pop();
        if (directory === undefined) return undefined;
        this.#open(directory.name, directory.device);
        continue;
      }
      if (!entry.isDirectory() && !entry.isFile() && !isOfUnknownType(entry)) continue;
      const name = `${this.#directory}/${entry.name.toString('latin1')}`;
      const found = this.#look(name);
      if (found !== undefined) return found;
    }
  }

  #open(name: string, device: number): void {
    this.#directory = name;
    this.#device = device;
    try {
      const entries = readdirSync(pathBytes(`${this.root}${name}/`), { withFileTypes: true, encoding: 'buffer' });
      this.#entries = entries.sort((a, b) => Buffer.compare(b.name, a.name));
    } catch (error) {
      this.#entries = [];
      this.tell(name === '' ? '/' : name, systemProblem(error));
    }
  }

  #look(name: string): FoundFile | undefined {
    try {
      const path = pathBytes(this.root + name);
      const stats = lstatSync(path);
      if (stats.isDirectory()) {
        if (this.#isOfImage(name, path, stats.dev)) this.#directories.push({ name, device: stats.dev });
        return undefined;
      }
      if (!stats.isFile()) return undefined;
      if (stats.size > HOLE_BYTES_MIN && stats.blocks * STAT_BLOCK_BYTES * HOLE_FACTOR < stats.size) {
        this.tell(name, `${stats.size} bytes, of which ${stats.blocks * STAT_BLOCK_BYTES} are no hole: passed over`);
        return undefined;
      }
      if (stats.nlink === 1) return { name, otherNames: undefined, size: stats.size };
      return this.#lookAtLink(name, path, stats.size);
    } catch (error) {
      this.tell(name, systemProblem(error));
      return undefined;
    }
  }

  #lookAtLink(name: string, path: Buffer, size: number): FoundFile | undefined {
    // Inode numbers of some file systems are above 2^53.
    const { dev, ino } = lstatSync(path, { bigint: true });
    const key = `${dev}:${ino}`;
    const first = this.#linked.get(key);
    if (first !== undefined) {
      first.otherNames?.push(name);
      return undefined;
    }
    const found: FoundFile = { name, otherNames: [], size };
    this.#linked.set(key, found);
    return found;
  }

  #isOfImage(name: string, path: Buffer, device: number): boolean {
    if (PSEUDO_DIRECTORIES.has(name)) return false;
    if (device === this.#device) return true;
    const type = FOREIGN_FILE_SYSTEMS.get(statfsSync(path).type);
    if (type === undefined && !this.options.oneFileSystem) return true;
    this.foreign.push(`${name} (${type ?? 'another file system'})`);
    return false;
  }
}

/** File systems that do not say an entry's type in the directory: it is asked for then. */
function isOfUnknownType(entry: Dirent<Buffer>): boolean {
  const isKnown =
    entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
  return !isKnown;
}
