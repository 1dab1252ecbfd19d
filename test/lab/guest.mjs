/** A guest: one QEMU with a disk of its own over the common image, a console in a file, QMP, and a log of its reads. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';

import { LabProblem } from './lab-problem.mjs';

const QMP_MS_MAX = 120_000;
const COMMAND_LINE = 'root=/dev/vda rw console=ttyS0 no_timer_check panic=-1';

export class Guest {
  /** @param folder of the run; everything of the guest lies in it */
  constructor(name, folder) {
    this.name = name;
    this.uuid = randomUUID();
    this.disk = path.join(folder, `${name}.qcow2`);
    this.console = path.join(folder, `${name}.console`);
    this.blockLog = path.join(folder, `${name}.virtio.log`);
    this.socket = path.join(folder, `${name}.qmp`);
    this.core = path.join(folder, `${name}.core`);
    this.messages = path.join(folder, `${name}.qemu`);
    this.process = undefined;
    this.ended = false;
  }

  /** Starts QEMU. Without KVM time is counted in instructions, so that a slow machine is no slow clock to the guest. */
  start({ kernel, initrd }, { memory, kvm }) {
    const messages = openSync(this.messages, 'a');
    const accelerator = kvm ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,tb-size=128', '-icount', 'shift=2'];
    this.process = spawn(
      'qemu-system-x86_64',
      [
        ...[
          '-name',
          this.name,
          '-uuid',
          this.uuid,
          ...accelerator,
          '-m',
          String(memory),
          '-smp',
          '1',
          '-nodefaults',
          '-display',
          'none',
        ],
        ...['-serial', `file:${this.console}`, '-monitor', 'none', '-qmp', `unix:${this.socket},server=on,wait=off`],
        ...['-kernel', kernel, '-initrd', initrd, '-append', COMMAND_LINE],
        ...['-drive', `file=${this.disk},if=none,id=disk,format=qcow2`, '-device', 'virtio-blk-pci,drive=disk'],
        ...['-msg', 'timestamp=on', '-D', this.blockLog, '-trace', 'virtio_blk_handle_*'],
      ],
      { stdio: ['ignore', messages, messages] },
    );
    closeSync(messages);
    this.process.on('exit', () => (this.ended = true));
    this.process.on('error', () => (this.ended = true));
  }

  /** How often the line stands on the console. */
  lines(text) {
    let said = '';
    try {
      said = readFileSync(this.console, 'latin1');
    } catch {
      // QEMU has not made it yet.
    }
    if (this.ended) throw new LabProblem(`${this.name}: QEMU ended; ${this.messages} says: ${lastLine(this.messages)}`);
    if (/Kernel panic/.test(said)) throw new LabProblem(`${this.name}: the kernel panicked; see ${this.console}`);
    return said.split(text).length - 1;
  }

  /** Stops the guest: from here on its memory is still. */
  pause() {
    return this.#qmp({ execute: 'stop' });
  }

  /** The guest's memory as an ELF core, by QEMU itself. */
  dump() {
    return this.#qmp({ execute: 'dump-guest-memory', arguments: { paging: false, protocol: `file:${this.core}` } });
  }

  kill() {
    if (!this.ended) this.process?.kill('SIGKILL');
  }

  #qmp(command) {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.socket);
      const fail = (why) => {
        socket.destroy();
        reject(new LabProblem(`${this.name}: QMP ${command.execute}: ${why}`));
      };
      socket.setTimeout(QMP_MS_MAX, () => fail('no answer'));
      socket.on('error', (error) => fail(error.message));
      socket.on('close', () => fail('the connection was closed'));
      let rest = '';
      let step = 0;
      const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
      socket.on('data', (bytes) => {
        const lines = (rest + bytes).split('\n');
        rest = lines.pop();
        for (const line of lines.filter((one) => one.trim() !== '')) {
          const message = JSON.parse(line);
          if (message.error !== undefined) return fail(message.error.desc);
          if (message.QMP !== undefined) send({ execute: 'qmp_capabilities' });
          else if (message.return !== undefined && step++ === 0) send(command);
          else if (message.return !== undefined) {
            socket.removeAllListeners('close');
            socket.end();
            return resolve(message.return);
          }
        }
        return undefined;
      });
    });
  }
}

function lastLine(file) {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) || 'nothing';
}
