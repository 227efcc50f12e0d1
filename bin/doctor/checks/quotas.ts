import { mapWithin } from '../../../engine/gate';
import { ECR_QUOTAS, type EcrQuota } from '../../../lib/model/price';
import { formatRepository } from '../../../lib/model/reference';
import { type EcrView, ecrViews } from '../ecr';
import { type Finding, ok, unknown, unknownBy, warning, wrong } from '../finding';
import type { Ground } from '../ground';
import type { Check } from '../run-checks';

/** Repositories whose images are counted, of one registry, and at once: each of a thousand images is a call. */
const MOST = 50;
const AT_ONCE = 4;
/** Of a quota, from which on it is told. */
const NEAR = 0.9;

/** How much is left of what Amazon ECR lets an account hold. */
export const checkQuotas: Check = {
  code: 'DOCTOR-QUOTA',
  about: 'quotas of Amazon ECR',
  async look(ground) {
    const found = await Promise.all(
      (await ecrViews(ground)).map((view) =>
        lookAtRegistry(view, ground).catch((cause) => [unknownBy('DOCTOR-QUOTA', view.registry, cause)]),
      ),
    );
    return found.flat();
  },
};

async function lookAtRegistry(view: EcrView, ground: Ground): Promise<readonly Finding[]> {
  const [{ countTags }, raised] = await Promise.all([import('../../../aws/ecr-inventory'), raisedQuotas(view, ground)]);
  const isKnown = !('verdict' in raised);
  const limits = { ...ECR_QUOTAS, ...(isKnown ? raised : {}) };
  const there = await view.repositories();
  const places = view.places.filter(({ repository }) => there.has(repository.name)).slice(0, MOST);
  const uses = await mapWithin(AT_ONCE, places, async ({ repository }) => {
    const place = { registryId: view.host.account, repositoryName: repository.name };
    const tags = await countTags(view.client, place);
    const of = formatRepository(repository);
    const most = [...tags].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as readonly [string, number]);
    return [...judgeUse(of, 'images', tags.size, limits), ...judgeUse(`${of}@${most[0]}`, 'tags', most[1], limits)];
  });
  const found = [...judgeUse(view.registry, 'repositories', there.size, limits), ...uses.flat()];
  const whose = isKnown ? '' : ', by the quotas that every account has';
  const line = `${there.size} of ${limits.repositories} repositories${whose}`;
  return [...(found.length > 0 ? found : [ok('DOCTOR-QUOTA', view.registry, line)]), ...(isKnown ? [] : [raised])];
}

/** What the account's quotas are, or why that is not known. */
async function raisedQuotas(
  { registry, host, hidden }: EcrView,
  { options }: Ground,
): Promise<Readonly<Partial<Record<EcrQuota, number>>> | Finding> {
  const { ecrQuotas } = await import('../../../aws/service-quotas');
  const why = await hidden();
  if (why !== undefined) return unknown('DOCTOR-QUOTA', registry, why);
  return ecrQuotas(options, host.region).catch((cause) => unknownBy('DOCTOR-QUOTA', registry, cause));
}

/** What is told of a quota that is nearly used up. */
export function judgeUse(
  of: string,
  quota: EcrQuota,
  used: number,
  limits: Readonly<Record<EcrQuota, number>>,
): readonly Finding[] {
  const limit = limits[quota];
  if (used < limit * NEAR) return [];
  const saw = `has ${used} of ${limit} ${quota}`;
  const remedy = quota === 'tags' ? 'fewer tags of that image: this quota cannot be raised' : undefined;
  return [used >= limit ? wrong('DOCTOR-QUOTA', of, saw, remedy) : warning('DOCTOR-QUOTA', of, saw, remedy)];
}
