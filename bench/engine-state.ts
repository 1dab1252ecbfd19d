/**
 * A hash of everything that the fills decided, in a form that another implementation can compute: counters, and sums
 * over contents and holders that do not depend on the order of ids or lists. `engine.c` has the same function.
 */
import type { Engine } from '../src/engine/engine.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  C_HEAD,
  C_REFS,
  CONTENT_WORDS,
  D_DISTINCT,
  D_KNOWN,
  DOMAIN_COUNTERS,
  DOMAINS_MASK,
  F_NEXT,
  FIRST_CONTENT,
  FLAG_FREE_ROW,
  FRAME_WORDS,
  NO_FRAME,
} from '../src/engine/layout.js';
import { ResultHash } from './harness.js';

/** @param framesPerDomain makes a frame's number the same in both: domain × framesPerDomain + gfn */
export function stateHash(engine: Engine, framesPerDomain: number): string {
  const rows = engine.contents.words;
  const frames = engine.frames.words;
  let contents = 0;
  let holders = 0;
  let domainsOfContents = 0;
  for (let id = FIRST_CONTENT; id < engine.contents.end; id++) {
    const row = id * CONTENT_WORDS;
    if ((rows[row + C_FLAGS] & FLAG_FREE_ROW) !== 0 || rows[row + C_REFS] === 0) continue;
    const low = rows[row + C_HASH_LOW];
    contents = (contents + Math.imul(low ^ Math.imul(rows[row + C_HASH_HIGH], 31), rows[row + C_REFS])) >>> 0;
    domainsOfContents = (domainsOfContents + Math.imul(low | 1, rows[row + C_FLAGS] & DOMAINS_MASK)) >>> 0;
    for (let frameId = rows[row + C_HEAD]; frameId !== NO_FRAME; frameId = frames[frameId * FRAME_WORDS + F_NEXT]!) {
      const frame = engine.frames.ownerOf(frameId) * framesPerDomain + engine.frames.gfnOf(frameId);
      holders = (holders + Math.imul(frame + 1, low | 1)) >>> 0;
    }
  }
  const { knownFrames, distinctContents, sharedContents } = engine.changes;
  const hash = new ResultHash().add(knownFrames).add(distinctContents).add(sharedContents);
  hash.add(contents).add(domainsOfContents).add(holders);
  for (const domain of engine.domains.live()) {
    const at = domain.slot * DOMAIN_COUNTERS;
    hash.add(engine.domains.counters[at + D_KNOWN]).add(engine.domains.counters[at + D_DISTINCT]);
  }
  return hash.hex();
}
