/** Xen's `xl`, where this is a dom0. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A toolstack that hangs must not hold up a recorder. */
const TIMEOUT_MS = 2000;
const BYTES_MAX = 16 * 2 ** 20;

/** What `xl info` or `xl sharing` prints; null where there is no xl, or it fails. */
export function runXl(word: string): string | null {
  try {
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore'];
    return execFileSync('xl', [word], { encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: BYTES_MAX, stdio });
  } catch {
    return null;
  }
}

/** Whether this machine is Xen's control domain. */
export function isXenControl(): boolean {
  try {
    return readFileSync('/proc/xen/capabilities', 'utf8').includes('control_d');
  } catch {
    return false;
  }
}
