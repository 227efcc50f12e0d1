import type { Caller } from '../../../aws/caller';
import { type Finding, ok, wrongBy } from '../finding';
import type { Check } from '../run-checks';

/** Whether AWS takes the credentials that there are, and whose they are. */
export const checkIdentity: Check = {
  code: 'DOCTOR-AWS',
  about: 'AWS',
  look: async ({ usesAws, caller }) => (usesAws ? [await judgeCaller(caller)] : []),
};

export async function judgeCaller(caller: () => Promise<Caller>): Promise<Finding> {
  try {
    return ok('DOCTOR-AWS', 'AWS', `you are ${(await caller()).arn}`);
  } catch (cause) {
    return wrongBy('DOCTOR-AWS', 'AWS', cause);
  }
}
