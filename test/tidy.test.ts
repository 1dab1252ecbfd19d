/**
 * The style rules that a compiler and a linter do not know. Each message names the place and the mend; the list of
 * findings is compared with an empty one, so that a failure prints them all.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

import {
  ENTRY_POINTS,
  IMPORT_TABLE,
  LAZY_PACKAGES,
  PROCESS_ALLOWED,
  PURE_ROOMS,
  type ImportRule,
} from './tidy/import-table.js';
import { lineOf, reachable, readSources, readText, repositoryFiles, ROOT, walk, type Source } from './tidy/sources.js';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 69;
const LINE_LENGTH_MAX = 120;

const files = repositoryFiles();
const sources = readSources();
const codeFiles = files.filter(
  (name) => /^(src|test|scripts|bench|bin)\/.*\.(ts|tsx|mts|mjs|js)$/.test(name) && !name.includes('node_modules/'),
);

/** Findings in every source of `src/`, as lines `src/file:line: what is wrong and what to do`. */
function findInSources(rule: (source: Source, report: (node: ts.Node, problem: string) => void) => void): string[] {
  const findings: string[] = [];
  for (const source of sources) {
    rule(source, (node, problem) => {
      findings.push(`src/${source.name}:${lineOf(source.tree, node.getStart())}: ${problem}`);
    });
  }
  return findings;
}

describe('layers', () => {
  test('every folder of src/ has a row in the import table', () => {
    const rooms = [...new Set(sources.map((source) => source.room))];
    expect(rooms.filter((room) => !(room in IMPORT_TABLE))).toEqual([]);
  });

  test('a file imports only what its row in test/tidy/import-table.ts allows', () => {
    const findings: string[] = [];
    for (const source of sources) {
      const rule = IMPORT_TABLE[source.room];
      if (rule === undefined) continue;
      for (const found of source.imports) {
        if (isAllowed(source.room, rule, found.file, found.specifier)) continue;
        const target = found.file ?? found.specifier;
        findings.push(
          `src/${source.name}:${found.line}: ${source.room}/ may not import ${target}: ` +
            `move the shared part down, or have cli/ hand it in`,
        );
      }
    }
    expect(findings).toEqual([]);
  });

  test('screens do not import screens', () => {
    const findings = sources.filter(({ name }) => name.startsWith('ui/screens/')).flatMap(crossScreenImports);
    expect(findings).toEqual([]);
  });

  test('every file is part of the tool', () => {
    const alive = reachable(sources, ENTRY_POINTS, () => true);
    const dead = sources.filter(({ name }) => !alive.has(name)).map(({ name }) => `src/${name}: nothing imports it`);
    expect(dead).toEqual([]);
  });

  test('what only the live screen needs is loaded with import() when it is needed', () => {
    const eager = reachable(sources, ['cli/main.ts'], (found) => !found.lazy && !found.typeOnly);
    const findings: string[] = [];
    for (const source of sources.filter(({ name }) => eager.has(name))) {
      for (const found of source.imports) {
        if (found.lazy || found.typeOnly || !LAZY_PACKAGES.includes(found.specifier)) continue;
        findings.push(`src/${source.name}:${found.line}: ${found.specifier} would be loaded by \`sharetop --help\``);
      }
    }
    expect(findings).toEqual([]);
  });
});

/** True if the rule lets a file of `room` import this file of src/ or, where that is undefined, this package. */
function isAllowed(room: string, rule: ImportRule, file: string | undefined, specifier: string): boolean {
  if (file === undefined) {
    return rule.packages.some(
      (allowed) => allowed === '*' || allowed === specifier || (allowed.endsWith('/') && specifier.startsWith(allowed)),
    );
  }
  const stem = file.replace(/\.tsx?$/, '');
  return [room, ...rule.rooms].some((allowed) => allowed === '*' || stem === allowed || stem.startsWith(`${allowed}/`));
}

