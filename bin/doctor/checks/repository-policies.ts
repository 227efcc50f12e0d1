import { mapWithin } from '../../../engine/gate';
import { WRITE_ACTIONS } from '../../../lib/model/ecr-actions';
import { formatRepository } from '../../../lib/model/reference';
import { denyingStatements } from '../../../lib/model/repository-policy';
import { roleFor } from '../../../lib/model/settings';
import { type EcrView, ecrViews } from '../ecr';
import { type Finding, ok, unknown, unknownBy, warning, wrong } from '../finding';
import type { Ground } from '../ground';
import type { DestinationPlace } from '../places';
import type { Check } from '../run-checks';
import { stackShape } from '../stack-shape';

const MOST = 200;
const AT_ONCE = 4;

/** Whether policies of repositories deny whoever copies into them. */
export const checkRepositoryPolicies: Check = {
  code: 'DOCTOR-POLICY',
  about: 'policies of repositories',
  async look(ground) {
    const views = await ecrViews(ground);
    if (views.length === 0) return [];
    const copier = await copierOf(ground);
    if (copier === undefined)
      return [unknown('DOCTOR-POLICY', 'policies of repositories', 'it is not known who copies')];
    const roles = ground.stack?.settings.roles;
    const found = views.map((view) => lookAtRegistry(view, roleFor(roles, view.host.account)?.roleArn ?? copier));
    return (await Promise.all(found)).flat();
  },
};

/** Whose copying it is about, but where a role of another account does it. */
async function copierOf(ground: Ground): Promise<string | undefined> {
  if (ground.stack !== undefined) return (await stackShape(ground)).worker;
  const { principalOf } = await import('../../../aws/caller');
  return ground.caller().then(
    ({ arn }) => principalOf(arn),
    () => undefined,
  );
}

async function lookAtRegistry(view: EcrView, principal: string): Promise<readonly Finding[]> {
  const there = await view.repositories();
  const places = view.places.filter(({ repository }) => there.has(repository.name)).slice(0, MOST);
  const found = (await mapWithin(AT_ONCE, places, (place) => lookAtRepository(view, place, principal))).flat();
  if (found.length > 0 || places.length === 0) return found;
  return [ok('DOCTOR-POLICY', view.registry, 'no repository’s policy denies whoever copies')];
}

async function lookAtRepository(
  { client, host }: EcrView,
  { repository }: DestinationPlace,
  principal: string,
): Promise<readonly Finding[]> {
  const { repositoryPolicy } = await import('../../../aws/ecr-settings');
  const place = formatRepository(repository);
  try {
    const text = await repositoryPolicy(client, { registryId: host.account, repositoryName: repository.name });
    const denying = text === undefined ? [] : denyingStatements(text, principal, WRITE_ACTIONS);
    return denying.map(({ name, actions, conditional }) => {
      const judge = conditional ? warning : wrong;
      const may = conditional ? 'may deny' : 'denies';
      return judge('DOCTOR-POLICY', place, `statement ${name} ${may} ${principal} ${actions.join(', ')}`);
    });
  } catch (cause) {
    return [unknownBy('DOCTOR-POLICY', place, cause)];
  }
}
