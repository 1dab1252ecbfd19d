import { CHUNK_FRAMES } from './layout.js';

/**
 * Notes `count` frames from `first` on of a domain's chunk as named by the keyframe that is being read. Only of chunks
 * that are allocated: a bit for each frame is the most that this costs.
 */
export function nameInKeyframe(named: Map<number, Uint32Array>, chunk: number, first: number, count: number): void {
  let bits = named.get(chunk);
  if (bits === undefined) named.set(chunk, (bits = new Uint32Array(CHUNK_FRAMES / 32)));
  for (let at = first; at < first + count; at++) bits[at >>> 5] |= 1 << (at & 31);
}
