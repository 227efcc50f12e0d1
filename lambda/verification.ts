import { readDueVerifications } from '../aws/due-verifications';
import type { PlanWorld } from '../engine/make-plan';
import type { Plan } from '../lib/model/copy';
import type { Place } from './rows';
import type { World } from './world';

/** What a run that verifies looks at. */
export type Verification = Required<Pick<PlanWorld, 'verifies'>>;

/**
 * The copies that a run verifies: of all rows those whose proof is oldest, of rows that somebody has named all.
 *
 * @param most destinations
 */
export async function openVerification(most: number, from: Place, world: World): Promise<Verification> {
  if ('sources' in from) return { verifies: () => true };
  const due = await readDueVerifications(world.copies, most);
  return { verifies: ({ image, destination }) => due.isDue({ source: image.reference, destination }) };
}

/** What a plan has to be verified; what else it found is for the runs that mirror. */
export function toVerify({ copies }: Plan): Plan {
  return {
    copies: copies.filter(({ destinations }) => destinations.every(({ why }) => why === 'verify')),
    skipped: [],
  };
}
