/**
 * The keys, as data: the help screen, the last line and docs/KEYS.md come from here. A command without keys, help or
 * screens does not compile.
 */
import type { HelpKey } from '../views/help-screen.js';
import type { KeyHint } from '../views/screen-state.js';

/** Where a key may be pressed. */
export type ScreenName =
  'main' | 'hot' | 'pairs' | 'compare' | 'files' | 'domain' | 'page' | 'menu' | 'help' | 'waiting';

/** Everything that a key can do. */
export type CommandId =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'nextPane'
  | 'previousPane'
  | 'tab1'
  | 'tab2'
  | 'tab3'
  | 'tab4'
  | 'tab5'
  | 'views'
  | 'nextHot'
  | 'previousHot'
  | 'open'
  | 'back'
  | 'pause'
  | 'filter'
  | 'filterClear'
  | 'sortNext'
  | 'sortReverse'
  | 'form'
  | 'nameKind'
  | 'policy'
  | 'zeros'
  | 'units'
  | 'theme'
  | 'faster'
  | 'slower'
  | 'help'
  | 'repaint'
  | 'suspend'
  | 'quit'
  | 'quitKeeping';

/** Headings of docs/KEYS.md. */
type Category = 'Moving' | 'Looking closer' | 'What is shown' | 'The program';

interface Command {
  /** Names as the key parser gives them. */
  keys: readonly string[];
  help: string;
  category: Category;
  screens: readonly ScreenName[];
  /** For the last line: what is printed of the key, its label, and how early it comes; left out where it is known. */
  hint?: { key: string; label: string; rank: number; screens: readonly ScreenName[] };
}

const FIGURES = ['main', 'hot', 'pairs', 'compare', 'files', 'domain', 'page'] as const;
const SORTED = ['main', 'hot', 'files', 'domain'] as const;
const TABBED = ['main', 'hot', 'pairs', 'compare', 'files', 'page', 'menu'] as const;
const SCROLLING = ['main', 'hot', 'pairs', 'compare', 'files', 'domain', 'page', 'menu', 'help'] as const;
const ALL = ['main', 'hot', 'pairs', 'compare', 'files', 'domain', 'page', 'menu', 'help', 'waiting'] as const;
const ALL_BUT_HELP = ['main', 'hot', 'pairs', 'compare', 'files', 'domain', 'page', 'waiting'] as const;

