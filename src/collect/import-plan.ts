/**
 * Who is who in an import: which file belongs to which guest, and the domid, group and image of each guest. Decided
 * from the command line and the heads of the files, before anything is written.
 *
 * A guest's name is its file's: web1.pghd.gz and web1.blk.csv.gz are guest web1. A block trace with a domid column
 * belongs to no guest of its own: its rows go to the guest with that domid, which must therefore be given, and to a
 * new guest `dom<N>` where there is none.
 */
import { basename } from 'node:path';
import { assert } from '../base/assert.js';
import { TraceError } from '../trace/trace-error.js';
import type { ImageFileOption } from './block-logs/image-blocks.js';
import type { XlFiles } from './host-counters/xl-files.js';

/** What `sharetop import` was asked for. Maps are by guest name, `offsetsMicros` by file as named in `files`. */
export interface ImportOptions {
  readonly files: readonly string[];
  /** Read-only base images; guests of one image name share it. */
  readonly images: ReadonlyMap<string, string>;
  readonly domids: ReadonlyMap<string, number>;
  readonly groups: ReadonlyMap<string, string>;
  /** Added to all times of a file, µs; may be negative. */
  readonly offsetsMicros: ReadonlyMap<string, number>;
  readonly hostName: string;
  /** '' if not known. */
  readonly hypervisor: string;
  /** Memory of the machine; null: the sum of the reservations. */
  readonly hostMemoryFrames: number | null;
  /** By guest: the key that another recorder knows it by; its name is the key where nothing is given. */
  readonly keys?: ReadonlyMap<string, string>;
  /** By image: the raw file that holds it, for the hashes of what was read of it. */
  readonly imageFiles?: ReadonlyMap<string, ImageFileOption>;
  /** How block logs are read; left out: as `LOGS_DEFAULT` says. */
  readonly logs?: LogOptions;
  /** When a dump was made, µs, by file; 0 where nothing is given. */
  readonly atTimesMicros?: ReadonlyMap<string, number>;
  /** Files that are raw images of memory: their content cannot tell. */
  readonly rawFiles?: ReadonlySet<string>;
  /** The file of what the guests' processes had mergeable beside the RAM (ksm-extra.ts); left out: none. */
  readonly ksmExtra?: string;
  /** What `xl info` and `xl sharing` printed, as of the end of the trace; left out: none. */
  readonly xl?: XlFiles;
}

/** How block logs are read, see block-logs/block-log.ts. */
export interface LogOptions {
  /** Of blkparse: which of a request's lines is taken. */
  readonly action: string;
  /** Logs of blkparse are of Xen's dom0, whatever their first lines are; but for those in `guests`. */
  readonly dom0: boolean;
  /** By file: the guest whose requests they all are, whatever process made them. */
  readonly guests: ReadonlyMap<string, string>;
}

/** A request is taken when it is queued: only then does the line name the process that makes it. */
export const LOGS_DEFAULT: LogOptions = { action: 'Q', dom0: false, guests: new Map() };

/** What a file says: of memory over time, of requests to disks, or of memory at one instant. */
export type ImportContent = 'series' | 'blocks' | 'dump';

/** What the head of an input file said. */
export interface ImportFile {
  readonly path: string;
  /** The guest that the file belongs to; of no meaning where `hasDomid`. */
  readonly guestName: string;
  readonly content: ImportContent;
  /** A block trace with a domid column. */
  readonly hasDomid: boolean;
  /** Of a series or a dump: the guest has no frame at or above this; else 0. */
  readonly pages: number;
  /** Pages of memory that the guest has by this file: a dump has holes. */
  readonly heldPages: number;
  /** Of a dump that says it: kind of the domain, else ''. */
  readonly kind: string;
  /** Of a dump: its time in the trace, µs. */
  readonly atMicros: number;
}

/** A disk image as the trace declares it. */
export interface ImportImage {
  readonly id: number;
  readonly name: string;
  readonly readOnly: boolean;
}

/** A guest as the trace declares it. */
export interface ImportGuest {
  readonly name: string;
  /** What the domain is known by, in every stream of a trace. */
  readonly key: string;
  readonly domid: number;
  readonly group: string;
  /** Kind of domain, '' if no file says it. */
  readonly kind: string;
  /** Its reservation: the pages of its series or above the highest frame of its dumps; 0 if it has neither. */
  readonly frames: number;
  /** Pages of memory that it has, as far as its files tell: `frames` without the holes. */
  readonly heldPages: number;
  readonly hasDumps: boolean;
  readonly image: ImportImage;
}

const GROUP_DEFAULT = 'default';
/** A disk as a block log calls it: a device of the host, or QEMU's address of a virtio disk. */
const DISK = /^(?:\d+:\d+|0x[0-9a-f]+)$/;
const UNNAMED_GUEST = /^dom(\d{1,5})$/;

