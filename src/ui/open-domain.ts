import type { ViewState } from './view-state.js';

/** Opens a domain, at once if its figures are held, else as soon as they come. */
export function openDomain(state: ViewState, key: string, name: string): ViewState {
  const held = [state.frozen?.domain, state.frozen?.main, state.frozen === null ? state.latest : null];
  const ready = held.find((snapshot) => snapshot?.detail?.row.key === key) ?? null;
  if (ready === null) return { ...state, opening: { key, name, fromRequest: state.lastRequestId + 1 } };
  return {
    ...state,
    opening: null,
    domainKey: key,
    partners: { index: 0, offset: 0 },
    frozen: state.frozen && { ...state.frozen, domain: ready },
  };
}
