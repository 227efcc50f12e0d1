import type { Resolver } from '../template/resolver';
import { type JsonMap, listOf, mapOf, textOf } from '../template/value';
import { type Service, unknownOperation } from './endpoint';
import { AwsError } from './error';

/** Statements of the policies of a user or role; undefined when there is no such principal. */
export type PoliciesOf = (principal: string) => readonly JsonMap[] | undefined;

/**
 * SimulatePrincipalPolicy of AWS IAM: Deny before Allow, `*` and `?` in actions and resources.
 *
 * Does NOT do: conditions (a statement with one holds as if it had none), boundaries, policies of organisations and of resources,
 * NotAction and NotResource.
 */
export function iamService(policiesOf: PoliciesOf): Service {
  return (call) => {
    if (call.operation !== 'SimulatePrincipalPolicy') throw unknownOperation(call);
    const principal = textOf(call.input.PolicySourceArn) ?? '';
    const statements = policiesOf(principal);
    if (statements === undefined) throw new AwsError('NoSuchEntity', `${principal} cannot be found.`, 404);
    const actions = members(call.input, 'ActionNames');
    const resources = members(call.input, 'ResourceArns');
    if (resources.length > MOST_RESOURCES) throw new AwsError('InvalidInput', 'too many ResourceArns');
    const from = Number(textOf(call.input.Marker) ?? 0);
    const next = from + PAGE;
    const results = actions.slice(from, next).map((action) => resultOf(statements, action, resources));
    const more = next < actions.length ? { IsTruncated: true, Marker: String(next) } : { IsTruncated: false };
    return { output: { EvaluationResults: results, ...more } as JsonMap };
  };
}

const MOST_RESOURCES = 50;
/** Small, so that whoever asks has to go on. */
const PAGE = 4;

function members(input: JsonMap, name: string): readonly string[] {
  return Object.entries(input).flatMap(([key, value]) =>
    key.startsWith(`${name}.member.`) ? (textOf(value) ?? []) : [],
  );
}

function resultOf(statements: readonly JsonMap[], action: string, resources: readonly string[]): object {
  const each = (resources.length === 0 ? ['*'] : resources).map((resource) => ({
    EvalResourceName: resource,
    EvalResourceDecision: decide(statements, action, resource),
  }));
  const worst = each.find(({ EvalResourceDecision }) => EvalResourceDecision !== 'allowed');
  return {
    EvalActionName: action,
    EvalResourceName: '*',
    EvalDecision: worst?.EvalResourceDecision ?? 'allowed',
    ResourceSpecificResults: each,
  };
}

function decide(statements: readonly JsonMap[], action: string, resource: string): string {
  const concerned = statements.filter(
    ({ Action, Resource }) => matches(Action, action, 'i') && matches(Resource, resource, ''),
  );
  if (concerned.some(({ Effect }) => Effect === 'Deny')) return 'explicitDeny';
  return concerned.length > 0 ? 'allowed' : 'implicitDeny';
}

function matches(patterns: unknown, text: string, flags: string): boolean {
  const all = Array.isArray(patterns) ? patterns : [patterns];
  return all.some((pattern) => {
    const escaped = String(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, flags).test(text);
  });
}

/** The policies that a template gives to its roles. */
export function templatePolicies(template: Resolver): PoliciesOf {
  return (principal) => {
    const role = template.ofType('AWS::IAM::Role').find(({ attributes }) => attributes.Arn === principal);
    if (role === undefined) return undefined;
    const own = listOf(role.properties.Policies).map((policy) => mapOf(policy).PolicyDocument);
    const attached = template
      .ofType('AWS::IAM::Policy')
      .filter(({ properties }) => listOf(properties.Roles).includes(role.ref))
      .map(({ properties }) => properties.PolicyDocument);
    return [...own, ...attached].flatMap((document) => listOf(mapOf(document).Statement).map(mapOf));
  };
}
