import { isWildcardOnlyAction, runSimulation } from '@cloud-copilot/iam-simulate';
import type { Resolver } from '../../local/template/resolver';
import { type Json, listOf, mapOf, textOf } from '../../local/template/value';
import type { Access } from './actions';

/** One action that a role is granted on one resource, by one statement. */
export interface Granted {
  readonly action: string;
  readonly resource: string;
  readonly condition?: Json;
}

export interface Role {
  readonly id: string;
  readonly arn: string;
  readonly granted: readonly Granted[];
  /** Policies of AWS, by name. */
  readonly managed: readonly string[];
}

/** The roles of a template with all that their policies grant. @throws Error for a statement that is no simple grant. */
export function rolesOf(template: Resolver): readonly Role[] {
  const policies = template.ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy');
  return template.ofType('AWS::IAM::Role').map(({ id, ref, attributes, properties }) => {
    const inline = listOf(properties.Policies).map((policy) => mapOf(policy).PolicyDocument);
    const attached = policies
      .filter((policy) => listOf(policy.properties.Roles).includes(ref))
      .map((policy) => policy.properties.PolicyDocument);
    return {
      id,
      arn: attributes.Arn ?? '',
      granted: [...inline, ...attached].flatMap((document) => grants(document, id)),
      managed: listOf(properties.ManagedPolicyArns).map((arn) => (textOf(arn) ?? '').split(':policy/')[1] ?? ''),
    };
  });
}

/** What the statements of a policy grant. @throws Error for a statement that is no simple grant */
export function grants(document: unknown, role: string): readonly Granted[] {
  return listOf(mapOf(document).Statement)
    .map(mapOf)
    .flatMap(({ Effect, Action, Resource, Condition, ...others }) => {
      if (Effect !== 'Allow' || others.NotAction !== undefined || others.NotResource !== undefined) {
        throw new Error(`${role}: got ${Effect} with ${Object.keys(others)}; Allow, Action and Resource would do`);
      }
      const texts = (value: Json | undefined) => [value].flat().map((one) => textOf(one) ?? '');
      return texts(Action).flatMap((action) =>
        texts(Resource).map((resource) => ({
          action,
          resource,
          ...(Condition === undefined ? {} : { condition: Condition }),
        })),
      );
    });
}

/** AWSLambdaBasicExecutionRole, which CDK gives to the functions of its custom resources. */
const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const MANAGED: Readonly<Record<string, readonly Granted[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': LOGS.map((action) => ({ action, resource: '*' })),
};

/** All that a role may do. @throws Error for a policy of AWS that is not known here. */
export function allGrants({ id, granted, managed }: Role): readonly Granted[] {
  const more = managed.flatMap((name) => {
    const known = MANAGED[name];
    if (known === undefined) throw new Error(`${id}: got the policy ${name}; statements of its own would do`);
    return known;
  });
  return [...granted, ...more];
}

/**
 * Keys and roles ask their own policies first: as usual, those leave it to the account of whoever asks, so that the grants
 * decide.
 */
function resourcePolicy(action: string, account: string) {
  const own = { kms: 'kms:*', sts: 'sts:AssumeRole' }[action.split(':')[0] ?? ''];
  if (own === undefined || action === 'sts:GetServiceBearerToken') return undefined;
  const statement = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: own };
  const resource = own === 'kms:*' ? { Resource: '*' } : {};
  return { Version: '2012-10-17', Statement: [{ ...statement, ...resource }] };
}

/** Whether the simulator of IAM lets a role with these grants do it. @throws Error for what is no action of AWS. */
export async function isAllowed(arn: string, granted: readonly Granted[], access: Access): Promise<boolean> {
  const statements = granted.map(({ action, resource, condition }) => ({
    Effect: 'Allow',
    Action: action,
    Resource: resource,
    ...(condition === undefined ? {} : { Condition: condition }),
  }));
  const account = arn.split(':')[4] ?? '';
  const answer = await runSimulation(
    {
      request: {
        principal: arn,
        action: access.action,
        resource: { resource: access.resource, accountId: access.resource.split(':')[4] || account },
        contextVariables: { ...access.context },
      },
      identityPolicies: [{ name: 'granted', policy: { Version: '2012-10-17', Statement: statements } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: resourcePolicy(access.action, account),
    },
    {},
  );
  if (answer.resultType === 'error') {
    throw new Error(`${access.action} on ${access.resource}: ${JSON.stringify(answer.errors)}`);
  }
  return answer.overallResult === 'Allowed';
}

/** Whether an action can be granted on everything only. */
export function hasNoResource(action: string): Promise<boolean> {
  const [service = '', name = ''] = action.split(':');
  return isWildcardOnlyAction(service, name);
}
