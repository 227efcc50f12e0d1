import type { Continuation } from '../aws/events';
import { invokeLater } from '../aws/invoke-self';
import type { Lot, Place } from './rows';
import type { World } from './world';

/** What an invocation tells the one that goes on. */
export interface Baton {
  /** Names the run. */
  readonly run: string;
  /** Invocations before this one. */
  readonly hops: number;
  /** Whether the rows' own schedules count. */
  readonly onSchedule: boolean;
  /** Copies that may still be verified. @default - copies are mirrored, and none is verified */
  readonly verify?: number;
}

/** Invocations that one run may chain: a bound against a fault that makes no progress. */
const MOST_HOPS = 200;

/** Errors that are handed on; all of them are in the log. */
const ERRORS_KEPT = 5;

/** Has a new invocation go on from a place, and fail for what has failed so far. False, and said among the errors, when there were too many. */
export async function handOver(
  { run, hops, onSchedule, verify }: Baton,
  place: Place,
  rows: number,
  world: World,
  errors: string[],
): Promise<boolean> {
  if (hops + 1 >= MOST_HOPS) {
    errors.push(`stopped after ${MOST_HOPS} invocations; a longer timeout of the controller would do`);
    return false;
  }
  const failed = errors.length === 0 ? {} : { errors: errors.slice(0, ERRORS_KEPT) };
  const verifying = verify === undefined ? {} : { verify };
  const rest: Continuation = { ...place, hops: hops + 1, run, rows, onSchedule, ...verifying, ...failed };
  await invokeLater(world.clients.lambda(), world.functionName, { continue: rest });
  world.log('continued', { run, hops: hops + 1 });
  return true;
}

/** A lot that did not fit into an invocation is begun anew with half the rows; a single row that does not fit is left out. */
export async function handOverSmaller(
  baton: Baton,
  lot: Lot,
  size: number,
  world: World,
  errors: string[],
): Promise<boolean> {
  if (lot.rows.length > 1) {
    return handOver(baton, lot.here, Math.max(1, Math.floor(lot.rows.length / 2)), world, errors);
  }
  errors.push(`row ${lot.rows[0]?.key ?? ''} takes longer to plan than one invocation has; fewer tags would do`);
  return lot.next === undefined ? false : handOver(baton, lot.next, size, world, errors);
}
