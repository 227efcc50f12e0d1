import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { filled } from '../lib/stack';

/** What a role may do, in the words of the page for reviewers. */
export interface Grant {
  readonly role: string;
  readonly actions: readonly string[];
  readonly on: string;
}

/** Roles by how their logical ids begin. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/^MirrorWorkerJobRole/, 'worker'],
  [/^MirrorWorkerContainerExecutionRole/, 'start of the worker'],
  [/^MirrorControllerRole/, 'controller'],
  [/^SchedulerRole/, 'schedule'],
  [/^CustomVpcRestrictDefaultSG/, 'default security group'],
  [/^AWS679f53fac002430cb0da5b7982bd2287/, 'calls at deployment'],
  [/^MirrorWebhooks/, 'webhooks'],
  [/^MirrorArrivalProvider/, "CDK's providers"],
];

/** Resources by what stands in their text once account, region and suffix are filled in. */
const RESOURCES: readonly (readonly [RegExp, string])[] = [
  [/^\*$/, '`*`'],
  [/cdk-hnb659fds-container-assets/, "repository of CDK's assets"],
  [/:ecr:[\w-]+:\d+:repository\/(.+)$/, '`repository/$1`'],
  [/:ecr-public::\d+:repository\/(.+)$/, '`repository/$1`'],
  [/MirrorTablesMirrors\w+\.StreamArn/, 'stream of `mirrors`'],
  [/MirrorTablesMirrors\w+\.Arn/, 'table `mirrors`'],
  [/MirrorTablesCopies\w+\.Arn/, 'table `copies`'],
  [/MirrorWebhooks\w+\.StreamArn/, 'stream of webhooks'],
  [/MirrorWebhooks\w*(?<!Logs\w{8})\.Arn/, 'table of webhooks'],
  [/parameter\/MirrorSettings/, 'parameter of the settings'],
  [/Logs\w+\.Arn/, 'its own log group'],
  [/DeadLetters\w+\.Arn/, 'queue of dead letters'],
  [/JobQueueArn|:job-definition\//, 'job queue and job definition'],
  [/MirrorControllerHandler\w+\.Arn/, 'the controller'],
  [/^MirrorArrivalProviderwaiterstatemachine/, 'state machine that waits'],
  [/^MirrorArrival/, 'functions that wait'],
  [/security-group/, 'that security group'],
  [/:secretsmanager:/, 'the secret'],
  [/:ssm:[\w-]+:\d+:parameter\/(?!Mirror)/, 'the parameter'],
  [/:iam::\d+:role\//, 'the role'],
  [/:kms:|Key\w+\.Arn/, 'the key'],
  [/EventBus|:event-bus\//, 'the bus'],
];

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, never>>;
}

/** Every grant of every role of a stack, in a fixed order; those of one role on one thing are one. */
export function grantsOf(stack: Stack): readonly Grant[] {
  const resources: Readonly<Record<string, Resource>> = Template.fromStack(stack).toJSON().Resources;
  const entries = Object.entries(resources);
  const roles = entries.filter(([, { Type }]) => Type === 'AWS::IAM::Role').map(([id]) => id);
  const found = new Map<string, { role: string; on: string; actions: Set<string> }>();
  for (const id of roles) {
    for (const { Action, Resource: on } of statementsOf(id, entries)) {
      for (const one of [on].flat()) {
        const [role, what] = [named(id, ROLES, id), named(text(one), RESOURCES)];
        const grant = found.get(`${role} ${what}`) ?? { role, on: what, actions: new Set<string>() };
        for (const action of [Action].flat()) grant.actions.add(String(action));
        found.set(`${role} ${what}`, grant);
      }
    }
  }
  return [...found.values()].map(({ role, on, actions }) => ({ role, on, actions: [...actions].sort() }));
}

/** Statements of the policies of a role, in it, beside it, and of AWS. */
function statementsOf(id: string, entries: readonly (readonly [string, Resource])[]) {
  const own = entries.find(([one]) => one === id)?.[1].Properties as Record<string, never> | undefined;
  const inline = ((own?.Policies ?? []) as { PolicyDocument: unknown }[]).map(({ PolicyDocument }) => PolicyDocument);
  const attached = entries
    .filter(([, { Type, Properties }]) => {
      const holders = (Properties?.Roles ?? []) as { Ref: string }[];
      return Type === 'AWS::IAM::Policy' && holders.some(({ Ref }) => Ref === id);
    })
    .map(([, { Properties }]) => Properties.PolicyDocument);
  const managed = ((own?.ManagedPolicyArns ?? []) as unknown[]).map((policy) => ({
    Action: 'AWSLambdaBasicExecutionRole',
    Resource: /AWSLambdaBasicExecutionRole/.test(JSON.stringify(policy)) ? '*' : JSON.stringify(policy),
  }));
  const documents = [...inline, ...attached] as { Statement: { Action: unknown; Resource: unknown }[] }[];
  return [...documents.flatMap(({ Statement }) => Statement), ...managed];
}

function text(resource: unknown): string {
  const { 'Fn::Sub': template } = resource as { 'Fn::Sub'?: string };
  return template ?? filled(resource);
}

/** The first name whose pattern is found. @throws Error when none is, unless there is something else to say. */
function named(found: string, names: readonly (readonly [RegExp, string])[], otherwise?: string): string {
  for (const [pattern, name] of names) {
    const match = pattern.exec(found);
    if (match !== null) return name.replace('$1', match[1] ?? '');
  }
  if (otherwise !== undefined) return otherwise;
  throw new Error(`the page for reviewers has no word for ${found}`);
}
