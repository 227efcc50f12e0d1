import { explainRule, parseLifecyclePolicy, removingRule } from './lifecycle-policy';

/** What is to become of an image that was mirrored and is gone from its destination, while its source is what it was. */

/** A removal that an image is not put back after: it was put back after each before it. */
export const MOST_REMOVALS = 3;
/** Seconds after which an image that is not put back is tried once more, whatever removed it: it may stay now. */
export const REMOVAL_SECONDS = 7 * 24 * 3600;
/**
 * Seconds after which a copy counts as settled. Who looked at the destination before the copy arrived finds it missing later: an
 * invocation lasts for 15 minutes, and clocks may be 5 apart.
 */
export const SETTLED_SECONDS = 20 * 60;

/** How often an image was found to be gone, of one digest of its source. */
export interface Removals {
  readonly times: number;
  /** Fingerprint of the destination's lifecycle policy when it was last found gone. @default - there was none, or it could not be read */
  readonly policy?: string;
}

/** The lifecycle policy of a repository as it is now. */
export type Policy =
  | { readonly kind: 'policy'; readonly text: string; readonly fingerprint: string }
  /** It has none. */
  | { readonly kind: 'none' }
  /** Not in Amazon ECR. */
  | { readonly kind: 'unknown' }
  /** It could not be read: one line. */
  | { readonly kind: 'unreadable'; readonly error: string };

export function fingerprintOf(policy: Policy): string | undefined {
  return policy.kind === 'policy' ? policy.fingerprint : undefined;
}

/** Whether what was counted under one policy says something under the one there is now. What cannot be read counts as unchanged. */
export function isSamePolicy(before: Removals, policy: Policy): boolean {
  return policy.kind === 'unreadable' || before.policy === fingerprintOf(policy);
}

/** Counts a removal. Under another policy than those before it is the first. */
export function countRemoval(before: Removals | undefined, policy: Policy): Removals {
  const goesOn = before !== undefined && isSamePolicy(before, policy);
  const fingerprint = policy.kind === 'unreadable' ? before?.policy : fingerprintOf(policy);
  return {
    times: (goesOn ? before.times : 0) + 1,
    ...(fingerprint === undefined ? {} : { policy: fingerprint }),
  };
}

/** Why an image is not put back any more, in one line: how often it went, what takes it, what would do. */
export function refusalLine(
  { times }: Removals,
  { destination, tag, policy }: { readonly destination: string; readonly tag: string; readonly policy: Policy },
  now: number,
): string {
  const until = new Date(now + REMOVAL_SECONDS * 1000).toISOString().slice(0, 10);
  const { because, remedy } = causeOf(tag, policy);
  return (
    `destination: put back ${destination}: it was mirrored and removed ${times} times; ${because}; ${remedy} would do. ` +
    `It is mirrored again when the image or that policy changes, or else on ${until}`
  );
}

function causeOf(tag: string, policy: Policy): { readonly because: string; readonly remedy: string } {
  const somebody = 'to ask what else deletes images there, or a row that does not ask for it,';
  if (policy.kind === 'unknown') return { because: 'something deletes it', remedy: somebody };
  if (policy.kind === 'unreadable') {
    return { because: `its lifecycle policy cannot be read (${policy.error})`, remedy: 'ecr:GetLifecyclePolicy there' };
  }
  const rule = policy.kind === 'policy' ? removingRule(parseLifecyclePolicy(policy.text), tag) : undefined;
  if (rule === undefined) return { because: 'no rule of its lifecycle policy takes it', remedy: somebody };
  const { keeps, remedy } = explainRule(rule);
  return { because: keeps, remedy };
}
