import type { Outcome } from '../lib/model/outcome';
import { copyKey } from './copy-key';
import { change, type Table } from './items';
import { line, said } from './outcomes';

/** How the verification of a copy ended: what it found lacking is there, also when it was nothing. */
export type VerifiedOutcome = Outcome & Required<Pick<Outcome, 'lacks'>>;

export function wasVerified(outcome: Outcome): outcome is VerifiedOutcome {
  return outcome.lacks !== undefined;
}

/**
 * Writes what verification found, and ends the lease. `LastVerified` is when the copy was last proven to be whole, `Repaired` what
 * had to be sent again for that. What could not be sent again stays as `Lacks` until it is, or the copy is mirrored anew: no run
 * that finds the right digest under the tag calls it mirrored meanwhile. False, and nothing written, when the lease was taken over.
 */
export async function recordVerified(
  table: Table,
  outcome: VerifiedOutcome,
  lease: { readonly fence: number; readonly job: string },
  now: number,
): Promise<boolean> {
  const ended = outcome.state === 'Mirrored' ? whole(outcome) : broken(outcome);
  const result = await change(table, copyKey(outcome), {
    update: ended.update,
    condition: '#Fence = :fence',
    values: {
      ...ended.values,
      ':state': outcome.state,
      ':now': new Date(now).toISOString(),
      ':job': lease.job,
      ':fence': lease.fence,
      ':zero': 0,
    },
  });
  return result.written;
}

function whole({ lacks, bytes, seconds, source, digest }: VerifiedOutcome) {
  const isRepaired = lacks.length > 0;
  const repaired =
    ', #Repaired = :lacks, #LastMirrored = :now, #PushedDigest = :digest, #Bytes = :bytes, #Seconds = :seconds';
  return {
    update:
      'SET #State = :state, #LastVerified = :now, #LastChecked = :now, #Job = :job, #Failures = :zero' +
      `${isRepaired ? repaired : ''} REMOVE #Error, #Code, #Lease, #StaleSince, #Lacks${isRepaired ? '' : ', #Repaired'}`,
    values: isRepaired
      ? { ':lacks': linesOf(lacks), ':bytes': bytes, ':seconds': seconds, ':digest': digest ?? source.digest }
      : {},
  };
}

/** What lacks a part of itself is not what its source is. */
function broken({ lacks, ...outcome }: VerifiedOutcome) {
  return {
    update:
      'SET #State = :state, #LastChecked = :now, #Job = :job, #Error = :error, #Code = :code, #Lacks = :lacks, ' +
      '#StaleSince = if_not_exists(#StaleSince, :now), #Failures = if_not_exists(#Failures, :zero) + :one ' +
      'REMOVE #Lease, #Repaired',
    values: { ...said(outcome), ':lacks': linesOf(lacks), ':one': 1 },
  };
}

function linesOf(lacks: readonly string[]): string {
  return line(lacks.join(' · '));
}
