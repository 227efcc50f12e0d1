import { copyKey } from '../aws/copy-key';
import type { Copy, Skipped } from '../lib/model/copy';
import type { CopyFacts } from '../lib/model/freshness';
import { CopyAttribute, ROW_ITEM } from '../lib/model/names';
import type { Outcome } from '../lib/model/outcome';
import type { Reference } from '../lib/model/reference';
import { isMap } from '../lib/model/row-reader';
import { codeOfSkipped } from '../lib/model/skip-code';
import { isFailure } from './report';

/** What becomes of the facts about a copy, or about a row as a whole; undefined for nothing. Times in milliseconds since the epoch. */
export type Change = (before: CopyFacts | undefined, now: number) => CopyFacts | undefined;

/** A change of what is kept under a key. */
export interface Noted {
  readonly key: string;
  readonly change: Change;
}

/** Nothing is wrong with a row any more. */
export const mended: Change = () => undefined;

/** What an image or a row that was left alone changes. */
export function changesOfSkipped(skipped: Skipped): readonly Noted[] {
  const { mirror, source, destination, reason } = skipped;
  const row = rowPair(mirror);
  if (source !== undefined && destination !== undefined) {
    const pair = pairOf(source, destination);
    const change = changeOf(skipped, pair, source);
    return [...(change === undefined ? [] : [{ key: keyOf(pair), change }]), { key: keyOf(row), change: mended }];
  }
  if (isFailure(skipped)) {
    return [{ key: keyOf(row), change: (before, now) => failed(row, before, rowError(skipped), now) }];
  }
  return reason === 'not-due' ? [] : [{ key: keyOf(row), change: mended }];
}

/** What a copy that has ended changes: nothing when it was stopped or put off. */
export function changesOfEnded({ mirrors }: Copy, outcome: Outcome): readonly Noted[] {
  if (outcome.cause === 'stopped' || outcome.cause === 'put-off') return [];
  const pair = pairOf(outcome.source, outcome.destination);
  const change: Change = (before, now) =>
    outcome.state === 'Mirrored' ? mirrored(pair, outcome, now) : failed(pair, before, outcome, now);
  return [{ key: keyOf(pair), change }, ...mirrors.map((row) => ({ key: keyOf(rowPair(row)), change: mended }))];
}

type Pair = Pick<CopyFacts, 'source' | 'destination'>;

function changeOf(skipped: Skipped, pair: Pair, { digest }: Reference): Change | undefined {
  const { reason, detail } = skipped;
  const code = codeOfSkipped(skipped);
  const error = {
    ...(code === undefined ? {} : { code }),
    ...(detail === undefined ? {} : { error: detail }),
    ...(digest === undefined ? {} : { sourceDigest: digest }),
  };
  if (reason === 'up-to-date') {
    return ({ lastMirrored, bytes } = { ...pair, state: 'Mirrored' }, now) => ({
      ...pair,
      state: 'Mirrored',
      ...(digest === undefined ? {} : { digest, sourceDigest: digest }),
      ...(lastMirrored === undefined ? {} : { lastMirrored }),
      ...(bytes === undefined ? {} : { bytes }),
      lastChecked: now,
    });
  }
  if (reason === 'too-young') {
    return (before, now) => {
      const { staleSince: _, ...rest } = before ?? {};
      return { ...rest, ...pair, ...error, state: 'Quarantined', failures: 0, lastChecked: now };
    };
  }
  return isFailure(skipped) ? (before, now) => failed(pair, before, { state: 'Failed', ...error }, now) : undefined;
}

function mirrored(pair: Pair, { source, bytes }: Outcome, now: number): CopyFacts {
  const { digest } = source;
  return { ...pair, state: 'Mirrored', digest, sourceDigest: digest, bytes, lastMirrored: now, lastChecked: now };
}

/** What the destination holds, and since when, stays written. */
function failed(
  pair: Pair,
  before: CopyFacts | undefined,
  {
    state,
    error,
    code,
    source,
    sourceDigest,
  }: Pick<CopyFacts, 'state' | 'error' | 'code' | 'sourceDigest'> & { readonly source?: unknown },
  now: number,
): CopyFacts {
  const digest = isMap(source) && typeof source.digest === 'string' ? source.digest : sourceDigest;
  return {
    ...before,
    ...pair,
    state,
    error: error ?? state,
    ...(code === undefined ? {} : { code }),
    ...(digest === undefined ? {} : { sourceDigest: digest }),
    failures: (before?.failures ?? 0) + 1,
    staleSince: before?.staleSince ?? now,
    lastChecked: now,
  };
}

function rowError(skipped: Skipped): Pick<CopyFacts, 'state' | 'error' | 'code'> {
  const { reason, detail } = skipped;
  const code = codeOfSkipped(skipped);
  const named = code === undefined ? {} : { code };
  return {
    ...named,
    state: reason === 'invalid' || reason === 'not-allowed' ? 'Invalid' : 'Failed',
    error: detail ?? reason,
  };
}

function pairOf(source: Reference, destination: Reference): Pair {
  const key = copyKey({ source, destination });
  return { source: String(key[CopyAttribute.SOURCE]), destination: String(key[CopyAttribute.DESTINATION]) };
}

function rowPair(mirror: string): Pair {
  return { source: mirror, destination: ROW_ITEM };
}

function keyOf({ source, destination }: Pair): string {
  return `${source} ${destination}`;
}
