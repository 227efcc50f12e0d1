/** What is known of runs of the controller, and what they say of the copies that they did not write about. */

/** One invocation of a run. Times are milliseconds since the epoch. */
export interface RunFacts {
  /** Of the run, with the number of the invocation behind it: `20261120T231500Z-3f9a1c-0`. */
  readonly id: string;
  readonly started: number;
  readonly finished: number;
  readonly trigger: string;
  /** Another invocation was to do the rest. */
  readonly continued: boolean;
  readonly rows: number;
  readonly copies: number;
  readonly errors: readonly string[];
}

/** Seconds between two runs on schedule, where it is not known. */
const USUAL_GAP = 3600;
/** So many gaps late is too late: one run may fail, and be tried again. */
const GAPS = 3;
/** Seconds that are never too late. */
const LEAST_SILENCE = 900;
/** The newest gaps tell; an older schedule may have been another. */
const GAPS_LOOKED_AT = 9;

/** The newest run on schedule that went through all rows, as its first invocation. */
export function lastWholeRun(runs: readonly RunFacts[]): RunFacts | undefined {
  const invocations = new Map<string, RunFacts>();
  for (const run of runs) invocations.set(run.id, run);
  return scheduled(runs).find((first) => isWhole(first, invocations));
}

/** Whether a run has gone through all that it was to: its last invocation is known, and handed nothing on. */
export function isOver(runs: readonly RunFacts[], run: string): boolean {
  const first = runs.find(({ id }) => id === `${run}-0`);
  return first !== undefined && isWhole(first, new Map(runs.map((one) => [one.id, one])));
}

/** Since when there should have been another run on schedule: seconds since the last one; undefined while there is no reason to worry. */
export function silence(runs: readonly RunFacts[], now: number): number | undefined {
  const [last, ...others] = scheduled(runs);
  if (last === undefined) return undefined;
  const starts = [last, ...others].slice(0, GAPS_LOOKED_AT + 1).map(({ started }) => started);
  const gaps = starts.slice(1).map((start, at) => ((starts[at] ?? start) - start) / 1000);
  const usual = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? USUAL_GAP;
  const since = Math.floor((now - last.started) / 1000);
  return since > Math.max(LEAST_SILENCE, GAPS * usual) ? since : undefined;
}

/** First invocations of runs on schedule, newest first. */
function scheduled(runs: readonly RunFacts[]): RunFacts[] {
  return runs
    .filter(({ trigger, id }) => trigger === 'schedule' && id.endsWith('-0'))
    .sort((a, b) => b.started - a.started);
}

function isWhole(first: RunFacts, invocations: ReadonlyMap<string, RunFacts>): boolean {
  const run = first.id.slice(0, -1);
  let last: RunFacts | undefined = first;
  // Each hop is another item, so it ends.
  for (let hop = 1; last?.continued === true; hop += 1) last = invocations.get(`${run}${hop}`);
  return last !== undefined;
}