function crossScreenImports(source: Source): string[] {
  return source.imports
    .filter((found) => found.file?.startsWith('ui/screens/') === true)
    .map((found) => `src/${source.name}:${found.line}: put what both screens need into ui/widgets/`);
}

describe('sizes', () => {
  test(`a file has at most ${FILE_LINES_MAX} lines`, () => {
    const findings = codeFiles.flatMap((name) => {
      const lines = lineCount(readText(name) ?? '');
      return lines > FILE_LINES_MAX ? [`${name}: ${lines} lines: it holds two concepts, give each its file`] : [];
    });
    expect(findings).toEqual([]);
  });

  test(`a line has at most ${LINE_LENGTH_MAX} characters`, () => {
    const prose = files.filter((name) => name.endsWith('.md') && !name.startsWith('fixtures/'));
    const findings = [...codeFiles, ...prose].flatMap((name) =>
      (readText(name) ?? '')
        .split('\n')
        // A table row or a link cannot be broken.
        .flatMap((line, index) => {
          const isUnbreakable = name.endsWith('.md') && /^\s*\||https?:/.test(line);
          return line.length > LINE_LENGTH_MAX && !isUnbreakable ? [`${name}:${index + 1}: break it`] : [];
        }),
    );
    expect(findings).toEqual([]);
  });

  test('a function has fewer than 70 lines', () => {
    const findings = findInSources(({ tree }, report) => {
      walk(tree, (node) => {
        if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
        const lines = lineOf(tree, node.end) - lineOf(tree, node.getStart()) + 1;
        if (lines > FUNCTION_LINES_MAX) report(node, `${lines} lines: push the loops down into functions with a name`);
      });
    });
    expect(findings).toEqual([]);
  });
});

/** Lines as an editor counts them: a final newline ends the last one. */
function lineCount(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
}

describe('names', () => {
  test('files and folders are in kebab-case', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
    const findings = codeFiles.filter((name) => !name.split('/').every((part) => kebab.test(part)));
    expect(findings).toEqual([]);
  });

  test('nothing is called utils, helpers or common', () => {
    const vague = /^(utils?|helpers?|common|misc|shared)(\.|$)/;
    const findings = codeFiles
      .filter((name) => name.split('/').some((part) => vague.test(part)))
      .map((name) => `${name}: name it after the concept that it holds, in base/ if everybody needs it`);
    expect(findings).toEqual([]);
  });

  test('there are no barrels', () => {
    const named = codeFiles.filter((name) => /\/index\.[a-z]+$/.test(name));
    const findings = findInSources(({ tree }, report) => {
      for (const statement of tree.statements) {
        if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) {
          report(statement, 'import it where it is used, from the file that defines it');
        }
      }
    });
    expect([...named, ...findings]).toEqual([]);
  });
});

