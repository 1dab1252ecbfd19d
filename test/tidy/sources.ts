/** The files of this repository as the tidy test sees them: text, syntax tree, imports. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** The repository's root. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** One import, export-from or `import()` of a file. */
export interface Import {
  /** As written: `../base/assert.js`, `node:fs`. */
  readonly specifier: string;
  /** The file it means, relative to `src/` (`base/assert.ts`); undefined for packages. */
  readonly file: string | undefined;
  /** Only types: gone at run time. */
  readonly typeOnly: boolean;
  /** `import()`: loaded when it is called. */
  readonly lazy: boolean;
  readonly line: number;
}

/** One TypeScript file of `src/`. */
export interface Source {
  /** Relative to `src/`, with slashes. */
  readonly name: string;
  /** Folder directly under `src/`. */
  readonly room: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** Tracked files and new ones that git does not ignore, relative to the root, with slashes. */
export function repositoryFiles(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const names = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  // A file deleted but not yet committed is still listed.
  return names.filter((name) => name !== '' && existsSync(path.join(ROOT, name)));
}

/** The text of a file, or undefined if it is not text. */
export function readText(name: string): string | undefined {
  const file = path.join(ROOT, name);
  if (!statSync(file).isFile()) return undefined;
  const bytes = readFileSync(file);
  return bytes.includes(0) ? undefined : bytes.toString('utf8');
}

/** 1-based line of a position in the file. */
export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Calls `visit` for every node of the tree, parents first. */
export function walk(tree: ts.SourceFile, visit: (node: ts.Node) => void): void {
  const descend = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, descend);
  };
  descend(tree);
}

/** Parses one file; parents are set, so that rules can look around. */
export function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
}

/** All of `src/`. */
export function readSources(): Source[] {
  const names = repositoryFiles().filter((name) => /^src\/.*\.tsx?$/.test(name) && !name.endsWith('.d.ts'));
  const known = new Set(names.map((name) => name.slice('src/'.length)));
  return names.map((full) => {
    const name = full.slice('src/'.length);
    const tree = parse(full, readText(full) ?? '');
    return { name, room: name.split('/')[0], tree, imports: importsOf(name, tree, known) };
  });
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const stem = path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '');
  return [`${stem}.ts`, `${stem}.tsx`].find((name) => known.has(name)) ?? stem;
}

function importsOf(name: string, tree: ts.SourceFile, known: ReadonlySet<string>): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, literal: ts.Node | undefined, typeOnly: boolean, lazy: boolean): void => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return;
    const specifier = literal.text;
    found.push({
      specifier,
      file: resolve(name, specifier, known),
      typeOnly,
      lazy,
      line: lineOf(tree, node.getStart()),
    });
  };
  walk(tree, (node) => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      add(node, node.moduleSpecifier, clause?.phaseModifier === ts.SyntaxKind.TypeKeyword, false);
    } else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly, false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, true, false);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false, true);
    }
  });
  return found;
}

/**
 * Every file that can be reached from `starts` through imports.
 * @param follow which imports count
 */
export function reachable(
  sources: readonly Source[],
  starts: readonly string[],
  follow: (found: Import) => boolean,
): Set<string> {
  const byName = new Map(sources.map((source) => [source.name, source]));
  const seen = new Set<string>();
  const queue = [...starts];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const source = byName.get(name);
    if (source === undefined || seen.has(name)) continue;
    seen.add(name);
    for (const found of source.imports) if (found.file !== undefined && follow(found)) queue.push(found.file);
  }
  return seen;
}
