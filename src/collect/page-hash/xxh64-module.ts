/**
 * The code of PageHasher: a WebAssembly module with one function, XXH64 (seed 0) of pages of 4 KiB. It is put together
 * here, instruction by instruction, from the XXH64 specification (doc/xxhash_spec.md of xxHash): 128 stripes of 32
 * bytes, no tail. Pages of zeros are found before they are hashed.
 */
import { PAGE_BYTES } from '../../base/units.js';
import { fillPageHigh, fillPageLow } from '../../trace/fill-pages.js';

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const STRIPE_BYTES = 32;
/** Bytes looked at in one turn of the search for something that is not zero. */
const ZERO_TURN_BYTES = 128;

const I32 = 0x7f;
const I64 = 0x7e;
const VOID = 0x40;
const END = 0x0b;

// Instructions of the WebAssembly core specification that take no immediate.
const I32_EQZ = 0x45;
const I32_EQ = 0x46;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I64_EQZ = 0x50;
const I64_ADD = 0x7c;
const I64_MUL = 0x7e;
const I64_OR = 0x84;
const I64_XOR = 0x85;
const I64_SHR_U = 0x88;
const I64_ROTL = 0x89;

/** Bytes of an instruction or a part of the module. */
type Code = readonly number[];

/** LEB128, as the module format has its integers. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function signed(value: bigint): Code {
  const bytes: number[] = [];
  for (let rest = BigInt.asIntN(64, value); ;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if (rest === ((low & 0x40) === 0 ? 0n : -1n)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const int32 = (value: number): Code => [0x41, ...signed(BigInt(value))];
const int64 = (value: bigint): Code => [0x42, ...signed(value)];
/** Memory is aligned to 8 bytes; `offset` is added to the address. */
const load64 = (offset: number): Code => [0x29, 3, ...unsigned(offset)];
const store64 = (offset: number): Code => [0x37, 3, ...unsigned(offset)];
const block = (...body: Code[]): Code => [0x02, VOID, ...body.flat(), END];
const loop = (...body: Code[]): Code => [0x03, VOID, ...body.flat(), END];
const branch = (depth: number): Code => [0x0c, ...unsigned(depth)];
const branchIf = (depth: number): Code => [0x0d, ...unsigned(depth)];
const rotated = (value: Code, bits: number): Code => [...value, ...int64(BigInt(bits)), I64_ROTL];
const times = (value: Code, factor: bigint): Code => [...value, ...int64(factor), I64_MUL];
const advance = (local: number, bytes: number): Code => [...get(local), ...int32(bytes), I32_ADD, ...set(local)];

// Parameters and locals of the one function.
const PAGE = 0;
const COUNT = 1;
const OUT = 2;
const AT = 3;
const PAGE_END = 4;
const LANES = [5, 6, 7, 8];
const HASH = 9;

/** round(accumulator, input) of the specification. */
function round(accumulator: Code, input: Code): Code {
  return times(rotated([...accumulator, ...times(input, P2), I64_ADD], 31), P1);
}

/** Writes the halves of the zero page and goes to the next page, if this one is zero. `next` is a branch there. */
function whereZero(next: Code): Code {
  const words = Array.from({ length: ZERO_TURN_BYTES / 8 }, (_, i) => [
    ...get(AT),
    ...load64(8 * i),
    ...(i === 0 ? [] : [I64_OR]),
  ]);
  const zeroHash = (BigInt(fillPageHigh(0)) << 32n) | BigInt(fillPageLow(0));
  const turn = loop(
    words.flat(),
    [I64_EQZ, I32_EQZ],
    branchIf(1),
    advance(AT, ZERO_TURN_BYTES),
    [...get(AT), ...get(PAGE_END), I32_EQ, I32_EQZ],
    branchIf(0),
    [...get(OUT), ...int64(zeroHash), ...store64(0)],
    next,
  );
  return block(turn);
}

function hashPage(): Code {
  const starts = [P1 + P2, P2, 0n, -P1];
  const stripe = (offset: number): Code =>
    LANES.flatMap((lane, i) => [...round(get(lane), [...get(AT), ...load64(offset + 8 * i)]), ...set(lane)]);
  const shifted = (bits: number): Code => [...get(HASH), ...get(HASH), ...int64(BigInt(bits)), I64_SHR_U, I64_XOR];
  const merge = (lane: number): Code => {
    const mixed = round([...int64(0n)], get(lane));
    return [...times([...get(HASH), ...mixed, I64_XOR], P1), ...int64(P4), I64_ADD, ...set(HASH)];
  };
  const sum = [1, 7, 12, 18].flatMap((bits, i) => [...rotated(get(LANES[i]), bits), ...(i === 0 ? [] : [I64_ADD])]);
  return [
    ...LANES.flatMap((lane, i) => [...int64(starts[i]), ...set(lane)]),
    ...loop(
      stripe(0),
      stripe(STRIPE_BYTES),
      advance(AT, 2 * STRIPE_BYTES),
      [...get(AT), ...get(PAGE_END), I32_EQ, I32_EQZ],
      branchIf(0),
    ),
    ...[...sum, ...set(HASH)],
    ...LANES.flatMap(merge),
    ...[...get(HASH), ...int64(BigInt(PAGE_BYTES)), I64_ADD, ...set(HASH)],
    ...[...times(shifted(33), P2), ...set(HASH)],
    ...[...times(shifted(29), P3), ...set(HASH)],
    ...[...get(OUT), ...shifted(32), ...store64(0)],
  ];
}

/** hashPages(page, count, out): count is above 0. */
function functionBody(): Code {
  const toPage: Code = [...get(PAGE), ...set(AT)];
  const onePage = block(
    [...get(PAGE), ...int32(PAGE_BYTES), I32_ADD, ...set(PAGE_END)],
    toPage,
    // From inside the loop in the block of the search, the end of this page is two levels out.
    whereZero(branch(2)),
    toPage,
    hashPage(),
  );
  const pages = loop(
    onePage,
    advance(PAGE, PAGE_BYTES),
    advance(OUT, 8),
    [...get(COUNT), ...int32(1), I32_SUB, ...set(COUNT)],
    get(COUNT),
    branchIf(0),
  );
  const locals: Code = [2, 2, I32, LANES.length + 1, I64];
  return [...locals, ...pages, END];
}

/** The module: imports its memory as `m.memory`, exports `hashPages(page, count, out)`; page and out in bytes. */
export function xxh64ModuleBytes(): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const name = (text: string): Code => [text.length, ...Buffer.from(text, 'latin1')];
  const body = functionBody();
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
    ...section(2, [1, ...name('m'), ...name('memory'), 2, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('hashPages'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}
