/**
 * The figures recounted by DuckDB from a trace's NDJSON, by their definitions (design §2) and nothing of our code. It
 * is a package of its own (bench/package.json), installed the first time it is asked for.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT } from '../pty.js';
import { comparedPairs, rounded, type ScaleFigures } from './figures.js';

interface Connection {
  runAndReadAll(sql: string): Promise<{ getRowObjectsJS(): Record<string, unknown>[] }>;
  closeSync(): void;
}
interface DuckDbModule {
  DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<Connection>; closeSync(): void }> };
}

const PACKAGE = '@duckdb/node-api';
const ZERO = "'ac869b6f32d8bbdb'";

/** The package, or in one line why it is not there. */
export function loadDuckDb(): { duckdb: DuckDbModule } | { reason: string } {
  const folder = path.join(ROOT, 'bench');
  if (!existsSync(path.join(folder, 'node_modules', PACKAGE))) {
    // Not `npm ci`: it wants every platform's binary, which not every registry has. The lock file stays as it is.
    const args = ['install', '--no-save', '--no-audit', '--no-fund'];
    const { status, stderr, error } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    if (status !== 0) {
      const said = error?.message ?? stderr.split('\n').find((line) => /error/i.test(line)) ?? 'npm install failed';
      return { reason: `cannot be installed in bench/: ${said}` };
    }
  }
  try {
    return { duckdb: createRequire(path.join(folder, 'package.json'))(PACKAGE) as DuckDbModule };
  } catch (error) {
    return { reason: `does not load: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` };
  }
}

const LINES = `
  create table lines as select t, record, domid, gfn, hash, hashes from read_json($FILE,
    format = 'newline_delimited', maximum_object_size = 65536, columns = {t: 'BIGINT', record: 'VARCHAR',
    domid: 'INTEGER', gfn: 'BIGINT', hash: 'VARCHAR', hashes: 'VARCHAR[]'})`;

/** Every frame's last word: single changes go before the scan of the same frame, which came earlier. */
const FRAMES = `
  create table frames as
  with changes as (
    select domid, gfn, arg_max(case when record = 'fill' then hash else record end, t) as held
    from lines where hashes is null and record in ('fill', 'dirty', 'free') group by domid, gfn),
  scan as (
    select domid, gfn + unnest(range(len(hashes))) as gfn, unnest(hashes) as held from lines where hashes is not null)
  select domid, gfn, held from changes
  union all select domid, gfn, held from scan anti join changes using (domid, gfn)`;

/** ⟨content, domain⟩ with its frames, and each content's holders in all. */
const HELD = `
  create table held as
  select domid, held, count(*) as n from frames
  where held not in ('dirty', 'free', ${ZERO}) group by domid, held`;

const PER_DOMAIN = `
  with refs as (select held, sum(n) as total from held group by held),
  contents as (select domid, sum(n)::BIGINT as known, count(*) as own, sum(n * (total - 1) / total) as fair
    from held join refs using (held) group by domid),
  others as (select domid, count(*) filter (held = ${ZERO}) as zero, count(*) filter (held = 'dirty') as unknown
    from frames group by domid)
  select domid, known, zero, unknown, own, fair from contents join others using (domid) order by domid`;

const OVER_ALL = `
  with refs as (select held, sum(n) as total from held group by held)
  select count(*) as distinct_contents, count(*) filter (total >= 2) as shared from refs`;

/** Reads the file and counts. Takes memory of about 100 bytes a frame. */
export async function duckDbFigures(duckdb: DuckDbModule, file: string, domains: number): Promise<ScaleFigures> {
  const instance = await duckdb.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = async (sql: string): Promise<Record<string, number>[]> => {
    const read = await connection.runAndReadAll(sql);
    return read
      .getRowObjectsJS()
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])));
  };
  try {
    await rows(LINES.replace('$FILE', `'${file.replaceAll("'", "''")}'`));
    await rows(FRAMES);
    await rows('drop table lines');
    await rows(HELD);
    const perDomain = await rows(PER_DOMAIN);
    const [all] = await rows(OVER_ALL);
    const pairs: Record<string, number> = {};
    for (const [a, b] of comparedPairs(domains)) {
      const sql = `select count(*) as n from held x join held y using (held) where x.domid = ${a} and y.domid = ${b}`;
      pairs[`${a}|${b}`] = (await rows(sql))[0]['n'];
    }
    return figuresOf(perDomain, all, pairs);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function figuresOf(
  perDomain: readonly Record<string, number>[],
  all: Record<string, number>,
  pairs: Record<string, number>,
): ScaleFigures {
  const sum = (name: string): number => perDomain.reduce((total, row) => total + row[name], 0);
  const distinct = all['distinct_contents'];
  return {
    host: {
      known: sum('known'),
      zero: sum('zero'),
      unknown: sum('unknown'),
      distinct,
      shared: all['shared'],
      potential: sum('known') - distinct,
      self: sum('known') - sum('own'),
      inter: sum('own') - distinct,
    },
    domains: perDomain.map((row) => ({
      domid: row['domid'],
      known: row['known'],
      zero: row['zero'],
      unknown: row['unknown'],
      distinct: row['own'],
      fair: rounded(row['fair']),
    })),
    pairs,
  };
}
