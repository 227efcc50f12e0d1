import type { ErrorCode } from '../lib/model/error-code';
import { CopyAttribute } from '../lib/model/names';
import type { Reference } from '../lib/model/reference';
import { copyKey, type Fenced } from './copy-key';
import { change, type Item, type Table, type Written } from './items';
import { line, said } from './outcomes';

/** What is written on copies when a job is over, by who was told so and not by its worker. */

/** Why a copy was lost; `job` is the job that ended, absent when it was never submitted. */
export interface Loss {
  readonly error: string;
  readonly code: ErrorCode;
  readonly job?: string;
}

/** No job could be submitted: its copies failed for that reason. A copy that was leased again since is left alone. */
export async function recordUnsubmitted(table: Table, copy: Fenced, loss: Loss, now: number): Promise<boolean> {
  const { written } = await writeLoss(table, copyKey(copy), loss, now, {
    condition: '#Fence = :fence AND #State = :queued',
    values: { ':fence': copy.fence },
  });
  return written;
}

/**
 * A job has failed and is not tried again. What it did not say itself of a copy (it never started, was killed, ran out of
 * memory) is said now: true. Of a copy that it said has failed is noted that the job is over: `EndedJob` is then its `Job`. A
 * copy that was mirrored, or leased again since, is left alone.
 */
export async function recordEnded(table: Table, copy: Fenced, loss: Required<Loss>, now: number): Promise<boolean> {
  const lost = await writeLoss(table, copyKey(copy), loss, now, {
    condition: '#Fence = :fence AND (#State = :queued OR #Lease.#Job = :job)',
    values: { ':fence': copy.fence },
  });
  if (!lost.written && failedIn(loss.job, lost.found)) {
    await change(table, copyKey(copy), {
      update: 'SET #EndedJob = #Job',
      condition: '#Fence = :fence AND #State = :failed AND #Job = :job',
      values: { ':fence': copy.fence, ':failed': 'Failed', ':job': lost.found?.[CopyAttribute.JOB] },
    });
  }
  return lost.written;
}

/** Whether the job said so, or a child of it. */
function failedIn(job: string, found: Item | undefined): boolean {
  const said = String(found?.[CopyAttribute.JOB]);
  return found?.[CopyAttribute.STATE] === 'Failed' && (said === job || said.startsWith(`${job}:`));
}

/** The same for what a job leased by itself (a single mirror submitted by hand), where no fence is known. */
export async function recordEndedByHand(
  table: Table,
  pair: { readonly source: Reference; readonly destination: Reference },
  loss: Required<Loss>,
  now: number,
): Promise<boolean> {
  const { written } = await writeLoss(table, copyKey(pair), loss, now, {
    condition: '#Lease.#Job = :job OR (attribute_not_exists(#Lease) AND #State = :queued AND #Job = :job)',
    values: {},
  });
  return written;
}

async function writeLoss(
  table: Table,
  key: Item,
  { error, code, job }: Loss,
  now: number,
  { condition, values }: { readonly condition: string; readonly values: Item },
): Promise<Written> {
  const named = job === undefined ? '' : ', #Job = :job, #EndedJob = :job';
  const outcome = await change(table, key, {
    update:
      `SET #State = :failed, #LastChecked = :now, #Error = :error, #Code = :code${named}, ` +
      '#Failures = if_not_exists(#Failures, :zero) + :one REMOVE #Lease',
    condition,
    values: {
      ...values,
      ':failed': 'Failed',
      ':queued': 'Queued',
      ':now': new Date(now).toISOString(),
      ...said({ error, code }),
      ':zero': 0,
      ':one': 1,
      ...(job === undefined ? {} : { ':job': job }),
    },
  });
  // The condition no longer holds once it is written: of a write whose answer was lost the item tells.
  const isThis = !outcome.written && outcome.retried && says(outcome.found, { error, job }, now);
  return isThis ? { written: true, item: outcome.found ?? {} } : outcome;
}

/** Whether an item says of this loss that it was found now. */
function says(item: Item | undefined, { error, job }: Pick<Loss, 'error' | 'job'>, now: number): boolean {
  return (
    item?.[CopyAttribute.STATE] === 'Failed' &&
    item[CopyAttribute.LAST_CHECKED] === new Date(now).toISOString() &&
    item[CopyAttribute.ERROR] === line(error) &&
    item[CopyAttribute.ENDED_JOB] === job
  );
}

/** Whether a copy has failed, and its job is over: nothing tries again until a run does. */
export function isGivenUp(item: Item): boolean {
  const job = item[CopyAttribute.JOB];
  return item[CopyAttribute.STATE] === 'Failed' && job !== undefined && item[CopyAttribute.ENDED_JOB] === job;
}
