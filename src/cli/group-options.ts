/** Trust groups on the command line: `--groups web=web1,web2;db=db1`, or a file of them. */
import { readFileSync } from 'node:fs';
import { printable } from '../base/printable.js';
import { systemProblem } from '../base/system-problem.js';
import { UsageError } from './usage-error.js';

const OPTION = '--groups';
const FORM = 'write GROUP=DOMAIN,DOMAIN;GROUP=DOMAIN, domains by name or key, or the name of a file of such lines';
const FILE_FORM = 'write `GROUP: DOMAIN, DOMAIN` or `GROUP=DOMAIN,DOMAIN` on a line, # before a comment';
const QUOTED_CHARACTERS_MAX = 80;

/** Domain, by name or key → its group. */
export type GroupsByDomain = ReadonlyMap<string, string>;

/** The groups that the option gives: text with a `=` gives them itself, any other is a file. Throws UsageError. */
export function readGroups(text: string): GroupsByDomain {
  const groups = new Map<string, string>();
  if (text.includes('=')) {
    for (const part of text.split(';')) if (part.trim() !== '') addGroup(groups, part, /=/, OPTION, FORM);
  } else {
    for (const [index, line] of linesOf(text).entries()) {
      const given = line.replace(/(^|\s)#.*$/u, '').trim();
      const place = `${OPTION} ${text}:${index + 1}`;
      for (const part of given.split(';')) if (part.trim() !== '') addGroup(groups, part, /[:=]/, place, FILE_FORM);
    }
  }
  if (groups.size === 0) throw new UsageError(`${OPTION} '${quoted(text)}': names no domain; ${FORM}`);
  return groups;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/u, '')
      .split(/\r?\n/u);
  } catch (error) {
    throw new UsageError(`${OPTION} '${quoted(path)}': ${systemProblem(error)}; ${FORM}`);
  }
}

/** One group and its domains: `web=web1,web2`. */
function addGroup(groups: Map<string, string>, part: string, sign: RegExp, place: string, form: string): void {
  const at = part.search(sign);
  const group = part.slice(0, Math.max(0, at)).trim();
  const domains = part
    .slice(at + 1)
    .split(',')
    .map((name) => name.trim());
  if (at < 0 || group === '' || domains.includes('')) {
    throw new UsageError(`${place}: '${quoted(part.trim())}': ${form}`);
  }
  for (const domain of domains) {
    const before = groups.get(domain);
    if (before !== undefined && before !== group) {
      throw new UsageError(`${place}: ${quoted(domain)} is in two groups, ${quoted(before)} and ${quoted(group)}`);
    }
    groups.set(domain, group);
  }
}

function quoted(text: string): string {
  return printable(text, QUOTED_CHARACTERS_MAX);
}
