/**
 * The image of the guests: a minimal Debian 12 with a kernel and a small service that reads programs and libraries
 * again and again. It is made once, without a mount: the file system is filled as it is made.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { LabProblem } from './lab-problem.mjs';

const SUITE = 'bookworm';
const PACKAGES = 'systemd-sysv,udev,kmod,procps,python3-minimal,linux-image-amd64';
/** A change of the recipe makes the image anew. */
const RECIPE = 1;

const WORKLOAD = `#!/bin/sh
# Reads what a service would: programs and libraries, again and again.
echo 'lab: work begins' > /dev/console
while :; do
  find /usr/bin /usr/sbin /usr/lib/x86_64-linux-gnu /usr/lib/python3* -type f -exec md5sum {} + > /dev/null 2>&1
  echo 'lab: round done' > /dev/console
  sleep 2
done
`;

const UNIT = `[Unit]
Description=work of the sharetop lab
After=multi-user.target

[Service]
ExecStart=/usr/local/sbin/lab-work

[Install]
WantedBy=multi-user.target
`;

/** What the guests say on their consoles. */
export const ROUND_DONE = 'lab: round done';

/**
 * Makes the image, or takes the one that is there.
 * @param run runs a command to its end, see lab.mjs
 * @returns paths of the root directory, of the raw image, of kernel and initrd
 */
export async function baseImage({ work, mirror, disk }, run, say) {
  const folder = path.join(work, 'image');
  const root = path.join(folder, 'root');
  const image = path.join(folder, 'base.raw');
  const stamp = path.join(folder, 'stamp');
  const wanted = `${RECIPE} ${SUITE} ${PACKAGES} ${disk}\n`;
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    say(`makes the image in ${folder}: debootstrap of ${SUITE}, some minutes`);
    const from = mirror === undefined ? [] : [mirror];
    await run('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, SUITE, root, ...from]);
    furnish(root);
    await run('mkfs.ext4', ['-q', '-F', '-b', '4096', '-d', root, image, `${disk}M`]);
    writeFileSync(stamp, wanted);
  }
  const boot = path.join(root, 'boot');
  const named = (start) => {
    const name = readdirSync(boot).find((file) => file.startsWith(start));
    if (name === undefined) throw new LabProblem(`${boot} has no ${start}*: remove ${folder} and run again`);
    return path.join(boot, name);
  };
  return { root, image, kernel: named('vmlinuz-'), initrd: named('initrd.img-') };
}

function furnish(root) {
  const at = (...parts) => path.join(root, ...parts);
  writeFileSync(at('usr/local/sbin/lab-work'), WORKLOAD, { mode: 0o755 });
  writeFileSync(at('etc/systemd/system/lab.service'), UNIT);
  mkdirSync(at('etc/systemd/system/multi-user.target.wants'), { recursive: true });
  symlinkSync('/etc/systemd/system/lab.service', at('etc/systemd/system/multi-user.target.wants/lab.service'));
  writeFileSync(at('etc/hostname'), 'lab\n');
  writeFileSync(at('etc/fstab'), '/dev/vda / ext4 defaults,noatime 0 1\n');
  const archives = at('var/cache/apt/archives');
  for (const name of readdirSync(archives)) if (name.endsWith('.deb')) rmSync(path.join(archives, name));
}
