import type { Copy } from '../lib/model/copy';
import type { Place } from './rows';
import { submitCopies } from './submit';
import type { Sums } from './sums';
import type { World } from './world';

/** Copies that are submitted together, in one job; a lot's may come on top. */
const COPIES_AT_ONCE = 10_000;

/** Copies of several lots go into one job: a job for each would leave most of its workers with next to nothing. */
export interface Gathered {
  /** @param place where the lot begins that the copies were planned in */
  add(place: Place, copies: readonly Copy[]): Promise<void>;
  submit(): Promise<void>;
  /** Where the first lot begins of which not all copies could be submitted in time; absent as long as all could. */
  readonly unfinished: Place | undefined;
}

/** @param plan names the work lists, with a number behind it */
export function gatherCopies(plan: string, world: World, sums: Sums): Gathered {
  let waiting: Copy[] = [];
  let since: Place | undefined;
  let unfinished: Place | undefined;
  let number = 0;
  const submit = async () => {
    if (waiting.length === 0 || unfinished !== undefined) return;
    const submitted = await submitCopies(waiting, `${plan}.${number}`, world, sums.waiting);
    if (submitted.left > 0) unfinished = since;
    [waiting, since, number] = [[], undefined, number + 1];
    sums.copies += submitted.copies;
    sums.figures.checked += submitted.copies;
    sums.jobs.push(...submitted.jobs);
    sums.errors.push(...submitted.errors);
    sums.count(submitted.skipped);
  };
  return {
    submit,
    add: async (place, copies) => {
      since ??= place;
      for (const copy of copies) waiting.push(copy);
      if (waiting.length >= COPIES_AT_ONCE) await submit();
    },
    get unfinished() {
      return unfinished;
    },
  };
}
