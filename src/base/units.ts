/**
 * Brands: numbers that must not be mixed up are distinct types. Casts live in this file only; the hot loops of the
 * engine work on plain numbers from typed columns and brand at their edges.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A domain's number within one stream; used again after `gone`, as a new domain. u16. */
export type Domid = Brand<number, 'Domid'>;
/** Guest frame number within one domain. u32 below 2^32 - 1. */
export type Gfn = Brand<number, 'Gfn'>;
/** Dense number of a content in the engine's content index. */
export type ContentId = Brand<number, 'ContentId'>;
/** An instant on the trace's own clock, in microseconds; an integer below 2^53 (285 years). */
export type Micros = Brand<number, 'Micros'>;

export const domid = (value: number): Domid => value as Domid;
export const gfn = (value: number): Gfn => value as Gfn;
export const contentId = (value: number): ContentId => value as ContentId;
export const micros = (value: number): Micros => value as Micros;

/** Every frame and page is this large (the trace format has a field for it, version 1 knows only this one). */
export const PAGE_BYTES = 4096;
/** Sectors of block traces are 512 bytes; a block is 4096 bytes, as a page. */
export const SECTORS_PER_BLOCK = 8;

/** A u64 from its two halves; exact below 2^53, which is asserted where such values enter. */
export function fromHalves(low: number, high: number): number {
  return high * 2 ** 32 + low;
}
/** The low 32 bits of an integer below 2^53. */
export function lowHalf(value: number): number {
  return (value % 2 ** 32) >>> 0;
}
/** The high 32 bits of an integer below 2^53. */
export function highHalf(value: number): number {
  return Math.floor(value / 2 ** 32) >>> 0;
}
