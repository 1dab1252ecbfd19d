/** The work of a hashing thread: reads pieces of files and hashes their pages. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { systemProblem } from '../../base/system-problem.js';
import { PAGE_BYTES } from '../../base/units.js';
import { fillByteOf } from '../../trace/fill-pages.js';
import type { PageHasher } from '../page-hash/page-hasher.js';
import { pathBytes } from './tree-walk.js';

/** Consecutive pages of one file. */
export interface FilePiece {
  /** The number of the file, given back with its pages. */
  readonly file: number;
  /** Path to open, latin-1. */
  readonly path: string;
  readonly firstPage: number;
  readonly pages: number;
}

/** What came of a unit of work. */
export interface HashedPages {
  /** ROW_WORDS words a page; only the first `rows` of them. Pages of one byte repeated are left out. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly rows: number;
  readonly bytesRead: number;
  readonly problems: readonly { readonly file: number; readonly problem: string }[];
}

/** A row: file, page in the file, hash low, hash high. */
export const ROW_WORDS = 4;

/** Hashes the pieces in order. A file that is shorter than said ends early; one that cannot be read is a problem. */
export function hashPieces(pieces: readonly FilePiece[], hasher: PageHasher): HashedPages {
  let pages = 0;
  for (const piece of pieces) pages += piece.pages;
  const words = new Uint32Array(pages * ROW_WORDS);
  const problems: { file: number; problem: string }[] = [];
  let rows = 0;
  let bytesRead = 0;
  for (const piece of pieces) {
    let descriptor = -1;
    try {
      // What has become a link or a fifo meanwhile is neither followed nor waited for.
      descriptor = openSync(pathBytes(piece.path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const end = piece.firstPage + piece.pages;
      for (let page = piece.firstPage; page < end; page += hasher.pagesMax) {
        const wanted = Math.min(hasher.pagesMax, end - page) * PAGE_BYTES;
        const bytes = readAt(descriptor, hasher.pages, wanted, page * PAGE_BYTES);
        bytesRead += bytes;
        const whole = Math.ceil(bytes / PAGE_BYTES);
        hasher.pages.fill(0, bytes, whole * PAGE_BYTES);
        hasher.hash(whole);
        rows = appendRows(words, rows, piece.file, page, whole, hasher.hashes);
        if (bytes < wanted) break;
      }
    } catch (error) {
      problems.push({ file: piece.file, problem: systemProblem(error) });
    } finally {
      if (descriptor >= 0) closeSync(descriptor);
    }
  }
  return { words, rows, bytesRead, problems };
}

/** Reads until `wanted` bytes are there or the file ends. */
function readAt(descriptor: number, into: Uint8Array, wanted: number, position: number): number {
  let have = 0;
  while (have < wanted) {
    const read = readSync(descriptor, into, have, wanted - have, position + have);
    if (read === 0) break;
    have += read;
  }
  return have;
}

/** Appends a row for each page that is more than one byte repeated; returns the new number of rows. */
export function appendRows(
  words: Uint32Array,
  rowsBefore: number,
  file: number,
  firstPage: number,
  pages: number,
  hashes: Uint32Array,
): number {
  let at = rowsBefore * ROW_WORDS;
  for (let i = 0; i < pages; i++) {
    const low = hashes[2 * i];
    const high = hashes[2 * i + 1];
    if (fillByteOf(low, high) >= 0) continue;
    words[at] = file;
    words[at + 1] = firstPage + i;
    words[at + 2] = low;
    words[at + 3] = high;
    at += ROW_WORDS;
  }
  return at / ROW_WORDS;
}
