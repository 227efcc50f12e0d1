/** What a commit's message says that it changes: Conventional Commits 1.0.0. */

/** The types there are, and the heading under which a changelog lists them; those without one are not listed. */
export const TYPES: Readonly<Record<string, string | undefined>> = {
  feat: 'Features',
  fix: 'Fixes',
  perf: 'Performance',
  revert: 'Reverts',
  docs: undefined,
  test: undefined,
  refactor: undefined,
  build: undefined,
  ci: undefined,
  chore: undefined,
};

export interface Commit {
  /** Its id, 40 hexadecimal digits. */
  readonly id: string;
  /** The whole message. */
  readonly message: string;
}

export interface Change {
  readonly id: string;
  /** One of {@link TYPES}; undefined for a message that is not conventional: it asks for no release. */
  readonly type: string | undefined;
  readonly scope: string | undefined;
  readonly subject: string;
  /** What people have to do about it; empty where the message only says that it breaks. */
  readonly breaking: string | undefined;
  /** Ids of commits that this one takes back, as short as the message has them. */
  readonly reverts: readonly string[];
}

const HEADER = /^(?<type>[a-z]+)(?:\((?<scope>[\w./ -]{1,40})\))?(?<mark>!)?: (?<subject>\S.*)$/;
/** Paragraph 12 of the specification: upper case, and either word. It goes on until the next footer. */
const BREAKING = /^BREAKING[ -]CHANGE: /;
const FOOTER = /^(?:[A-Za-z][\w-]*(?:: | #)|BREAKING CHANGE: )/;
const REVERTS = /^(?:This reverts commit|Refs?:) ([0-9a-f]{7,40}(?:, [0-9a-f]{7,40})*)\.?$/gm;
/** What git writes: `Revert "feat: …"`. */
const GIT_REVERT = /^Revert "(?<subject>.*)"$/;

/** Reads a message. One that cannot be read is a change without a type, never an error. */
export function changeOf({ id, message }: Commit): Change {
  const [first = '', ...rest] = message.split(/\r?\n/);
  const git = GIT_REVERT.exec(first)?.groups;
  const groups = git === undefined ? HEADER.exec(first)?.groups : { ...git, type: 'revert' };
  const type = groups?.type !== undefined && Object.hasOwn(TYPES, groups.type) ? groups.type : undefined;
  const footer = breakingFooter(rest);
  return {
    id,
    type,
    scope: type === undefined ? undefined : groups?.scope,
    subject: (type === undefined ? first : (groups?.subject ?? first)).trim(),
    breaking: type === undefined ? undefined : (footer ?? (groups?.mark === '!' ? '' : undefined)),
    reverts: type === 'revert' ? [...rest.join('\n').matchAll(REVERTS)].flatMap(([, ids = '']) => ids.split(', ')) : [],
  };
}

/** The text of a footer that says what breaks, on one line. */
function breakingFooter(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => BREAKING.test(line));
  if (at < 0) return undefined;
  const after = lines.slice(at + 1);
  const end = after.findIndex((line) => FOOTER.test(line));
  const text = [lines[at]?.replace(BREAKING, ''), ...(end < 0 ? after : after.slice(0, end))];
  return text.join(' ').replace(/\s+/g, ' ').trim();
}

/** The changes of commits, the newest first; those that were taken back among them are gone, and so is their taking back. */
export function changesOf(commits: readonly Commit[]): readonly Change[] {
  const gone = new Set<string>();
  const kept: Change[] = [];
  for (const change of commits.map(changeOf)) {
    if (gone.has(change.id)) continue;
    const reverted = commits.filter(({ id }) =>
      change.reverts.some((short) => id.startsWith(short) && id !== change.id),
    );
    for (const { id } of reverted) gone.add(id);
    if (reverted.length === 0 || reverted.length < change.reverts.length) kept.push(change);
  }
  return kept;
}

const LONGEST_TITLE = 100;

/** What is wrong with the title of a pull request, which becomes the subject of its commit; undefined when it will do. */
export function titleProblem(title: string): string | undefined {
  if (title.length > LONGEST_TITLE) return `${title.length} characters; ${LONGEST_TITLE} at most would do`;
  const { type, scope } = HEADER.exec(title)?.groups ?? {};
  const types = Object.keys(TYPES).join(', ');
  if (type === undefined) return `no type; "type: subject" or "type(scope): subject" would do, with one of ${types}`;
  if (!Object.hasOwn(TYPES, type)) return `the type ${type}; one of ${types} would do`;
  if (scope !== undefined && scope.trim() === '') return 'an empty scope; none at all would do';
  return undefined;
}
