/**
 * What Xen's `xl` prints: `xl info`, `xl sharing`, `xl list`. Pure. Memory is in whole MiB there, as xl prints it:
 * `sharing_freed_memory` is the frames that sharing freed, `sharing_used_memory` those that all shared pages live in.
 */
import { parseInteger, type NamedCounter } from './counter-text.js';

/** Figures of `xl info` that sharing is about, MiB. */
const INFO_NAMES: ReadonlySet<string> = new Set([
  'total_memory',
  'free_memory',
  'sharing_freed_memory',
  'sharing_used_memory',
  'outstanding_claims',
]);

/** A line of `xl sharing` or `xl list`. */
export interface XlDomain {
  readonly name: string;
  readonly domid: number;
  /** MiB. */
  readonly memory: number;
  /** MiB of its memory that is shared; null in `xl list`, which does not say it. */
  readonly shared: number | null;
}

/**
 * The memory figures of `xl info`, MiB; empty where the text is none of it. Of a file that holds it more than once
 * (with `xl info -n` behind it) each figure is there once, the last one.
 */
export function parseXlInfo(text: string): NamedCounter[] {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const parts = /^(\w+)\s*:\s*(\S+)\s*$/.exec(line);
    if (parts === null || !INFO_NAMES.has(parts[1])) continue;
    const value = parseInteger(parts[2]);
    if (value !== null) found.set(parts[1], value);
  }
  return [...found];
}

/** `xl info`: what the virtual machines may be (`pv`, `hvm`, `hap` …), as `virt_caps` says; null: not said. */
export function parseVirtCaps(text: string): string[] | null {
  const line = /^virt_caps[ \t]*:([^\n]*)$/m.exec(text);
  return line === null ? null : line[1].split(/\s+/).filter((word) => word !== '');
}

/**
 * The domains of `xl sharing` (Name ID Mem Shared) or `xl list` (Name ID Mem VCPUs State Time), told apart by their
 * heads. A name may hold blanks: the columns are counted from the right. Null: the text is neither.
 */
export function parseXlDomains(text: string): XlDomain[] | null {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => /^Name\s+ID\s+Mem\s+\S/.test(line));
  if (head < 0) return null;
  const isSharing = /^Name\s+ID\s+Mem\s+Shared\s*$/.test(lines[head]);
  if (!isSharing && !/^Name\s+ID\s+Mem\s+VCPUs\s+State\s+Time/.test(lines[head])) return null;
  const row = isSharing ? /^(.+?)\s+(\d+)\s+(\d+)\s+(\d+)\s*$/ : /^(.+?)\s+(\d+)\s+(\d+)\s+\d+\s+[\w-]+\s+[\d.]+\s*$/;
  const domains: XlDomain[] = [];
  for (const line of lines.slice(head + 1)) {
    const parts = row.exec(line);
    if (parts === null) continue;
    const [domid, memory] = [parseInteger(parts[2]), parseInteger(parts[3])];
    if (domid === null || domid > 0xffff || memory === null) continue;
    domains.push({ name: parts[1], domid, memory, shared: isSharing ? parseInteger(parts[4]) : null });
  }
  return domains;
}
