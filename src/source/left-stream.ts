/**
 * What a recorder left in a directory when it ended, or was killed: where one that starts again goes on, and the state
 * of the stream there. Segments begin with an opening, so the last whole one is enough to read.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { systemProblem } from '../base/system-problem.js';
import { SegmentDecoder } from '../trace/segment-decoder.js';
import { StreamState } from '../trace/stream-state.js';
import { TraceError } from '../trace/trace-error.js';
import { listStreams } from './directory-listing.js';
import { OutputTaken } from './output-error.js';

const READ_BYTES = 1024 * 1024;

/** Behind it a new recorder goes on. */
export interface LeftStream {
  readonly state: StreamState;
  /** Number of the segment to go on with. */
  readonly nextSegment: number;
  /** Bytes of the last segment that has a whole header, up to its last whole block; see SegmentHeader. */
  readonly previousBytes: number;
}

/**
 * Reads the end of a stream; null if the directory holds no segment of it. Damage is passed over as every reader does:
 * what is missed, the first scan names again. Throws OutputTaken if other segments are there, whose domains are
 * another host's; TraceError if a segment cannot be read.
 */
export function readLeftStream(directory: string, stream: string): LeftStream | null {
  const streams = (listStreams(directory) ?? []).filter(({ kind }) => kind === 'segments');
  const other = streams.find(({ name }) => name !== stream);
  if (other !== undefined) {
    const problem = `holds another trace (${other.files[0].fileName}); name an empty or a new directory`;
    throw new OutputTaken(directory, problem);
  }
  const files = streams[0]?.files ?? [];
  const last = files.at(-1);
  if (last === undefined) return null;
  const paths = files.map(({ fileName }) => join(directory, fileName));
  let first = paths.length - 1;
  // An opening may end half-way, where its recorder was stopped: then the one before it is the last whole one.
  while (first > 0 && !isWhole(paths[first])) first--;
  const state = new StreamState();
  let previousBytes = 0;
  for (let i = first; i < paths.length; i++) {
    const { bytes } = followSegment(paths[i], state, i > first);
    if (bytes > 0) previousBytes = bytes;
  }
  return { state, nextSegment: last.number + 1, previousBytes };
}

function isWhole(path: string): boolean {
  return followSegment(path, null, false).isOpeningPassed;
}

/** Returns the bytes of the segment's header and its whole blocks. */
function followSegment(
  path: string,
  state: StreamState | null,
  isInStep: boolean,
): { bytes: number; isOpeningPassed: boolean } {
  const decoder = new SegmentDecoder(path);
  decoder.skipOpening = isInStep;
  const buffer = new Uint8Array(READ_BYTES);
  let descriptor = -1;
  let total = 0;
  try {
    descriptor = openSync(path, 'r');
    for (let bytes = 1; bytes > 0 && !(state === null && decoder.openingPassed);) {
      bytes = readSync(descriptor, buffer, 0, buffer.length, null);
      total += bytes;
      decoder.push(buffer.subarray(0, bytes));
      if (bytes === 0) decoder.end();
      for (let block = decoder.next(); block !== null; block = decoder.next()) state?.followBlock(block);
    }
  } catch (error) {
    throw error instanceof TraceError ? error : new TraceError(path, '', systemProblem(error));
  } finally {
    if (descriptor >= 0) closeSync(descriptor);
  }
  return { bytes: total - decoder.tornTailBytes, isOpeningPassed: decoder.openingPassed };
}
