/** The 16 colours of usual terminals, as their makers publish them, with the grounds that they are used on. */
interface TerminalPalette {
  readonly name: string;
  readonly colours: readonly string[];
  readonly grounds: { readonly dark: readonly string[]; readonly light: readonly string[] };
}

function palette(name: string, colours: string, dark: readonly string[], light: readonly string[]): TerminalPalette {
  return { name, colours: colours.split(' '), grounds: { dark, light } };
}

export const TERMINAL_PALETTES: readonly TerminalPalette[] = [
  palette(
    'xterm',
    '000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff',
    ['000000'],
    ['ffffff'],
  ),
  palette(
    'VGA',
    '000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff',
    ['000000'],
    ['ffffff'],
  ),
  palette(
    'Solarized',
    '073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3',
    ['002b36'],
    ['fdf6e3'],
  ),
  palette(
    'Tango (GNOME, Ubuntu)',
    '2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec',
    ['000000', '2e3436', '300a24'],
    ['ffffff', 'eeeeec'],
  ),
  palette(
    'Campbell (Windows)',
    '0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2',
    ['0c0c0c'],
    ['f2f2f2'],
  ),
  palette(
    'macOS',
    '000000 990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf 666666 e50000 00d900 e5e500 0000ff e500e5 00e5e5 e5e5e5',
    ['000000'],
    ['ffffff'],
  ),
  palette(
    'VS Code dark',
    '000000 cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5 666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db e5e5e5',
    ['1e1e1e'],
    [],
  ),
  palette(
    'VS Code light',
    '000000 cd3131 00bc00 949800 0451a5 bc05bc 0598bc 555555 666666 cd3131 14ce14 b5ba00 0451a5 bc05bc 0598bc a5a5a5',
    [],
    ['ffffff'],
  ),
  palette(
    'One Light',
    '383a42 e45649 50a14f c18301 0184bc a626a4 0997b3 fafafa 4f525d df6c75 98c379 e4c07a 61afef c577dd 56b5c1 ffffff',
    [],
    ['fafafa'],
  ),
];
