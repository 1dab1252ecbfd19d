import type { MenuItem } from '../views/views-menu.js';
import type { MainTabId } from './view-state.js';

/** A view of the menu; without a tab it is the help. */
export interface View extends MenuItem {
  tab: MainTabId | null;
}

/** The views, in the order of the menu. */
export const VIEWS: readonly View[] = [
  { key: '1', title: 'Overview', help: 'the host, its domains, the hottest pages', tab: 'overview' },
  { key: '2', title: 'Hot pages', help: 'contents in several frames, by heat; Enter opens one', tab: 'hot' },
  { key: '3', title: 'Pairs', help: 'who shares with whom, and what would be lost with a domain', tab: 'pairs' },
  { key: '4', title: 'Compare', help: 'all running policies side by side', tab: 'compare' },
  { key: '5', title: 'Files', help: 'saved memory by file and by package, where labels name pages', tab: 'files' },
  { key: '?', title: 'Help', help: 'keys, and what every figure means', tab: null },
];
