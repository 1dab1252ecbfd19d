/**
 * The identity of pages: XXH64, seed 0, of 4 KiB, of many pages at a call. They are hashed where they lie, in the
 * memory of a WebAssembly module, and their hashes are pairs of u32: no page costs a copy or a BigInt. The one way to
 * hash a page here; tests compare it with xxhash-wasm. Why not that one: decisions/0022.
 */
import { assert } from '../../base/assert.js';
import { PAGE_BYTES } from '../../base/units.js';
import { xxh64ModuleBytes } from './xxh64-module.js';

type HashPages = (page: number, count: number, out: number) => void;

/** What is used of WebAssembly: the compiler's library for Node has its types only, not its values. */
interface WasmApi {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly hashPages: HashPages } };
}
const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: WasmApi };

/** Compiled once a thread. */
let compiled: object | undefined;

/** Room for pages, and their hashes when `hash` has run. */
export class PageHasher {
  /** Read the pages to hash into this: room for `pagesMax` of them. */
  readonly pages: Uint8Array<ArrayBuffer>;
  /** Low and high half in turn, of the pages hashed last. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly #hashPages: HashPages;

  /** Takes `pagesMax` × 4104 bytes, and 10 GB of addresses as each memory of WebAssembly does: few a thread. */
  constructor(readonly pagesMax: number) {
    const hashesAt = pagesMax * PAGE_BYTES;
    const memory = new wasm.Memory({ initial: Math.ceil((hashesAt + 8 * pagesMax) / 65536) });
    compiled ??= new wasm.Module(xxh64ModuleBytes());
    this.#hashPages = new wasm.Instance(compiled, { m: { memory } }).exports.hashPages;
    this.pages = new Uint8Array(memory.buffer, 0, hashesAt);
    this.hashes = new Uint32Array(memory.buffer, hashesAt, 2 * pagesMax);
  }

  /** Hashes `count` pages (0 to pagesMax) from the beginning of `pages` on. */
  hash(count: number): void {
    assert(count >= 0 && count <= this.pagesMax, 'pages that are there');
    if (count > 0) this.#hashPages(0, count, this.pages.length);
  }
}
