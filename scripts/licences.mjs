/** What packages a bundle holds, by esbuild's metafile, and the file that goes beside it with their licences. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The name of that file. */
export const LICENCES = 'THIRD-PARTY-LICENSES';

/** Packages that are published without the text of their licence: it is in another one of the same repository. */
const ELSEWHERE = [
  { name: /^@aws-sdk\//, licence: 'Apache-2.0', from: 'node_modules/@aws-sdk/core/LICENSE' },
  { name: /^@sigstore\/verify$/, licence: 'Apache-2.0', from: 'node_modules/@sigstore/core/LICENSE' },
];

/** Folders of the packages of which at least a byte is in the outputs, `node_modules/…`. */
function foldersIn({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const held = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const folders = held.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** Where the text of a package's licence is; undefined when it is nowhere. */
function textOf(folder, { name, license }) {
  const found = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying)(?:\.\w+)?$/i.test(file));
  if (found.length > 0) return join(folder, found.sort()[0]);
  return ELSEWHERE.find((one) => one.name.test(name) && one.licence === license)?.from;
}

function readPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = textOf(folder, { name, license });
  if (typeof license !== 'string' || file === undefined) {
    throw new Error(`${folder}: got no licence; a package that says which, and brings its text, would do`);
  }
  return { name, version, license, file };
}

/**
 * The packages of which a bundle holds code, in the order of their folders.
 *
 * @returns {{ folder: string, name: string, version: string, license: string, file: string }[]} `file`: where the text of the licence is
 * @throws Error for a package that does not say its licence or comes without the text
 */
export function packagesIn(metafile) {
  return foldersIn(metafile).map((folder) => ({ folder, ...readPackage(folder) }));
}

/** The files that the licences are read from. */
export function readsFor(metafile) {
  return packagesIn(metafile).map(({ file }) => file);
}

/**
 * A list of packages, a line for each; then each text once, below the packages that are under it.
 *
 * @throws Error for a package that does not say its licence or comes without the text
 */
export function licencesOf(metafile) {
  const packages = packagesIn(metafile);
  const line = ({ name, version, license }) => `${name} ${version} (${license})`;
  const under = new Map();
  for (const one of packages) {
    const text = readFileSync(one.file, 'utf8').replace(/\r\n/g, '\n').trim();
    under.set(text, [...(under.get(text) ?? []), line(one)]);
  }
  const texts = [...under].map(([text, lines]) => `${'-'.repeat(80)}\n\n${lines.join('\n')}\n\n${text}`);
  return `${['This folder holds code of these packages:', packages.map(line).join('\n'), ...texts].join('\n\n')}\n`;
}
