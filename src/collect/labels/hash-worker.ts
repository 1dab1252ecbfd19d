/** Entry of a hashing thread of `sharetop label`: pieces of files in, rows out. */
import { parentPort } from 'node:worker_threads';
import { PageHasher } from '../page-hash/page-hasher.js';
import { hashPieces, type FilePiece } from './hash-unit.js';

/** Read and hashed at once: it stays in the processor's cache. */
const PAGES_AT_ONCE = 64;

const hasher = new PageHasher(PAGES_AT_ONCE);
parentPort?.on('message', (pieces: readonly FilePiece[]) => {
  const hashed = hashPieces(pieces, hasher);
  parentPort?.postMessage(hashed, [hashed.words.buffer]);
});
