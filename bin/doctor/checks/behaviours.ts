import { printable } from '../../../lib/model/invalid';
import { type Finding, ok, unknown } from '../finding';
import type { Ground } from '../ground';
import type { Check } from '../run-checks';

/** What no documentation says about Amazon ECR and AWS Batch. The program copes with either; here is what can be seen without harm. */
export const checkBehaviours: Check = {
  code: 'DOCTOR-BEHAVIOUR',
  about: 'what is not documented',
  async look(ground, signal) {
    const seen = [await seeReferrers(ground, signal), await seeChallenge(ground)].flat();
    const writesEcr = ground.places.destinations.some(({ ecr }) => ecr !== undefined);
    return [
      ...seen,
      ...(writesEcr ? ECR : []).map(([point, why]) => unknown('DOCTOR-BEHAVIOUR', `Amazon ECR: ${point}`, why)),
      ...(ground.stack === undefined ? [] : BATCH).map(([point, why]) =>
        unknown('DOCTOR-BEHAVIOUR', `AWS Batch: ${point}`, why),
      ),
    ];
  },
};

type Point = readonly [point: string, why: string];

const PUSH = 'only a push would tell';

const ECR: readonly Point[] = [
  ['OCI-Subject in the answer to a manifest', PUSH],
  ['a manifest whose subject is absent', PUSH],
  ['several tags in one push (?tag=)', PUSH],
  ['sha512 digests', PUSH],
  ['foreign layers that are absent', PUSH],
  [
    'blobs of other repositories in the answer to HEAD',
    'a digest to ask for is in a manifest, and to read one is a pull',
  ],
  ['permissions that creating on push asks for', PUSH],
  ['Retry-After of a refusal', 'only too many requests would tell'],
  ['how long the address of a layer is good, and Range', 'to read a manifest for its layers is a pull'],
  ['image-tag of the event of a push without a tag', PUSH],
  ['how long an upload may wait, and its smallest part', PUSH],
];

const BATCH: readonly Point[] = [
  ['whether jobs for ARM64 go from Spot to On-Demand', 'no API says which capacity a job was given'],
  [
    'the limit of what overrides hold (8,192 characters)',
    'only a job would tell; a job is given the id of its plan alone',
  ],
];

/** Amazon ECR lists referrers by its own API; whether by that of the registry, the first destination tells. */
async function seeReferrers({ places, ping, inquiry }: Ground, signal: AbortSignal): Promise<readonly Finding[]> {
  const place = places.destinations.find(({ ecr }) => ecr !== undefined);
  if (place === undefined) return [];
  const { repository } = place;
  const at = `Amazon ECR: referrers by the registry’s API (${repository.registry})`;
  try {
    await ping(repository.registry);
    const { status, headers } = await inquiry.referrers(repository, signal);
    if (status === 200) return [ok('DOCTOR-BEHAVIOUR', at, `200 ${printable(headers['content-type'] ?? '')}`)];
    if (status === 404) return [ok('DOCTOR-BEHAVIOUR', at, '404: there is none, or no such repository')];
    return [unknown('DOCTOR-BEHAVIOUR', at, `it answers ${status}`)];
  } catch {
    return [unknown('DOCTOR-BEHAVIOUR', at, 'it does not answer, or knows no such credential')];
  }
}

/** How Root's registry wants to be asked is documented nowhere: its challenge tells. */
async function seeChallenge({ places, ping }: Ground): Promise<readonly Finding[]> {
  const registry = 'cr.root.io';
  if (!places.registries.includes(registry)) return [];
  const said = await ping(registry).catch(() => undefined);
  const challenge = said?.headers['www-authenticate'];
  if (challenge === undefined) return [unknown('DOCTOR-BEHAVIOUR', registry, 'it offers no way to log in')];
  return [ok('DOCTOR-BEHAVIOUR', registry, `asks for ${printable(challenge.slice(0, 200))}`)];
}
