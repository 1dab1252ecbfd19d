/** What a file is by its first bytes: a dump that is read, or one of those that are not and how to mend that. */
import { isElf } from './elf-head.js';

interface Refused {
  readonly magic: string;
  readonly problem: string;
}

const MEMORY_ONLY = 'dump with `virsh dump --memory-only`, or `dump-guest-memory FILE` in the monitor of QEMU';

/** Starts of files that somebody may take for a dump; what each is, and the mend. Latin-1. */
const REFUSED: readonly Refused[] = [
  { magic: 'KDUMP   ', problem: `is a kdump-compressed dump (-z, -l, -s), which is not read; ${MEMORY_ONLY}` },
  { magic: 'DISKDUMP', problem: `is a compressed diskdump, which is not read; ${MEMORY_ONLY}` },
  { magic: 'makedumpfile\0', problem: `is a kdump-compressed dump (-z, -l, -s), which is not read; ${MEMORY_ONLY}` },
  { magic: 'LibvirtQemudSave', problem: `is libvirt's own save format (virsh save, virsh dump); ${MEMORY_ONLY}` },
  { magic: 'LibvirtQemudPart', problem: `is a save of libvirt that did not end; ${MEMORY_ONLY}` },
  { magic: 'QEVM', problem: `is a migration stream of QEMU; ${MEMORY_ONLY}` },
  { magic: 'Xen saved domain', problem: 'is a save of xl, not a dump; make one with `xl dump-core DOMAIN FILE`' },
  { magic: 'XenSavedDomain', problem: 'is a save of xl, not a dump; make one with `xl dump-core DOMAIN FILE`' },
  { magic: 'QFI\xfb', problem: 'is a disk image (qcow2), not a dump of memory' },
  { magic: '\xfd7zXZ\0', problem: 'is packed with xz; unpack it first: xz -d' },
  { magic: '\x28\xb5\x2f\xfd', problem: 'is packed with zstd; unpack it first: zstd -d' },
  { magic: '\x04\x22\x4d\x18', problem: 'is packed with lz4; unpack it first: lz4 -d' },
  { magic: '\x89LZO\0', problem: 'is packed with lzop; unpack it first: lzop -d' },
  { magic: 'BZh', problem: 'is packed with bzip2; unpack it first: bzip2 -d' },
];

/** Bytes that are enough to tell. */
export const DUMP_START_BYTES = 16;

/** Whether a file that starts with these bytes is a dump, as far as content can tell: a raw image has no mark. */
export function isDump(start: Uint8Array): boolean {
  return isElf(start);
}

/** Why a file that starts with these bytes is not read, '' if it is none of those that are known by name. */
export function refusedDump(start: Uint8Array): string {
  const text = Buffer.from(start.subarray(0, DUMP_START_BYTES)).toString('latin1');
  return REFUSED.find(({ magic }) => text.startsWith(magic))?.problem ?? '';
}