/** The key map. Keys that other tops use for the same are aliases: htop's `Z`, atop's `z`, top's `h`. */
export const COMMANDS: Readonly<Record<CommandId, Command>> = {
  up: { keys: ['up', 'k'], help: 'One row up', category: 'Moving', screens: SCROLLING },
  down: { keys: ['down', 'j'], help: 'One row down', category: 'Moving', screens: SCROLLING },
  left: {
    keys: ['left'],
    help: 'One domain to the left, in the grid and in the pairs',
    category: 'Moving',
    screens: ['main', 'pairs'],
  },
  right: {
    keys: ['right'],
    help: 'One domain to the right, in the grid and in the pairs',
    category: 'Moving',
    screens: ['main', 'pairs'],
  },
  pageUp: { keys: ['pageup', 'ctrl-b'], help: 'One page up', category: 'Moving', screens: SCROLLING },
  pageDown: { keys: ['pagedown', 'ctrl-f'], help: 'One page down', category: 'Moving', screens: SCROLLING },
  first: { keys: ['home', 'g'], help: 'First row', category: 'Moving', screens: SCROLLING },
  last: { keys: ['end', 'G'], help: 'Last row', category: 'Moving', screens: SCROLLING },
  nextPane: {
    keys: ['tab'],
    help: 'Next pane',
    category: 'Moving',
    screens: ['main'],
    hint: { key: 'Tab', label: 'Pane', rank: 5, screens: ['main'] },
  },
  previousPane: { keys: ['shift-tab'], help: 'Previous pane', category: 'Moving', screens: ['main'] },
  tab1: {
    keys: ['1'],
    help: 'First tab: the overview; of a page its holders',
    category: 'Looking closer',
    screens: TABBED,
    hint: { key: '1-3', label: 'Tabs', rank: 2.5, screens: ['page'] },
  },
  tab2: {
    keys: ['2'],
    help: 'Second tab: the hot pages alone; of a page its history',
    category: 'Looking closer',
    screens: TABBED,
  },
  tab3: {
    keys: ['3'],
    help: 'Third tab: who shares with whom; of a page its neighbours',
    category: 'Looking closer',
    screens: TABBED,
  },
  tab4: {
    keys: ['4'],
    help: 'Fourth tab: the policies side by side',
    category: 'Looking closer',
    screens: ['main', 'hot', 'pairs', 'compare', 'files', 'menu'],
    hint: { key: '1-5', label: 'Tabs', rank: 2.5, screens: ['hot', 'pairs', 'compare', 'files'] },
  },
  tab5: {
    keys: ['5'],
    help: 'Fifth tab: saved memory by file and by package',
    category: 'Looking closer',
    screens: ['main', 'hot', 'pairs', 'compare', 'files', 'menu'],
  },
  views: {
    keys: ['v'],
    help: 'The menu of views',
    category: 'Looking closer',
    screens: [...FIGURES, 'menu'],
    hint: { key: 'v', label: 'Views', rank: 3.5, screens: ['main', 'domain', 'page'] },
  },
  open: {
    keys: ['enter'],
    help: 'Open the domain or the page under the cursor',
    category: 'Looking closer',
    screens: ['main', 'hot', 'pairs', 'domain', 'menu'],
    hint: { key: 'Enter', label: 'Open', rank: 3, screens: ['main', 'hot', 'pairs', 'menu'] },
  },
  nextHot: {
    keys: ['n'],
    help: 'The next page of the hot list',
    category: 'Looking closer',
    screens: ['page'],
    hint: { key: 'n', label: 'Next page', rank: 3, screens: ['page'] },
  },
  previousHot: {
    keys: ['N'],
    help: 'The page before it in the hot list',
    category: 'Looking closer',
    screens: ['page'],
    hint: { key: 'N', label: 'Page before', rank: 3.1, screens: ['page'] },
  },
  back: {
    keys: ['esc', 'backspace'],
    help: 'Back: closes the help, the menu, the page, the domain, then the tab; never quits',
    category: 'Looking closer',
    screens: SCROLLING,
    hint: {
      key: 'Esc',
      label: 'Back',
      rank: 0,
      screens: ['hot', 'pairs', 'compare', 'files', 'domain', 'page', 'menu', 'help'],
    },
  },
  pause: {
    keys: ['space', 'z', 'Z', 'p'],
    help: 'Freeze the figures on the screen and let them go again; the trace is read on meanwhile',
    category: 'Looking closer',
    screens: FIGURES,
    hint: { key: 'Space', label: 'Pause', rank: 4, screens: FIGURES },
  },
  filter: {
    keys: ['/'],
    help: 'List domains by name, `group:lab`, `saved>100M`; Enter keeps the filter, Esc leaves it',
    category: 'What is shown',
    screens: ['main'],
    hint: { key: '/', label: 'Filter', rank: 5.5, screens: ['main'] },
  },
  filterClear: { keys: ['\\'], help: 'All domains again', category: 'What is shown', screens: ['main'] },
  sortNext: {
    keys: ['s'],
    help: 'Sort the pane by its next column',
    category: 'What is shown',
    screens: SORTED,
    hint: { key: 's', label: 'Sort', rank: 6, screens: SORTED },
  },
  sortReverse: { keys: ['S'], help: 'Reverse the order', category: 'What is shown', screens: SORTED },
  form: {
    keys: ['t'],
    help: 'Domains as a table or as a grid of panes',
    category: 'What is shown',
    screens: ['main'],
    hint: { key: 't', label: 'Table/grid', rank: 7, screens: ['main'] },
  },
  nameKind: {
    keys: ['f'],
    help: 'Sum up by file or by package',
    category: 'What is shown',
    screens: ['files'],
    hint: { key: 'f', label: 'File/package', rank: 3.2, screens: ['files'] },
  },
  policy: {
    keys: ['P'],
    help: 'The policy that SHARED, SAVED and COULD belong to: the next one',
    category: 'What is shown',
    screens: FIGURES,
    hint: { key: 'P', label: 'Policy', rank: 8, screens: FIGURES },
  },
  zeros: {
    keys: ['0'],
    help: 'Zero pages in or out of all sums',
    category: 'What is shown',
    screens: FIGURES,
    hint: { key: '0', label: 'Zeros', rank: 9, screens: FIGURES },
  },
  units: {
    keys: ['u'],
    help: 'Units of memory: IEC (MiB), SI (MB), pages',
    category: 'What is shown',
    screens: FIGURES,
    hint: { key: 'u', label: 'Units', rank: 10, screens: FIGURES },
  },
  theme: {
    keys: ['c'],
    help: 'Colours: for a dark ground, a light one, colour-blind eyes, none',
    category: 'What is shown',
    screens: ALL,
  },
  faster: { keys: ['+', '='], help: 'Figures more often', category: 'What is shown', screens: FIGURES },
  slower: {
    keys: ['-'],
    help: 'Figures less often, up to once a minute',
    category: 'What is shown',
    screens: FIGURES,
  },
  help: {
    keys: ['?', 'h', 'f1'],
    help: 'This help: keys and figures',
    category: 'The program',
    screens: ALL,
    hint: { key: '?', label: 'Help', rank: 2, screens: ALL_BUT_HELP },
  },
  repaint: { keys: ['ctrl-l'], help: 'Draw the screen anew', category: 'The program', screens: ALL },
  suspend: { keys: ['ctrl-z'], help: 'Suspend; `fg` comes back', category: 'The program', screens: ALL },
  quit: {
    keys: ['q', 'ctrl-c'],
    help: 'Quit',
    category: 'The program',
    screens: ALL,
    hint: { key: 'q', label: 'Quit', rank: 1, screens: ALL },
  },
  quitKeeping: {
    keys: ['Q'],
    help: 'Quit and leave the last screen printed',
    category: 'The program',
    screens: SCROLLING,
  },
};

