/** Paths inside a root: symbolic links are followed as if the root were `/`, so that none leads out of it. */
import { lstatSync, readlinkSync } from 'node:fs';
import { pathBytes } from './tree-walk.js';

/** As the kernel's own limit. */
const LINKS_MAX = 40;

/** Resolves directories of a root, each once. All paths are latin-1 (tree-walk.ts). */
export class RootPaths {
  readonly #resolved = new Map<string, string | undefined>([['', '']]);

  /** @param root without a slash at its end */
  constructor(readonly root: string) {}

  /**
   * The path whose directories are no links; its last part is left as it is. Undefined if they do not exist.
   * @param path begins with `/`
   */
  resolveDirectories(path: string): string | undefined {
    const slash = path.lastIndexOf('/');
    const directory = this.#resolve(path.slice(0, slash), LINKS_MAX);
    return directory === undefined ? undefined : directory + path.slice(slash);
  }

  /** The path of what `path` leads to in the root, all links followed; undefined if there is nothing. */
  resolve(path: string): string | undefined {
    return this.#resolve(path, LINKS_MAX);
  }

  /** '' is the root. */
  #resolve(path: string, links: number): string | undefined {
    const known = this.#resolved.get(path);
    if (known !== undefined || this.#resolved.has(path)) return known;
    const resolved = this.#look(path, links);
    this.#resolved.set(path, resolved);
    return resolved;
  }

  #look(path: string, links: number): string | undefined {
    if (links === 0) return undefined;
    const slash = path.lastIndexOf('/');
    const parent = this.#resolve(path.slice(0, slash), links);
    if (parent === undefined) return undefined;
    const last = path.slice(slash + 1);
    if (last === '' || last === '.') return parent;
    if (last === '..') return parent.slice(0, Math.max(0, parent.lastIndexOf('/')));
    const here = `${parent}/${last}`;
    try {
      const bytes = pathBytes(this.root + here);
      if (!lstatSync(bytes).isSymbolicLink()) return here;
      const target = readlinkSync(bytes, 'latin1');
      const from = target.startsWith('/') ? target : `${parent}/${target}`;
      // A link to itself ends here: each step takes one of the links allowed.
      return this.#resolve(from, links - 1);
    } catch {
      return undefined;
    }
  }
}
