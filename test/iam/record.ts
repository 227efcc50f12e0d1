import { makePrincipals } from '../../local/aws/principals';
import type { RunningRegistry } from '../../local/registry';
import type { LocalStack } from '../../local/stack';
import type { Resolver } from '../../local/template/resolver';
import { type Access, accessOf } from './actions';
import { onBehalfIn } from './on-behalf';
import { PLACE } from './place';
import { platformAccess } from './platform';
import { createdByPush, publicAccess, registryAccess } from './requests';

/** What happened, as IAM sees it. */
export interface Told {
  readonly template: Resolver;
  /** What each role did, by its ARN; each thing once. */
  readonly done: ReadonlyMap<string, readonly Access[]>;
  /** What went wrong that was not meant to. */
  readonly failures: readonly string[];
  readonly unknown: readonly string[];
}

/** Registries whose requests are a matter of IAM. */
export interface Watched {
  /** Amazon ECR of the own account. */
  readonly own: RunningRegistry;
  /** Its repositories before anything was pushed. */
  readonly repositories: ReadonlySet<string>;
  readonly publicEcr: RunningRegistry;
}

export function record(stack: LocalStack, { own, repositories, publicEcr }: Watched): Told {
  const { template } = stack;
  const { keyOf } = makePrincipals(PLACE.account);
  const roles = template.ofType('AWS::IAM::Role').map(({ attributes }) => attributes.Arn ?? '');
  const known = new Map(roles.map((role) => [keyOf(role).accessKeyId, role] as const));
  const done = new Map<string, Map<string, Access>>(roles.map((role) => [role, new Map()]));
  const keep = (role: string | undefined, accesses: readonly Access[]) => {
    for (const access of accesses) done.get(role ?? '')?.set(JSON.stringify(access), access);
  };
  const onBehalf = onBehalfIn(template);
  for (const call of stack.aws.calls) {
    const role = known.get(call.accessKeyId);
    if (role !== undefined) keep(role, [...accessOf(call, PLACE.account), ...onBehalf(call)]);
  }
  const ofRoles = (registry: RunningRegistry) => registry.requests.filter(({ caller = '' }) => known.has(caller));
  for (const request of ofRoles(own)) keep(known.get(request.caller ?? ''), registryAccess(request, PLACE));
  const created = new Set([...own.state.repositories.keys()].filter((name) => !repositories.has(name)));
  for (const { caller, ...access } of createdByPush(ofRoles(own), created, PLACE)) keep(known.get(caller), [access]);
  for (const request of ofRoles(publicEcr)) keep(known.get(request.caller ?? ''), publicAccess(request, PLACE));
  for (const { role, ...access } of platformAccess(template, PLACE)) keep(role, [access]);
  return {
    template,
    done: new Map([...done].map(([role, accesses]) => [role, [...accesses.values()]])),
    failures: stack.failures,
    unknown: stack.aws.unknown,
  };
}
