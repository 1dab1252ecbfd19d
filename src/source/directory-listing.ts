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

/** The name of a stream whatever its form: NAME of `NAME.000001.pgt`, of `NAME.ndjson`, and of a lone `NAME.pgt`. */
export function plainName({ name, kind }: Pick<ListedStream, 'name' | 'kind'>): string {
  return kind === 'ndjson' ? name.slice(0, -NDJSON_ENDING.length) : name.replace(/(.)\.pgt$/, '$1');
}

/** By plain name: a trace must be merged in the same order whichever form it is in. Of two of one name, segments. */
function inOrder(a: ListedStream, b: ListedStream): number {
  const [first, second] = [plainName(a), plainName(b)];
  if (first !== second) return first < second ? -1 : 1;
  return a.kind === b.kind ? 0 : a.kind === 'segments' ? -1 : 1;
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
  return [...streams.values()].sort(inOrder);
}
