/** What the command line of a QEMU process says of its guest: who it is, who runs it, and its RAM. */

/** One RAM block as the command line has it. */
export interface RamBlock {
  readonly bytes: number;
  /** Path of its file, or of the directory that its file is made in; '' without one. */
  readonly path: string;
  /** Where it was said, for messages. */
  readonly said: string;
}

/** A guest as its command line describes it. */
export interface QemuGuest {
  /** Of `-name`; null: not given. */
  readonly name: string | null;
  /** Of `-uuid`, in lower case; null: not given. */
  readonly uuid: string | null;
  /** Who runs its instructions. */
  readonly kind: 'kvm' | 'tcg' | 'hvf' | 'whpx' | 'other';
  /** Memory backends (`-object memory-backend-…`, as libvirt writes it), else one block of the size of `-m`. */
  readonly ram: readonly RamBlock[];
}

const PROGRAM = /^(?:qemu-system-[\w.-]+|qemu-kvm|qemu|kvm)$/;
/** QEMU's default of -m. */
const DEFAULT_BYTES = 128 * 2 ** 20;
const UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

/** The guest; null if this is no QEMU, or one that holds no guest's memory (the device model of Xen). */
export function parseQemuCommandLine(argv: readonly string[]): QemuGuest | null {
  const program = programOf(argv);
  return PROGRAM.test(program) && !argv.some((word) => /^--?xen-domid$/.test(word)) ? guestOf(argv) : null;
}

/** The guest that these arguments describe, whatever the program is called. */
export function guestOf(argv: readonly string[]): QemuGuest {
  let name: string | null = null;
  let uuid: string | null = null;
  let accelerator = /^(?:qemu-)?kvm$/.test(programOf(argv)) ? 'kvm' : 'tcg';
  const backends: RamBlock[] = [];
  let bytes = DEFAULT_BYTES;
  let path = '';
  for (let i = 1; i < argv.length; i++) {
    // QEMU takes one dash or two.
    const option = argv[i].replace(/^--?/, '-');
    const value = argv[i + 1] ?? '';
    if (option === '-enable-kvm') accelerator = 'kvm';
    else if (option === '-name') name = keyed(value, 'guest') || name;
    else if (option === '-uuid') uuid = value.toLowerCase() || null;
    else if (option === '-accel') accelerator = keyed(value, 'accel') || accelerator;
    else if (option === '-machine' || option === '-M') accelerator = fieldsOf(value).get('accel') || accelerator;
    else if (option === '-mem-path') path = value;
    else if (option === '-m') bytes = sizeOf(keyed(value, 'size'), 'm') ?? bytes;
    else if (option === '-object') backends.push(...backendOf(value));
  }
  const ram = backends.length > 0 ? backends : [{ bytes, path, said: '-m' }];
  return { name, uuid, kind: kindOf(accelerator), ram };
}

/** A size as QEMU reads it: a number with a unit, `unit` without one. NaN if it is none. */
export function qemuBytes(text: string, unit: 'm' | 'b'): number {
  const match = /^(\d+(?:\.\d+)?)([bkmgtp]?)$/i.exec(text);
  if (match !== null) return Math.round(Number(match[1]) * UNITS[match[2].toLowerCase() || unit]);
  return /^0x[0-9a-f]+$/i.test(text) ? Number(text) * UNITS[unit] : Number.NaN;
}

function programOf(argv: readonly string[]): string {
  return (argv[0] ?? '').replace(/^.*\//, '');
}

/** Bytes above 0 that can be counted; null for other text. */
function sizeOf(text: string, unit: 'm' | 'b'): number | null {
  const bytes = qemuBytes(text, unit);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

/** `a=1,b=2` → its fields; a doubled comma stands for one; a first part without `=` is the field ''. */
function fieldsOf(option: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [i, part] of option.replaceAll(',,', '\0').split(',').entries()) {
    const at = part.indexOf('=');
    const value = part.slice(at + 1).replaceAll('\0', ',');
    if (at >= 0) fields.set(part.slice(0, at), value);
    else if (i === 0) fields.set('', value);
  }
  return fields;
}

/** The value of a field whose name may be left out where it is the first; '' without it. */
function keyed(option: string, key: string): string {
  const fields = fieldsOf(option);
  return fields.get(key) ?? fields.get('') ?? '';
}

/** The block of a memory backend; none for other objects. */
function backendOf(option: string): RamBlock[] {
  const fields = option.startsWith('{') ? jsonFieldsOf(option) : fieldsOf(option);
  const type = fields.get('qom-type') ?? fields.get('') ?? '';
  if (!/^memory-backend-(?:ram|memfd|file|shm)$/.test(type)) return [];
  const bytes = sizeOf(fields.get('size') ?? '', 'b');
  return bytes === null ? [] : [{ bytes, path: fields.get('mem-path') ?? '', said: `-object ${type}` }];
}

function jsonFieldsOf(option: string): Map<string, string> {
  try {
    const json = JSON.parse(option) as Record<string, unknown>;
    const plain = Object.entries(json).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
    return new Map(plain.map(([key, value]) => [key, String(value)]));
  } catch {
    return new Map();
  }
}

/** `kvm:tcg` is the first that works: nearly always the first. */
function kindOf(accelerator: string): QemuGuest['kind'] {
  const first = accelerator.split(':')[0];
  return first === 'kvm' || first === 'tcg' || first === 'hvf' || first === 'whpx' ? first : 'other';
}
