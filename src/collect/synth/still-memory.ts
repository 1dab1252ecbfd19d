/** Presets whose point is what memory holds: random-pages, idle-domains, clone-farm. */
import type { Preset, SynthSize } from './preset.js';
import type { SynthTrace } from './synth-trace.js';

/** Fills between two chances to take the records. */
const FRAMES_PER_STEP = 4096;

function* freshFrames(trace: SynthTrace, domid: number, gfn: number, count: number): Generator<void> {
  for (let done = 0; done < count; done += FRAMES_PER_STEP) {
    const n = Math.min(FRAMES_PER_STEP, count - done);
    trace.fills(domid, gfn + done, n, trace.fresh(n));
    yield;
  }
}

/** Random pages, of which every tenth is zero. */
export const RANDOM_PAGES: Preset = {
  name: 'random-pages',
  summary: 'random contents, a tenth zeros: nothing to share but those',
  size: { domains: 2, frames: 16_384, seconds: 10 },
  framesMin: 10,
  *write(trace: SynthTrace, { domains, frames, seconds }: SynthSize): Generator<void> {
    trace.host('random-pages', domains, frames);
    for (let domid = 1; domid <= domains; domid++) {
      trace.at((seconds * domid) / domains);
      trace.domain(domid, `random-${domid}`, frames);
      trace.records.keyframeBegin(domid);
      for (let gfn = 0; gfn < frames; gfn += 10) {
        trace.zeros(domid, gfn, 1);
        const rest = Math.min(9, frames - gfn - 1);
        trace.fills(domid, gfn + 1, rest, trace.fresh(rest));
        yield;
      }
      trace.records.keyframeEnd(domid);
    }
  },
};

/** Domains that do nothing: all their frames are their own, and each changes one every ten seconds. */
export const IDLE_DOMAINS: Preset = {
  name: 'idle-domains',
  summary: 'a hundred idle domains of 6.2 MB, 620 MB in all: each has contents of its own',
  size: { domains: 100, frames: Math.floor(6.2e6 / 4096), seconds: 60 },
  framesMin: 1,
  *write(trace: SynthTrace, { domains, frames, seconds }: SynthSize): Generator<void> {
    trace.host('idle-domains', domains, frames);
    for (let domid = 1; domid <= domains; domid++) {
      trace.domain(domid, `idle-${domid}`, frames);
      trace.records.keyframeBegin(domid);
      yield* freshFrames(trace, domid, 0, frames);
      trace.records.keyframeEnd(domid);
    }
    for (let tick = 1; tick * 10 <= seconds; tick++) {
      for (let domid = 1; domid <= domains; domid++) {
        trace.at(tick * 10 - 5 + (5 * domid) / domains);
        trace.rewrite(domid, trace.random.below(frames));
        yield;
      }
    }
    trace.at(seconds);
  },
};

/** Parts of a clone's 128 MiB: 116 of them are 98 MiB in all, together with one frame of zeros. */
const CLONE_FRAMES = 32_768;
const CLONE_PRIVATE = 112;
const CLONE_IMAGE = 25_088 - 116 * CLONE_PRIVATE - 1;

/** Frames of a clone that are the image's and that it has written, for a reservation. */
export function cloneParts(frames: number): { readonly image: number; readonly own: number } {
  return {
    image: Math.round((frames * CLONE_IMAGE) / CLONE_FRAMES),
    own: Math.max(1, Math.round((frames * CLONE_PRIVATE) / CLONE_FRAMES)),
  };
}

function* cloned(trace: SynthTrace, domid: number, name: string, frames: number): Generator<void> {
  const { image } = cloneParts(frames);
  trace.domain(domid, name, frames);
  trace.records.keyframeBegin(domid);
  for (let gfn = 0; gfn < image; gfn += FRAMES_PER_STEP) {
    trace.fills(domid, gfn, Math.min(FRAMES_PER_STEP, image - gfn), gfn);
    yield;
  }
  trace.zeros(domid, image, frames - image);
  trace.records.keyframeEnd(domid);
}

/**
 * A honeyfarm: clones of one image that write little. An eighth as many are attacked early and taken down again; those
 * that stay come between 3/8 and 7/8 of the time, and have written what they write by its end.
 */
export const CLONE_FARM: Preset = {
  name: 'clone-farm',
  summary: 'clones of one image that write little: 116 of 128 MiB need 98 MiB',
  size: { domains: 116, frames: CLONE_FRAMES, seconds: 160 },
  framesMin: 256,
  *write(trace: SynthTrace, { domains, frames, seconds }: SynthSize): Generator<void> {
    trace.host('clone-farm', domains, frames);
    const { image, own } = cloneParts(frames);
    const early = Math.ceil(domains / 8);
    for (let i = 0; i < early; i++) {
      trace.at((seconds / 4) * (i / early));
      yield* cloned(trace, i + 1, `attacked-${i + 1}`, frames);
    }
    for (let i = 0; i < early; i++) {
      trace.at(seconds * (1 / 4 + i / early / 8));
      trace.records.gone(i + 1);
    }
    // The one before has written by the time the next one is cloned.
    for (let i = 0; i < domains; i++) {
      trace.at(seconds * (3 / 8 + i / domains / 2));
      yield* cloned(trace, i + 1, `clone-${i + 1}`, frames);
      trace.at(seconds * (3 / 8 + (i + 0.5) / domains / 2));
      trace.records.dirty(i + 1, image, own);
      yield* freshFrames(trace, i + 1, image, own);
    }
    trace.at(seconds);
  },
};
