/** What `xl info` and `xl sharing` printed into files, for an import of a Xen host's recordings. */
import { readFileSync, statSync } from 'node:fs';
import { systemProblem } from '../../base/system-problem.js';
import type { RecordBuffer } from '../../trace/record-buffer.js';
import { TraceError } from '../../trace/trace-error.js';
import { writeXenInfo, writeXenSharing } from './host-counters.js';
import { parseXlDomains, parseXlInfo } from './xl-text.js';

/** A line a domain, and there are not more than 32,752 of them. */
const FILE_BYTES_MAX = 16 * 2 ** 20;

/** Paths; left out: there is no such file. */
export interface XlFiles {
  readonly info?: string | undefined;
  readonly sharing?: string | undefined;
}

/**
 * Reads the files; what it returns writes their counters. Throws TraceError where one cannot be read, or is something
 * else.
 */
export function readXlFiles({
  info,
  sharing,
}: XlFiles): (out: RecordBuffer, domidOf: (name: string) => number | undefined) => void {
  const infoText = info === undefined ? '' : textOf(info);
  if (info !== undefined && parseXlInfo(infoText).length === 0) {
    throw new TraceError(info, '', 'is not what `xl info` prints: no line total_memory, free_memory or sharing_…');
  }
  const sharingText = sharing === undefined ? '' : textOf(sharing);
  if (sharing !== undefined) {
    const domains = parseXlDomains(sharingText);
    if (domains === null || domains.some(({ shared }) => shared === null)) {
      throw new TraceError(sharing, '', 'is not what `xl sharing` prints: no head Name ID Mem Shared');
    }
  }
  return (out, domidOf) => {
    writeXenInfo(out, infoText);
    writeXenSharing(out, sharingText, domidOf);
  };
}

function textOf(path: string): string {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new TraceError(path, '', 'is a directory; name the file');
    if (stat.size > FILE_BYTES_MAX) throw new TraceError(path, '', 'is larger than 16 MiB: xl prints no such list');
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw error instanceof TraceError ? error : new TraceError(path, '', systemProblem(error));
  }
}
