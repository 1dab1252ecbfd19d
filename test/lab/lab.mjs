/**
 * `npm run lab`: Debian guests under QEMU are recorded while they boot and work, the pages of their image are labelled,
 * and the files that fill most of the shared memory are named. At the end the guests are stopped, and QEMU's own dump
 * of each is compared with what the recorder says of the same moment. docs/LAB.md has a run with its figures.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { hostname, totalmem } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

import { baseImage, ROUND_DONE } from './base-image.mjs';
import { Guest } from './guest.mjs';
import { checkMachine, readOptions } from './lab-options.mjs';
import { LabProblem } from './lab-problem.mjs';
import { compareMemories, coreMemory, traceMemories } from './second-source.mjs';

const SHARETOP = path.resolve(import.meta.dirname, '../../bin/sharetop.js');
const IMAGE = 'debian12';
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
const FRAMES_PER_MIB = 256;
const LOOK_MS = 1000;
/** Of the recorder, when it is asked to end. */
const LAST_PASS_MS = 60_000;

const children = new Set();
const begun = Date.now();

function say(text) {
  process.stdout.write(`${((Date.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
}

/** Starts a program whose output goes to a file; it ends with the lab. */
function start(program, args, log) {
  const output = openSync(log, 'a');
  const child = spawn(program, args, { stdio: ['ignore', output, output] });
  closeSync(output);
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

/** Runs a program to its end; its standard output. Throws a LabProblem with what it said last. */
function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    const output = [];
    let errors = '';
    child.stdout.on('data', (bytes) => output.push(bytes));
    child.stderr.on('data', (bytes) => (errors = (errors + bytes).slice(-4000)));
    child.on('error', (error) => reject(new LabProblem(`${program}: ${error.message}`)));
    child.on('close', (code) => {
      children.delete(child);
      const text = Buffer.concat(output).toString();
      if (code === 0) return resolve(text);
      const last = (errors.trim() || text.trim()).split('\n').at(-1);
      return reject(new LabProblem(`${program} ${args[0]}… ended with ${code}: ${last}`));
    });
  });
}

const sharetop = (...args) => run(process.execPath, [SHARETOP, ...args]);

/** Throws if the recorder is not at work. */
function checkRecorder(recorder, log) {
  if (recorder.exitCode === null && recorder.signalCode === null) return;
  const last = readFileSync(log, 'utf8').trim().split('\n').at(-1);
  throw new LabProblem(`record ended (${recorder.exitCode ?? recorder.signalCode}): ${last}`);
}

/**
 * Starts the guests one after another and waits until each has done its rounds.
 * @param check is called while it waits, and throws when that is in vain
 */
async function work(guests, image, options, check) {
  const { rounds, stagger, timeout } = options;
  const end = Date.now() + timeout * 1000;
  const wait = async (done, what) => {
    while (!done()) {
      check();
      if (Date.now() > end)
        throw new LabProblem(`${what}: not within --timeout ${timeout}; see the console with --keep`);
      await sleep(LOOK_MS);
    }
  };
  for (const [i, guest] of guests.entries()) {
    if (i > 0) await sleep(stagger * 1000);
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image.image, '-F', 'raw', guest.disk]);
    guest.start(image, options);
    children.add(guest.process);
    say(`${guest.name} boots`);
  }
  for (const guest of guests) {
    await wait(() => guest.lines('lab: work begins') > 0, `${guest.name} comes up`);
    say(`${guest.name} is up`);
  }
  for (const guest of guests) {
    await wait(() => guest.lines(ROUND_DONE) >= rounds, `${guest.name} does ${rounds} rounds`);
    say(`${guest.name} has done ${rounds} rounds`);
  }
}

/** Ends the recorder as a person does, and waits for its last pass. */
async function endRecorder(recorder, log) {
  checkRecorder(recorder, log);
  const ended = new Promise((resolve) => recorder.once('exit', resolve));
  recorder.kill('SIGINT');
  const late = sleep(LAST_PASS_MS, 'late', { ref: false });
  if ((await Promise.race([ended, late])) === 'late') throw new LabProblem('record does not end on SIGINT');
  if (recorder.exitCode !== 0 && recorder.exitCode !== SIGNALS.SIGINT) checkRecorder(recorder, log);
}

/** The requests of all guests become a stream of the recorded trace; both know a guest by its uuid. */
async function addReads(folder, trace, guests, image) {
  const host = ['--host', hostname(), '--host-memory', `${Math.floor(totalmem() / 4096)}`];
  const reads = path.join(folder, 'reads');
  const each = (option, value) => guests.flatMap((guest) => [option, value(guest)]);
  await sharetop(
    'import',
    ...guests.map((guest) => guest.blockLog),
    ...each('--guest', ({ blockLog, name }) => `${blockLog}=${name}`),
    ...each('--image', ({ name }) => `${name}=${IMAGE}`),
    ...each('--key', ({ name, uuid }) => `${name}=${uuid}`),
    ...['--image-file', `${IMAGE}=${image.image}`, ...host, '-o', reads],
  );
  for (const name of readdirSync(reads)) copyFileSync(path.join(reads, name), path.join(trace, name));
}

/** Stops the guests and compares QEMU's dump of each with one pass of the recorder. Returns whether all is equal. */
async function compareWithDumps(folder, guests, { memory }) {
  for (const guest of guests) await guest.pause();
  const still = path.join(folder, 'still');
  const pids = guests.map((guest) => guest.process.pid).join(',');
  await sharetop(
    'record',
    '--pid',
    pids,
    '--consistent',
    '--passes',
    '1',
    '--rate',
    'max',
    '--duty',
    'off',
    '-o',
    still,
  );
  await sharetop('convert', still, '--to', 'ndjson', '-o', path.join(folder, 'still.ndjson'));
  const recorded = await traceMemories(path.join(folder, 'still.ndjson'));
  const frames = memory * FRAMES_PER_MIB;
  let allEqual = true;
  for (const guest of guests) {
    await guest.dump();
    const core = await coreMemory(guest.core, frames);
    const { equal, untouched, different, notInCore } = compareMemories(core, recorded.get(guest.name), frames);
    const some = different.slice(0, 5).join(', ');
    const found = different.length === 0 ? 'none differs' : `${different.length} DIFFER (gfn ${some} …)`;
    const missing = notInCore === 0 ? '' : `, ${notInCore} not in the dump`;
    say(`${guest.name}: ${equal} of ${frames} pages equal QEMU's dump, ${untouched} never touched, ${found}${missing}`);
    allEqual &&= different.length === 0 && equal > 0;
  }
  return allEqual;
}

