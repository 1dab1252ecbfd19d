/** What a policy of a person's own hands over, looked at before anything is done with it. All throw TypeError. */
import type { DomainPolicyFigures } from '../figures/domain-figures.js';
import type { OwnPolicyFigures, OwnPolicyModule, OwnPolicyState } from './own-policy-interface.js';

const NAME = /^[a-z][a-z0-9-]{0,23}$/;
const OWN_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;
const OWN_FIGURES_MAX = 64;
const HANDLERS = [
  ...(['onFrame', 'onRead', 'onWrite', 'onDomain', 'onGroup', 'onGone', 'onTime', 'onMemory'] as const),
  ...(['figures', 'domainFigures', 'sharedRefs', 'audit'] as const),
];
const COMMON = [
  ...(['savedFrames', 'sharedFrames', 'netSavedFrames', 'zeroSavedFrames', 'metadataBytes'] as const),
  ...(['readsIssued', 'readsAvoided', 'contentChanged'] as const),
];

/** The figures that it reports, those that every policy has filled in. */
export type CheckedFigures = OwnPolicyFigures &
  Required<Pick<OwnPolicyFigures, 'netSavedFrames' | 'zeroSavedFrames' | 'metadataBytes'>>;

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** `text` for a message, short and without surprises: a value may lie about itself. */
function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'undefined' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`;
  return value === null ? 'null' : `a value of type ${typeof value}`;
}

/** A whole number of at least 0. */
export function checkWhole(what: string, value: unknown): asserts value is number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return;
  throw new TypeError(`${what} is ${shown(value)}: a whole number of at least 0 is needed`);
}

function checkFinite(what: string, value: unknown): asserts value is number {
  if (typeof value === 'number' && Number.isFinite(value)) return;
  throw new TypeError(`${what} is ${shown(value)}: a number is needed`);
}

/** The default export of a file. */
export function checkedModule(value: unknown): OwnPolicyModule {
  if (!isObject(value)) throw new TypeError('it has no default export: write `export default { name, create }`');
  const { name, create } = value;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new TypeError(`its name is ${shown(name)}: write small letters, digits and dashes, at most 24`);
  }
  if (typeof create !== 'function') throw new TypeError('it has no function `create`');
  return value as unknown as OwnPolicyModule;
}

/** What its `create` made. */
export function checkedState(value: unknown): OwnPolicyState {
  if (!isObject(value)) throw new TypeError(`create() gave ${shown(value)}: an object with figures() is needed`);
  for (const name of HANDLERS) {
    const handler: unknown = value[name];
    if (handler === undefined && name !== 'figures') continue;
    if (typeof handler !== 'function') throw new TypeError(`${name} is ${shown(handler)}: a function is needed`);
    if (Object.prototype.toString.call(handler) === '[object AsyncFunction]') {
      throw new TypeError(`${name} is asynchronous: a policy works record by record and cannot wait`);
    }
  }
  return value as unknown as OwnPolicyState;
}

/** What its `figures` gave, defaults filled in. */
export function checkedFigures(value: unknown): CheckedFigures {
  if (!isObject(value)) throw new TypeError(`figures() gave ${shown(value)}: an object is needed`);
  const figures: Record<string, unknown> = { zeroSavedFrames: 0, metadataBytes: 0 };
  for (const name of COMMON) {
    const figure: unknown = value[name];
    if (figure === undefined && name !== 'savedFrames' && name !== 'sharedFrames') continue;
    if (name === 'netSavedFrames') checkFinite(`figures(): ${name}`, figure);
    else checkWhole(`figures(): ${name}`, figure);
    figures[name] = figure;
  }
  figures['netSavedFrames'] ??= figures['savedFrames'];
  if (value['own'] !== undefined) figures['own'] = ownFigures(value['own']);
  return figures as unknown as CheckedFigures;
}

function ownFigures(value: unknown): Record<string, number> {
  if (!isObject(value)) throw new TypeError(`figures(): own is ${shown(value)}: an object of numbers is needed`);
  const figures: Record<string, number> = {};
  const entries = Object.entries(value);
  if (entries.length > OWN_FIGURES_MAX) {
    throw new TypeError(`figures(): own has ${entries.length} figures, ${OWN_FIGURES_MAX} are the most`);
  }
  for (const [name, figure] of entries) {
    if (!OWN_NAME.test(name) || (COMMON as readonly string[]).includes(name) || name === 'failure') {
      throw new TypeError(`figures(): own cannot have a figure ${shown(name)}: letters and digits, and no common one`);
    }
    checkFinite(`figures(): own.${name}`, figure);
    figures[name] = figure;
  }
  return figures;
}

/** What its `domainFigures` gave, defaults filled in. */
export function checkedDomainFigures(value: unknown): DomainPolicyFigures {
  if (!isObject(value)) throw new TypeError(`domainFigures() gave ${shown(value)}: an object is needed`);
  const { sharedFrames, fairSavedFrames, readsSeen = 0, readsAvoided = 0, contentChanged = 0 } = value;
  checkWhole('domainFigures(): sharedFrames', sharedFrames);
  checkFinite('domainFigures(): fairSavedFrames', fairSavedFrames);
  checkWhole('domainFigures(): readsSeen', readsSeen);
  checkWhole('domainFigures(): readsAvoided', readsAvoided);
  checkWhole('domainFigures(): contentChanged', contentChanged);
  return { sharedFrames, fairSavedFrames, readsSeen, readsAvoided, contentChanged };
}
