import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { ScreenName } from './keymap.js';
import { CompareScreen } from './screens/compare.js';
import { DomainScreen } from './screens/domain.js';
import { FilesScreen } from './screens/files.js';
import { HelpScreen } from './screens/help.js';
import { HotScreen } from './screens/hot.js';
import { MainScreen } from './screens/main.js';
import { MenuScreen } from './screens/menu.js';
import { PageScreen } from './screens/page.js';
import { PairsScreen } from './screens/pairs.js';
import { WaitingScreen } from './screens/waiting.js';
import { screenName } from './view-state.js';
import type { ScreenProps } from './widgets/screen-props.js';

const SCREENS: Readonly<Record<ScreenName, (props: ScreenProps) => ReactNode>> = {
  main: MainScreen,
  hot: HotScreen,
  pairs: PairsScreen,
  compare: CompareScreen,
  files: FilesScreen,
  domain: DomainScreen,
  page: PageScreen,
  menu: MenuScreen,
  help: HelpScreen,
  waiting: WaitingScreen,
};

/** The whole screen for a state. It has no state of its own. */
export function App(props: ScreenProps): ReactNode {
  const Screen = SCREENS[screenName(props.state)];
  const { columns, rows } = props.state.frame;
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Screen {...props} />
    </Box>
  );
}
