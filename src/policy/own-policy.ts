import { fromHalves } from '../base/units.js';
import {
  CAUSE_DIRTY,
  CAUSE_FILL,
  CAUSE_FREE,
  CAUSE_GONE,
  CAUSE_READ,
  CAUSE_SHRINK,
  CAUSE_UNNAMED,
  EFFECT_DOMAIN,
  EFFECT_FRAME,
  EFFECT_GONE,
  EFFECT_GROUP,
  EFFECT_MEMORY,
  EFFECT_READ,
  EFFECT_TIME,
  EFFECT_WORDS,
  EFFECT_WRITE,
  type EngineView,
  READ_FLAG_ALIGNED,
  READ_FLAG_READ_ONLY_IMAGE,
} from '../engine/effects.js';
import {
  C_FLAGS,
  C_HASH_HIGH,
  C_HASH_LOW,
  CONTENT_WORDS,
  FIRST_CONTENT,
  FLAG_FILL_PAGE,
  NO_FRAME,
  STATE_FREE,
  STATE_PROVISIONAL,
  STATE_UNKNOWN,
  STATE_UNTOUCHED,
  STATE_ZERO,
} from '../engine/layout.js';
import { hashHex } from '../base/hash-hex.js';
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { PolicyFigures } from '../figures/policy-figures.js';
import { checkedDomainFigures, checkedFigures, checkedState, checkWhole } from './own-policy-check.js';
import {
  OWN_POLICY_API,
  type OwnPolicyHost,
  type OwnPolicyModule,
  type OwnPolicyState,
} from './own-policy-interface.js';
import type { Policy, PolicySums } from './policy.js';

const CAUSES = {
  fill: CAUSE_FILL,
  dirty: CAUSE_DIRTY,
  free: CAUSE_FREE,
  gone: CAUSE_GONE,
  unnamed: CAUSE_UNNAMED,
  shrink: CAUSE_SHRINK,
  read: CAUSE_READ,
} as const;

const NO_PART: DomainPolicyFigures = {
  sharedFrames: 0,
  fairSavedFrames: 0,
  readsSeen: 0,
  readsAvoided: 0,
  contentChanged: 0,
};

/**
 * A policy that a person brought along, between its own small interface and that of the built-in ones. What it answers
 * is checked: a figure that is none is an error of its own, by name, and never reaches a screen.
 */
export class OwnPolicy implements Policy {
  readonly name: string;
  readonly #state: OwnPolicyState;
  readonly #flags = { aligned: false, readOnlyImage: false };

  /** Throws whatever its `create` throws, and TypeError if what it made is not such a policy. */
  constructor(engine: EngineView, module: OwnPolicyModule) {
    this.name = module.name;
    this.#state = checkedState(module.create(hostOf(engine)));
  }

  apply(words: Uint32Array, used: number): void {
    const state = this.#state;
    for (let at = 0; at < used; at += EFFECT_WORDS) {
      const head = words[at];
      const kind = head & 0xff;
      const domain = head >>> 16;
      const [a, b, c, d] = [words[at + 1], words[at + 2], words[at + 3], words[at + 4]];
      if (kind === EFFECT_FRAME) state.onFrame?.(domain, a, b, c, d);
      else if (kind === EFFECT_READ) {
        const flags = (head >>> 8) & 0xff;
        this.#flags.aligned = (flags & READ_FLAG_ALIGNED) !== 0;
        this.#flags.readOnlyImage = (flags & READ_FLAG_READ_ONLY_IMAGE) !== 0;
        state.onRead?.(domain, c, d, b, a, this.#flags);
      } else if (kind === EFFECT_TIME) state.onTime?.(fromHalves(a, b));
      else if (kind === EFFECT_WRITE) state.onWrite?.(domain, a, b, c);
      else if (kind === EFFECT_DOMAIN) state.onDomain?.(domain, a);
      else if (kind === EFFECT_GROUP) state.onGroup?.(domain, a);
      else if (kind === EFFECT_GONE) state.onGone?.(domain);
      else if (kind === EFFECT_MEMORY) state.onMemory?.(fromHalves(a, b));
    }
  }

  /** It is told of time and does what it owes then. */
  settle(): boolean {
    return false;
  }

  figures(): PolicyFigures {
    const { own, readsIssued, readsAvoided, contentChanged, ...common } = checkedFigures(this.#state.figures());
    return {
      name: this.name,
      ...common,
      own: {
        ...(readsIssued !== undefined && { readsIssued }),
        ...(readsAvoided !== undefined && { readsAvoided }),
        ...(contentChanged !== undefined && { contentChanged }),
        ...own,
      },
    };
  }

  sums(): PolicySums {
    const figures = checkedFigures(this.#state.figures());
    const { savedFrames, zeroSavedFrames, readsAvoided = 0, readsIssued = 0, contentChanged = 0 } = figures;
    return { savedFrames, zeroSavedFrames, readsAvoided, readsIssued, contentChanged };
  }

  domainFigures(slot: number): DomainPolicyFigures {
    const part = this.#state.domainFigures?.(slot);
    return part === undefined ? NO_PART : checkedDomainFigures(part);
  }

  sharedRefs(contentId: number): number {
    const refs = this.#state.sharedRefs?.(contentId) ?? 0;
    checkWhole('sharedRefs()', refs);
    return refs;
  }

  audit(): string[] {
    const lines: unknown = this.#state.audit?.() ?? [];
    if (!Array.isArray(lines)) throw new TypeError('audit() is no list of lines');
    return lines.map((line) => `${this.name}: ${String(line)}`);
  }

  get bytes(): number {
    const bytes = this.#state.bytes ?? 0;
    checkWhole('bytes', bytes);
    return bytes;
  }
}

/** What a policy of one's own sees of the engine. Rows are fetched anew at each question: they move when they grow. */
function hostOf(engine: EngineView): OwnPolicyHost {
  const word = (content: number, at: number): number => {
    const words = engine.contentWords();
    const index = content * CONTENT_WORDS + at;
    if (!(content >= FIRST_CONTENT && Number.isInteger(content) && index < words.length)) {
      throw new RangeError(`${String(content)} is no number of a content`);
    }
    return words[index];
  };
  return Object.freeze({
    api: OWN_POLICY_API,
    untouched: STATE_UNTOUCHED,
    free: STATE_FREE,
    unknown: STATE_UNKNOWN,
    zero: STATE_ZERO,
    provisional: STATE_PROVISIONAL,
    firstContent: FIRST_CONTENT,
    noFrame: NO_FRAME,
    causes: CAUSES,
    hash: (content: number) => hashHex(word(content, C_HASH_LOW), word(content, C_HASH_HIGH)),
    hashLow: (content: number) => word(content, C_HASH_LOW),
    hashHigh: (content: number) => word(content, C_HASH_HIGH),
    isFillPage: (content: number) => (word(content, C_FLAGS) & FLAG_FILL_PAGE) !== 0,
    domainOf: (frame: number) => {
      if (!(Number.isInteger(frame) && frame >= 0 && frame < engine.frameIdEnd())) {
        throw new RangeError(`${String(frame)} is no number of a frame`);
      }
      return engine.domainOfFrame(frame);
    },
    pin: (content: number) => {
      word(content, 0);
      engine.pin(content);
    },
    unpin: (content: number) => {
      word(content, 0);
      engine.unpin(content);
    },
  });
}
