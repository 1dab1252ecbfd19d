/** The notices of every package whose code is in the bundle: their licences ask that they travel with it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Licences that a bundle under the MIT licence may carry, given their notices. */
const ACCEPTED = new Set([
  'MIT',
  'MIT/X11',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
]);

const NOTICE_FILE = /^(licen[cs]e|notice|copying)([.-].*)?$/i;

/** The folder of the package that a bundled file belongs to, or undefined for our own files. */
function packageFolder(file) {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll('\\', '/'));
  return match?.[1];
}

function licenseName(manifest) {
  if (typeof manifest.license === 'string') return manifest.license;
  const first = manifest.license ?? manifest.licenses?.[0];
  return typeof first === 'object' ? first.type : undefined;
}

function authorName(author) {
  return typeof author === 'object' && author !== null ? author.name : author;
}

/** For packages that name their licence only in the manifest. Ours is MIT too, so its wording is at hand. */
function licenseWithoutText(root, license, author) {
  if (license !== 'MIT') return `(The package holds no licence text; its manifest says: ${license}, by ${author}.)`;
  const wording = readFileSync(path.join(root, 'LICENSE'), 'utf8');
  return `Copyright (c) ${author}\n\n${wording.slice(wording.indexOf('Permission is hereby granted')).trim()}`;
}

/** One package's part of the file; throws if its licence is missing or not among the accepted ones. */
function packageNotice(root, folder) {
  const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  const license = licenseName(manifest);
  if (license === undefined || !ACCEPTED.has(license)) {
    throw new Error(`${folder}: licence ${license ?? 'missing'}: see scripts/bundle/licenses.mjs`);
  }
  const notices = readdirSync(path.join(root, folder)).filter((name) => NOTICE_FILE.test(name));
  const texts = notices.map((name) => readFileSync(path.join(root, folder, name), 'utf8').trim());
  if (texts.length === 0) texts.push(licenseWithoutText(root, license, authorName(manifest.author) ?? 'its authors'));
  return {
    title: `${manifest.name} ${manifest.version} (${license})`,
    text: texts.join('\n\n'),
  };
}

/**
 * The text of `THIRD-PARTY-LICENSES.txt`.
 * @param root the repository
 * @param files paths relative to it, of all files in the bundle
 */
export function thirdPartyLicenses(root, files) {
  const folders = new Set(files.map(packageFolder).filter((folder) => folder !== undefined));
  // By title: a version that npm installed in several places is one package.
  const byTitle = new Map();
  for (const folder of folders) {
    const { title, text } = packageNotice(root, folder);
    byTitle.set(title, text);
  }
  const notices = [...byTitle].sort(([left], [right]) => (left < right ? -1 : 1));
  const rule = '-'.repeat(80);
  const head = 'sharetop is bundled with the packages below, each under the licence printed with it.\n';
  return head + notices.map(([title, text]) => `\n${rule}\n${title}\n${rule}\n\n${text}\n`).join('');
}
