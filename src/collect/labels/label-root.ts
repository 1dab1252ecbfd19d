/** Labels every page of the files below a root: walk, hash, and one label for each content. */
import { PAGE_BYTES } from '../../base/units.js';
import type { LabelContents, LabelledFile } from '../../trace/label-file.js';
import type { FilePiece, HashedPages } from './hash-unit.js';
import { type DistinctContents, LabelRows } from './label-rows.js';
import { readPackageLists } from './package-lists.js';
import { type FoundFile, pathBytes, type TellProblem, TreeWalk } from './tree-walk.js';

/** Where pieces of files are hashed. */
export interface HashLanes {
  /** Units that it works on at the same time; one more waits for each. */
  readonly lanes: number;
  /** Fails only for a bug: what cannot be read is in the result. */
  hash(pieces: readonly FilePiece[]): Promise<HashedPages>;
}

/** How to label. */
export interface LabelRootOptions {
  /** Directory to label, as the user names it. */
  readonly root: string;
  /** Name of the image in the label file. */
  readonly image: string;
  readonly oneFileSystem: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (files: number, bytes: number) => void;
  readonly tell: TellProblem;
}

/** What came of it. */
export interface LabelledRoot {
  readonly contents: LabelContents;
  /** Files looked at; those that could not be read are among them. */
  readonly files: number;
  readonly bytesRead: number;
  /** File systems passed over. */
  readonly foreign: readonly string[];
}

/** A unit of work: enough to be worth a message, not so much that threads wait for one another at the end. */
const UNIT_PAGES = 4096;
const UNIT_FILES = 512;

/** Why a file of some rank names a content: one of a package says more than a copy of it somewhere. */
const CLASS_PACKAGED = 0;
const CLASS_LOOSE = 1;

/** Undefined if the signal ended it. Throws the system's error if the root cannot be looked at. */
export async function labelRoot(options: LabelRootOptions, lanes: HashLanes): Promise<LabelledRoot | undefined> {
  const root = Buffer.from(options.root, 'utf8').toString('latin1').replace(/\/+$/, '');
  const walk = new TreeWalk(root, { oneFileSystem: options.oneFileSystem }, options.tell);
  const files: FoundFile[] = [];
  const units = unitsOf(walk, files);
  const rows = new LabelRows();
  let bytesRead = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      if (options.signal.aborted) return;
      const unit = units.next();
      if (unit.done === true) return;
      const hashed = await lanes.hash(unit.value);
      rows.append(hashed.words, hashed.rows);
      bytesRead += hashed.bytesRead;
      for (const { file, problem } of hashed.problems) options.tell(files[file].name, problem);
      options.onProgress(files.length, bytesRead);
    }
  };
  await Promise.all(Array.from({ length: 2 * lanes.lanes }, work));
  if (options.signal.aborted) return undefined;

  const named = nameFiles(root, files, options.tell);
  const contents = contentsOf(options.image, rows.distinct(named.rankOf), named);
  return { contents, files: files.length, bytesRead, foreign: walk.foreign };
}

/** Pieces of the files that the walk finds; puts these into `files`, whose index is a piece's file. */
function* unitsOf(walk: TreeWalk, files: FoundFile[]): Generator<FilePiece[], void> {
  let unit: FilePiece[] = [];
  let pages = 0;
  for (let found = walk.next(); found !== undefined; found = walk.next()) {
    const file = files.push(found) - 1;
    const pagesOfFile = Math.ceil(found.size / PAGE_BYTES);
    for (let firstPage = 0; firstPage < pagesOfFile;) {
      const piece = Math.min(pagesOfFile - firstPage, UNIT_PAGES - pages);
      unit.push({ file, path: walk.root + found.name, firstPage, pages: piece });
      firstPage += piece;
      pages += piece;
      if (pages < UNIT_PAGES && unit.length < UNIT_FILES) continue;
      yield unit;
      unit = [];
      pages = 0;
    }
  }
  if (unit.length > 0) yield unit;
}

/** The files with the name and package that labels give. */
interface NamedFiles {
  readonly names: readonly string[];
  readonly packages: readonly string[];
  /** File → rank and back: a content that several files hold is named by the lowest. */
  readonly rankOf: Uint32Array;
  readonly byRank: Uint32Array;
}

function nameFiles(root: string, files: readonly FoundFile[], tell: TellProblem): NamedFiles {
  const known = new Set<string>();
  for (const { name, otherNames } of files) {
    known.add(name);
    for (const other of otherNames ?? []) known.add(other);
  }
  const packageOf = readPackageLists(root, (name) => known.has(name), tell);
  const classOf = (name: string): number => (packageOf.has(name) ? CLASS_PACKAGED : CLASS_LOOSE);
  const before = (a: string, b: string): number => {
    if (classOf(a) !== classOf(b)) return classOf(a) - classOf(b);
    if (a.length !== b.length) return a.length - b.length;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const names = files.map(({ name, otherNames }) =>
    (otherNames ?? []).reduce((best, other) => (before(other, best) < 0 ? other : best), name),
  );
  const byRank = Uint32Array.from(names.keys()).sort((a, b) => before(names[a], names[b]));
  const rankOf = new Uint32Array(files.length);
  byRank.forEach((file, rank) => (rankOf[file] = rank));
  return { names, packages: names.map((name) => packageOf.get(name) ?? ''), rankOf, byRank };
}

/** Only files that a label names are in the label file, in the order of their names. */
function contentsOf(image: string, distinct: DistinctContents, named: NamedFiles): LabelContents {
  const isNamed = new Uint8Array(named.names.length);
  for (const rank of distinct.rank) isNamed[named.byRank[rank]] = 1;
  const used = [...isNamed.keys()].filter((file) => isNamed[file] === 1);
  used.sort((a, b) => (named.names[a] < named.names[b] ? -1 : 1));
  const packages = [...new Set(['', ...used.map((file) => named.packages[file])])].sort();
  const numberOfPackage = new Map(packages.map((name, number) => [name, number]));
  const files: LabelledFile[] = [];
  const numberOfRank = new Uint32Array(named.names.length);
  for (const file of used) {
    numberOfRank[named.rankOf[file]] = files.length;
    files.push({ name: pathBytes(named.names[file]), package: numberOfPackage.get(named.packages[file]) ?? 0 });
  }
  const { count, low, high, rank, page, more } = distinct;
  return { image, packages, files, count, low, high, file: rank.map((r) => numberOfRank[r]), page, more };
}
