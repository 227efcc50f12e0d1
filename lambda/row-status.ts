import { type RowProblem, type RowStatus, writeRowStatus } from '../aws/row-items';
import { mapWithin } from '../engine/gate';
import type { Plan, Skipped, SkipReason } from '../lib/model/copy';
import type { ErrorCode } from '../lib/model/error-code';
import type { ParsedRow } from '../lib/model/mirror';
import { codeOfSkipped } from '../lib/model/skip-code';
import type { Oldest } from './oldest';
import type { World } from './world';

/** Nobody but a person can mend these. */
const INVALID: ReadonlySet<SkipReason> = new Set<SkipReason>(['invalid', 'not-allowed', 'contested']);
/** These may mend themselves. */
const FAILED: ReadonlySet<SkipReason> = new Set<SkipReason>([
  'source-failed',
  'destination-failed',
  'nothing-selected',
]);
/** Lines about one row; the first say enough. */
const MOST_LINES = 5;
const WRITES_AT_ONCE = 16;

/** Whether something is wrong that counts as a failure. */
export function isFailure({ reason }: Skipped): boolean {
  return INVALID.has(reason) || FAILED.has(reason);
}

/** What is wrong with rows, by their key. */
function rowProblems(skipped: readonly Skipped[]): Map<string, Required<RowProblem>> {
  const lines = new Map<string, { state: RowProblem['state']; code: ErrorCode; texts: Set<string> }>();
  for (const one of skipped.filter(isFailure)) {
    const { mirror, reason, detail } = one;
    const code = codeOfSkipped(one) ?? 'INTERNAL';
    const problem = lines.get(mirror) ?? { state: 'Failed', code, texts: new Set<string>() };
    // What only a person can mend is said first.
    if (INVALID.has(reason) && problem.state !== 'Invalid') Object.assign(problem, { state: 'Invalid', code });
    if (problem.texts.size < MOST_LINES) problem.texts.add(detail ?? reason);
    lines.set(mirror, problem);
  }
  return new Map(
    [...lines].map(([key, { state, code, texts }]) => [key, { state, code, error: [...texts].join(' · ') }]),
  );
}

/**
 * Brings the items of rows up to date: wrong, mended, and when they were last looked at where that counts.
 *
 * @returns rows with a schedule of their own that have copies: they count as looked at once those have a job
 */
export async function writeRowStatuses(
  rows: readonly ParsedRow[],
  { copies, skipped }: Plan,
  known: ReadonlyMap<string, RowStatus>,
  world: World,
  waiting: Oldest,
): Promise<readonly string[]> {
  const problems = rowProblems(skipped);
  const unfinished = new Set(copies.flatMap(({ mirrors }) => mirrors));
  const isTimed = ({ key, mirror }: ParsedRow) => mirror?.every !== undefined && problems.get(key)?.state !== 'Failed';
  const untouched = new Set(skipped.filter(({ reason }) => reason === 'not-due').map(({ mirror }) => mirror));
  const touched = rows.filter(({ key }) => !untouched.has(key));
  await mapWithin(WRITES_AT_ONCE, touched, async (row) => {
    const { key } = row;
    const problem = problems.get(key);
    if (problem !== undefined) waiting.see(known.get(key)?.staleSince, [key]);
    const changed = await writeRowStatus(world.copies, key, {
      problem,
      known: known.get(key),
      now: world.clock.now(),
      timed: isTimed(row) && !unfinished.has(key),
      unfinished: unfinished.has(key),
    });
    if (changed && problem !== undefined) world.log('row-problem', { row: key, ...problem });
  });
  return touched.filter((row) => isTimed(row) && unfinished.has(row.key)).map(({ key }) => key);
}
