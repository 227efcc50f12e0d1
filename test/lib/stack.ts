import { readFileSync } from 'node:fs';
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EcrMirror, type EcrMirrorProps } from '../../lib/index';

/** The flags that the sample is deployed with. */
export const context: Record<string, unknown> = JSON.parse(readFileSync('cdk.json', 'utf8')).context;

export interface Synthesized {
  readonly stack: Stack;
  readonly mirror: EcrMirror;
  readonly template: () => Template;
}

/** CloudFormation's rules are left to the test of the sample: each check of them takes seconds. */
export function emptyStack(props: StackProps = {}): Stack {
  return new Stack(
    new App({ analyticsReporting: false, context, builtinCloudFormationValidation: false }),
    'Test',
    props,
  );
}

export function synthesize(
  props: EcrMirrorProps | ((stack: Stack) => EcrMirrorProps) = {},
  env?: StackProps,
): Synthesized {
  const stack = emptyStack(env);
  const mirror = new EcrMirror(stack, 'Mirror', typeof props === 'function' ? props(stack) : props);
  return { stack, mirror, template: () => Template.fromStack(stack) };
}

/** The one resource of a type, or the one whose logical id begins so. */
export function only(template: Template, type: string, prefix = ''): Record<string, never> {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.startsWith(prefix));
  if (found.length !== 1) throw new Error(`${type} ${prefix}: ${found.map(([id]) => id).join(', ') || 'none'}`);
  return (found[0] as [string, { Properties: Record<string, never> }])[1].Properties;
}

/** Text with account, region and suffix filled in, as CloudFormation does. */
export function filled(value: unknown): string {
  const pseudo: Record<string, string> = {
    'AWS::AccountId': '123456789012',
    'AWS::Region': 'eu-west-1',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::Partition': 'aws',
  };
  if (typeof value === 'string') return value;
  const node = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]]; 'Fn::GetAtt'?: string[] };
  if (node['Fn::Join'] !== undefined) return node['Fn::Join'][1].map(filled).join(node['Fn::Join'][0]);
  if (node['Fn::GetAtt'] !== undefined) return node['Fn::GetAtt'].join('.');
  return pseudo[node.Ref ?? ''] ?? node.Ref ?? JSON.stringify(value);
}

export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** What a role may do: the statements of every policy that is attached to it. */
export function allowedTo(template: Template, rolePrefix: string): Statement[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')) as {
    Properties: { Roles: { Ref: string }[]; PolicyDocument: { Statement: Record<string, unknown>[] } };
  }[];
  return policies
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref.startsWith(rolePrefix)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .map(({ Action, Resource }) => ({
      actions: [Action].flat() as string[],
      resources: [Resource].flat().map(filled),
    }));
}

/** The resources on which a role may do something. */
export function resourcesOf(statements: readonly Statement[], action: string): string[] {
  return [
    ...new Set(statements.filter(({ actions }) => actions.includes(action)).flatMap(({ resources }) => resources)),
  ];
}

export const CONTROLLER_ROLE = 'MirrorControllerRole';
export const WORKER_ROLE = 'MirrorWorkerJobRole';

/** The settings that controller and worker read, as they are once deployed. */
export function settingsOf(template: Template): Record<string, never> {
  return JSON.parse(filled(only(template, 'AWS::SSM::Parameter').Value));
}
