/** `… | sharetop …` by a script: no terminal, the trace comes through the pipe. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, describe, test } from 'vitest';
import { ensureFreshBuild } from '../fresh-build.js';
import { CONTROL, plainEnvironment, REPOSITORY, SHARETOP, sharetop, type Outcome } from './run-tool.js';

const XEN_FOUR = 'fixtures/traces/xen-four';
const SEGMENT = readFileSync(join(REPOSITORY, XEN_FOUR, 'import.000001.pgt'));
const MALFORMED = 'fixtures/malformed';

const malformed = (name: string): Buffer => readFileSync(join(REPOSITORY, MALFORMED, name));

/** Runs sharetop with these bytes on its standard input; it may stop reading before their end. */
function sharetopFed(bytes: Uint8Array, args: readonly string[]): Promise<Outcome> {
  ensureFreshBuild();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SHARETOP, ...args], { cwd: REPOSITORY, env: plainEnvironment() });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(output).toString(), stderr: Buffer.concat(errors).toString() }),
    );
    child.stdin.end(bytes);
  });
}

describe('a recording through the pipe', () => {
  test.each([
    [['report', '--json']],
    [['report', '--json', '--at', '120.5']],
    [['report', '--audit', '--region', '64M']],
  ])('has the figures of the directory: %j', async (args) => {
    const [command, ...options] = args;
    const [fed, read] = await Promise.all([
      sharetopFed(SEGMENT, [command, '-', ...options]),
      sharetop([command, XEN_FOUR, ...options]),
    ]);
    expect(fed).toEqual(read);
    expect(fed.code).toBe(0);
  });

  test('is printed once where there is no terminal', async () => {
    const [bare, once, read] = await Promise.all([
      sharetopFed(SEGMENT, ['-']),
      sharetopFed(SEGMENT, ['--once', '-']),
      sharetop(['--once', XEN_FOUR]),
    ]);
    expect(bare).toEqual(once);
    const body = (text: string): string => text.split('\n').slice(1).join('\n');
    expect(body(once.stdout)).toBe(body(read.stdout));
    expect(once.stdout).toMatch(/^sharetop stdin .*ENDED/);
  });

  test('is read no further than the time to stop at', async () => {
    const line = (t: number): string => `{"t":${t},"record":"mark","text":"${'x'.repeat(900)}"}\n`;
    const endless = Buffer.from(line(1_000_000).repeat(100) + line(3_000_000).repeat(50_000));
    const { code, stdout, stderr } = await sharetopFed(endless, ['report', '-', '--at', '2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^records +100$/m);
  });
});

describe('as with files', () => {
  test.each<[string, Uint8Array, string[], number, string[]]>([
    ['damage', malformed('block-checksum.pgt'), ['report', '-'], 4, ['stdin: offset 144', 'wrong checksum']],
    ['a bad line', malformed('not-json.ndjson'), ['report', '-'], 4, ['stdin: line 2: not a JSON object']],
    ['newer than known', malformed('version-9.pgt'), ['--once', '-'], 3, ['stdin: offset 0', 'newer sharetop']],
    ['no trace', Buffer.from('\u001b[2Jhello\n'), ['report', '-'], 3, ["stdin: is no trace: begins with '?[2Jhello'"]],
    ['nothing', Buffer.alloc(0), ['--once', '-'], 3, ['stdin: ended before its first byte']],
    ['bad NDJSON by order', Buffer.from('x\n'), ['report', '-', '--ndjson'], 4, ['stdin: line 1: not a JSON object']],
    ['--ndjson of a file', SEGMENT, ['report', XEN_FOUR, '--ndjson'], 2, ['--ndjson', 'write - as the trace']],
  ])('%s', async (_name, bytes, args, code, parts) => {
    const { code: actual, stderr } = await sharetopFed(bytes, args);
    expect(actual).toBe(code);
    expect(stderr).toMatch(/^sharetop: [^\n]+\n$/);
    expect(stderr.trimEnd()).not.toMatch(CONTROL);
    for (const part of parts) expect(stderr).toContain(part);
  });

  test('a torn tail is none', async () => {
    for (const name of ['tail-torn.pgt', 'tail-torn.ndjson', 'tail-zeros.pgt']) {
      const [fed, read] = await Promise.all([
        sharetopFed(malformed(name), ['report', '--json', '-']),
        sharetop(['report', '--json', `${MALFORMED}/${name}`]),
      ]);
      expect(fed).toEqual(read);
      expect(fed.code).toBe(0);
    }
  });

  test('a segment that was torn before the next one came is told as missing', async () => {
    const { code, stdout, stderr } = await sharetopFed(
      Buffer.concat([malformed('tail-torn.pgt'), malformed('tail-torn.pgt')]),
      ['report', '--json', '-'],
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^sharetop: stdin: offset \d+: the segment before it ends inside a block \(70 bytes of it\)\n$/,
    );
    expect((JSON.parse(stdout) as { gaps: object }).gaps).toMatchObject({ missing: 1 });
  });
});
