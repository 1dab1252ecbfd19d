/** A host whose frames a test fills directly, and what the engine and the oracle say of it. */
import { assert } from '../../src/base/assert.js';
import type { SynthSize } from '../../src/collect/synth/preset.js';
import { PRESETS, synthesize } from '../../src/collect/synth/synthesize.js';
import type { DomainFigures, DomainPolicyFigures } from '../../src/figures/domain-figures.js';
import { neededFrames, savedFrames } from '../../src/figures/derived.js';
import type { HostFigures } from '../../src/figures/host-figures.js';
import type { PolicyFigures } from '../../src/figures/policy-figures.js';
import { Engine } from '../../src/engine/engine.js';
import { domainFigures, hostFigures } from '../../src/monitor/figures-of.js';
import { PolicySet } from '../../src/monitor/policy-set.js';
import { RecordBuffer } from '../../src/trace/record-buffer.js';
import { KIND, SPAN_FRAMES_MAX } from '../../src/trace/record.js';

export interface Measured {
  readonly host: HostFigures;
  readonly domains: readonly (DomainFigures & { oracle: DomainPolicyFigures })[];
  readonly oracle: PolicyFigures;
  /** Gross saving of the oracle with all zeros but one in, and the frames that are needed then. */
  readonly savedWithZeros: number;
  readonly neededWithZeros: number;
}

/** The hash that stands for a number; its halves are never those of a special page. */
export const hashOf = (number: number): bigint => (BigInt(number + 1) << 32n) | BigInt((number * 2654435761) >>> 0);

/**
 * The figures of domains that hold these contents, frame by frame.
 * @param groupOf the trust group of each; all are in one if not given
 */
export function measure(
  memories: readonly (readonly bigint[])[],
  groupOf: (domain: number) => string = () => '',
): Measured {
  const { engine, figures } = newHost();
  const buffer = new RecordBuffer();
  for (const [i, contents] of memories.entries()) {
    buffer.clear();
    buffer.domain(i, `domain-${i}`, '', groupOf(i), '', contents.length);
    const halves = new Uint32Array(contents.length * 2);
    for (const [at, hash] of contents.entries()) {
      halves[2 * at] = Number(hash & 0xffffffffn);
      halves[2 * at + 1] = Number(hash >> 32n);
    }
    for (let gfn = 0; gfn < contents.length; gfn += SPAN_FRAMES_MAX) {
      buffer.fillSpan(i, gfn, Math.min(SPAN_FRAMES_MAX, contents.length - gfn), halves, gfn * 2);
    }
    engine.apply(0, 0, buffer.words, 0, buffer.wordCount);
  }
  return figures();
}

/** The figures of a synthetic trace at its end. */
export function measurePreset(name: string, size?: Partial<SynthSize>): Measured {
  const preset = PRESETS.find((one) => one.name === name);
  assert(preset !== undefined, name);
  const { engine, figures } = newHost();
  let now = 0;
  for (const { words, wordCount } of synthesize(preset, { ...preset.size, ...size }, 1)) {
    const base = now;
    for (let at = 0; at < wordCount; at += 4 * (1 + ((words[at] >>> 6) & 63))) {
      if ((words[at] & 63) === KIND.time) now = words[at + 1] + words[at + 2] * 2 ** 32;
    }
    engine.apply(0, base, words, 0, wordCount);
  }
  return figures();
}

function newHost(): { engine: Engine; figures: () => Measured } {
  const policies = new PolicySet();
  const engine = new Engine((words, used) => policies.apply(words, used));
  policies.start(engine, { names: ['oracle'], dlps: { region: 'unlimited', victim: 'sharers' } });
  return { engine, figures: () => figuresOf(engine, policies) };
}

function figuresOf(engine: Engine, policies: PolicySet): Measured {
  engine.settle();
  while (policies.settle(100_000));
  const [{ policy }] = policies.slots;
  const host = hostFigures(engine);
  const oracle = policy.figures();
  return {
    host,
    oracle,
    domains: engine.domains.live().map((domain) => {
      return { ...domainFigures(engine, domain), oracle: policy.domainFigures(domain.slot) };
    }),
    savedWithZeros: savedFrames(oracle, true),
    neededWithZeros: neededFrames(host, oracle, true),
  };
}
