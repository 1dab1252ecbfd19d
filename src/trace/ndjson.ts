/**
 * Records as NDJSON: one JSON object a line, for ten-line scripts and for people. Lossless: what is written here,
 * ndjson-line.ts reads back word by word, and the other way round for lines written here.
 *
 *   {"record":"time","t":1000000}
 *   {"record":"host","name":"xen1","hypervisor":"xen","frames":2097152}
 *   {"record":"image","id":1,"name":"debian.qcow2","readOnly":true,"blocks":524288}
 *   {"record":"domain","domid":1,"key":"web1","name":"web1","group":"default","kind":"pv","frames":65536}
 *   {"record":"gone","domid":1}
 *   {"record":"fill","domid":1,"gfn":7,"hash":"ac869b6f32d8bbdb"}           "class":"thp-zero" if it is not plain
 *   {"record":"fill","domid":1,"gfn":7,"count":512,"hash":"…"}              a run
 *   {"record":"fill","domid":1,"gfn":7,"hashes":["…","…"]}                  a span
 *   {"record":"dirty","domid":1,"gfn":7,"count":1}                          also free, touch
 *   {"record":"blockRead","domid":1,"image":1,"block":9,"hash":"…","gfn":7} "aligned":false if it is not
 *   {"record":"blockRead","domid":1,"image":1,"block":9,"hashes":["…","…"]} consecutive blocks of an aligned request
 *   {"record":"blockWrite","domid":1,"image":1,"block":9,"count":1}
 *   {"record":"label","hash":"…","offset":0,"text":"/usr/bin/python3.11"}
 *   {"record":"mark","text":"load starts"}
 *   {"record":"lost","count":100}
 *   {"record":"keyframe","phase":"begin","domid":1}                         and "phase":"end"
 *   {"record":"extra","domid":1,"index":0,"count":15,"hash":"…"}            "class" as in a fill
 *   {"record":"counter","domid":1,"name":"ksm.ksm_merging_pages","value":9} without "domid": the host's
 *   {"record":"labelFile","path":"debian12.labels"}
 *   {"record":"scan","phase":"begin","domid":1}                             and "phase":"end"
 *
 * Any line may carry "t", the time in µs from it on. docs/FORMAT.md has the rules.
 */
import { assert } from '../base/assert.js';
import { hashHex } from '../base/hash-hex.js';
import { fromHalves } from '../base/units.js';
import {
  domidOf,
  FILL_CLASS,
  flagsOf,
  KIND,
  kindOf,
  NO_GFN,
  READ_ALIGNED,
  READ_HASH_KNOWN,
  SLOT_WORDS,
  slotsOf,
  type RecordBlock,
} from './record.js';
import {
  readCounterRecord,
  readDomainRecord,
  readHostRecord,
  readImageRecord,
  readLabelFileRecord,
  readLabelRecord,
  readMarkRecord,
} from './record-text.js';

/** The longest line, newline not counted. */
export const LINE_BYTES_MAX = 64 * 1024;

/** The name of each fill class on a line; classes without a name are numbers there. */
export const FILL_CLASS_TEXT: ReadonlyMap<number, string> = new Map([
  [FILL_CLASS.plain, 'plain'],
  [FILL_CLASS.thpZero, 'thp-zero'],
]);

/**
 * Writes a block's records as lines, each with its newline, to `sink`.
 *
 * @param timeMicros the time that the lines before left the reader with; a `time` line goes first if the block begins
 *   at another one, and not with one. A new stream begins at 0.
 * @returns the time that these lines leave the reader with.
 */
export function encodeNdjson(
  block: Omit<RecordBlock, 'recordCount'> & { readonly recordCount?: number },
  sink: (line: string) => void,
  timeMicros: number,
): number {
  let time = timeMicros;
  const words = block.words;
  const startsWithTime = block.start < block.end && kindOf(words[block.start]) === KIND.time;
  if (block.baseTimeMicros !== time && !startsWithTime) {
    time = block.baseTimeMicros;
    sink(`{"record":"time","t":${time}}\n`);
  }
  let at = block.start;
  while (at < block.end) {
    const head = words[at];
    if (kindOf(head) === KIND.time) time = fromHalves(words[at + 1], words[at + 2]);
    sink(`${recordLine(words, at)}\n`);
    at += slotsOf(head) * SLOT_WORDS;
  }
  return time;
}

