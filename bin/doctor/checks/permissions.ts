import type { Denial } from '../../../aws/simulate';
import {
  LOOK_AT_DESTINATION_ACTIONS,
  LOOK_AT_SOURCE_ACTIONS,
  READ_ACTIONS,
  TOKEN_ACTION,
  WRITE_ACTIONS,
} from '../../../lib/model/ecr-actions';
import { parseEcrHost } from '../../../lib/model/ecr-host';
import type { Repository } from '../../../lib/model/reference';
import { roleFor } from '../../../lib/model/settings';
import { repositoryArn } from '../ecr';
import { type Finding, ok, unknownBy, wrong } from '../finding';
import type { Ground } from '../ground';
import type { Check } from '../run-checks';
import { stackShape } from '../stack-shape';

/** Somebody who copies, and all that it takes of them. */
interface Party {
  /** For people: `you`, `the worker`. */
  readonly name: string;
  /** ARN of a role or user. */
  readonly principal: string;
  readonly needs: readonly Need[];
}

interface Need {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** What the ARN of a resource may have behind it: one of both has to be allowed. */
  readonly suffix?: string;
}

/** Of a secret that was named (`fromSecretNameV2`) the ARN lacks six characters, for which the policy has `??????`. */
const SECRET_SUFFIX = '-000000';

/** Whether those who copy may do in AWS what the construct lets them: whoever runs this, or the roles of the stack. */
export const checkPermissions: Check = {
  code: 'DOCTOR-IAM',
  about: 'permissions',
  async look(ground) {
    if (!ground.usesAws) return [];
    const found = await Promise.all((await partiesOf(ground)).map((party) => lookAt(party, ground)));
    return found.flat();
  },
};

async function lookAt({ name, principal, needs }: Party, ground: Ground): Promise<readonly Finding[]> {
  const { denials } = await import('../../../aws/simulate');
  try {
    const found: Denial[] = [];
    for (const { actions, resources, suffix } of needs) {
      const asked = suffix === undefined ? resources : resources.flatMap((arn) => [arn, `${arn}${suffix}`]);
      const denied = await denials(ground.options, principal, actions, asked);
      const both = ({ resource }: Denial) => denied.some((other) => other.resource === `${resource}${suffix ?? ''}`);
      found.push(...denied.filter((one) => resources.includes(one.resource) && both(one)));
    }
    if (found.length === 0) return [ok('DOCTOR-IAM', principal, `${name} may do all that copying takes`)];
    return byResource(found).map(([resource, some]) => deniedLine(principal, name, resource, some));
  } catch (cause) {
    // IAM may not be asked, or does not know a role whose path a session's ARN lacks (SSO): what does no harm can be tried.
    return ground.stack === undefined
      ? (await import('./tried-permissions')).tryActions(ground, cause)
      : [unknownBy('DOCTOR-IAM', principal, cause)];
  }
}

function deniedLine(principal: string, name: string, resource: string, some: readonly Denial[]): Finding {
  const actions = [...new Set(some.map(({ action }) => action))].join(', ');
  const how = some.some(({ explicit }) => explicit) ? 'a policy denies it' : 'no policy allows it';
  const saw = `${name} may not ${actions} on ${resource}: ${how}`;
  return name === 'you' ? wrong('DOCTOR-IAM', principal, saw) : wrong('DOCTOR-IAM', principal, saw, STACK_REMEDY);
}

const STACK_REMEDY =
  'deploy the stack as its rows need it (allowedDestinations, allowedSources), or look for a boundary or organisation that denies it';

function byResource(found: readonly Denial[]): readonly (readonly [string, readonly Denial[]])[] {
  const groups = new Map<string, Denial[]>();
  for (const denial of found) groups.set(denial.resource, [...(groups.get(denial.resource) ?? []), denial]);
  return [...groups];
}

async function partiesOf(ground: Ground): Promise<readonly Party[]> {
  const { stack, caller } = ground;
  const { sources, destinations } = ground.places;
  const from = arnsOf(sources, ground);
  const to = arnsOf(destinations, ground);
  const copying: readonly Need[] = [
    { actions: [TOKEN_ACTION], resources: ['*'] },
    { actions: READ_ACTIONS, resources: from },
    { actions: WRITE_ACTIONS, resources: to },
  ];
  if (stack === undefined) {
    const { principalOf } = await import('../../../aws/caller');
    // Without an identity nothing more can be said, and the identity is told of elsewhere.
    const arn = await caller().then(
      (who) => who.arn,
      () => undefined,
    );
    const principal = arn === undefined ? undefined : principalOf(arn);
    return principal === undefined || from.length + to.length === 0 ? [] : [{ name: 'you', principal, needs: copying }];
  }
  const { worker, controller } = await stackShape(ground);
  const { credentials, roles = [] } = stack.settings;
  const secrets = credentials.flatMap(({ secretArn }) => secretArn ?? []);
  const parameters = credentials.flatMap(({ parameterArn }) => parameterArn ?? []);
  const shared: readonly Need[] = [
    { actions: ['sts:AssumeRole'], resources: roles.map(({ roleArn }) => roleArn) },
    { actions: ['secretsmanager:GetSecretValue'], resources: secrets, suffix: SECRET_SUFFIX },
    { actions: ['ssm:GetParameter'], resources: parameters },
  ];
  const looking: readonly Need[] = [
    { actions: [TOKEN_ACTION], resources: ['*'] },
    { actions: LOOK_AT_SOURCE_ACTIONS, resources: from },
    { actions: LOOK_AT_DESTINATION_ACTIONS, resources: to },
  ];
  return [
    { name: 'the worker', principal: worker, needs: [...copying, ...shared] },
    { name: 'the controller', principal: controller, needs: [...looking, ...shared] },
  ];
}

/** Repositories in Amazon ECR, but those that are reached in a role of their account. */
function arnsOf(places: readonly { readonly repository: Repository }[], { stack }: Ground): readonly string[] {
  const arns = places.flatMap(({ repository: { registry, name } }) => {
    const host = parseEcrHost(registry);
    if (host === undefined || roleFor(stack?.settings.roles, host.account) !== undefined) return [];
    return [repositoryArn(host, name)];
  });
  return [...new Set(arns)];
}
