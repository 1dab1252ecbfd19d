import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, systemProblem } from '../base/system-problem.js';
import { pathKind } from './path-kind.js';

/**
 * Makes a directory with its parents unless it is there; true if it was made. Level by level, because below /proc the
 * `recursive` of Node 20 tries again for ever.
 *
 * @param failed makes the error that is thrown, from the path that cannot be made and the problem in words
 */
export function makeDirectory(directory: string, failed: (path: string, problem: string) => Error): boolean {
  if (pathKind(directory) === 'directory') return false;
  const parent = dirname(directory);
  if (parent !== directory && !exists(parent)) makeDirectory(parent, failed);
  try {
    mkdirSync(directory);
    return true;
  } catch (error) {
    const code = errorCode(error);
    // Somebody else may have made it at the same moment.
    if (code === 'EEXIST' && pathKind(directory) === 'directory') return false;
    if (code === 'EEXIST') throw failed(directory, 'is a file, not a directory');
    // The parent is there, and yet the system says that something is not, e.g. below /proc.
    throw failed(directory, code === 'ENOENT' ? 'a directory cannot be made here' : systemProblem(error));
  }
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // It cannot be looked at: making what is below it will say why.
    return true;
  }
}
