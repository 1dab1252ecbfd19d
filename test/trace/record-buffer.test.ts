import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.js';
import { FillPacker } from '../../src/trace/fill-packer.js';
import { KIND, kindOf, LABEL_BYTES_MAX, slotsOf, TEXT_BYTES_MAX } from '../../src/trace/record.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { checkRecords } from '../../src/trace/record-check.js';
import {
  readDomainRecord,
  readHostRecord,
  readImageRecord,
  readLabelRecord,
  readMarkRecord,
} from '../../src/trace/record-text.js';
import { FrameModel } from './frame-model.js';
import { anyRecord, bufferOf, wordsOf, type Append } from './record-streams.js';

const bytesIn = (text: string): number => Buffer.byteLength(text);

describe('texts', () => {
  it('that fit together are kept whole, even if one is much longer than the others', () => {
    const key = 'k'.repeat(1000);
    const domain = readDomainRecord(bufferOf([(b) => b.domain(1, key, 'name', 'gr', 'pv', 5)]).words, 0);
    expect(domain).toEqual({ domid: 1, key, name: 'name', group: 'gr', kind: 'pv', frames: 5 });
  });

  it('that do not fit are cut to equal shares, between characters', () => {
    const long = '€'.repeat(500);
    const domain = readDomainRecord(bufferOf([(b) => b.domain(1, `x${long}`, long, 'group', long, 5)]).words, 0);
    // 252 bytes each: 84 characters of three bytes; behind one byte 83.
    expect(domain.key).toBe(`x${'€'.repeat(83)}`);
    expect(domain.name).toBe('€'.repeat(84));
    expect(domain.group).toBe('group');
    expect(domain.kind).toBe('€'.repeat(84));
    const host = readHostRecord(bufferOf([(b) => b.host(long, 'xen', 2 ** 53 - 1)]).words, 0);
    expect(host).toEqual({ name: '€'.repeat(168), hypervisor: 'xen', frames: 2 ** 53 - 1 });
  });

  it('alone in a record take all its room', () => {
    const long = '😀'.repeat(500);
    const mark = readMarkRecord(bufferOf([(b) => b.mark(long)]).words, 0);
    expect(bytesIn(mark)).toBe(TEXT_BYTES_MAX);
    const label = readLabelRecord(bufferOf([(b) => b.label(1, 2, 3, long)]).words, 0);
    expect(bytesIn(label.text)).toBe(LABEL_BYTES_MAX);
    const image = readImageRecord(bufferOf([(b) => b.image(1, `a${long}`, true, 2)]).words, 0);
    expect(image.name).toBe(`a${'😀'.repeat(251)}`);
  });

  it('of lone surrogates become replacement characters', () => {
    expect(readMarkRecord(bufferOf([(b) => b.mark('a\ud800b')]).words, 0)).toBe('a\ufffdb');
  });

  it('that are no UTF-8 are read with replacement characters', () => {
    const buffer = bufferOf([(b) => b.mark('abcd')]);
    buffer.words[4] = 0x41ff41ff;
    expect(readMarkRecord(buffer.words, 0)).toBe('\ufffdA\ufffdA');
  });
});

describe('a value out of range', () => {
  const cases: Readonly<Record<string, Append>> = {
    'a negative time': (b) => b.time(-1),
    'a time of 2^53': (b) => b.time(2 ** 53),
    'a broken time': (b) => b.time(0.5),
    'a domid of 2^16': (b) => b.gone(65536),
    'a gfn that is NO_GFN': (b) => b.fill(1, 0xffffffff, 0, 0, 0),
    'a count of 0': (b) => b.dirty(1, 1, 0),
    'a run beyond the last gfn': (b) => b.free(1, 0xfffffffe, 2),
    'a signed hash': (b) => b.fill(1, 1, -1, 0, 0),
    'a class of 16': (b) => b.fill(1, 1, 0, 0, 16),
    'a span of 127': (b) => b.fillSpan(1, 1, 127, new Uint32Array(254), 0),
    'a span without its hashes': (b) => b.fillSpan(1, 1, 2, new Uint32Array(4), 2),
    'an unknown hash that is not 0': (b) => b.blockRead(1, 1, 1, 5, 0, 1, 2),
    'an unknown flag': (b) => b.blockRead(1, 1, 1, 0, 0, 1, 4),
    'a read span beyond the last block': (b) => b.blockReadSpan(1, 1, 0xffffffff, 2, new Uint32Array(4), 0),
    'a read span of 127': (b) => b.blockReadSpan(1, 1, 0, 127, new Uint32Array(254), 0),
    'a write beyond the last block': (b) => b.blockWrite(1, 1, 0xffffffff, 2),
    'a domain without a key': (b) => b.domain(1, '', 'a', 'a', 'a', 1),
    'nothing lost': (b) => b.lost(0),
  };
  for (const [name, append] of Object.entries(cases)) {
    it(`is a bug of its producer: ${name}`, () => {
      expect(() => append(new RecordBuffer())).toThrow(AssertionError);
    });
  }
});

