/** Typing the filter of the domains: the list follows every key. */
import { FILTER_CHARACTERS_MAX } from '../figures/window.js';
import type { ViewState } from './view-state.js';

/** Opens the line, with the filter that is there. */
export function beginFilter(state: ViewState): ViewState {
  return { ...state, focus: 'domains', filterBefore: state.domainFilter };
}

/** Lists all domains again. */
export function clearFilter(state: ViewState): ViewState {
  return { ...state, domainFilter: '', filterBefore: null };
}

/** A key of the line: Enter keeps the filter, Esc goes back to the one before. Keys that edit nothing do nothing. */
export function typeFilter(state: ViewState, key: string): ViewState {
  const { domainFilter: text, filterBefore } = state;
  switch (key) {
    case 'enter':
      return { ...state, domainFilter: text.trim(), filterBefore: null };
    case 'esc':
      return { ...state, domainFilter: filterBefore ?? '', filterBefore: null };
    case 'backspace':
      return { ...state, domainFilter: text.replace(/.$/su, '') };
    case 'ctrl-u':
      return { ...state, domainFilter: '' };
    case 'ctrl-w':
      return { ...state, domainFilter: text.trimEnd().replace(/\S+$/, '') };
    case 'space':
      return { ...state, domainFilter: `${text} `.slice(0, FILTER_CHARACTERS_MAX) };
    default:
      // Names of keys have two letters or more.
      if (!/^.$/su.test(key)) return state;
      return { ...state, domainFilter: (text + key).slice(0, FILTER_CHARACTERS_MAX) };
  }
}
