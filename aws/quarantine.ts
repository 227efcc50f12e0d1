import { createHash } from 'node:crypto';
import { CopyAttribute } from '../lib/model/names';
import type { Outcome } from '../lib/model/outcome';
import type { SignatureRequirement } from '../lib/model/signature-requirement';
import { copyKey } from './copy-key';
import { change, get, type Item, type Table } from './items';
import { said } from './outcomes';

/**
 * Images that were refused for want of a signature. `Quarantine` is a map on the item of the copy: the source's `Digest`, by a
 * fingerprint what was asked of its signatures (`By`), how often that was in vain (`Times`), and `Until` when (epoch seconds)
 * it is not asked again. Another digest, or another requirement, is tried at once.
 */

const HOUR = 3600;
/** Hours until the second, third, … try: a signature may come some minutes after the image. */
const PAUSES = [1, 2, 4, 8, 16, 24];
/** Seconds by which a pause is shorter, so that a run each hour finds that it is over. */
const SLACK = 600;

/** Condition under which a copy is not refused because of its signature. */
export const NOT_QUARANTINED =
  'NOT (#State = :quarantined AND #Quarantine.#Digest = :digest AND #Quarantine.#By = :by AND #Quarantine.#Until > :now)';

/** The values of {@link NOT_QUARANTINED}, but for `:digest` and `:now`. */
export function quarantineValues(requirement: SignatureRequirement): Item {
  return { ':quarantined': 'Quarantined', ':by': fingerprint(requirement) };
}

/** Whether an item stands in the way of a copy of this digest. */
export function isQuarantined(item: Item | undefined, digest: string): boolean {
  return item?.[CopyAttribute.STATE] === 'Quarantined' && quarantineIn(item)?.Digest === digest;
}

/** Writes that an image was refused, and ends the lease. False, and nothing written, when the lease was taken over. */
export async function recordQuarantine(
  table: Table,
  outcome: Outcome,
  requirement: SignatureRequirement,
  lease: { readonly fence: number; readonly job: string },
  now: number,
): Promise<boolean> {
  const { digest } = outcome.source;
  const by = fingerprint(requirement);
  const before = quarantineIn(await get(table, copyKey(outcome)));
  const times = before?.Digest === digest && before.By === by ? Number(before.Times) + 1 : 1;
  const pause = (PAUSES[Math.min(times, PAUSES.length) - 1] ?? HOUR) * HOUR - SLACK;
  const result = await change(table, copyKey(outcome), {
    update:
      'SET #State = :state, #SourceDigest = :digest, #LastChecked = :now, #Job = :job, #Error = :error, #Code = :code, ' +
      '#Failures = if_not_exists(#Failures, :zero) + :one, #Quarantine = :quarantine REMOVE #Lease',
    condition: '#Fence = :fence',
    values: {
      ':state': 'Quarantined',
      ':digest': digest,
      ':now': new Date(now).toISOString(),
      ':job': lease.job,
      ...said(outcome),
      ':zero': 0,
      ':one': 1,
      ':quarantine': { Digest: digest, By: by, Times: times, Until: Math.floor(now / 1000) + pause },
      ':fence': lease.fence,
    },
  });
  return result.written;
}

function quarantineIn(item: Item | undefined): Item | undefined {
  return item?.[CopyAttribute.QUARANTINE];
}

function fingerprint(requirement: SignatureRequirement): string {
  const asked = 'keys' in requirement ? requirement.keys : [requirement.identity, requirement.issuer];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 32);
}
