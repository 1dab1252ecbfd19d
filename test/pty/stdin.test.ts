/** `… | sharetop -` as people use it: the trace comes through the pipe, the keys from the terminal. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { REPOSITORY, SHARETOP, sharetop } from '../cli/run-tool.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { temporaryDirectory, writeInto } from '../temporary-directory.js';
import { childOf, expectGivenBack, processesWith } from './shell.js';
import { startTerminal, stopAllTerminals, type TestTerminal } from './terminal.js';

afterEach(stopAllTerminals);

const KVM_FIVE = join(REPOSITORY, 'fixtures/traces/kvm-five/import.000001.pgt');

/** As startFromShell, but with a pipe: `command` is the shell's, with "$@" for sharetop. */
function startPipe(command: string, env: Record<string, string> = {}): TestTerminal {
  ensureFreshBuild();
  const script = `
before=$(stty -g)
${command}
code=$?
if [ "$before" = "$(stty -g)" ]; then echo "line as before"; else echo "line changed"; fi
echo "code $code"
read answer`;
  const args = ['-c', script, 'sh', process.execPath, SHARETOP, '-'];
  return startTerminal({ command: 'sh', args, cols: 120, rows: 30, env });
}

/** A named pipe; the producer's end stays open until the test closes it. */
function fifo(): { path: string; open: () => { write: (text: string) => void; close: () => void } } {
  const path = join(temporaryDirectory(), 'pipe');
  execFileSync('mkfifo', [path]);
  return {
    path,
    open: () => {
      // Read and write: opening does not wait for the reader.
      const descriptor = openSync(path, 'r+');
      let isOpen = true;
      const close = (): void => {
        if (isOpen) closeSync(descriptor);
        isOpen = false;
      };
      onTestFinished(close);
      return { write: (text) => void writeSync(descriptor, text), close };
    },
  };
}

test('shows a recording to its end and stays until q', async () => {
  const terminal = startPipe(`cat '${KVM_FIVE}' | "$@"`);
  await terminal.waitFor(/sharetop stdin .*ENDED t 280\.669 s/);
  const { stdout } = await sharetop(['report', KVM_FIVE]);
  const records = /^records +([\d,]+)/m.exec(stdout)?.[1];
  expect(terminal.text()).toContain(`5 domains  1 stream  ${records} records`);
  terminal.keys('?');
  await terminal.waitFor(/sharetop help/);
  terminal.keys('?');
  await terminal.waitFor(/\[Domains\]/);
  terminal.keys('q');
  await expectGivenBack(terminal, 0);
});

test('records appear as they come; half a line waits for the rest', async () => {
  const { path, open } = fifo();
  const producer = open();
  const terminal = startPipe(`"$@" < '${path}'`);
  await terminal.waitFor(/Nothing has come from the standard input yet/);
  producer.write('{"t":0,"record":"domain","domid":1,"key":"web1","frames":64}\n{"record":"fill","domid":1,"gfn"');
  await terminal.waitFor(/LIVE.* 1 domain .* 1 records.* web1 /s);
  producer.write(':3,"hash":"00000000000000ff"}\n');
  await terminal.waitFor(/ 2 records/);
  producer.write('{"t":1000000,"record":"domain","domid":2,"key":"web2","frames":64}\n');
  await terminal.waitFor(/2 domains/);
  terminal.keys('\x03');
  await expectGivenBack(terminal, 0);
});

test('a producer that is faster is held back; it ends when sharetop does', async () => {
  const written = join(temporaryDirectory(), 'written');
  // A megabyte to the time of --at, then lines without end: writing goes on only as long as somebody reads.
  const producer = writeInto(
    temporaryDirectory(),
    'producer.mjs',
    `import { writeFileSync, writeSync } from 'node:fs';
     const line = (t) => '{"t":' + t + ',"record":"mark","text":"' + 'x'.repeat(200) + '"}\\n';
     const chunk = (t) => Buffer.from(line(t).repeat(260));
     let bytes = 0;
     try {
       for (let i = 0; ; i++) {
         bytes += writeSync(1, chunk(i < 16 ? 1000000 : 2000000));
         writeFileSync(process.argv[2], String(bytes));
       }
     } catch {
       // Nobody reads any more.
     }`,
  );
  const terminal = startPipe(`'${process.execPath}' '${producer}' '${written}' | "$@" --at 1`);
  await terminal.waitFor(/ENDED t 1\.0/);
  await terminal.waitFor(/ 4,1\d\d records/);
  const count = (): number => Number(readFileSync(written, 'utf8'));
  // Still until it is seen twice the same: it is blocked in its write.
  let before = -1;
  await terminal.waitFor(() => before === (before = count()));
  expect(before).toBeGreaterThan(1_000_000);
  expect(before).toBeLessThan(2_500_000);
  expect(processesWith(producer)).toHaveLength(2);
  terminal.keys('q');
  await expectGivenBack(terminal, 0);
  expect(processesWith(producer)).toEqual([]);
});

test.each([
  ['no trace', 'echo hello', 'stdin: is no trace: begins with', 3],
  ['nothing', 'true', 'stdin: ended before its first byte', 3],
])('%s comes: one line', async (_name, producer, line, code) => {
  const terminal = startPipe(`${producer} | "$@"`);
  await expectGivenBack(terminal, code);
  expect(terminal.text()).toContain(`sharetop: ${line}`);
});

test('SIGTERM gives the terminal back while the producer goes on', async () => {
  const { path, open } = fifo();
  open().write('{"t":0,"record":"domain","domid":1,"key":"web1","frames":64}\n');
  const terminal = startPipe(`"$@" < '${path}'`);
  await terminal.waitFor(/web1/);
  process.kill(childOf(terminal), 'SIGTERM');
  await expectGivenBack(terminal, 143);
});

const hasSetsid = spawnSync('setsid', ['-V']).status === 0;

test.skipIf(!hasSetsid)('without a terminal for keys it says so (needs setsid)', async () => {
  const terminal = startPipe(`cat '${KVM_FIVE}' | setsid -w "$@"`);
  await expectGivenBack(terminal, 1);
  expect(terminal.text()).toMatch(/sharetop: keys come from \/dev\/tty, .*there is none.*--once/s);
});