/** The guest that a file belongs to: its name without directory and known endings. */
export function guestNameOf(path: string): string {
  return basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.pghd$|(?:\.blk)?\.(?:csv|txt|log)$|\.(?:blkparse|qemu)(?:\.(?:txt|log))?$/, '');
}

/** The guest of a dump: as above; `web1.0.core.gz` and `web1.1.core.gz` are two dumps of web1. */
export function dumpGuestNameOf(path: string): string {
  return basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.(?:core|dump|elf|raw|img|mem|vmcore)$/, '')
    .replace(/\.\d+$/, '');
}

/** Guests and images of an import; both lists grow when a block trace names an unknown domid. */
export class ImportPlan {
  /** In the order of first naming on the command line; guests `dom<N>` are added as they appear. */
  readonly guests: ImportGuest[] = [];
  /** In the order of their guests; image ids are 1, 2, … */
  readonly images: ImportImage[] = [];
  readonly #byDomid = new Map<number, ImportGuest>();
  readonly #disks = new Map<ImportGuest, Map<string, ImportImage>>();
  /** Names of `--image` that are of a disk and were not met yet. */
  readonly #unmetDisks = new Set<string>();

  /** Throws TraceError if files and options do not fit together. */
  constructor(
    files: readonly ImportFile[],
    readonly options: ImportOptions,
  ) {
    checkFiles(files);
    checkDumps(files, options);
    const domidFile = files.find((file) => file.hasDomid);
    const names = [...new Set(files.filter((file) => !file.hasDomid).map((file) => file.guestName))];
    this.#checkNames(names, domidFile !== undefined);
    const domids = assignDomids(names, options.domids);
    for (const name of names) {
      if (domidFile !== undefined && !options.domids.has(name)) {
        const mend = `say which one is ${name}, e.g. --domid ${name}=2`;
        throw new TraceError(domidFile.path, '', `its rows name domains by domid; ${mend}`);
      }
      const own = files.filter((file) => !file.hasDomid && file.guestName === name);
      this.#add(name, domids.get(name) as number, own);
    }
  }

  /** The guest of a file without a domid column. */
  guestOf(file: ImportFile): ImportGuest {
    const guest = this.guests.find((each) => each.name === file.guestName);
    assert(guest !== undefined, 'every file without domids has a guest');
    return guest;
  }

  /** The guest with this domid, made if there is none yet. */
  guestWithDomid(domid: number): ImportGuest {
    return this.#byDomid.get(domid) ?? this.#add(`dom${domid}`, domid, []);
  }

  /**
   * The image on a guest's disk. `--image` may name a disk `GUEST:DISK` or, for all guests, `DISK`; DISK is what the
   * log calls it, or 1, 2, … in the order in which the guest's disks appear. `GUEST` alone is its first.
   */
  imageOf(guest: ImportGuest, disk: string, isDom0: boolean): ImportImage {
    if (disk === '') return guest.image;
    const disks = this.#disks.get(guest) ?? new Map<string, ImportImage>();
    this.#disks.set(guest, disks);
    const known = disks.get(disk);
    if (known !== undefined) return known;
    const ordinal = disks.size + 1;
    const names = [`${guest.name}:${disk}`, `${guest.name}:${ordinal}`, disk];
    if (ordinal === 1) names.push(guest.name);
    for (const name of names) this.#unmetDisks.delete(name);
    const base = names.map((name) => this.options.images.get(name)).find((name) => name !== undefined);
    // In dom0 a device of the host is one disk, whoever reads it.
    const own = isDom0 ? disk : `${guest.name}-disk${ordinal === 1 ? '' : ordinal}`;
    const image = this.#image(base ?? own, base !== undefined);
    disks.set(disk, image);
    return image;
  }

  /** Disks that `--image` names and no request was of: a typing mistake, perhaps. */
  get unmetDisks(): readonly string[] {
    return [...this.#unmetDisks];
  }

  /** Memory of the machine, frames. */
  get hostFrames(): number {
    if (this.options.hostMemoryFrames !== null) return this.options.hostMemoryFrames;
    return this.guests.reduce((sum, guest) => sum + guest.heldPages, 0);
  }

  #add(name: string, domid: number, files: readonly ImportFile[]): ImportGuest {
    const { groups, keys, images } = this.options;
    const base = images.get(name);
    const image = this.#image(base ?? `${name}-disk`, base !== undefined);
    const group = groups.get(name) ?? GROUP_DEFAULT;
    const memory = {
      kind: files.find(({ kind }) => kind !== '')?.kind ?? '',
      frames: files.reduce((most, { pages }) => Math.max(most, pages), 0),
      heldPages: files.reduce((most, { heldPages }) => Math.max(most, heldPages), 0),
      hasDumps: files.some(({ content }) => content === 'dump'),
    };
    const guest = { name, key: keys?.get(name) ?? name, domid, group, image, ...memory };
    this.guests.push(guest);
    this.#byDomid.set(domid, guest);
    return guest;
  }