/** One checked record as a JSON object, without a newline. */
export function recordLine(words: Uint32Array, at: number): string {
  const head = words[at];
  const domid = domidOf(head);
  const first = words[at + 1];
  const second = words[at + 2];
  const third = words[at + 3];
  switch (kindOf(head)) {
    case KIND.time:
      return `{"record":"time","t":${fromHalves(first, second)}}`;
    case KIND.host:
      return JSON.stringify({ record: 'host', ...readHostRecord(words, at) });
    case KIND.image: {
      const { id, name, readOnly, blocks } = readImageRecord(words, at);
      return JSON.stringify({ record: 'image', id, name, readOnly, blocks });
    }
    case KIND.domain:
      return JSON.stringify({ record: 'domain', ...readDomainRecord(words, at) });
    case KIND.gone:
      return `{"record":"gone","domid":${domid}}`;
    case KIND.fill:
    case KIND.fillRun:
    case KIND.fillSpan:
      return fillLine(words, at);
    case KIND.dirty:
      return `{"record":"dirty","domid":${domid},"gfn":${first},"count":${second}}`;
    case KIND.free:
      return `{"record":"free","domid":${domid},"gfn":${first},"count":${second}}`;
    case KIND.touch:
      return `{"record":"touch","domid":${domid},"gfn":${first},"count":${second}}`;
    case KIND.blockRead:
      return blockReadLine(words, at);
    case KIND.blockReadSpan:
      return (
        `{"record":"blockRead","domid":${domid},"image":${first},"block":${second},` +
        `"hashes":[${hashList(words, at, third)}]}`
      );
    case KIND.blockWrite:
      return `{"record":"blockWrite","domid":${domid},"image":${first},"block":${second},"count":${third}}`;
    case KIND.label: {
      const { low, high, offset, text } = readLabelRecord(words, at);
      return JSON.stringify({ record: 'label', hash: hashHex(low, high), offset, text });
    }
    case KIND.mark:
      return JSON.stringify({ record: 'mark', text: readMarkRecord(words, at) });
    case KIND.lost:
      return `{"record":"lost","count":${fromHalves(first, second)}}`;
    case KIND.keyframeBegin:
      return `{"record":"keyframe","phase":"begin","domid":${domid}}`;
    case KIND.keyframeEnd:
      return `{"record":"keyframe","phase":"end","domid":${domid}}`;
    case KIND.extra:
      return extraLine(words, at);
    case KIND.counter: {
      const { domid: owner, name, value } = readCounterRecord(words, at);
      return JSON.stringify({ record: 'counter', ...(owner !== null && { domid: owner }), name, value });
    }
    case KIND.labelFile:
      return JSON.stringify({ record: 'labelFile', path: readLabelFileRecord(words, at) });
    case KIND.scanBegin:
      return `{"record":"scan","phase":"begin","domid":${domid}}`;
    case KIND.scanEnd:
      return `{"record":"scan","phase":"end","domid":${domid}}`;
    default:
      assert(false, `record kind ${kindOf(head)} was checked`);
  }
}

function fillLine(words: Uint32Array, at: number): string {
  const head = words[at];
  const gfn = words[at + 1];
  const start = `{"record":"fill","domid":${domidOf(head)},"gfn":${gfn},`;
  if (kindOf(head) === KIND.fill) {
    return `${start}"hash":"${hashHex(words[at + 2], words[at + 3])}"${classField(head)}}`;
  }
  const count = words[at + 2];
  if (kindOf(head) === KIND.fillRun) {
    const hash = hashHex(words[at + 4], words[at + 5]);
    return `${start}"count":${count},"hash":"${hash}"${classField(head)}}`;
  }
  return `${start}"hashes":[${hashList(words, at, count)}]}`;
}

function extraLine(words: Uint32Array, at: number): string {
  const head = words[at];
  const hash = hashHex(words[at + 4], words[at + 5]);
  const start = `{"record":"extra","domid":${domidOf(head)},"index":${words[at + 1]},"count":${words[at + 2]}`;
  return `${start},"hash":"${hash}"${classField(head)}}`;
}

/** The field that tells the class of a fill or of extra frames; nothing for a plain one. */
function classField(head: number): string {
  const fillClass = flagsOf(head);
  const text = FILL_CLASS_TEXT.get(fillClass);
  return fillClass === FILL_CLASS.plain ? '' : `,"class":${text === undefined ? fillClass : `"${text}"`}`;
}

/** The hashes of a span, quoted and separated by commas. */
function hashList(words: Uint32Array, at: number, count: number): string {
  let hashes = '';
  for (let i = 0; i < count; i++) {
    const word = at + SLOT_WORDS + 2 * i;
    hashes += `${i === 0 ? '' : ','}"${hashHex(words[word], words[word + 1])}"`;
  }
  return hashes;
}

function blockReadLine(words: Uint32Array, at: number): string {
  const head = words[at];
  const flags = flagsOf(head);
  const gfn = words[at + 6];
  let line = `{"record":"blockRead","domid":${domidOf(head)},"image":${words[at + 1]},"block":${words[at + 2]}`;
  if ((flags & READ_HASH_KNOWN) !== 0) {
    line += `,"hash":"${hashHex(words[at + 4], words[at + 5])}"`;
  }
  if (gfn !== NO_GFN) line += `,"gfn":${gfn}`;
  if ((flags & READ_ALIGNED) === 0) line += ',"aligned":false';
  return `${line}}`;
}