describe('the structural check', () => {
  it('passes what the buffer wrote, and finds the first record that is cut short', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 10 }), (appends) => {
        const { words, wordCount } = bufferOf(appends);
        expect(checkRecords(words, 0, wordCount)).toBe(appends.length);
        const last = bufferOf(appends.slice(0, -1)).wordCount;
        for (let end = last + 1; end < wordCount; end++) expect(checkRecords(words, 0, end)).toBe(-1 - last);
      }),
    );
  });

  it('knows every kind by its fields, not by its neighbours', () => {
    // What may stand in each word of a one- or two-slot record, by hand: any (·), only zero (0), special (!).
    const free = 0xfffffffe;
    const shapes: readonly (readonly [kind: number, slots: number, domid: boolean, flags: number, ok: string])[] = [
      [KIND.time, 0, false, 0, '·h0'],
      [KIND.gone, 0, true, 0, '000'],
      [KIND.fill, 0, true, 15, 'g··'],
      [KIND.fillRun, 1, true, 15, 'gc0··00'],
      [KIND.dirty, 0, true, 0, 'gc0'],
      [KIND.free, 0, true, 0, 'gc0'],
      [KIND.touch, 0, true, 0, 'gc0'],
      [KIND.blockRead, 1, true, 3, '··0···0'],
      [KIND.blockWrite, 0, true, 0, '··c'],
      [KIND.lost, 0, false, 0, 'ch0'],
      [KIND.keyframeBegin, 0, true, 0, '000'],
      [KIND.keyframeEnd, 0, true, 0, '000'],
      [KIND.blockReadSpan, 1, true, 0, '··c··00'],
    ];
    for (const [kind, slots, hasDomid, flags, fields] of shapes) {
      const good = new Uint32Array(4 * (1 + slots));
      const knownHash = kind === KIND.blockRead ? 1 << 12 : 0;
      good[0] = kind | (slots << 6) | knownHash;
      for (const [i, field] of Array.from(fields).entries()) if (field === 'c') good[i + 1] = 1;
      const at = (word: number, value: number): number => {
        const words = good.slice();
        words[word] = value;
        return checkRecords(words, 0, words.length);
      };
      expect(at(0, good[0]), `kind ${kind}`).toBe(1);
      for (const [i, field] of Array.from(fields).entries()) {
        const name = `kind ${kind}, word ${i + 1}`;
        if (field === '·') expect(at(i + 1, 0xffffffff), name).toBe(1);
        if (field === '0') expect([at(i + 1, 1), at(i + 1, 0x80000000)], name).toEqual([-1, -1]);
        if (field === 'c') expect(at(i + 1, 0), name).toBe(-1);
        if (field === 'h') expect([at(i + 1, 2 ** 21 - 1), at(i + 1, 2 ** 21)], name).toEqual([1, -1]);
        if (field === 'g') expect([at(i + 1, free), at(i + 1, free + 1)], name).toEqual([1, -1]);
      }
      const head = good[0];
      expect(at(0, (head | (0xffff << 16)) >>> 0), `domid of kind ${kind}`).toBe(hasDomid ? 1 : -1);
      for (let flag = 0; flag < 4; flag++) {
        const allowed = (flags & (1 << flag)) !== 0;
        expect(at(0, (head | (1 << (12 + flag))) >>> 0), `flag ${flag} of kind ${kind}`).toBe(allowed ? 1 : -1);
      }
      expect(at(0, head + (1 << 6)), `a slot more of kind ${kind}`).toBe(-1);
    }
    for (const kind of [0, 20, 31, 32, 63]) expect(checkRecords(Uint32Array.of(kind, 0, 0, 0), 0, 4)).toBe(-1);
  });

  it('holds spans to their count', () => {
    const spans: Append[] = [
      (b) => b.fillSpan(1, 5, 3, new Uint32Array(6).fill(9), 0),
      (b) => b.blockReadSpan(1, 0, 5, 3, new Uint32Array(6).fill(9), 0),
    ];
    for (const [i, span] of spans.entries()) {
      const counted = i === 0 ? 2 : 3;
      const changed = (word: number, value: number): number => {
        const buffer = bufferOf([span]);
        buffer.words[word] = value;
        return checkRecords(buffer.words, 0, buffer.wordCount);
      };
      expect(changed(counted, 3)).toBe(1);
      // 4 would fit the slots, but not the padding's meaning: then the last hash is 0, which is a hash.
      expect(changed(counted, 4)).toBe(1);
      for (const count of [0, 1, 2, 5, 127]) expect(changed(counted, count), `count ${count}`).toBe(-1);
      for (const padding of [10, 11]) expect(changed(padding, 1), `padding ${padding}`).toBe(-1);
    }
  });

  it('holds texts to their record', () => {
    const changed = (append: Append, word: number, value: number): number => {
      const buffer = bufferOf([append]);
      buffer.words[word] = value;
      return checkRecords(buffer.words, 0, buffer.wordCount);
    };
    const mark: Append = (b) => b.mark('a text of 20 bytes..');
    expect(changed(mark, 1, 20)).toBe(1);
    // Longer, shorter than its slots, and one byte too short for what is there.
    for (const length of [33, 16, 19, 0xffffffff]) expect(changed(mark, 1, length)).toBe(-1);
    expect(changed(mark, 2, 1)).toBe(-1);
    const domain: Append = (b) => b.domain(1, 'key', 'name', 'group', 'kind', 1);
    expect(changed(domain, 2, 3 | (4 << 16))).toBe(1);
    expect(changed(domain, 2, 0 | (7 << 16)), 'no key').toBe(-1);
    expect(changed(domain, 3, 0xffff | (4 << 16))).toBe(-1);
    const label: Append = (b) => b.label(1, 2, 3, 'text');
    expect([changed(label, 5, 2 ** 21 - 1), changed(label, 5, 2 ** 21)]).toEqual([1, -1]);
    for (const word of [6, 7, 9, 10, 11]) expect(changed(label, word, 1), `word ${word}`).toBe(-1);
    const host: Append = (b) => b.host('a', 'b', 1);
    expect([changed(host, 2, 2 ** 21), changed(host, 3, 1)]).toEqual([-1, -1]);
    const image: Append = (b) => b.image(1, 'abcd', false, 1);
    expect([changed(image, 3, 4), changed(image, 3, 3), changed(image, 3, 17)]).toEqual([1, -1, -1]);
  });
});

