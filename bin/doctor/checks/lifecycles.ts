import { mapWithin } from '../../../engine/gate';
import { formatRepository } from '../../../lib/model/reference';
import { type EcrView, ecrViews } from '../ecr';
import { type Finding, ok, unknown } from '../finding';
import { judgeLifecycle } from '../judge-lifecycle';
import type { DestinationPlace } from '../places';
import type { Check } from '../run-checks';

/** Repositories whose lifecycle policies are read, of one registry, and at once. */
const MOST = 200;
const AT_ONCE = 4;

/** Whether lifecycle rules of Amazon ECR delete what rows mirror. */
export const checkLifecycles: Check = {
  code: 'DOCTOR-LIFECYCLE',
  about: 'lifecycle policies',
  async look(ground) {
    const views = await ecrViews(ground);
    return (await Promise.all(views.map(lookAtRegistry))).flat();
  },
};

async function lookAtRegistry({ client, registry, places }: EcrView): Promise<readonly Finding[]> {
  const { ecrLifecycle } = await import('../../../aws/ecr-lifecycle');
  const { policyOf } = ecrLifecycle({ ecr: () => client });
  const found = await mapWithin(AT_ONCE, places.slice(0, MOST), async (place) =>
    judged(place, await policyOf(place.repository)),
  );
  const all = found.flat();
  return all.length > 0 ? all : [ok('DOCTOR-LIFECYCLE', registry, 'no lifecycle rule deletes what rows mirror')];
}

type Policy = Awaited<ReturnType<ReturnType<typeof import('../../../aws/ecr-lifecycle').ecrLifecycle>['policyOf']>>;

function judged(place: DestinationPlace, policy: Policy): readonly Finding[] {
  if (policy.kind === 'unreadable') {
    return [unknown('DOCTOR-LIFECYCLE', formatRepository(place.repository), policy.error)];
  }
  return policy.kind === 'policy' ? judgeLifecycle(place, policy.text) : [];
}
