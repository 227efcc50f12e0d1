import { copyKey } from '../aws/copy-key';
import type { Copy, Skipped } from '../lib/model/copy';
import type { CopyFacts } from '../lib/model/freshness';
import type { RowFacts } from '../lib/model/inventory';
import { CopyAttribute, ROW_ITEM } from '../lib/model/names';
import type { Outcome } from '../lib/model/outcome';
import type { Reference } from '../lib/model/reference';
import { isMap } from '../lib/model/row-reader';
import { isFailure } from './report';
import { readSection, writeSection } from './state-file';

/** Notes what becomes of copies, as the table of copies does, in a state file. */
export interface CopyLedger {
  skipped(skipped: Skipped): void;
  ended(copy: Copy, outcome: Outcome): void;
  /** Writes what was noted since the last time. @param now milliseconds since the epoch */
  write(now: number): Promise<void>;
}

/** What a state file says of copies, and of rows as a whole. */
export interface FileCopies {
  readonly copies: readonly CopyFacts[];
  readonly rows: ReadonlyMap<string, Pick<RowFacts, 'problem' | 'staleSince'>>;
}

/** Milliseconds for which a copy is remembered that nothing looks at. */
const LIFE = 400 * 86_400_000;

type Change = (before: CopyFacts | undefined, now: number) => CopyFacts | undefined;

export function fileLedger(file: string): CopyLedger {
  const changes: { readonly key: string; readonly change: Change }[] = [];
  const note = (key: string, change: Change) => changes.push({ key, change });
  return {
    skipped(skipped) {
      const { mirror, source, destination } = skipped;
      const isCopy = source !== undefined && destination !== undefined;
      if (isCopy) for (const { key, change } of changesOf(skipped, source, destination)) note(key, change);
      else if (isFailure(skipped))
        note(rowKey(mirror), (before, now) => failed(rowPair(mirror), before, rowError(skipped), now));
      else if (skipped.reason === 'not-due') return;
      if (isCopy || !isFailure(skipped)) note(rowKey(mirror), mended);
    },
    ended({ mirrors }, outcome) {
      if (outcome.cause === 'stopped' || outcome.cause === 'put-off') return;
      const pair = pairOf(outcome.source, outcome.destination);
      note(keyOf(pair), (before, now) =>
        outcome.state === 'Mirrored' ? mirrored(pair, outcome, now) : failed(pair, before, outcome, now),
      );
      for (const mirror of mirrors) note(rowKey(mirror), mended);
    },
    async write(now) {
      const known = new Map(await readSection(file, 'copies'));
      const rounds = changes.splice(0);
      // What is wrong with a row counts, whatever its other images have come to.
      const mends = rounds.filter(({ change }) => change === mended);
      for (const { key, change } of [...mends, ...rounds.filter((one) => !mends.includes(one))]) {
        const before = known.get(key);
        const after = change(isFacts(before) ? before : undefined, now);
        if (after === undefined) known.delete(key);
        else known.set(key, after);
      }
      for (const [key, facts] of known) if (!isFacts(facts) || now - (facts.lastChecked ?? 0) > LIFE) known.delete(key);
      await writeSection(file, 'copies', known);
    },
  };
}

/** @throws UsageError when the file is something else */
export async function readFileCopies(file: string): Promise<FileCopies> {
  const all = [...(await readSection(file, 'copies')).values()].filter(isFacts);
  const rows = all.filter(({ destination }) => destination === ROW_ITEM);
  return {
    copies: all.filter(({ destination }) => destination !== ROW_ITEM),
    rows: new Map(
      rows.map(({ source, error, staleSince, state }) => [
        source,
        {
          problem: { state: state === 'Invalid' ? 'Invalid' : 'Failed', error: error ?? state },
          ...(staleSince === undefined ? {} : { staleSince }),
        },
      ]),
    ),
  };
}

type Pair = Pick<CopyFacts, 'source' | 'destination'>;

function changesOf(skipped: Skipped, source: Reference, destination: Reference) {
  const pair = pairOf(source, destination);
  const change = changeOf(skipped, pair, source);
  return change === undefined ? [] : [{ key: keyOf(pair), change }];
}

function changeOf(skipped: Skipped, pair: Pair, { digest }: Reference): Change | undefined {
  const { reason, detail } = skipped;
  const error = {
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
    source,
    sourceDigest,
  }: Pick<CopyFacts, 'state' | 'error' | 'sourceDigest'> & { readonly source?: unknown },
  now: number,
): CopyFacts {
  const digest = isMap(source) && typeof source.digest === 'string' ? source.digest : sourceDigest;
  return {
    ...before,
    ...pair,
    state,
    error: error ?? state,
    ...(digest === undefined ? {} : { sourceDigest: digest }),
    failures: (before?.failures ?? 0) + 1,
    staleSince: before?.staleSince ?? now,
    lastChecked: now,
  };
}

function rowError({ reason, detail }: Skipped): Pick<CopyFacts, 'state' | 'error'> {
  return { state: reason === 'invalid' || reason === 'not-allowed' ? 'Invalid' : 'Failed', error: detail ?? reason };
}

/** Nothing is wrong with a row any more. */
const mended: Change = () => undefined;

function pairOf(source: Reference, destination: Reference): Pair {
  const key = copyKey({ source, destination });
  return { source: String(key[CopyAttribute.SOURCE]), destination: String(key[CopyAttribute.DESTINATION]) };
}

function rowPair(mirror: string): Pair {
  return { source: mirror, destination: ROW_ITEM };
}

function rowKey(mirror: string): string {
  return keyOf(rowPair(mirror));
}

function keyOf({ source, destination }: Pair): string {
  return `${source} ${destination}`;
}

function isFacts(value: unknown): value is CopyFacts {
  if (!isMap(value)) return false;
  const { source, destination, state, ...others } = value;
  const texts = [source, destination, state].every((one) => typeof one === 'string');
  return texts && Object.values(others).every((one) => typeof one === 'string' || Number.isFinite(one));
}
