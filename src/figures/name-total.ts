/** Sums over the rows of names: one place for each formula. Frames of 4 KiB. */
import { type NameAmount, type NameSums, REST_KINDS } from './name-figures.js';

/** Identical but not shared: savable − saved; null where the scheme cannot tell. */
export function couldOfName({ savableFrames, savedFrames }: NameAmount): number | null {
  return savedFrames === null ? null : savableFrames - savedFrames;
}

/**
 * All names and what no name covers: frames in use, distinct contents (zeros are one), the possible and the gross
 * saving of the host, the latter two with zeros only when those are in.
 */
export function nameTotal({ named, rest }: Pick<NameSums, 'named' | 'rest'>, withZeros: boolean): NameAmount {
  const total: NameAmount = { ...named, domains: null };
  for (const kind of REST_KINDS) {
    const amount = rest[kind];
    total.frames += amount.frames;
    total.contents += amount.contents;
    if (kind === 'zero' && !withZeros) continue;
    total.savableFrames += amount.savableFrames;
    const { savedFrames } = amount;
    total.savedFrames = total.savedFrames === null || savedFrames === null ? null : total.savedFrames + savedFrames;
  }
  return total;
}
