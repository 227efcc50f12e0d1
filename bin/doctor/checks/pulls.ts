import {
  isKnownToCount,
  PULL_RESERVE,
  type PullLimit,
  parsePullLimit,
  reserveOf,
  UNNAMED,
} from '../../../lib/model/pulls';
import { DOCKER_HUB } from '../../../lib/model/reference';
import { formatSeconds } from '../../../terminal/format';
import { type Finding, ok, unknownBy, warning, wrong } from '../finding';
import type { Check } from '../run-checks';

/** Docker documents it for this question (Docker Hub, "Usage and limits"): HEAD is no pull. */
const PREVIEW = { registry: DOCKER_HUB, name: 'ratelimitpreview/test' };

/** How many pulls are left where they are counted. */
export const checkPulls: Check = {
  code: 'DOCTOR-PULLS',
  about: 'pulls that are left',
  async look({ places, ping, inquiry, stack }, signal) {
    if (!places.sources.some(({ repository }) => isKnownToCount(repository.registry))) return [];
    // Who cannot be reached is told of elsewhere.
    if (!(await ping(DOCKER_HUB).then(Boolean, () => false))) return [];
    const { headers, anonymous, refusal } = await inquiry.pull(PREVIEW, 'latest', signal);
    const limit = parsePullLimit(headers);
    // Who is refused may be told so with the limit, or without, which does not say that there is none.
    if (refusal !== undefined && limit === undefined) return [unknownBy('DOCTOR-PULLS', DOCKER_HUB, refusal)];
    return [judgePulls(DOCKER_HUB, limit, stack !== undefined && anonymous)];
  },
};

/** @param elsewhere whoever pulls is counted by another address than this one */
export function judgePulls(registry: string, said: PullLimit | undefined, elsewhere: boolean): Finding {
  if (said === undefined) return ok('DOCTOR-PULLS', registry, 'says of no limit');
  const { limit, remaining, window, source } = said;
  const who = source === UNNAMED ? '' : ` to ${source}`;
  const where = elsewhere ? ', which is not the address of a worker' : '';
  const saw = `${remaining} of ${limit} pulls in ${formatSeconds(window)} are left${who}${where}`;
  if (remaining === 0) return elsewhere ? warning('DOCTOR-PULLS', registry, saw) : wrong('DOCTOR-PULLS', registry, saw);
  return remaining <= reserveOf(limit, PULL_RESERVE)
    ? warning('DOCTOR-PULLS', registry, saw)
    : ok('DOCTOR-PULLS', registry, saw);
}
