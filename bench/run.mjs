/**
 * `npm run bench [-- [--small] [--markdown] [--json FILE] [NAME…]]`: bundles the subjects of bench/subjects/ into a
 * temporary folder, runs each in a process of its own and prints their figures beside the budgets of the design. Exit
 * code 1 if a subject fails; a missed budget is shown and is not an error, because a busy machine misses them all.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { bundle } from './bundle.mjs';

const benchFolder = path.dirname(fileURLToPath(import.meta.url));

/** Order of the report; subjects that are not named here come last. */
const ORDER = [
  'engine',
  'decode',
  'pipeline',
  'memory',
  'windows',
  'policies',
  'latency',
  'link',
  'screen',
  'process',
  'label',
  'record',
  'scale',
];

function subjectNames() {
  const names = readdirSync(path.join(benchFolder, 'subjects'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -'.ts'.length));
  const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names.sort((a, b) => rank(a) - rank(b));
}

/** Runs one subject; calls `onLine` for each line that it reports. Resolves to its exit code. */
function runSubject(file, args, onLine) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, SHARETOP_BENCH_FOLDER: benchFolder };
    const argv = ['--expose-gc', '--max-old-space-size=8192', file, ...args];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'], env });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => onLine(JSON.parse(line)));
    child.on('error', reject);
    let code = 1;
    child.on('exit', (exitCode) => (code = exitCode ?? 1));
    lines.on('close', () => (child.exitCode === null ? child.on('exit', () => resolve(code)) : resolve(code)));
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function deviation(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function number(value) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** `>= 4  ok`, `<= 10  MISSED`; empty without a budget. */
function verdict(figure) {
  const { budget } = figure;
  if (budget === undefined) return '';
  const value = median(figure.values);
  const isLower = 'atLeast' in budget;
  const isKept = isLower ? value >= budget.atLeast : value <= budget.atMost;
  return `${isLower ? `>= ${budget.atLeast}` : `<= ${budget.atMost}`}  ${isKept ? 'ok' : 'MISSED'}`;
}

function figureLine(figure) {
  const { name, unit, values, hash = '', note = '' } = figure;
  const columns = [
    name.padEnd(52),
    number(Math.min(...values)).padStart(8),
    number(median(values)).padStart(8),
    number(deviation(values)).padStart(7),
    unit.padEnd(12),
    verdict(figure).padEnd(16),
    hash === '' ? note : `#${hash} ${note}`,
  ];
  return columns.join('  ').trimEnd();
}

/** A bound or a median as it stands in a document. */
function budgetText({ budget, unit }) {
  return 'atLeast' in budget ? `≥ ${budget.atLeast} ${unit}` : `≤ ${budget.atMost} ${unit}`;
}

/** Every budget in one table, and what has none but is worth a look in another: to be pasted into docs/BENCH.md. */
function markdown(results) {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const judged = results.filter((line) => line.figure?.budget !== undefined);
  const others = results.filter((line) => line.figure !== undefined && line.figure.budget === undefined);
  const seen = ({ figure }) => `${number(median(figure.values))} ${figure.unit}`;
  const lines = [row(['subject', 'figure', 'budget', 'seen', 'kept']), row(['---', '---', '---', '---', '---'])];
  for (const line of judged) {
    const { figure, subject } = line;
    const kept = verdict(figure).endsWith('ok') ? 'yes' : '**no**';
    lines.push(row([subject, figure.name, budgetText(figure), seen(line), kept]));
  }
  lines.push('', row(['subject', 'figure without a budget', 'seen', '']), row(['---', '---', '---', '---']));
  for (const line of others) lines.push(row([line.subject, line.figure.name, seen(line), line.figure.note ?? '']));
  const skipped = results.filter((line) => line.skipped !== undefined);
  if (skipped.length > 0) lines.push('');
  for (const line of skipped) lines.push(`- ${line.subject}, ${line.skipped.name}: left out, ${line.skipped.reason}`);
  return lines.join('\n');
}

async function main() {
  const args = process.argv.slice(2);
  const small = args.includes('--small');
  const jsonAt = args.indexOf('--json');
  const jsonFile = jsonAt < 0 ? undefined : args[jsonAt + 1];
  const wanted = args.filter((arg, i) => !arg.startsWith('--') && (jsonAt < 0 || i !== jsonAt + 1));
  const known = subjectNames();
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}: there are ${known.join(', ')}`);
  const names = wanted.length > 0 ? known.filter((name) => wanted.includes(name)) : known;

  const machine = `${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  console.log(`${date}, ${machine}, Node ${process.version}${small ? ', small inputs: no conclusions' : ''}`);
  console.log(`${''.padEnd(52)}  ${'min'.padStart(8)}  ${'median'.padStart(8)}  ${'sd'.padStart(7)}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'sharetop-bench-'));
  const results = [];
  try {
    const entries = names.map((name) => [name, `bench/subjects/${name}.ts`]);
    // The screen alone, on a made-up host: what `screen` starts.
    if (names.includes('screen')) entries.push(['fake-host', 'test/ui/demo.tsx']);
    await bundle(Object.fromEntries(entries), folder);
    for (const name of names) {
      console.log(`\n${name}`);
      const code = await runSubject(path.join(folder, `${name}.mjs`), small ? ['--small'] : [], (line) => {
        results.push({ subject: name, ...line });
        if (line.figure !== undefined) console.log(figureLine(line.figure));
        else console.log(`${line.skipped.name}: skipped, ${line.skipped.reason}`);
      });
      if (code !== 0) {
        console.log(`${name} failed with exit code ${code}`);
        process.exitCode = 1;
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (jsonFile !== undefined)
    writeFileSync(jsonFile, JSON.stringify({ date, machine, node: process.version, results }));
  if (args.includes('--markdown')) console.log(`\n${markdown(results)}`);
  const judged = results.filter((line) => line.figure?.budget !== undefined);
  const missed = judged.filter((line) => verdict(line.figure).endsWith('MISSED'));
  console.log(`\n${judged.length - missed.length} of ${judged.length} budgets kept`);
}

await main();