  #image(name: string, readOnly: boolean): ImportImage {
    const known = this.images.find((image) => image.name === name && image.readOnly === readOnly);
    if (known !== undefined) return known;
    const image = { id: this.images.length + 1, name, readOnly };
    this.images.push(image);
    return image;
  }

  /** `web1` of `web1:8:32`, '' for a disk of no guest; the name itself where it is a guest's. */
  #guestOfDisk(named: string): string {
    const colon = named.indexOf(':');
    const isDisk = DISK.test(named);
    if (isDisk || colon > 0) this.#unmetDisks.add(named);
    return isDisk ? '' : named.slice(0, colon > 0 ? colon : named.length);
  }

  /** An option about a guest that does not exist is a typing mistake that would give silently wrong figures. */
  #checkNames(names: readonly string[], mayAppear: boolean): void {
    const { images, domids, groups, keys = new Map<string, string>() } = this.options;
    for (const [option, map] of Object.entries({ image: images, domid: domids, group: groups, key: keys })) {
      for (const named of map.keys()) {
        const name = option === 'image' ? this.#guestOfDisk(named) : named;
        if (name === '') continue;
        const appears = mayAppear && option !== 'domid' && UNNAMED_GUEST.test(name);
        if (names.includes(name) || appears) continue;
        const known = names.length === 0 ? 'there is none' : `known: ${names.join(', ')}`;
        throw new TraceError(`--${option} ${named}`, '', `no guest of this name is imported (${known})`);
      }
    }
    const imageNames = new Set(images.values());
    for (const name of this.options.imageFiles?.keys() ?? []) {
      if (imageNames.has(name)) continue;
      throw new TraceError(`--image-file ${name}`, '', `no guest has this image; say which, e.g. --image web1=${name}`);
    }
    const clash = names.find(
      (name) => mayAppear && UNNAMED_GUEST.test(name) && domids.get(name) !== Number(name.slice(3)),
    );
    if (clash !== undefined) {
      const number = clash.slice(3);
      throw new TraceError(
        `--domid ${clash}`,
        '',
        `a guest named ${clash} beside rows by domid needs ${clash}=${number}`,
      );
    }
  }
}

function checkFiles(files: readonly ImportFile[]): void {
  for (const [i, file] of files.entries()) {
    const name = file.guestName;
    if (file.hasDomid) continue;
    if (name === '')
      throw new TraceError(file.path, '', 'a guest is called by its file: this one has no name; say --guest FILE=NAME');
    if (file.content === 'dump') continue;
    const twin = files.slice(0, i).find((other) => {
      return !other.hasDomid && other.content === file.content && other.guestName === name;
    });
    if (twin === undefined) continue;
    const what = file.content === 'series' ? 'page-hash series' : 'block trace';
    throw new TraceError(file.path, '', `guest ${name} already has a ${what}, ${twin.path}: rename one file`);
  }
}

/** What is known of a guest's memory in several files needs the time of each; a series has its own. */
function checkDumps(files: readonly ImportFile[], options: ImportOptions): void {
  for (const file of files) {
    if (file.content !== 'dump') continue;
    const own = files.filter((other) => other.content !== 'blocks' && other.guestName === file.guestName);
    const other = own.find((each) => each !== file);
    if (other === undefined) continue;
    if (options.atTimesMicros?.has(file.path) !== true) {
      const what = `guest ${file.guestName} has its memory in ${other.path}, too`;
      throw new TraceError(file.path, '', `${what}: say when the dump was made, --at-time FILE=SECONDS`);
    }
    const twin = own.find((each) => each.content === 'dump' && each !== file && each.atMicros === file.atMicros);
    if (twin === undefined) continue;
    throw new TraceError(file.path, '', `guest ${file.guestName} has another dump of the same time, ${twin.path}`);
  }
}

/** As given, else 1, 2, 3 … leaving out the given ones. */
function assignDomids(names: readonly string[], given: ReadonlyMap<string, number>): Map<string, number> {
  const used = new Map<number, string>();
  for (const [name, domid] of given) {
    const other = used.get(domid);
    if (other !== undefined) throw new TraceError(`--domid ${name}=${domid}`, '', `${other} has this domid already`);
    used.set(domid, name);
  }
  const domids = new Map<string, number>();
  let next = 1;
  for (const name of names) {
    while (!given.has(name) && used.has(next)) next++;
    domids.set(name, given.get(name) ?? next++);
  }
  return domids;
}
