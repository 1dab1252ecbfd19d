import { statSync } from 'node:fs';

/**
 * What a path leads to; `none` also if it cannot be looked at (a name too long, a directory without permission): who
 * then opens it says why, in the words for its command.
 */
export function pathKind(path: string): 'file' | 'directory' | 'other' | 'none' {
  try {
    const stat = statSync(path);
    if (stat.isFile()) return 'file';
    return stat.isDirectory() ? 'directory' : 'other';
  } catch {
    return 'none';
  }
}
