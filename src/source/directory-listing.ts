/** The streams that a trace directory holds, by the names of its files. */
import { readdirSync } from 'node:fs';
import { errorCode, systemProblem } from '../base/system-problem.js';
import { parseSegmentFileName } from '../trace/segment-name.js';
import { TraceError } from '../trace/trace-error.js';

const NDJSON_ENDING = '.ndjson';

/** A stream's files: segments by number, or the one NDJSON file (number 0). */
export interface ListedStream {
  /** The name of its segments, or the whole name of the NDJSON file: so both kinds may have the same name. */
  readonly name: string;
  readonly kind: 'segments' | 'ndjson';
  readonly files: { readonly number: number; readonly fileName: string }[];
}

/**
 * The streams in order of their names (by code unit, the same everywhere), their files in order of number. Null if
 * there is no such directory; TraceError if it cannot be read.
 */
export function listStreams(directory: string): ListedStream[] | null {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return null;
    const problem = code === 'ENOTDIR' ? 'is not a directory' : systemProblem(error);
    throw new TraceError(directory, '', problem);
  }
  const streams = new Map<string, ListedStream>();
  for (const fileName of names) {
    const segment = parseSegmentFileName(fileName);
    const isNdjson = fileName.endsWith(NDJSON_ENDING) && fileName !== NDJSON_ENDING;
    if (segment === null && !isNdjson) continue;
    const name = segment === null ? fileName : segment.stream;
    const kind = segment === null ? 'ndjson' : 'segments';
    const key = `${kind} ${name}`;
    let stream = streams.get(key);
    if (stream === undefined) streams.set(key, (stream = { name, kind, files: [] }));
    stream.files.push({ number: segment?.segment ?? 0, fileName });
  }
  for (const stream of streams.values()) stream.files.sort((a, b) => a.number - b.number);
  return [...streams.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind < b.kind ? -1 : 1));
}