const ENTRIES = Object.entries(COMMANDS) as [CommandId, Command][];

/** What the key does on this screen; undefined if nothing. */
export function commandFor(screen: ScreenName, key: string): CommandId | undefined {
  return ENTRIES.find(([, command]) => command.screens.includes(screen) && command.keys.includes(key))?.[0];
}

const PRINTED: Readonly<Record<string, string>> = {
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  enter: 'Enter',
  esc: 'Esc',
  backspace: 'Backspace',
  space: 'Space',
  f1: 'F1',
};

/** A key as the help prints it: `PgUp`, `Ctrl-L`, `q`. */
export function printedKey(key: string): string {
  if (key.startsWith('ctrl-')) return `Ctrl-${key.slice(5).toUpperCase()}`;
  return PRINTED[key] ?? key;
}

/** The keys of a command for the help: `q, Ctrl-C`. */
function printedKeys(command: Command): string {
  return command.keys.map(printedKey).join(', ');
}

function hintsOf(screen: ScreenName): KeyHint[] {
  return ENTRIES.flatMap(([, { hint }]) => (hint?.screens.includes(screen) === true ? [hint] : []))
    .sort((a, b) => a.rank - b.rank)
    .map(({ key, label }) => ({ key, label }));
}

/** What the last line of each screen offers, most important first. */
export const HINTS: Readonly<Record<ScreenName, readonly KeyHint[]>> = {
  main: hintsOf('main'),
  hot: hintsOf('hot'),
  pairs: hintsOf('pairs'),
  compare: hintsOf('compare'),
  files: hintsOf('files'),
  domain: hintsOf('domain'),
  page: hintsOf('page'),
  menu: hintsOf('menu'),
  help: hintsOf('help'),
  waiting: hintsOf('waiting'),
};

/** The key part of the help screen. */
export const HELP_KEYS: readonly HelpKey[] = ENTRIES.map(([, command]) => ({
  keys: printedKeys(command),
  help: command.help,
}));

/** The text of docs/KEYS.md. */
export function keysMarkdown(): string {
  const lines = ['# Keys', '', 'Written from `src/ui/keymap.ts` by `keysMarkdown()`; a test keeps the two the same.'];
  const categories = [...new Set(ENTRIES.map(([, { category }]) => category))];
  for (const category of categories) {
    lines.push('', `## ${category}`, '', '| keys | action | screens |', '|---|---|---|');
    for (const [, command] of ENTRIES) {
      if (command.category !== category) continue;
      const keys = command.keys.map((key) => `\`${printedKey(key)}\``).join(' ');
      const isEverywhere = command.screens.length === ALL.length;
      const screens = isEverywhere ? 'all' : command.screens.join(', ');
      lines.push(`| ${keys} | ${command.help} | ${screens} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
