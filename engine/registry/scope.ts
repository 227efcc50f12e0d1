import type { Access } from '../ports';

/** What a request does to which repository, as token servers are told (distribution, "Token Scope Documentation"). */
export interface Scope {
  readonly name: string;
  readonly access: Access;
  /** Another repository of the registry that a blob is taken over from. */
  readonly from?: string;
}

/** The scopes of a request; the one that matters most first, because some servers only look at that. */
export function scopesOf({ name, access, from }: Scope): readonly string[] {
  const own = `repository:${name}:${access === 'push' ? 'pull,push' : 'pull'}`;
  return from === undefined || from === name ? [own] : [own, `repository:${from}:pull`];
}

/**
 * The scopes to ask for after a challenge named some: ours with whatever actions it adds, or the challenge's own when it
 * speaks of something else altogether, as Amazon ECR Public does (`aws`) and registries that stand for others.
 */
export function scopesAfter(scope: Scope, challenged: string | undefined): readonly string[] {
  const ours = scopesOf(scope);
  const theirs = (challenged ?? '').split(/\s+/).filter((item) => item !== '');
  if (theirs.length === 0) return ours;
  const prefix = `repository:${scope.name}:`;
  const same = theirs.filter((item) => item.startsWith(prefix));
  if (same.length === 0) return theirs.slice(0, 10);
  const actions = new Set([ours[0] ?? '', ...same].flatMap((item) => item.slice(prefix.length).split(',')));
  return [`${prefix}${[...actions].join(',')}`, ...ours.slice(1)];
}
