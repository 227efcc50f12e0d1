import { READ_ACTIONS, WRITE_ACTIONS } from '../../../lib/model/ecr-actions';
import { formatRepository } from '../../../lib/model/reference';
import { ecrViews } from '../ecr';
import { type Finding, unknown, unknownBy, wrong } from '../finding';
import type { Ground } from '../ground';

/** Repositories that are tried, of one registry. */
const MOST = 20;

/** What may be denied is found out by trying it, where that does no harm; what writes is not tried. @param cause why IAM could not be asked */
export async function tryActions(ground: Ground, cause: unknown): Promise<readonly Finding[]> {
  const { triedActions } = await import('../../../aws/ecr-tries');
  const found: Finding[] = [];
  for (const { host, client, places } of await ecrViews(ground)) {
    for (const { repository } of places.slice(0, MOST)) {
      const denied = await triedActions(client, { registryId: host.account, repositoryName: repository.name });
      if (denied.length > 0)
        found.push(wrong('DOCTOR-IAM', formatRepository(repository), `you may not ${denied.join(', ')}`));
    }
  }
  const untried = WRITE_ACTIONS.filter((action) => !READ_ACTIONS.includes(action)).join(', ');
  return [...found, unknown('DOCTOR-IAM', 'permissions', `${untried}: ${why(cause)}`)];
}

function why(cause: unknown): string {
  return unknownBy('DOCTOR-IAM', '', cause).saw.replace('not checked: ', '');
}
