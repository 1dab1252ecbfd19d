/** What a trace says, as lines a person could compare: who holds what at the end, and all reads, writes and marks. */
import { eachRecord } from '../collect/plain-records.js';
import { openTrace } from '../../src/source/trace-files.js';

export interface PlainTrace {
  /** Domain key → gfn → content. */
  readonly frames: Map<string, Map<number, bigint>>;
  /** Reads and writes by domain key and image name, and marks, each with its time, in order of the records. */
  readonly lines: string[];
  readonly streams: number;
}

/** Reads a whole trace by the rules of the design: domids and image ids are local to their stream. */
export function plainTrace(path: string): PlainTrace {
  const source = openTrace(path);
  const frames = new Map<string, Map<number, bigint>>();
  const keys = source.streamNames.map(() => new Map<number, string>());
  const images = source.streamNames.map(() => new Map<number, string>());
  const lines: string[] = [];
  while (
    source.pull((stream, { words, start, end, baseTimeMicros }) => {
      eachRecord(words, start, end, baseTimeMicros, (record) => {
        if (record.kind === 'domain') keys[stream].set(record.domid, record.name);
        else if (record.kind === 'image') images[stream].set(record.id, record.name);
        else if (record.kind === 'host') lines.push(`${record.time} host ${record.name}`);
        else if (record.kind === 'other') {
          const key = record.name === 'gone' ? keys[stream].get(record.words[0] >>> 16) : '';
          lines.push(`${record.time} ${record.name} ${key ?? 'nobody'}`);
          // A domain is gone for every stream that knows it.
          if (key !== undefined && key !== '') for (const own of keys) forget(own, key);
        } else {
          const key = keys[stream].get(record.domid) ?? 'nobody';
          if (record.kind === 'fill') {
            let own = frames.get(key);
            if (own === undefined) frames.set(key, (own = new Map<number, bigint>()));
            own.set(record.gfn, record.hash);
          } else {
            const image = images[stream].get(record.image) ?? 'no image';
            const what = record.kind === 'read' ? `${record.hash} ${record.aligned}` : record.count;
            lines.push(`${record.time} ${key} ${record.kind} ${image} ${record.block} ${what}`);
          }
        }
      });
      return true;
    })
  );
  return { frames, lines, streams: source.streamNames.length };
}

function forget(keys: Map<number, string>, gone: string): void {
  for (const [domid, key] of keys) if (key === gone) keys.delete(domid);
}
