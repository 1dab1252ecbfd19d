/** What the operating system and zlib report, as the part of one line that says what is wrong and how to mend it. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'is a directory',
  EACCES: 'permission denied; check its owner and mode',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'symbolic links that lead in a circle, or too many',
  EPERM: 'operation not permitted',
  ENOSPC: 'no space left on the device; free some or write elsewhere',
  EDQUOT: 'disk quota exceeded; free some or write elsewhere',
  EROFS: 'the file system is read-only; write elsewhere',
  EFBIG: 'file too large for this file system or limit',
  EIO: 'input/output error of the device',
  EPIPE: 'the reader has gone',
  EEXIST: 'exists already',
  EMFILE: 'too many open files; raise `ulimit -n`',
  ENFILE: 'too many open files in the system',
  Z_DATA_ERROR: 'the gzip data is damaged; copy the file again',
  Z_BUF_ERROR: 'the gzip data ends too early; copy the file again',
};

/** The code of an error of Node, '' if it has none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** One line without the path: the caller's TraceError names it. */
export function systemProblem(error: unknown): string {
  const known = PROBLEMS[errorCode(error)];
  if (known !== undefined) return known;
  return error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
}
