import { mapWithin } from '../../../engine/gate';
import { formatRepository } from '../../../lib/model/reference';
import { creationOf } from '../../../lib/model/repository-setting';
import { type EcrView, ecrViews } from '../ecr';
import { type Finding, ok, unknownBy, wrong } from '../finding';
import type { Ground } from '../ground';
import { judgeTags } from '../judge-tags';
import type { DestinationPlace } from '../places';
import type { Check } from '../run-checks';

/** Whether destinations in Amazon ECR are there, or made when something is pushed, and let the tags move that rows move. */
export const checkRepositories: Check = {
  code: 'DOCTOR-REPOSITORY',
  about: 'repositories of Amazon ECR',
  async look(ground) {
    const found = await mapWithin(2, await ecrViews(ground), async (view) =>
      lookAtRegistry(view, ground).catch((cause) => [unknownBy('DOCTOR-REPOSITORY', view.registry, cause)]),
    );
    return found.flat();
  },
};

async function lookAtRegistry(view: EcrView, ground: Ground): Promise<readonly Finding[]> {
  const there = await view.repositories();
  const missing = view.places.filter(({ repository }) => !there.has(repository.name));
  const present = view.places.length - missing.length;
  const tags = view.places.flatMap((place) => {
    const mutability = there.get(place.repository.name);
    return mutability === undefined ? [] : judgeTags(place, mutability);
  });
  return [
    ...(present === 0 ? [] : [ok('DOCTOR-REPOSITORY', view.registry, presentLine(present))]),
    ...(missing.length === 0 ? [] : await judgeMissing(view, missing, ground)),
    ...tags,
  ];
}

function presentLine(present: number): string {
  return present === 1 ? '1 repository is there' : `${present} repositories are there`;
}

async function judgeMissing(
  { client, registry }: EcrView,
  missing: readonly DestinationPlace[],
  { stack }: Ground,
): Promise<readonly Finding[]> {
  const { creationPrefixes } = await import('../../../aws/ecr-settings');
  const prefixes = await creationPrefixes(client).catch(() => []);
  const found = missing.map(({ repository }) => {
    const { name } = repository;
    const template = prefixes.find((prefix) => prefix === 'ROOT' || name.startsWith(`${prefix}/`));
    if (template !== undefined) return 'template';
    return stack !== undefined && creationOf(stack.settings, repository) !== undefined ? 'worker' : repository;
  });
  const [made, byWorker] = ['template', 'worker'].map((how) => found.filter((one) => one === how).length);
  const coming = (made ?? 0) + (byWorker ?? 0);
  return [
    ...(coming === 0
      ? []
      : [ok('DOCTOR-REPOSITORY', registry, `${coming === 1 ? '1 is' : `${coming} are`} created by the first push`)]),
    ...found.flatMap((one) =>
      typeof one === 'string'
        ? []
        : [
            wrong(
              'DOCTOR-REPOSITORY',
              formatRepository(one),
              'is not there, and nothing creates it',
              missingRemedy(stack),
            ),
          ],
    ),
  ];
}

function missingRemedy(stack: Ground['stack']): string | undefined {
  return stack === undefined
    ? 'create it, sync with --create-repositories, or a repository creation template (create on push)'
    : undefined;
}
