import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { show } from '../../lib/model/invalid';
import { notesOf, sectionOf, withSection } from './changelog';
import { type Change, changesOf, titleProblem } from './commits';
import { commitsSince, lastRelease, pageOf, readManifest } from './history';
import { dueVersion, stepOf } from './next-version';

/** Where a release is made, and who is told. */
export interface Place {
  readonly folder: string;
  /** The day, `2026-01-31`. */
  readonly today: string;
  readonly tell: (line: string) => void;
  readonly warn: (line: string) => void;
}

const CHANGELOG = 'CHANGELOG.md';

const COMMANDS: Readonly<Record<string, (place: Place, value: string) => void>> = {
  '': (place) => propose(place, false),
  '--write': (place) => propose(place, true),
  '--title': (_place, title) => checkTitle(title),
  '--notes': printNotes,
  '--tag': checkTag,
};

/** What `npm run release` does. @throws Error with one line, for what cannot be released */
export function release([what = '', value = '']: readonly string[], place: Place): void {
  const command = Object.hasOwn(COMMANDS, what) ? COMMANDS[what] : undefined;
  if (command === undefined) {
    throw new Error(`got ${show(what)}; one of ${Object.keys(COMMANDS).slice(1).join(', ')}, or nothing, would do`);
  }
  command(place, value);
}

function propose(place: Place, write: boolean): void {
  const manifest = readManifest(place.folder);
  const last = lastRelease(place.folder);
  const changes = last === undefined ? [] : changesOf(commitsSince(last, place.folder));
  const version = last === undefined ? manifest.version : dueVersion(last, stepOf(changes), manifest.version);
  warnOfUntyped(changes, place);
  if (version === undefined) {
    place.tell(`release: nothing to release since ${last}`);
    return;
  }
  const section = sectionOf(changes, { version, date: place.today, last, repository: pageOf(manifest) });
  if (write) put(section, version, place);
  else place.tell(`${version}\n\n${section.trimEnd()}`);
}

function warnOfUntyped(changes: readonly Change[], { warn }: Place): void {
  const untyped = changes.filter(({ type }) => type === undefined);
  for (const { id, subject } of untyped) {
    warn(`release: ${id.slice(0, 7)}: got ${show(subject)}; a subject with a type would be in the changelog`);
  }
}

function put(section: string, version: string, { folder, tell }: Place): void {
  const changelog = join(folder, CHANGELOG);
  writeFileSync(changelog, withSection(readFileSync(changelog, 'utf8'), section, version));
  for (const file of ['package.json', 'package-lock.json']) setVersion(join(folder, file), version);
  tell(`release: ${version} is in package.json, package-lock.json and ${CHANGELOG}; CONTRIBUTING.md has the rest`);
}

/** The package's own version, wherever the file has it; those of other packages are let be. */
function setVersion(file: string, version: string): void {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  for (const one of [document, document.packages?.['']]) if (one !== undefined) one.version = version;
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
}

function checkTag(place: Place, tag: string): void {
  const { version } = readManifest(place.folder);
  if (tag !== `v${version}`) throw new Error(`tag: got ${show(tag)}; v${version}, as package.json says, would do`);
  printNotes(place, version);
}

function printNotes({ folder, tell }: Place, version: string): void {
  const notes = notesOf(readFileSync(join(folder, CHANGELOG), 'utf8'), version);
  if (notes === undefined) throw new Error(`${CHANGELOG}: got nothing of ${show(version)}; its section would do`);
  tell(notes);
}

function checkTitle(title: string): void {
  const problem = titleProblem(title);
  if (problem !== undefined) throw new Error(`title: got ${problem}`);
}
