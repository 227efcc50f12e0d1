import type { RecordedCall } from '../../local/aws/endpoint';
import { type JsonMap, listOf, mapOf, textOf } from '../../local/template/value';

/** What IAM is asked: may this action be done to this resource? */
export interface Access {
  readonly action: string;
  /** ARN, or `*` where the action has no resource. */
  readonly resource: string;
  /** Condition keys of the request. @default - none that a policy here looks at */
  readonly context?: Readonly<Record<string, string | string[]>>;
}

export interface Place {
  readonly account: string;
  readonly region: string;
}

type Mapping = (operation: string, input: JsonMap, place: Place) => readonly Access[];

/**
 * What the policies of whoever made a call have to allow: more than one thing, where a call touches several.
 *
 * @throws Error for a call that is not known here, so that a new one is not left unproven.
 */
export function accessOf(call: Omit<RecordedCall, 'accessKeyId'>, account: string): readonly Access[] {
  const mapping = SERVICES[call.service];
  const found = mapping?.(call.operation, mapOf(call.input), { account, region: call.region });
  if (found !== undefined) return found;
  throw new Error(`${call.service} ${call.operation}: test/iam/actions.ts does not say what it has to be allowed`);
}

const SERVICES: Readonly<Record<string, Mapping>> = {
  batch: batchAccess,
  dynamodb: dynamoDbAccess,
  ec2: (operation, input, place) => [
    { action: `ec2:${operation}`, resource: arn('ec2', place, textOf(input.GroupId) ?? '', 'security-group/') },
  ],
  ecr: ecrAccess,
  'ecr-public': (operation) => [
    { action: `ecr-public:${operation}`, resource: '*' },
    // Amazon ECR Public User Guide, "Registry authentication".
    { action: 'sts:GetServiceBearerToken', resource: '*' },
  ],
  events: (operation, input, place) =>
    listOf(input.Entries)
      .map(mapOf)
      .map(({ EventBusName, Source }) => ({
        action: `events:${operation}`,
        resource: arn('events', place, textOf(EventBusName) ?? 'default', 'event-bus/'),
        context: { 'events:source': textOf(Source) ?? '' },
      })),
  cloudformation: (operation, input, place) => [
    {
      action: `cloudformation:${operation}`,
      resource: arn('cloudformation', place, `${textOf(input.StackName)}/id`, 'stack/'),
    },
  ],
  // Whoever looks for what runs asks about everything.
  ecs: (operation) => [{ action: `ecs:${operation}`, resource: '*' }],
  eks: (operation) => [{ action: `eks:${operation}`, resource: '*' }],
  lambda: (operation, input, place) => [
    {
      action: `lambda:${operation === 'Invoke' ? 'InvokeFunction' : operation}`,
      resource:
        operation === 'ListFunctions' ? '*' : arn('lambda', place, textOf(input.FunctionName) ?? '', 'function:'),
    },
  ],
  secretsmanager: (operation, input) => [
    { action: `secretsmanager:${operation}`, resource: textOf(input.SecretId) ?? '' },
  ],
  ssm: (operation, input, place) => [
    {
      action: `ssm:${operation}`,
      resource: arn('ssm', place, (textOf(input.Name) ?? '').replace(/^\//, ''), 'parameter/'),
    },
  ],
  states: (operation, input) => [{ action: `states:${operation}`, resource: textOf(input.stateMachineArn) ?? '' }],
  // Whoever has credentials may ask whose they are.
  sts: (operation, input) =>
    operation === 'GetCallerIdentity' ? [] : [{ action: `sts:${operation}`, resource: textOf(input.RoleArn) ?? '*' }],
};

/** Of a name; what is an ARN already stays one. */
function arn(service: string, { region, account }: Place, name: string, prefix: string): string {
  return name.startsWith('arn:') ? name : `arn:aws:${service}:${region}:${account}:${prefix}${name}`;
}

/** SubmitJob is checked against the queue and against the definition. */
function batchAccess(operation: string, input: JsonMap, place: Place): readonly Access[] {
  if (operation !== 'submitjob') throw new Error(`batch ${operation}: test/iam/actions.ts does not know it`);
  const resources = [
    arn('batch', place, textOf(input.jobQueue) ?? '', 'job-queue/'),
    arn('batch', place, textOf(input.jobDefinition) ?? '', 'job-definition/'),
  ];
  const actions = input.tags === undefined ? ['batch:SubmitJob'] : ['batch:SubmitJob', 'batch:TagResource'];
  return actions.flatMap((action) => resources.map((resource) => ({ action, resource })));
}

function dynamoDbAccess(operation: string, input: JsonMap, place: Place): readonly Access[] {
  const tables =
    input.RequestItems === undefined ? [textOf(input.TableName) ?? ''] : Object.keys(mapOf(input.RequestItems));
  const index = input.IndexName === undefined ? '' : `/index/${textOf(input.IndexName)}`;
  return tables.map((table) => ({
    action: `dynamodb:${operation}`,
    resource: `${arn('dynamodb', place, table, 'table/')}${index}`,
  }));
}

function ecrAccess(operation: string, input: JsonMap, place: Place): readonly Access[] {
  const name = textOf(input.repositoryName);
  const account = textOf(input.registryId) ?? place.account;
  const resource = name === undefined ? '*' : `arn:aws:ecr:${place.region}:${account}:repository/${name}`;
  const asked = [{ action: `ecr:${operation}`, resource }];
  if (operation !== 'CreateRepository') return asked;
  const tagged = listOf(input.tags).length > 0 ? [{ action: 'ecr:TagResource', resource }] : [];
  return [...asked, ...tagged, ...encryptionAccess(textOf(mapOf(input.encryptionConfiguration).kmsKey), place)];
}

/** Amazon ECR User Guide, "Encryption at rest": what it asks of a key in the name of whoever creates a repository. */
function encryptionAccess(key: string | undefined, { region }: Place): readonly Access[] {
  if (key === undefined) return [];
  const context = { 'kms:ViaService': `ecr.${region}.amazonaws.com` };
  return ['kms:CreateGrant', 'kms:DescribeKey'].map((action) => ({ action, resource: key, context }));
}
