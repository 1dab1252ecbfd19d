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
  /** The file of what the guests' processes had mergeable beside the RAM (ksm-extra.ts); left out: none. */
  readonly ksmExtra?: string;
}

/** What the head of an input file said. */
export interface ImportFile {
  readonly path: string;
  readonly content: 'series' | 'blocks';
  /** A block trace with a domid column. */
  readonly hasDomid: boolean;
  /** Frames of the guest of a series, else 0. */
  readonly pages: number;
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
  readonly domid: number;
  readonly group: string;
  /** Its reservation: the pages of its series, 0 if it has none. */
  readonly frames: number;
  readonly image: ImportImage;
}

const GROUP_DEFAULT = 'default';
const UNNAMED_GUEST = /^dom(\d{1,5})$/;

/** The guest that a file belongs to: its name without directory and known endings. */
export function guestNameOf(path: string): string {
  return basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.pghd$|\.blk\.csv$|\.csv$/, '');
}

/** Guests and images of an import; both lists grow when a block trace names an unknown domid. */
export class ImportPlan {
  /** In the order of first naming on the command line; guests `dom<N>` are added as they appear. */
  readonly guests: ImportGuest[] = [];
  /** In the order of their guests; image ids are 1, 2, … */
  readonly images: ImportImage[] = [];
  readonly #byDomid = new Map<number, ImportGuest>();

  /** Throws TraceError if files and options do not fit together. */
  constructor(
    files: readonly ImportFile[],
    readonly options: ImportOptions,
  ) {
    checkFiles(files);
    const domidFile = files.find((file) => file.hasDomid);
    const names = [...new Set(files.filter((file) => !file.hasDomid).map((file) => guestNameOf(file.path)))];
    this.#checkNames(names, domidFile !== undefined);
    const domids = assignDomids(names, options.domids);
    for (const name of names) {
      if (domidFile !== undefined && !options.domids.has(name)) {
        const mend = `say which one is ${name}, e.g. --domid ${name}=2`;
        throw new TraceError(domidFile.path, '', `its rows name domains by domid; ${mend}`);
      }
      const series = files.find((file) => file.content === 'series' && guestNameOf(file.path) === name);
      this.#add(name, domids.get(name) as number, series?.pages ?? 0);
    }
  }

  /** The guest of a file without a domid column. */
  guestOf(file: ImportFile): ImportGuest {
    const guest = this.guests.find((each) => each.name === guestNameOf(file.path));
    assert(guest !== undefined, 'every file without domids has a guest');
    return guest;
  }

  /** The guest with this domid, made if there is none yet. */
  guestWithDomid(domid: number): ImportGuest {
    return this.#byDomid.get(domid) ?? this.#add(`dom${domid}`, domid, 0);
  }

  /** Memory of the machine, frames. */
  get hostFrames(): number {
    if (this.options.hostMemoryFrames !== null) return this.options.hostMemoryFrames;
    return this.guests.reduce((sum, guest) => sum + guest.frames, 0);
  }

  #add(name: string, domid: number, frames: number): ImportGuest {
    const group = this.options.groups.get(name) ?? GROUP_DEFAULT;
    const guest = { name, domid, group, frames, image: this.#imageOf(name) };
    this.guests.push(guest);
    this.#byDomid.set(domid, guest);
    return guest;
  }

  #imageOf(guestName: string): ImportImage {
    const base = this.options.images.get(guestName);
    const name = base ?? `${guestName}-disk`;
    const readOnly = base !== undefined;
    const known = this.images.find((image) => image.name === name && image.readOnly === readOnly);
    if (known !== undefined) return known;
    const image = { id: this.images.length + 1, name, readOnly };
    this.images.push(image);
    return image;
  }

  /** An option about a guest that does not exist is a typing mistake that would give silently wrong figures. */
  #checkNames(names: readonly string[], mayAppear: boolean): void {
    const { images, domids, groups } = this.options;
    for (const [option, map] of Object.entries({ image: images, domid: domids, group: groups })) {
      for (const name of map.keys()) {
        const appears = mayAppear && option !== 'domid' && UNNAMED_GUEST.test(name);
        if (names.includes(name) || appears) continue;
        const known = names.length === 0 ? 'there is none' : `known: ${names.join(', ')}`;
        throw new TraceError(`--${option} ${name}`, '', `no guest of this name is imported (${known})`);
      }
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
    const name = guestNameOf(file.path);
    if (file.hasDomid) continue;
    if (name === '')
      throw new TraceError(file.path, '', 'a guest is called by its file: the name before .pghd is empty');
    const twin = files.slice(0, i).find((other) => {
      return !other.hasDomid && other.content === file.content && guestNameOf(other.path) === name;
    });
    if (twin === undefined) continue;
    const what = file.content === 'series' ? 'page-hash series' : 'block trace';
    throw new TraceError(file.path, '', `guest ${name} already has a ${what}, ${twin.path}: rename one file`);
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
