/**
 * What `npm test` and `.ci/run` do: types, lint and format side by side, then the tests. Says what it ran and how long
 * it took, shows the output of what failed, and stops there. Arguments go to vitest (a file, `-t NAME`), and then only
 * the tests run.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** The script behind a package's command: started without npx, which costs half a second and a shell. */
function commandScript(packageName, command = packageName) {
  const manifestFile = path.join(root, 'node_modules', packageName, 'package.json');
  const { bin } = require(manifestFile);
  return path.join(path.dirname(manifestFile), typeof bin === 'string' ? bin : bin[command]);
}

const STATIC_STEPS = [
  { name: 'types', shown: 'tsc -p .', argv: [commandScript('typescript', 'tsc'), '-p', '.'] },
  { name: 'lint', shown: 'eslint .', argv: [commandScript('eslint'), '.', '--max-warnings=0'] },
  {
    name: 'format',
    shown: 'prettier --check .',
    argv: [commandScript('prettier'), '--check', '--log-level=warn', '.'],
  },
];

/** Runs a Node script in the repository. Resolves to its exit code and, unless it writes through, its output. */
function run(argv, { writeThrough = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = writeThrough ? 'inherit' : ['ignore', 'pipe', 'pipe'];
    const child = spawn(process.execPath, argv, { cwd: root, stdio });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(output).toString() }));
  });
}

async function runStatic({ name, shown, argv }) {
  const start = performance.now();
  const { code, output } = await run(argv);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(6)} ${shown} (${seconds} s)`);
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
}

/** The paragraphs of docs/TESTING.md that say when the long fuzz and soak runs were last made, with what result. */
function printLastLongRuns() {
  const file = path.join(root, 'docs/TESTING.md');
  if (!existsSync(file)) return;
  for (const paragraph of readFileSync(file, 'utf8').split(/\n\s*\n/)) {
    if (/^last long run\b/i.test(paragraph)) console.log(paragraph.trim());
  }
}

/** Runs vitest with its own report on stdout and a second, for counting, in a file. */
async function runTests(vitestArgs) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sharetop-check-'));
  try {
    const report = path.join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const script = commandScript('vitest');
    const { code } = await run([script, 'run', ...reporters, ...vitestArgs], { writeThrough: true });
    printLastLongRuns();
    if (!existsSync(report)) {
      console.log('vitest left no report: it did not get as far as running tests');
      return false;
    }
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    // A file that does not load fails as a suite, with no test in it.
    const failed = numFailedTests > 0 ? numFailedTests : code === 0 ? 0 : Math.max(1, numFailedTestSuites);
    if (numPendingTests > 0) console.log(`${numPendingTests} skipped`);
    console.log(`${numPassedTests} passed, ${failed} failed`);
    return code === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const vitestArgs = process.argv.slice(2);
const results = vitestArgs.length > 0 ? [] : await Promise.all(STATIC_STEPS.map(runStatic));
if (!results.every(Boolean)) {
  console.log('stopped before the tests (`npm test -- test/` runs them alone)');
  process.exitCode = 1;
} else if (!(await runTests(vitestArgs))) {
  process.exitCode = 1;
}
