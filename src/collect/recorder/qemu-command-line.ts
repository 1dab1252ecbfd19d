/** What the command line of a QEMU process says of its guest. */
import { PAGE_BYTES } from '../../base/units.js';

/** A guest as its command line describes it. */
export interface QemuGuest {
  /** Of `-name`; null: not given. */
  readonly name: string | null;
  /** Of `-uuid`, in lower case; null: not given. */
  readonly uuid: string | null;
  /** Who runs its instructions. */
  readonly kind: 'kvm' | 'tcg' | 'hvf' | 'whpx' | 'other';
  /** Of `-m`, in frames; null: not given, or not to be understood. */
  readonly memoryFrames: number | null;
}

const PROGRAM = /^(?:qemu-system-[\w.-]+|qemu-kvm|qemu|kvm)$/;
const UNIT_BYTES: Readonly<Record<string, number>> = { '': 2 ** 20, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Reads the arguments; null if this is no QEMU, or one that holds no guest's memory (the device model of Xen). */
export function parseQemuCommandLine(argv: readonly string[]): QemuGuest | null {
  const program = (argv[0] ?? '').replace(/^.*\//, '');
  if (!PROGRAM.test(program)) return null;
  let name: string | null = null;
  let uuid: string | null = null;
  let memoryFrames: number | null = null;
  let accelerator = program === 'kvm' || program === 'qemu-kvm' ? 'kvm' : 'tcg';
  for (let i = 1; i < argv.length; i++) {
    const option = argv[i].replace(/^--?/, '');
    if (option === argv[i]) continue;
    const value = argv[i + 1] ?? '';
    if (option === 'xen-domid') return null;
    if (option === 'enable-kvm') accelerator = 'kvm';
    else if (option === 'name') name = keyed(value, 'guest') ?? name;
    else if (option === 'uuid') uuid = value.toLowerCase() || null;
    else if (option === 'm') memoryFrames = framesOf(keyed(value, 'size') ?? '');
    else if (option === 'accel') accelerator = keyed(value, 'accel') ?? accelerator;
    else if (option === 'machine' || option === 'M') accelerator = keyed(value, 'accel', false) ?? accelerator;
  }
  return { name, uuid, kind: kindOf(accelerator), memoryFrames };
}

/** The value of a key in `a,key=value,…`; the first part may leave its key out. Two commas stand for one. */
function keyed(value: string, key: string, mayBeFirst = true): string | null {
  const parts = value.replaceAll(',,', '\0').split(',');
  for (const [i, part] of parts.entries()) {
    const equals = part.indexOf('=');
    const text = part.slice(equals + 1).replaceAll('\0', ',');
    if (equals >= 0 && part.slice(0, equals) === key) return text || null;
    if (equals < 0 && i === 0 && mayBeFirst) return text || null;
  }
  return null;
}

/** `2048` (MiB), `2G`, `512M`. */
function framesOf(size: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([KMGT]?)B?$/i.exec(size);
  if (match === null) return null;
  const frames = Math.floor((Number(match[1]) * UNIT_BYTES[match[2].toUpperCase()]) / PAGE_BYTES);
  return frames > 0 && frames < 2 ** 32 - 1 ? frames : null;
}

/** `kvm:tcg` is the first that works: nearly always the first. */
function kindOf(accelerator: string): QemuGuest['kind'] {
  const first = accelerator.split(':')[0];
  return first === 'kvm' || first === 'tcg' || first === 'hvf' || first === 'whpx' ? first : 'other';
}
