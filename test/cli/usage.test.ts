/** The built tool as a script and a careless user meet it: exit codes, one line for what went wrong, clean pipes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureFreshBuild } from '../fresh-build.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { hostileTrace, SEEN_OF_TEXTS } from './hostile-trace.js';
import { CONTROL, plainEnvironment, REPOSITORY, run, SHARETOP, sharetop } from './run-tool.js';

const XEN_FOUR = 'fixtures/traces/xen-four';
const MALFORMED = 'fixtures/malformed';
const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };

/** One line that names the program and the place and says what is wrong; never a stack. */
function expectOneLine(stderr: string, ...parts: string[]): void {
  expect(stderr).toMatch(/^sharetop: [^\n]+\n$/);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|node:internal|Error:/);
  expect(stderr.trimEnd()).not.toMatch(CONTROL);
  for (const part of parts) expect(stderr).toContain(part);
}

describe('asked for help', () => {
  test.each([['--help'], ['-h'], ['help'], ['report', '--help'], ['help', 'import'], ['demo', '-h'], ['replay', '-h']])(
    '%s %s',
    async (...args) => {
      const { code, stdout, stderr } = await sharetop(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: sharetop/);
      expect(stdout).not.toMatch(CONTROL);
    },
  );

  test('names every command and exit code', async () => {
    const { stdout } = await sharetop(['--help']);
    for (const word of ['demo', 'report', 'import', 'replay', 'convert', '--ndjson', '--once', '--region', '--at']) {
      expect(stdout).toContain(word);
    }
    expect(stdout).toMatch(/Exit codes: 0 fine.*2 wrong usage, 3 .* 4 .*130, 143, 129/s);
  });

  test.each(['--version', '-V'])('%s', async (option) => {
    expect(await sharetop([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('a wrong command line exits with 2 and says what is right', () => {
  test.each<[string, string[], string[]]>([
    ['an option that is none', ['--nope'], ["'--nope'", '--once', 'sharetop --help']],
    ['an option of another command', ['report', '--ascii', XEN_FOUR], ["'--ascii'", 'sharetop report --help']],
    ['no trace', ['report'], ["'trace'", 'sharetop report --help']],
    ['a word too many', ['report', XEN_FOUR, 'more'], ['sharetop report --help']],
    ['no output', ['import', 'a.pghd'], ['-o, --output <dir>', 'sharetop import --help']],
    ['no speed', ['demo', '--speed', 'fast'], ["--speed 'fast'", 'max', 'sharetop demo --help']],
    ['a time', ['report', XEN_FOUR, '--at', '12:30'], ["--at '12:30'", '12.5', 'sharetop report --help']],
    ['a region', ['report', XEN_FOUR, '--region', '101%'], ["--region '101%'", 'at most 100']],
    ['a victim', ['report', XEN_FOUR, '--region-victim', 'fifo'], ["'fifo'", 'sharers, clock or lru']],
    ['a policy', ['--once', XEN_FOUR, '--policies', 'ksn'], ["'ksn'", 'dlps, oracle, satori', '(see sharetop --help)']],
    ['knobs that turn nothing', ['report', XEN_FOUR, '--ksm', 'use_zero_pages=1'], ['ksm does not run', '--policies']],
    ['a theme', ['--theme', 'pink'], ["'pink'", 'auto, dark, light, cb, mono']],
    ['units', ['--units', 'acres'], ["'acres'", 'iec, si, pages']],
    ['stdin to replay', ['replay', '-', '-o', 'x'], ['report and convert read -', 'sharetop replay --help']],
    ['stdin to import', ['import', 'a', '-', '-o', 'x'], ['report and convert read -', 'sharetop import --help']],
    ['stdin to demo', ['demo', '--recording', '-'], ['report and convert read -', 'sharetop demo --help']],
    ['an escape sequence', ['--\u001b[31m\u009b'], ['--?[31m?']],
  ])('%s', async (_name, args, parts) => {
    const { code, stdout, stderr } = await sharetop(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expectOneLine(stderr, ...parts);
  });
});

describe('a trace that is not there or cannot be read exits with 3', () => {
  test.each<[string, string[], string[]]>([
    ['missing', ['report', '/none/such'], ['/none/such', 'does not exist']],
    ['missing, printed once', ['--once', '/none/such'], ['/none/such', 'does not exist']],
    ['no trace', ['report', 'package.json'], ['package.json', 'neither a trace directory nor']],
    ['a directory without one', ['report', 'src/base'], ['src/base', 'holds no trace', 'NAME.ndjson']],
    ['newer than known', ['report', `${MALFORMED}/version-9.pgt`], ['version-9.pgt', 'newer sharetop']],
    ['a recording of the demo', ['demo', '--recording', '/none/such'], ['/none/such', 'does not exist']],
    ['no trace to replay', ['replay', '/none/such', '-o', '/none/out'], ['/none/such', 'does not exist']],
    ['a path that attacks', ['report', '/none/\u001b[31m\n\u202e'], ['/none/?[31m??', 'does not exist']],
  ])('%s', async (_name, args, parts) => {
    const { code, stdout, stderr } = await sharetop(args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expectOneLine(stderr, ...parts);
  });

  test('and where none was named, there is another way', async () => {
    ensureFreshBuild();
    const script = `cd "$1" && exec "$2" "$3"`;
    const { code, stderr } = await run('sh', ['-c', script, 'sh', temporaryDirectory(), process.execPath, SHARETOP]);
    expect(code).toBe(3);
    expectOneLine(stderr, 'trace: does not exist', 'sharetop demo');
  });
});

describe('damage', () => {
  test('exits with 4, prints the rest and says where', async () => {
    // The second of these blocks has a flipped byte.
    const { code, stdout, stderr } = await sharetop(['report', '--json', `${MALFORMED}/block-checksum.pgt`]);
    expect(code).toBe(4);
    expectOneLine(stderr, 'block-checksum.pgt', 'offset 144', 'checksum');
    expect((JSON.parse(stdout) as { gaps: object }).gaps).toMatchObject({ damagedBlocks: 1 });
  });

  test('of one block of a real trace leaves the others', async () => {
    const bytes = readFileSync(join(REPOSITORY, XEN_FOUR, 'import.000001.pgt'));
    bytes[bytes.length >> 1] ^= 0xff;
    const trace = temporaryDirectory();
    writeInto(trace, 'import.000001.pgt', bytes);
    const { code, stdout, stderr } = await sharetop(['--once', trace, '--region', 'unlimited']);
    expect(code).toBe(4);
    expectOneLine(stderr, 'import.000001.pgt', 'offset ');
    expect(stdout).toMatch(/gaps: 1 damaged block/);
    expect(stdout).toContain('build1');
  });

  test('a torn tail is none: the recorder may be writing', async () => {
    const { code, stdout } = await sharetop(['report', '--json', `${MALFORMED}/tail-torn.pgt`]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { gaps: object }).gaps).toMatchObject({ damagedBlocks: 0 });
  });
});

describe('into a pipe', () => {
  test.each([[['report', XEN_FOUR]], [['--once', XEN_FOUR]], [['demo']], [['--help']]])(
    '%s has no escapes and no blanks at the end',
    async (args) => {
      const { code, stdout, stderr } = await sharetop(args, { COLORTERM: 'truecolor', SHARETOP_THEME: 'light' });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.length).toBeGreaterThan(200);
      expect(stdout).not.toMatch(CONTROL);
      expect(stdout).not.toMatch(/[ \n]\n$/);
    },
  );

  test('without a terminal the view is printed once', async () => {
    const trace = smallTrace();
    const [bare, once] = await Promise.all([sharetop([trace]), sharetop(['--once', trace])]);
    expect(bare).toEqual(once);
    expect(once.stdout).toContain('web2');
  });

  test.each([['report', XEN_FOUR], ['--help'], ['--once', XEN_FOUR]])(
    'a reader that has seen enough is no failure: %s',
    async (...args) => {
      ensureFreshBuild();
      // The reader is gone before the first byte comes: sharetop waits for the end of `read`.
      const script = '{ sleep 0.3; "$@" 2>&3; echo "code $?" >&3; } 3>&2 | true';
      const { stderr } = await run('sh', ['-c', script, 'sh', process.execPath, SHARETOP, ...args]);
      expect(stderr).toBe('code 0\n');
    },
  );
});

/** Two domains with a page in common. */
function smallTrace(): string {
  const lines = [1, 2].flatMap((domid) => [
    { record: 'domain', t: 1_000_000, domid, name: `web${domid}`, frames: 64 },
    { record: 'fill', domid, gfn: 3, count: 2, hash: '00000000000000ff' },
  ]);
  const trace = temporaryDirectory();
  writeInto(trace, 'script.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return trace;
}

describe('the environment', () => {
  const once = async (env: Record<string, string>, ...args: string[]): Promise<string[]> => {
    const { code, stdout } = await sharetop(['--once', smallTrace(), ...args], env);
    expect(code).toBe(0);
    return stdout.trimEnd().split('\n').slice(1);
  };
  const widest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));

  test.each([60, 80, 120, 200])('COLUMNS=%i', async (columns) => {
    const lines = await once({ COLUMNS: String(columns) });
    expect(widest(lines)).toBeLessThanOrEqual(columns);
    // The rule above the domains takes all the room there is.
    expect(widest(lines)).toBeGreaterThan(columns - 5);
  });

  test.each(['x', '0', '-5', '1e9', ''])('COLUMNS=%j is none', async (columns) => {
    expect(widest(await once({ COLUMNS: columns }))).toBe(100);
  });

  test.each([{ LANG: 'C' }, { LANG: 'POSIX' }, { LANG: 'C.UTF-8', LC_ALL: 'C' }, { LANG: 'en_US.ISO-8859-1' }])(
    'a locale without UTF-8 gets ASCII: %j',
    async (env) => {
      const text = (await once(env)).join('\n');
      expect(text).not.toMatch(/[^\n -~]/);
      expect(text).toContain('web2');
    },
  );

  test('so does --ascii, and a locale with UTF-8 gets blocks', async () => {
    expect((await once({}, '--ascii')).join('\n')).not.toMatch(/[^\n -~]/);
    expect((await once({ LANG: 'de_DE.utf8' })).join('\n')).toContain('█');
  });

  test.each<[string, string[], Record<string, string>, boolean]>([
    ['FORCE_COLOR', [], { FORCE_COLOR: '1' }, true],
    ['CLICOLOR_FORCE', [], { CLICOLOR_FORCE: '1', TERM: 'dumb' }, true],
    ['CLICOLOR', [], { CLICOLOR: '1' }, false],
    ['NO_COLOR before it', [], { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    ['--no-color before it', ['--no-color'], { FORCE_COLOR: '1' }, false],
  ])('a printed view has colours only if they are forced: %s', async (_name, args, env, hasColour) => {
    const text = (await once(env, ...args)).join('\n');
    expect(/\x1b\[[\d;]*3[0-7][\d;]*m/.test(text)).toBe(hasColour);
    // Whatever it is painted with, it says the same.
    expect(text.replaceAll(/\x1b\[[\d;]*m/g, '')).toBe((await once({})).join('\n'));
  });

  test('the light theme has other colours', async () => {
    const [dark, light] = await Promise.all(
      ['dark', 'light'].map((name) => once({ FORCE_COLOR: '1' }, '--theme', name)),
    );
    expect(dark.join()).toMatch(/\x1b\[[\d;]*32m/);
    expect(light.join()).not.toMatch(/\x1b\[[\d;]*3[236]m/);
    expect(await once({ FORCE_COLOR: '1', COLORFGBG: '0;15' })).toEqual(light);
    expect(await once({ FORCE_COLOR: '1', COLORFGBG: '0;15', SHARETOP_THEME: 'dark' })).toEqual(dark);
    expect(await once({ FORCE_COLOR: '1', SHARETOP_THEME: 'dark' }, '--theme', 'light')).toEqual(light);
  });

  test.each([
    ['iec', /8K|8\.0K/],
    ['si', /8\.2k|8k/i],
    ['pages', /reserved/],
  ])('--units %s', async (units, shown) => {
    const text = (await once({}, '--units', units)).join('\n');
    expect(text).toMatch(shown);
    const others = ['iec', 'si', 'pages'].filter((other) => other !== units);
    for (const other of others) expect(text).not.toBe((await once({}, '--units', other)).join('\n'));
  });

  test('SHARETOP_TRACE is the trace that is not named', async () => {
    const { code, stdout } = await sharetop(['--once'], { SHARETOP_TRACE: smallTrace() });
    expect(code).toBe(0);
    expect(stdout).toContain('web2');
  });
});

describe('a hostile trace', () => {
  test.each([['report'], ['report', '--json'], ['--once'], ['--once', '--ascii']])(
    'cannot send anything to the terminal by %s %s',
    async (...args) => {
      const { code, stdout, stderr } = await sharetop([...args, hostileTrace(temporaryDirectory())]);
      expect(code).toBe(4);
      expectOneLine(stderr, 'b.ndjson', 'line 2');
      expect(stdout).toMatch(SEEN_OF_TEXTS);
      expect(stdout).not.toMatch(CONTROL);
      expect(stdout).not.toMatch(/\p{Cf}|[\ud800-\udfff](?![\udc00-\udfff])(?<![\ud800-\udbff][\udc00-\udfff])/u);
    },
  );

  test('keeps its names in JSON', async () => {
    const { stdout } = await sharetop(['report', '--json', hostileTrace(temporaryDirectory())]);
    const { domains } = JSON.parse(stdout) as { domains: { name: string }[] };
    expect(domains.slice(1, 5).map(({ name }) => name)).toEqual([
      'a\r\nb\tc\u0000d',
      '\u009b2J\u009d0;owned\u009c\u0085\u008d',
      '\u001b[?1049l\u001b[H\u001b[2J\u001bc',
      '\u202egnp.exe\u2066\u200f\u061c\u2028x',
    ]);
  });
});

test('works with no home, and where nothing can be written', async () => {
  ensureFreshBuild();
  const env = plainEnvironment({ TMPDIR: '/none/such' });
  delete env['HOME'];
  const { code, stderr } = await run(process.execPath, [SHARETOP, 'report', smallTrace()], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
