/** Which package a file is of, by dpkg's lists: /var/lib/dpkg/info/PACKAGE.list and /var/lib/dpkg/diversions. */
import { readdirSync, readFileSync } from 'node:fs';
import { pathBytes, type TellProblem } from './tree-walk.js';
import { RootPaths } from './root-path.js';

const LISTS = '/var/lib/dpkg/info';
const DIVERSIONS = '/var/lib/dpkg/diversions';
const LIST = '.list';
/** The file that a diversion of the administrator, not of a package, belongs to. */
const LOCAL = ':';

interface Diversion {
  readonly to: string;
  /** The package that the original name is left to. */
  readonly by: string;
}

/**
 * Path in the image → package, for the files of `isFile`. All latin-1. Empty where there is no dpkg.
 *
 * Where /lib is a link to /usr/lib, lists still say /lib/…: a path that is no file has its directories resolved. Of
 * several packages with one file (the same package for several architectures) the first by name has it.
 */
export function readPackageLists(
  root: string,
  isFile: (name: string) => boolean,
  tell: TellProblem,
): Map<string, string> {
  const packageOf = new Map<string, string>();
  const paths = new RootPaths(root);
  const directory = paths.resolve(LISTS);
  if (directory === undefined) return packageOf;
  const diversions = readDiversions(root, paths);
  for (const file of namesOfLists(root + directory)) {
    const name = `${directory}/${file}`;
    let text: string;
    try {
      text = readFileSync(pathBytes(root + name), 'latin1');
    } catch (error) {
      tell(name, `packages: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    const pkg = packageOfList(file);
    for (const line of text.split('\n')) {
      if (!line.startsWith('/')) continue;
      const diverted = diversions.get(line);
      const own = diverted === undefined || diverted.by === pkg ? line : diverted.to;
      const found = isFile(own) ? own : paths.resolveDirectories(own);
      if (found === undefined || packageOf.has(found) || !isFile(found)) continue;
      packageOf.set(found, pkg);
    }
  }
  return packageOf;
}

function namesOfLists(directory: string): string[] {
  const names = readdirSync(pathBytes(directory), 'latin1').filter((name) => name.endsWith(LIST));
  return names.sort((a, b) => compare(packageOfList(a), packageOfList(b)) || compare(a, b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function packageOfList(file: string): string {
  return packageName(file.slice(0, -LIST.length));
}

/** Without the architecture of `libc6:amd64`. */
function packageName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(0, colon);
}

/** Three lines each: the name, where the others' file of that name is, and whose the name is. */
function readDiversions(root: string, paths: RootPaths): Map<string, Diversion> {
  const diversions = new Map<string, Diversion>();
  const path = paths.resolve(DIVERSIONS);
  if (path === undefined) return diversions;
  let lines: string[];
  try {
    lines = readFileSync(pathBytes(root + path), 'latin1').split('\n');
  } catch {
    return diversions;
  }
  for (let i = 0; i + 2 < lines.length; i += 3) {
    diversions.set(lines[i], { to: lines[i + 1], by: lines[i + 2] === LOCAL ? '' : packageName(lines[i + 2]) });
  }
  return diversions;
}