describe('documentation', () => {
  test('every exported function, class, interface and type says what it is', () => {
    const findings = findInSources(({ tree }, report) => {
      // Of several overloads the first carries the words.
      const documented = new Set<string>();
      for (const statement of tree.statements) {
        if (!isExportedDeclaration(statement)) continue;
        const name = statement.name?.text ?? 'default';
        if (ts.getJSDocCommentsAndTags(statement).length > 0) documented.add(name);
        else if (!documented.has(name)) report(statement, `${name} needs a docstring: what it is, units, errors`);
      }
    });
    expect(findings).toEqual([]);
  });

  test('every public method and getter of an exported class says what it does', () => {
    const findings = findInSources(({ name, tree }, report) => {
      if (name.endsWith('.d.ts')) return;
      for (const statement of tree.statements) {
        if (!ts.isClassDeclaration(statement) || !isExportedDeclaration(statement)) continue;
        // What implements an interface is described there.
        const { heritageClauses = [] } = statement;
        if (heritageClauses.some(({ token }) => token === ts.SyntaxKind.ImplementsKeyword)) continue;
        for (const member of statement.members.filter(isPublicMethod)) {
          if (ts.getJSDocCommentsAndTags(member).length > 0) continue;
          report(member, `${member.name.getText()} needs a docstring: what it does, units, errors`);
        }
      }
    });
    expect(findings).toEqual([]);
  });

  test('links and file names in the documents lead somewhere', () => {
    const findings: string[] = [];
    for (const name of files.filter((file) => file.endsWith('.md'))) {
      const text = readText(name) ?? '';
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, target]) =>
        path.posix.join(path.posix.dirname(name), target),
      );
      const paths = text.matchAll(/`((?:src|test|docs|bench|fixtures|scripts)\/[\w./-]+)`/g);
      for (const target of [...links, ...[...paths].map(([, file]) => file)]) {
        if (!existsSync(path.join(ROOT, target))) findings.push(`${name}: there is no ${target}`);
      }
    }
    expect(findings).toEqual([]);
  });

  const keymapFile = path.join(ROOT, 'src/ui/keymap.ts');
  test('docs/KEYS.md is what the key map generates', async () => {
    const { keysMarkdown } = (await import(keymapFile)) as { keysMarkdown: () => string };
    const written = readFileSync(path.join(ROOT, 'docs/KEYS.md'), 'utf8');
    expect(written, 'docs/KEYS.md is out of date: write keysMarkdown() of src/ui/keymap.ts into it').toBe(
      keysMarkdown(),
    );
  });
});

function isPublicMethod(member: ts.ClassElement): member is ts.MethodDeclaration | ts.GetAccessorDeclaration {
  if (!ts.isMethodDeclaration(member) && !ts.isGetAccessorDeclaration(member)) return false;
  return !ts.isPrivateIdentifier(member.name);
}

type ExportedDeclaration =
  ts.FunctionDeclaration | ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

function isExportedDeclaration(node: ts.Statement): node is ExportedDeclaration {
  const isDeclaration =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  return isDeclaration && (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false);
}

describe('the world is handed in', () => {
  test('only cli/ and the entry of the worker use process; nobody uses console', () => {
    const findings = findInSources(({ name, tree }, report) => {
      walk(tree, (node) => {
        if (!ts.isIdentifier(node) || !isFreeName(node)) return;
        if (node.text === 'console') report(node, 'the terminal belongs to the screen: return the text instead');
        if (node.text !== 'process' || PROCESS_ALLOWED.some((allowed) => name.startsWith(allowed))) return;
        report(node, 'take what you need of process as an argument; cli/ hands it in');
      });
    });
    expect(findings).toEqual([]);
  });

  test('rooms whose result depends on their input alone have no clock and no chance', () => {
    const impure = /^(Date\.now\(\)|new Date\(\)|Math\.random\(\)|performance\.now\(\))$/;
    const findings = findInSources(({ room, tree }, report) => {
      if (!PURE_ROOMS.includes(room)) return;
      walk(tree, (node) => {
        if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
        if (impure.test(node.getText())) report(node, 'take the time or the seeded source as an argument');
      });
    });
    expect(findings).toEqual([]);
  });
});

/** False for `x.process`, `{ process: 1 }` and declarations of that name: those are other things. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if ('name' in parent && parent.name === node) return ts.isImportClause(parent);
  return true;
}

test('no file tells where it was made', () => {
  // Written in pieces, so that this file is not its own finding.
  const machinePath = new RegExp(`(?<![\\w.~-])/(${['home', 'root', 'work', 'Users'].join('|')})/\\w`);
  const registryHost = new RegExp(`https?://[^\\s"'\`)]*(${['registry', 'artifactory', 'nexus'].join('|')})`);
  const findings: string[] = [];
  for (const name of files) {
    for (const [index, line] of (readText(name) ?? '').split('\n').entries()) {
      if (machinePath.test(line)) findings.push(`${name}:${index + 1}: a path of one machine: make it relative`);
      if (registryHost.test(line)) findings.push(`${name}:${index + 1}: a package host: npm's settings choose it`);
    }
  }
  expect(findings).toEqual([]);
});
