import { isMap } from './row-reader';

/** A statement of a repository's policy that may deny what copying takes. */
export interface DenyingStatement {
  /** As the policy calls it, or its number from 1. */
  readonly name: string;
  /** Of those that were asked about. */
  readonly actions: readonly string[];
  /** It holds under conditions alone, which are not weighed. */
  readonly conditional: boolean;
}

/**
 * Statements that deny somebody some of these actions. What a policy allows is not weighed: in one's own account the policies of
 * whoever asks suffice.
 *
 * @param principal ARN of a role or user
 */
export function denyingStatements(
  text: string,
  principal: string,
  actions: readonly string[],
): readonly DenyingStatement[] {
  return statementsOf(text).flatMap((statement, index) => {
    if (statement.Effect !== 'Deny' || !concerns(statement, principal)) return [];
    const denied = actions.filter((action) => covers(statement, action));
    if (denied.length === 0) return [];
    const { Sid, Condition } = statement;
    const name = typeof Sid === 'string' && Sid !== '' ? Sid : String(index + 1);
    return [{ name, actions: denied, conditional: Condition !== undefined }];
  });
}

type Statement = Readonly<Record<string, unknown>>;

function statementsOf(text: string): readonly Statement[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return [];
  }
  const statements = isMap(document) ? document.Statement : undefined;
  return (Array.isArray(statements) ? statements : [statements]).filter(isMap);
}

function concerns({ Principal, NotPrincipal }: Statement, principal: string): boolean {
  if (NotPrincipal !== undefined) return !isAmong(NotPrincipal, principal);
  return Principal !== undefined && isAmong(Principal, principal);
}

/** `*`, `{"AWS": …}` with ARNs, account numbers or `*`. An account stands for all that is in it. */
function isAmong(who: unknown, principal: string): boolean {
  if (who === '*') return true;
  const named = isMap(who) ? textsOf(who.AWS) : [];
  const account = principal.split(':')[4] ?? '';
  return named.some(
    (one) =>
      one === '*' ||
      withoutPath(one) === withoutPath(principal) ||
      one === account ||
      one.endsWith(`:iam::${account}:root`),
  );
}

/** The name of a role is unique in its account, and a session's ARN (SSO) does not tell the path. */
function withoutPath(arn: string): string {
  return arn.replace(/:role\/.*\//, ':role/');
}

function covers({ Action, NotAction }: Statement, action: string): boolean {
  const matches = (patterns: unknown) => textsOf(patterns).some((pattern) => matchesAction(pattern, action));
  return NotAction === undefined ? matches(Action) : !matches(NotAction);
}

/** Upper and lower case are the same in actions; `*` and `?` stand for any text and any character. */
function matchesAction(pattern: string, action: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 'i').test(action);
}

function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
}
