import type { Clock } from '../../engine/ports';
import { Fault } from './fault';
import type { DockerHubOptions } from './options';
import type { Personality } from './personality';

/**
 * Docker Hub's pull limit: a GET of a manifest counts, a HEAD does not; both tell what is left. Callers are counted by
 * user name, or by address when anonymous.
 *
 * Does NOT do: the abuse limit, plans, `docker.io` short names, a token server on another host.
 */
export function dockerHub(base: Personality, options: DockerHubOptions, clock: Clock): Personality {
  const limit = options.limit ?? 100;
  const window = options.window ?? 21_600;
  const pulls = new Map<string, { since: number; count: number }>();

  const current = (caller: string) => {
    const known = pulls.get(caller);
    if (known !== undefined && clock.now() - known.since < window * 1000) return known;
    const fresh = { since: clock.now(), count: 0 };
    pulls.set(caller, fresh);
    return fresh;
  };
  return {
    ...base,
    kind: 'docker-hub',
    redirectsBlobs: true,
    meter(method, caller) {
      const used = current(caller);
      const spent = method === 'GET' && used.count >= limit;
      if (method === 'GET' && !spent) used.count += 1;
      const headers = {
        'ratelimit-limit': `${limit};w=${window}`,
        'ratelimit-remaining': `${limit - used.count};w=${window}`,
        'docker-ratelimit-source': caller,
      };
      if (spent) throw new Fault(429, 'TOOMANYREQUESTS', LIMIT_REACHED, headers);
      return headers;
    },
  };
}

/** As Docker documents it. */
const LIMIT_REACHED =
  'You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limits';
