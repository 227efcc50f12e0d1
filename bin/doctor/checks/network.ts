import { parseEcrHost } from '../../../lib/model/ecr-host';
import type { MirrorSettings } from '../../../lib/model/settings';
import { type Finding, ok, unknown, wrong } from '../finding';
import type { Check } from '../run-checks';
import { SERVICES, SOME_SERVICES, type StackShape, type SubnetShape, stackShape } from '../stack-shape';

/** Whether the workers of a stack can reach what they need from their subnets, by what its template says. */
export const checkNetwork: Check = {
  code: 'DOCTOR-NETWORK',
  about: 'subnets of the workers',
  async look(ground) {
    const { stack, places } = ground;
    if (stack === undefined) return [];
    const { settings } = stack;
    const outside = outsideOf(places.registries, settings.mapping.registry);
    return judgeNetwork(await stackShape(ground), outside, servicesOf(settings));
  },
};

/** Registries to which no endpoint leads: those of Amazon ECR do, to their own region. @param own the mirror's registry */
export function outsideOf(registries: readonly string[], own = ''): readonly string[] {
  const here = parseEcrHost(own)?.region;
  return registries.filter((registry) => {
    const host = parseEcrHost(registry);
    return host === undefined || host.region !== here;
  });
}

/** What its worker asks AWS for. */
export function servicesOf({
  credentials,
  roles = [],
  eventBus,
}: Pick<MirrorSettings, 'credentials' | 'roles' | 'eventBus'>): readonly string[] {
  const some = {
    secretsmanager: credentials.some(({ secretArn }) => secretArn !== undefined),
    sts: roles.length > 0,
    events: eventBus !== undefined,
  } satisfies Record<(typeof SOME_SERVICES)[number], boolean>;
  return [...SERVICES, ...SOME_SERVICES.filter((service) => some[service])];
}

/**
 * @param outside registries that are not reached by endpoints of AWS
 * @param services that are
 */
export function judgeNetwork(
  shape: StackShape,
  outside: readonly string[],
  services: readonly string[] = SERVICES,
): readonly Finding[] {
  return shape.subnets.map((subnet) => judgeSubnet(subnet, shape, outside, services));
}

function judgeSubnet(
  { id, way }: SubnetShape,
  { assignsPublicIp, endpoints }: StackShape,
  outside: readonly string[],
  services: readonly string[],
): Finding {
  if (way === 'elsewhere') {
    const want = 'a route to a NAT gateway, or to an internet gateway with public addresses, is what it needs';
    return unknown('DOCTOR-NETWORK', id, `it is not of this stack, whose template says nothing of its routes: ${want}`);
  }
  if (way === 'another') {
    return unknown('DOCTOR-NETWORK', id, 'it leads to an instance or another network, whose own way out is not told');
  }
  if (way === 'NAT gateway') return ok('DOCTOR-NETWORK', id, 'leads out by a NAT gateway');
  if (way === 'internet gateway' && assignsPublicIp)
    return ok('DOCTOR-NETWORK', id, 'leads out by an internet gateway');
  const why = way === 'none' ? 'has no way out' : 'has an internet gateway, and workers have no public address';
  const missing = services.filter((service) => !endpoints.includes(service));
  if (missing.length > 0) return wrong('DOCTOR-NETWORK', id, `${why}, and no endpoints of ${missing.join(', ')}`);
  if (outside.length === 0) return ok('DOCTOR-NETWORK', id, `${why}; endpoints lead to all that is needed`);
  const remedy = 'a NAT gateway; endpoints lead to Amazon ECR of the same region alone';
  return wrong('DOCTOR-NETWORK', id, `${why}, so ${outside.join(', ')} cannot be reached`, remedy);
}
