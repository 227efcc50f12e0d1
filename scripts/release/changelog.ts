import { printable } from '../../lib/model/invalid';
import { type Change, TYPES } from './commits';

/** What stands above the releases, and is followed by the newest. */
export const MARK = '<!-- releases -->';

export interface Release {
  readonly version: string;
  /** Its day, `2026-01-31`. */
  readonly date: string;
  /** The version before it; undefined for the first. */
  readonly last: string | undefined;
  /** The repository on GitHub, `https://github.com/…`, without a slash at its end. */
  readonly repository: string;
}

/** Text of a commit as Markdown that says the same: no tags, links, images, mentions or headings of its own. */
export function escapeMarkdown(text: string): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  return line
    .split(/(`[^`]+`)/)
    .map((part, at) => (at % 2 === 1 ? part.replace(/@/g, '@\u200b') : escapeProse(part)))
    .join('')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^([-+])/, '\\$1');
}

function escapeProse(text: string): string {
  return text
    .replace(/[\\[\]<>*_#|!`~]/g, (character) => `\\${character}`)
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/(https?):\/\//gi, '$1:\u200b//')
    .replace(/\bwww\./gi, 'www\u200b.');
}

/** The section of a release: what breaks first, then features, fixes and the rest, each with its commit. */
export function sectionOf(changes: readonly Change[], release: Release): string {
  const { version, date, last, repository } = release;
  const title = last === undefined ? version : `[${version}](${repository}/compare/v${last}...v${version})`;
  const breaking = changes.filter((change) => change.breaking !== undefined);
  const parts = [
    ...part('What breaks', breaking, (change) => item(change, repository, change.breaking)),
    ...Object.entries(TYPES).flatMap(([type, heading]) => {
      const listed = changes.filter((change) => change.type === type && change.breaking === undefined);
      return heading === undefined ? [] : part(heading, listed, (change) => item(change, repository));
    }),
  ];
  const body = last === undefined && parts.length === 0 ? ['The first release.'] : parts;
  return `${[`## ${title} (${date})`, ...body].join('\n\n')}\n`;
}

function part(heading: string, changes: readonly Change[], write: (change: Change) => string): string[] {
  return changes.length === 0 ? [] : [`### ${heading}`, changes.map(write).join('\n')];
}

function item({ id, scope, subject }: Change, repository: string, breaking = ''): string {
  const about = scope === undefined ? '' : `**${escapeMarkdown(scope)}:** `;
  const remedy = breaking === '' ? '' : `: ${escapeMarkdown(breaking)}`;
  return `- ${about}${escapeMarkdown(subject)}${remedy} ([${id.slice(0, 7)}](${repository}/commit/${id}))`;
}

/** The changelog with a release more. @throws Error where it has that release already, or has lost its mark */
export function withSection(changelog: string, section: string, version: string): string {
  if (!changelog.includes(MARK)) throw new Error(`CHANGELOG.md: got no line ${MARK}; one above the releases would do`);
  if (notesOf(changelog, version) !== undefined)
    throw new Error(`CHANGELOG.md: got ${version} already; a newer would do`);
  return changelog.replace(MARK, () => `${MARK}\n\n${section.trimEnd()}`);
}

/** What the changelog says of a version, without its heading; undefined when it says nothing. */
export function notesOf(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^(?=## )/m);
  const found = sections.find((one) => one.startsWith(`## ${version} `) || one.startsWith(`## [${version}](`));
  return found?.replace(/^.*\n/, '').trim();
}