async function lab(options, folder) {
  const image = await baseImage(options, run, say);
  const labels = path.join(folder, `${IMAGE}.labels`);
  say(`labels ${image.root}`);
  await sharetop('label', image.root, '--name', IMAGE, '-o', labels);

  const guests = Array.from({ length: options.guests }, (_, i) => new Guest(`guest-${i + 1}`, folder));
  const trace = path.join(folder, 'trace');
  const recorderLog = path.join(folder, 'record.log');
  const recording = ['record', '--qemu', '--interval', `${options.interval}s`, '--rate', options.rate, '-o', trace];
  const recorder = start(process.execPath, [SHARETOP, ...recording], recorderLog);
  await work(guests, image, options, () => checkRecorder(recorder, recorderLog));
  // One more pass sees the end of the work.
  await sleep(2000 * options.interval);
  await endRecorder(recorder, recorderLog);
  say(`recorded: ${readFileSync(recorderLog, 'utf8').trim().split('\n').at(-1)}`);
  await addReads(folder, trace, guests, image);

  const allEqual = await compareWithDumps(folder, guests, options);
  say('what is shared, by the model of a region without limit and by the upper bound:');
  const shown = ['--labels', labels, '--region', 'unlimited', '--policies', 'oracle,dlps'];
  process.stdout.write(await sharetop('report', trace, ...shown, '--audit'));
  process.stdout.write(await sharetop('report', trace, ...shown, '--by', 'file'));
  process.stdout.write(await sharetop('report', trace, ...shown, '--by', 'package'));
  return allEqual ? 0 : 1;
}

function endChildren() {
  for (const child of children) child.kill('SIGKILL');
}

async function main() {
  let folder;
  let keep = false;
  const clean = () => {
    endChildren();
    if (folder !== undefined && existsSync(folder) && !keep) rmSync(folder, { recursive: true, force: true });
  };
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      clean();
      process.exit(code);
    });
  }
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === null) return 0;
    checkMachine(options);
    keep = options.keep;
    mkdirSync(options.work, { recursive: true });
    folder = mkdtempSync(path.join(options.work, 'run-'));
    if (keep) say(`the run is kept in ${folder}`);
    return await lab(options, folder);
  } catch (error) {
    if (!(error instanceof LabProblem)) throw error;
    process.stderr.write(`lab: ${error.message}\n`);
    return 1;
  } finally {
    clean();
  }
}

process.exitCode = await main();
