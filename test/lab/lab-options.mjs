/** The command line of the lab, and what the machine must have for it. */
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { LabProblem } from './lab-problem.mjs';

const HELP = `npm run lab -- [options]: two Debian guests under QEMU, recorded live, and which files they share

  --work DIR      the image is made here once and kept; runs are made below it (default: sharetop-lab in the
                  directory for temporary files)
  --guests N      how many guests, 1 … 16 (default 2)
  --memory MIB    of each guest, 128 … 8192 (default 256)
  --rounds N      rounds of its work that each guest does before the end (default 2)
  --stagger S     seconds between two starts (default 15)
  --interval S    seconds between two passes of the recorder (default 5)
  --rate BYTES    of the recorder, as record has it (default 100M)
  --timeout S     give up when the guests are not done by then (default 1500)
  --mirror URL    of Debian, for debootstrap (default: its own)
  --disk MIB      size of the image (default 1300)
  --kvm           with KVM instead of software emulation
  --keep          leave traces, dumps and logs of the run in place
  --help

Needs Linux, root (for debootstrap), and qemu-system-x86_64, qemu-img, debootstrap, mkfs.ext4; 3 GB of disk below
--work; the network for the first run only. Everything it starts ends with it; what it leaves is --work/image.`;

const PROGRAMS = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['qemu-img', 'qemu-utils'],
  ['debootstrap', 'debootstrap'],
  ['mkfs.ext4', 'e2fsprogs'],
];

/** The options with their numbers checked; null: the help was asked for and printed. */
export function readOptions(args) {
  const text = (value) => ({ type: 'string', default: value });
  const flag = { type: 'boolean', default: false };
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        work: text(path.join(tmpdir(), 'sharetop-lab')),
        guests: text('2'),
        memory: text('256'),
        rounds: text('2'),
        stagger: text('15'),
        interval: text('5'),
        rate: text('100M'),
        timeout: text('1500'),
        mirror: { type: 'string' },
        disk: text('1300'),
        kvm: flag,
        keep: flag,
        help: flag,
      },
    }));
  } catch (error) {
    throw new LabProblem(`${error.message}; --help lists the options`);
  }
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return null;
  }
  const number = (name, least, most) => {
    const value = /^\d{1,6}$/.test(values[name]) ? Number(values[name]) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new LabProblem(`--${name} '${values[name]}': write a whole number, ${least} to ${most}`);
  };
  return {
    work: path.resolve(values.work),
    mirror: values.mirror,
    rate: values.rate,
    kvm: values.kvm,
    keep: values.keep,
    guests: number('guests', 1, 16),
    memory: number('memory', 128, 8192),
    rounds: number('rounds', 1, 1000),
    stagger: number('stagger', 0, 600),
    interval: number('interval', 1, 600),
    timeout: number('timeout', 60, 86_400),
    disk: number('disk', 900, 16_384),
  };
}

/** Throws a LabProblem that names what is missing. */
export function checkMachine({ kvm }) {
  if (process.platform !== 'linux') throw new LabProblem('needs Linux: guests are recorded through /proc');
  if (process.getuid() !== 0) throw new LabProblem('needs root: debootstrap makes the root of the guests');
  const missing = PROGRAMS.filter(([program]) => !isOnPath(program));
  if (missing.length > 0) {
    const packages = missing.map(([, name]) => name).join(' ');
    throw new LabProblem(`needs ${missing.map(([program]) => program).join(', ')}: apt-get install ${packages}`);
  }
  if (kvm && !isThere('/dev/kvm', constants.R_OK | constants.W_OK))
    throw new LabProblem('--kvm: no access to /dev/kvm');
}

function isOnPath(program) {
  // Where a login of root finds them, also if PATH is that of another user.
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isThere(path.join(folder, program), constants.X_OK));
}

function isThere(file, mode) {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
