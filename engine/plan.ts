import type { Copy, CopyDestination, CopyReason, Plan, Skipped } from '../lib/model/copy';
import type { Digest } from '../lib/model/digest';
import type { Mirror, ParsedRow } from '../lib/model/mirror';
import { problemLine } from '../lib/model/mirror-row';
import type { Reference } from '../lib/model/reference';
import type { CopyError } from './errors';
import { mergeCopies } from './merge-copies';
import type { SourceImage } from './resolve';

/** Deciding, without a network: what a row is good for now, and what becomes of each image at each destination. */

/** One image that one mirror wants at one destination. */
export interface Wish {
  readonly mirror: Mirror;
  readonly image: SourceImage;
  readonly destination: Reference;
}

/** What a destination tag holds. */
export type Observed =
  | { readonly kind: 'absent' }
  | { readonly kind: 'holds'; readonly digest: Digest; readonly lacksReferrers?: boolean }
  | { readonly kind: 'failed'; readonly side: 'source' | 'destination'; readonly error: CopyError };

/** The mirror of a row, or why the row is left alone at this moment. */
export function standing(row: ParsedRow, now: number): Mirror | Skipped {
  if (row.mirror === undefined) {
    const lines = row.problems.filter(({ severity }) => severity === 'error').map(problemLine);
    return { mirror: row.key, reason: 'invalid', detail: lines.join(' · ') };
  }
  const { expires, paused, key } = row.mirror;
  if (expires !== undefined && expires * 1000 <= now) {
    return { mirror: key, reason: 'expired', detail: `since ${new Date(expires * 1000).toISOString()}` };
  }
  return paused ? { mirror: key, reason: 'paused' } : row.mirror;
}

/** What a destination should hold; undefined when it is a part of the image, or one like it, and nothing tells what that is. */
export function expectedOf({ mirror, image }: Wish): Digest | undefined {
  return mirror.platforms === undefined && mirror.compare === undefined ? image.root.digest : undefined;
}

/**
 * What becomes of a wish, given what its destination holds.
 *
 * @param expected what it should hold; undefined when that is not known: whoever copies finds out
 */
export function decide(
  wish: Wish,
  observed: Observed,
  expected: Digest | undefined = expectedOf(wish),
): CopyReason | Skipped {
  const skipped = { mirror: wish.mirror.key, source: wish.image.reference, destination: wish.destination };
  if (observed.kind === 'failed') {
    const { error, side } = observed;
    if (error.failure === 'put-off') return { ...skipped, reason: 'put-off', detail: error.message };
    const reason = side === 'source' ? 'source-failed' : 'destination-failed';
    return { ...skipped, reason, detail: error.message, cause: error.failure, code: error.code };
  }
  if (observed.kind === 'absent') return 'missing';
  if (observed.digest !== expected) return 'changed';
  return observed.lacksReferrers === true
    ? 'referrers'
    : { ...skipped, reason: 'up-to-date', ...partOf(wish, expected) };
}

function partOf({ mirror, image }: Wish, digest: Digest): Pick<Skipped, 'digest' | 'platforms' | 'compare'> {
  const { platforms, compare } = mirror;
  return {
    ...(digest === image.root.digest ? {} : { digest }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(compare === undefined ? {} : { compare }),
  };
}

function policiesOf({ keepPrevious, onConflict }: Mirror): Pick<CopyDestination, 'keepPrevious' | 'onConflict'> {
  return {
    ...(keepPrevious === true ? { keepPrevious } : {}),
    ...(onConflict === undefined || onConflict === 'report' ? {} : { onConflict }),
  };
}

/** Of what is where it is to be, that which is to be verified: what refers to it is then looked at, too. */
export function asVerified<Decided extends { readonly wish: Wish; readonly decision: CopyReason | Skipped }>(
  decided: Decided,
  verifies: (wish: Wish) => boolean,
): Decided {
  const { decision, wish } = decided;
  const isThere = decision === 'referrers' || (typeof decision !== 'string' && decision.reason === 'up-to-date');
  return isThere && verifies(wish) ? { ...decided, decision: 'verify' } : decided;
}

/** Copies of decided wishes: what several rows want of one image, or one row at several places, is one copy. */
export function assemble(decided: readonly { readonly wish: Wish; readonly decision: CopyReason | Skipped }[]): Plan {
  const copies: Copy[] = [];
  const skipped: Skipped[] = [];
  for (const { wish, decision } of decided) {
    if (typeof decision === 'string') copies.push(copyOf(wish, decision));
    else skipped.push(decision);
  }
  return { copies: mergeCopies(copies), skipped };
}

function copyOf({ mirror, image, destination }: Wish, why: CopyReason): Copy {
  const { referrers, artifactTypes, platforms, compare, requireSignature } = mirror;
  return {
    mirrors: [mirror.key],
    source: image.reference,
    root: image.root,
    destinations: [{ reference: destination, why, ...policiesOf(mirror) }],
    referrers,
    ...(artifactTypes === undefined ? {} : { artifactTypes }),
    ...(platforms === undefined ? {} : { platforms }),
    ...(compare === undefined ? {} : { compare }),
    ...(requireSignature === undefined ? {} : { requireSignature }),
  };
}
