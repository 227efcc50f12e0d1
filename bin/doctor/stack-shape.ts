import { InvalidValue } from '../../lib/model/invalid';
import { Env } from '../../lib/model/names';
import type { Ground } from './ground';
import { lastText, listOf, mapOf, parseTemplate, type Resource, refOf, resourcesOf } from './template';

/** What of a deployed template says who copies, and where. */
export interface StackShape {
  /** ARN of roles. */
  readonly worker: string;
  readonly controller: string;
  /** Of AWS Batch. */
  readonly jobQueue: string;
  readonly assignsPublicIp: boolean;
  /** Subnets of the workers, by what leads out of them. */
  readonly subnets: readonly SubnetShape[];
  /** `ecr.api`, `s3`, …: services that the template has endpoints for. */
  readonly endpoints: readonly string[];
}

export interface SubnetShape {
  /** Physical id. */
  readonly id: string;
  /** `elsewhere`: it is not of this stack, so its routes are not known. `another`: a NAT instance, a transit gateway, … */
  readonly way: 'internet gateway' | 'NAT gateway' | 'another' | 'none' | 'elsewhere';
}

/** @param account twelve digits. @param controller the physical id of its function. @throws InvalidValue for a template of another making */
export function shapeOf(
  template: { readonly document: unknown; readonly ids: ReadonlyMap<string, string> },
  controller: string,
  { account, partition }: { readonly account: string; readonly partition: string },
): StackShape {
  const { ids } = template;
  const all = resourcesOf(template.document);
  const byId = (id: string | undefined) => all.find((one) => one.id === id);
  const ofType = (type: string) => all.filter((one) => one.type === `AWS::${type}`);
  const roleArn = (value: unknown): string => {
    if (typeof value === 'string') return value;
    const role = byId(refOf(value));
    // A role that somebody else has made is an ARN that is put together.
    const path =
      role === undefined
        ? /:role(\/.+)$/.exec(lastText(value))?.[1]
        : `${role.properties.Path ?? '/'}${ids.get(role.id)}`;
    if (path === undefined) throw foreign(controller);
    return `arn:${partition}:iam::${account}:role${path}`;
  };
  const main = ofType('Lambda::Function').find(({ id }) => ids.get(id) === controller);
  const variables = mapOf(mapOf(main?.properties.Environment).Variables);
  const definition = byId(refOf(variables[Env.JOB_DEFINITION]));
  const queue = byId(refOf(variables[Env.JOB_QUEUE]));
  if (main === undefined || definition === undefined || queue === undefined) throw foreign(controller);
  const container = mapOf(definition.properties.ContainerProperties);
  const environments = listOf(queue.properties.ComputeEnvironmentOrder).map((one) =>
    byId(refOf(mapOf(one).ComputeEnvironment)),
  );
  const subnets = environments.flatMap((one) => listOf(mapOf(one?.properties.ComputeResources).Subnets));
  return {
    worker: roleArn(container.JobRoleArn),
    controller: roleArn(main.properties.Role),
    jobQueue: ids.get(queue.id) ?? '',
    assignsPublicIp: mapOf(container.NetworkConfiguration).AssignPublicIp === 'ENABLED',
    subnets: uniqueSubnets(subnets.map((subnet) => subnetOf(subnet, all, ids))),
    endpoints: ofType('EC2::VPCEndpoint').flatMap(({ properties }) => serviceOf(properties.ServiceName)),
  };
}

function foreign(controller: string): InvalidValue {
  return new InvalidValue('template', controller, 'that of a stack with an EcrMirror would do');
}

function subnetOf(value: unknown, all: readonly Resource[], ids: ReadonlyMap<string, string>): SubnetShape {
  const logical = refOf(value);
  const own = all.find(({ id, type }) => id === logical && type === 'AWS::EC2::Subnet');
  if (own === undefined) return { id: typeof value === 'string' ? value : (logical ?? 'unknown'), way: 'elsewhere' };
  const tables = all
    .filter(
      ({ type, properties }) =>
        type === 'AWS::EC2::SubnetRouteTableAssociation' && refOf(properties.SubnetId) === own.id,
    )
    .map(({ properties }) => refOf(properties.RouteTableId));
  const routes = all.filter(
    ({ type, properties }) => type === 'AWS::EC2::Route' && tables.includes(refOf(properties.RouteTableId)),
  );
  const out = routes.filter(({ properties }) => properties.DestinationCidrBlock === '0.0.0.0/0');
  const id = ids.get(own.id) ?? own.id;
  if (out.some(({ properties }) => properties.NatGatewayId !== undefined)) return { id, way: 'NAT gateway' };
  if (out.some(({ properties }) => properties.GatewayId !== undefined)) return { id, way: 'internet gateway' };
  return { id, way: out.length > 0 ? 'another' : 'none' };
}

function uniqueSubnets(subnets: readonly SubnetShape[]): readonly SubnetShape[] {
  return [...new Map(subnets.map((subnet) => [subnet.id, subnet])).values()];
}

/** Of `com.amazonaws.eu-west-1.ecr.api`, however it is put together. */
function serviceOf(value: unknown): readonly string[] {
  const end = lastText(value);
  return [...SERVICES, ...SOME_SERVICES].filter((service) => end.endsWith(`.${service}`));
}

/** What a worker asks AWS for, whatever it mirrors. */
export const SERVICES = ['ecr.api', 'ecr.dkr', 's3', 'dynamodb', 'logs', 'ssm'] as const;
/** What the workers of some mirrors do. */
export const SOME_SERVICES = ['secretsmanager', 'sts', 'events'] as const;

const shapes = new WeakMap<Ground, Promise<StackShape>>();

/** The shape of a ground's stack, read once. @throws EngineError, InvalidValue */
export function stackShape(ground: Ground): Promise<StackShape> {
  const known = shapes.get(ground) ?? readShape(ground);
  shapes.set(ground, known);
  return known;
}

async function readShape({ stack, caller, options }: Ground): Promise<StackShape> {
  if (stack === undefined) throw new Error('there is no stack');
  const { readStackTemplate } = await import('../../aws/stack-template');
  const name = stack.name.startsWith('arn:') ? stack.name : (stack.name.split('/')[0] ?? '');
  const [{ text, ids }, { account, arn }] = await Promise.all([readStackTemplate(options, name), caller()]);
  const document = await parseTemplate(text);
  return shapeOf({ document, ids }, stack.controller, { account, partition: arn.split(':')[1] ?? 'aws' });
}
