/** `sharetop record` at a terminal: it outlives it, and `--live` shows what it records. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { recordsIn, startKnown } from '../cli/known-process.js';
import { SHARETOP } from '../cli/run-tool.js';
import { ensureFreshBuild } from '../fresh-build.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { expectGivenBack, processesWith, startFromShell } from './shell.js';
import { startTerminal, stopAllTerminals } from './terminal.js';

afterEach(stopAllTerminals);

const scansIn = (trace: string): number =>
  existsSync(trace) ? recordsIn(trace).filter(({ record }) => record.kind === 'scanEnd').length : 0;

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 2000) throw new Error('it never came to that');
    await wait(10);
  }
}

const temporaryTraces = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('sharetop-record-'));

describe.skipIf(process.platform !== 'linux')('record at a terminal (needs Linux)', () => {
  test('it goes on when the terminal is closed, and SIGTERM ends it well', async () => {
    ensureFreshBuild();
    const known = await startKnown();
    const directory = temporaryDirectory();
    const trace = join(directory, 'trace');
    // The shell outlives its terminal, too: it tells how the recorder ended.
    const script = `trap '' HUP; "$@"; echo "code $?" > end`;
    const record = [
      process.execPath,
      SHARETOP,
      'record',
      '--pid',
      String(known.pid),
      '--interval',
      '20ms',
      '--duty',
      'off',
      '-o',
      trace,
    ];
    const terminal = startTerminal({ command: 'sh', args: ['-c', script, 'sh', ...record], cwd: directory });
    await terminal.waitFor(/^pass 2: /m);
    terminal.closeTerminal();
    const before = scansIn(trace);
    await until(() => scansIn(trace) > before + 3);
    process.kill(Number(readFileSync(join(trace, 'record.pid'), 'utf8').split(' ')[0]), 'SIGTERM');
    await until(() => existsSync(join(directory, 'end')) && readFileSync(join(directory, 'end'), 'utf8') !== '');
    expect(readFileSync(join(directory, 'end'), 'utf8')).toBe('code 143\n');
    expect(existsSync(join(trace, 'record.pid'))).toBe(false);
  });

  test('--live shows the processes while they are recorded, and leaves nothing behind', async () => {
    const [a, b] = [await startKnown(), await startKnown()];
    await a.tell('fill 0 300 5');
    await b.tell('fill 0 300 5');
    const before = temporaryTraces();
    const pids = `${a.pid},${b.pid}`;
    const terminal = startFromShell(['record', '--live', '--pid', pids, '--interval', '100ms', '--duty', 'off']);
    await terminal.waitFor((view) => view.text().includes(`node-${a.pid}`) && view.text().includes(`node-${b.pid}`));
    await b.kill();
    await terminal.waitFor((view) => !view.text().includes(`node-${b.pid}`));
    terminal.keys('q');
    await expectGivenBack(terminal, 0);
    expect(temporaryTraces()).toEqual(before);
    expect(processesWith('record-child.js')).toEqual([]);
  });

  test('--live of what cannot be recorded gives the screen back and says why', async () => {
    const terminal = startFromShell(['record', '--live', '--pid', '4194303']);
    await expectGivenBack(terminal, 1);
    expect(terminal.text()).toContain('sharetop: record: there is no process 4194303');
  });
});
