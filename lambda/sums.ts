import type { Skipped } from '../lib/model/copy';
import { type Oldest, oldest } from './oldest';
import { skipTally } from './reply';
import { isFailure } from './row-status';

/** What an invocation has done so far. */
export interface Sums {
  rows: number;
  copies: number;
  readonly jobs: string[];
  readonly errors: string[];
  readonly tally: ReturnType<typeof skipTally>;
  readonly waiting: Oldest;
  readonly figures: { checked: number; failed: number; conflicts: number; quarantined: number };
  count(skipped: readonly Skipped[]): void;
}

/** @param errors what failed in invocations before this one */
export function newSums(errors: readonly string[] = []): Sums {
  const figures = { checked: 0, failed: 0, conflicts: 0, quarantined: 0 };
  const tally = skipTally();
  return {
    rows: 0,
    copies: 0,
    jobs: [],
    errors: [...errors],
    tally,
    waiting: oldest(),
    figures,
    count: (skipped) => {
      tally.add(skipped);
      figures.checked += skipped.filter(({ destination }) => destination !== undefined).length;
      figures.failed += skipped.filter(isFailure).length;
      figures.conflicts += skipped.filter(({ reason }) => reason === 'conflict').length;
      figures.quarantined += skipped.filter(({ reason }) => reason === 'quarantined').length;
    },
  };
}
