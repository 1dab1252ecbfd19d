import type { MainState } from './screen-state.js';

/** The state of a main screen that is printed once: no cursor, no keys, all domains as a table. */
export function onceState(policy: string): MainState {
  return {
    units: 'iec',
    withZeros: false,
    policy,
    paused: null,
    message: '',
    hints: [],
    form: 'table',
    focus: 'domains',
    selectedKey: null,
    hotSelected: -1,
    domainsOffset: 0,
    hotOffset: 0,
    domainFilter: '',
    domainSort: { id: 'saved', descending: true },
    hotSort: { id: 'heat', descending: true },
  };
}
