import { mapWithin } from '../../../engine/gate';
import { formatRepository } from '../../../lib/model/reference';
import { creationOf } from '../../../lib/model/repository-setting';
import { type EcrView, ecrViews } from '../ecr';
import { type Finding, ok, unknownBy, warning, whyOf, wrong } from '../finding';
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
  view: EcrView,
  missing: readonly DestinationPlace[],
  { stack }: Ground,
): Promise<readonly Finding[]> {
  const { prefixes, unread } = await templatesOf(view);
  const absent = missing.filter(
    ({ repository }) =>
      !isUnder(prefixes, repository.name) &&
      (stack === undefined || creationOf(stack.settings, repository) === undefined),
  );
  const coming = missing.length - absent.length;
  const line = `${coming === 1 ? '1 is' : `${coming} are`} created by the first push`;
  return [
    ...(coming === 0 ? [] : [ok('DOCTOR-REPOSITORY', view.registry, line)]),
    ...absent.map(({ repository }) => judgeAbsent(formatRepository(repository), unread, stack)),
  ];
}

interface Templates {
  readonly prefixes: readonly string[];
  /** Why they are not known. */
  readonly unread?: string;
}

async function templatesOf({ client, hidden }: EcrView): Promise<Templates> {
  const { creationPrefixes } = await import('../../../aws/ecr-settings');
  const why = await hidden();
  if (why !== undefined) return { prefixes: [], unread: why };
  return creationPrefixes(client).then(
    (prefixes) => ({ prefixes }),
    (cause) => ({ prefixes: [], unread: whyOf(cause) }),
  );
}

/** Whether a name is under one of the prefixes of creation templates: `prod` and `prod/` are the same, `ROOT` is all. */
export function isUnder(prefixes: readonly string[], name: string): boolean {
  return prefixes.some((prefix) => prefix === 'ROOT' || name.startsWith(`${prefix.replace(/\/$/, '')}/`));
}

function judgeAbsent(place: string, unread: string | undefined, stack: Ground['stack']): Finding {
  const remedy =
    stack === undefined
      ? 'create it, sync with --create-repositories, or a repository creation template (create on push)'
      : undefined;
  return unread === undefined
    ? wrong('DOCTOR-REPOSITORY', place, 'is not there, and nothing creates it', remedy)
    : warning(
        'DOCTOR-REPOSITORY',
        place,
        `is not there; whether a template creates it is not known: ${unread}`,
        remedy,
      );
}
