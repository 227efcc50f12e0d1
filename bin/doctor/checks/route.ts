import { mapWithin } from '../../../engine/gate';
import { type Finding, ok, warning, wrongBy } from '../finding';
import type { Ground } from '../ground';
import type { Check } from '../run-checks';

const AT_ONCE = 8;

/** Whether each registry is reached from here: its name, the connection, TLS, a proxy on the way. */
export const checkRoutes: Check = {
  code: 'DOCTOR-ROUTE',
  about: 'routes',
  look: (ground) => mapWithin(AT_ONCE, ground.places.registries, (registry) => lookAtRoute(registry, ground)),
};

async function lookAtRoute(registry: string, ground: Ground): Promise<Finding> {
  const proxy = ground.proxyOf(registry);
  const way = proxy === undefined ? '' : ` by the proxy ${proxy}`;
  try {
    const { status } = await ground.ping(registry);
    if (status < 500) return ok('DOCTOR-ROUTE', registry, `answers from here${way}`);
    return warning('DOCTOR-ROUTE', registry, `answers ${status}${way}`, 'later, if it is the registry’s own trouble');
  } catch (cause) {
    const found = wrongBy('DOCTOR-ROUTE', registry, cause);
    return { ...found, saw: `no answer from here${way}: ${found.saw.replace(/^no answer from \S+: /, '')}` };
  }
}