describe('packed fills', () => {
  const frames = fc.array(
    fc.tuple(fc.constantFrom(0, 0, 0, 1, 5), fc.nat(2), fc.constantFrom(0, 0, 0, 1), fc.integer({ min: 1, max: 20 })),
    { maxLength: 300 },
  );

  it('are the single fills in gfn order', () => {
    fc.assert(
      fc.property(frames, (runs) => {
        const singles = new RecordBuffer();
        const packed = new RecordBuffer();
        for (const buffer of [singles, packed]) buffer.domain(1, 'a', 'a', 'a', 'a', 1e6);
        const packer = new FillPacker(packed, 1);
        let gfn = 0;
        for (const [gap, hash, fillClass, count] of runs) {
          gfn += gap;
          packer.add(gfn, count, hash, hash, fillClass);
          for (let i = 0; i < count; i++) singles.fill(1, gfn++, hash, hash, fillClass);
        }
        packer.flush();
        const [expected, actual] = [new FrameModel(), new FrameModel()];
        expected.apply(wordsOf(singles));
        actual.apply(wordsOf(packed));
        expect(actual.picture()).toEqual(expected.picture());
        expect(packed.wordCount).toBeLessThanOrEqual(singles.wordCount);
      }),
    );
  });

  it('of different contents cost 8.1 bytes a frame', () => {
    const buffer = new RecordBuffer();
    const packer = new FillPacker(buffer, 1);
    for (let gfn = 0; gfn < 12_600; gfn++) packer.add(gfn, 1, gfn, 1, 0);
    packer.flush();
    expect((buffer.wordCount * 4) / 12_600).toBeCloseTo(8 + 16 / 126, 10);
    expect(kindOf(buffer.words[0])).toBe(KIND.fillSpan);
    expect(slotsOf(buffer.words[0])).toBe(64);
  });
});
