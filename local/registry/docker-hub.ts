import type { Clock } from '../../engine/ports';
import { Fault } from './fault';
import type { DockerHubOptions } from './options';
import type { Personality } from './personality';

/**
 * Docker Hub's pull limit: a GET of a manifest counts, a HEAD does not; both tell what is left in a window that slides. Callers
 * are counted by user name, or by address when anonymous.
 *
 * Does NOT do: the abuse limit, plans, `docker.io` short names, a token server on another host.
 */
export function dockerHub(base: Personality, options: DockerHubOptions, clock: Clock): Personality {
  const limit = options.limit ?? 100;
  const window = options.window ?? 21_600;
  const pulls = new Map<string, number[]>();

  /** When the caller has pulled within the window that ends now. */
  const recent = (caller: string) => {
    const since = clock.now() - window * 1000;
    const times = (pulls.get(caller) ?? []).filter((time) => time > since);
    pulls.set(caller, times);
    return times;
  };
  return {
    ...base,
    kind: 'docker-hub',
    redirectsBlobs: true,
    meter(method, caller) {
      const times = recent(caller);
      const spent = method === 'GET' && times.length >= limit;
      if (method === 'GET' && !spent) times.push(clock.now());
      const headers = {
        'ratelimit-limit': `${limit};w=${window}`,
        'ratelimit-remaining': `${limit - times.length};w=${window}`,
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
