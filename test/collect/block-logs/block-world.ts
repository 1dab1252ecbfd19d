/** Requests of a dom0 by seed, and the events that blktrace would have seen of them. */
import { SeededRandom } from '../../seeded-random.js';
import type { PlainEvent } from './blktrace-binary.js';

/** One request as it was made. */
export interface WorldRequest {
  readonly nanos: number;
  /** -1: by a process that is no backend thread. */
  readonly domid: number;
  readonly process: string;
  /** `7:1`, or `253:0`, which lies over `8:16`. */
  readonly disk: string;
  readonly write: boolean;
  readonly sector: number;
  readonly count: number;
  readonly fails: boolean;
}

export interface World {
  readonly requests: readonly WorldRequest[];
  readonly events: readonly PlainEvent[];
  readonly processes: ReadonlyMap<number, string>;
}

const BACKENDS: readonly [pid: number, domid: number, name: string][] = [
  [1001, 2, '2.xvda-0'],
  [1002, 2, '2.xvda-1'],
  [1003, 3, '[not yet]'],
  [1004, 3, 'blkback.3.xvda1'],
  [1005, 11, '11.hda-0'],
];
const OTHERS: readonly [pid: number, name: string][] = [
  [1, 'systemd'],
  [50, '1.sh'],
  [51, 'qemu-system-i38'],
  [52, 'CPU 0/KVM] [x'],
  [53, '\u00ff\u00fe 8 + 8'],
];
/** Where 253:0 begins on 8:16. */
const LVM_START = 4096;

/** Some hundred requests, a few of them failed, flushes between, all steps of each in the order of their times. */
export function blockWorld(seed: number, count: number): World {
  const random = new SeededRandom(seed);
  const processes = new Map<number, string>(OTHERS);
  for (const [pid, domid, name] of BACKENDS) processes.set(pid, name.startsWith('[') ? `${domid}.xvdb-0` : name);
  const requests: WorldRequest[] = [];
  const events: PlainEvent[] = [];
  for (let i = 0; i < count; i++) {
    const [pid, domid] = random.chance(0.8)
      ? BACKENDS[random.below(BACKENDS.length)]
      : [OTHERS[random.below(OTHERS.length)][0], -1];
    const isLvm = random.chance(0.5);
    const write = random.chance(0.3);
    const odd = random.chance(0.1);
    const request: WorldRequest = {
      nanos: i * 1_000_000 + random.below(300_000) * (i === 0 ? 0 : 1),
      domid,
      process: processes.get(pid) ?? '',
      disk: isLvm ? '253:0' : '7:1',
      write,
      sector: 8 * random.below(5000) + (odd ? 1 + random.below(7) : 0),
      count: odd ? 1 + random.below(20) : 8 * (1 + random.below(6)),
      fails: random.chance(0.05),
    };
    requests.push(request);
    events.push(...eventsOf(request, pid, write ? (random.chance(0.2) ? 'D' : 'WS') : random.chance(0.3) ? 'RA' : 'R'));
    if (random.chance(0.1)) {
      const flush = { nanos: request.nanos + 400_000, flags: 'FWS', sector: 0, count: 0, pid, major: 7, minor: 1 };
      events.push({ ...flush, action: 'Q' }, { ...flush, action: 'C', nanos: flush.nanos + 1, pid: 0 });
    }
  }
  return { requests, events, processes };
}

function eventsOf(request: WorldRequest, pid: number, flags: string): PlainEvent[] {
  const { nanos, sector, count, fails, disk } = request;
  const [major, minor] = disk.split(':').map(Number);
  const above = { nanos, flags, sector, count, pid, major, minor };
  const isLvm = major === 253;
  const below = isLvm ? { ...above, sector: sector + LVM_START, major: 8, minor: 16 } : above;
  const events: PlainEvent[] = [{ ...above, action: 'Q' }];
  if (isLvm) {
    events.push({ ...below, nanos: nanos + 1000, action: 'A', from: { major, minor, sector } });
    events.push({ ...below, nanos: nanos + 2000, action: 'Q' });
  }
  events.push({ ...below, nanos: nanos + 3000, action: 'G' }, { ...below, nanos: nanos + 4000, action: 'I' });
  events.push({ ...below, nanos: nanos + 5000, action: 'D', pid: 1 });
  const done = { action: 'C', pid: 0, ...(fails ? { error: 5 } : {}) } as const;
  events.push({ ...below, nanos: nanos + 90_000, ...done });
  if (isLvm) events.push({ ...above, nanos: nanos + 91_000, ...done });
  return events;
}
