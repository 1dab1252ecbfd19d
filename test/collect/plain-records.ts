/** Records read the plain way, as one object each: expanded runs and spans, hashes as BigInt. */
import { readDomainRecord, readHostRecord, readImageRecord } from '../../src/trace/record-text.js';
import { domidOf, flagsOf, KIND, KIND_NAMES, kindOf, slotsOf } from '../../src/trace/record.js';

export type PlainRecord =
  | { kind: 'fill'; time: number; domid: number; gfn: number; hash: bigint; class: number }
  | { kind: 'read'; time: number; domid: number; image: number; block: number; hash: bigint | null; aligned: boolean }
  | { kind: 'write'; time: number; domid: number; image: number; block: number; count: number }
  | { kind: 'domain'; time: number; domid: number; name: string; group: string; frames: number }
  | { kind: 'host'; time: number; name: string; hypervisor: string; frames: number }
  | { kind: 'image'; time: number; id: number; name: string; readOnly: boolean }
  | { kind: 'other'; time: number; name: string; words: number[] };

const hash64 = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);

/** Calls `take` for every record, each single fill of a run or span by itself. Returns the time behind the last. */
export function eachRecord(
  words: Uint32Array,
  start: number,
  end: number,
  baseTime: number,
  take: (record: PlainRecord) => void,
): number {
  let time = baseTime;
  for (let at = start; at < end; at += slotsOf(words[at]) * 4) {
    const [head, a, b, c] = words.subarray(at, at + 4) as unknown as [number, number, number, number];
    const domid = domidOf(head);
    const flags = flagsOf(head);
    const fill = (gfn: number, word: number, fillClass: number): void =>
      take({ kind: 'fill', time, domid, gfn, hash: hash64(words[word], words[word + 1]), class: fillClass });
    const image = { time, domid, image: a, block: b };
    switch (kindOf(head)) {
      case KIND.time:
        time = b * 2 ** 32 + a;
        break;
      case KIND.fill:
        fill(a, at + 2, flags);
        break;
      case KIND.fillRun:
        for (let i = 0; i < b; i++) fill(a + i, at + 4, flags);
        break;
      case KIND.fillSpan:
        for (let i = 0; i < b; i++) fill(a + i, at + 4 + 2 * i, 0);
        break;
      case KIND.blockRead: {
        const known = (flags & 1) !== 0 ? hash64(words[at + 4], words[at + 5]) : null;
        take({ kind: 'read', ...image, hash: known, aligned: (flags & 2) !== 0 });
        break;
      }
      case KIND.blockReadSpan:
        for (let i = 0; i < c; i++) {
          const word = at + 4 + 2 * i;
          take({ kind: 'read', ...image, block: b + i, hash: hash64(words[word], words[word + 1]), aligned: true });
        }
        break;
      case KIND.blockWrite:
        take({ kind: 'write', ...image, count: c });
        break;
      case KIND.domain:
        take({ ...readDomainRecord(words, at), kind: 'domain', time });
        break;
      case KIND.host:
        take({ kind: 'host', time, ...readHostRecord(words, at) });
        break;
      case KIND.image:
        take({ kind: 'image', time, ...readImageRecord(words, at) });
        break;
      default: {
        const slots = [...words.subarray(at, at + slotsOf(head) * 4)];
        take({ kind: 'other', time, name: KIND_NAMES[kindOf(head)] ?? '?', words: slots });
      }
    }
  }
  return time;
}
