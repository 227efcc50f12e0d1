import { recordLooked } from '../aws/row-items';
import { mapWithin } from '../engine/gate';
import { mergeCopies } from '../engine/merge-copies';
import type { Copy } from '../lib/model/copy';
import { putOffCopies } from './put-off';
import type { Place } from './rows';
import { submitCopies } from './submit';
import type { Sums } from './sums';
import type { World } from './world';

/** Copies that are submitted together, in one job; a lot's may come on top. */
const COPIES_AT_ONCE = 10_000;

const WRITES_AT_ONCE = 16;

/** Copies of several lots go into one job: a job for each would leave most of its workers with next to nothing. */
export interface Gathered {
  /**
   * @param place where the lot begins that the copies were planned in
   * @param unfinished rows of these copies that count as looked at once all of them have a job
   */
  add(place: Place, copies: readonly Copy[], unfinished: readonly string[]): Promise<void>;
  submit(): Promise<void>;
  /** Where the first lot begins of which not all copies could be submitted in time; absent as long as all could. */
  readonly unfinished: Place | undefined;
}

/** @param plan names the work lists, with a number behind it */
export function gatherCopies(plan: string, world: World, sums: Sums): Gathered {
  let waiting: Copy[] = [];
  let rows: string[] = [];
  let since: Place | undefined;
  let unfinished: Place | undefined;
  let number = 0;
  const submit = async () => {
    if (waiting.length === 0 || unfinished !== undefined) return;
    // Rows of several lots may want one copy.
    const { now, later } = await putOffCopies(mergeCopies(waiting), world, sums.waiting);
    const submitted = await submitCopies(now, `${plan}.${number}`, world, sums.waiting);
    if (submitted.left > 0) unfinished = since;
    const left = new Set([...submitted.unfinished, ...later.map(({ mirror }) => mirror)]);
    const looked = rows.filter((row) => !left.has(row));
    [waiting, rows, since, number] = [[], [], undefined, number + 1];
    sums.copies += submitted.copies;
    sums.figures.checked += submitted.copies;
    sums.jobs.push(...submitted.jobs);
    sums.errors.push(...submitted.errors);
    sums.count([...submitted.skipped, ...later]);
    await mapWithin(WRITES_AT_ONCE, looked, (row) => recordLooked(world.copies, row, world.clock.now()));
  };
  return {
    submit,
    add: async (place, copies, unfinished) => {
      since ??= place;
      for (const copy of copies) waiting.push(copy);
      rows.push(...unfinished);
      if (waiting.length >= COPIES_AT_ONCE) await submit();
    },
    get unfinished() {
      return unfinished;
    },
  };
}
