import { mapWithin } from '../../../engine/gate';
import { READ_ACTIONS, WRITE_ACTIONS } from '../../../lib/model/ecr-actions';
import { formatRepository } from '../../../lib/model/reference';
import { ecrViews } from '../ecr';
import { type Finding, unknown, unknownBy, whyOf, wrong } from '../finding';
import type { Ground } from '../ground';

/** Repositories that are tried, of one registry, and registries at once. */
const MOST = 20;
const AT_ONCE = 4;

/** What may be denied is found out by trying it, where that does no harm; what writes is not tried. @param cause why IAM could not be asked */
export async function tryActions(ground: Ground, cause: unknown): Promise<readonly Finding[]> {
  const { triedActions } = await import('../../../aws/ecr-tries');
  const found = await mapWithin(AT_ONCE, await ecrViews(ground), async ({ host, client, places, registry }) => {
    const denials: Finding[] = [];
    try {
      for (const { repository } of places.slice(0, MOST)) {
        const denied = await triedActions(client, { registryId: host.account, repositoryName: repository.name });
        if (denied.length > 0)
          denials.push(wrong('DOCTOR-IAM', formatRepository(repository), `you may not ${denied.join(', ')}`));
      }
      return denials;
    } catch (broken) {
      return [...denials, unknownBy('DOCTOR-IAM', registry, broken)];
    }
  });
  const untried = WRITE_ACTIONS.filter((action) => !READ_ACTIONS.includes(action)).join(', ');
  return [...found.flat(), unknown('DOCTOR-IAM', 'permissions', `${untried}: ${whyOf(cause)}`)];
}
