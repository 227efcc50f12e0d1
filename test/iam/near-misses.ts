import type { Resolver } from '../../local/template/resolver';
import { OWN_ACCOUNT as ACCOUNT, KEY, OWN_REGION as REGION } from './place';
import type { NearMiss } from './proof';

/** What the logical ids of the roles begin with. */
export const PARTIES = {
  controller: 'MirrorControllerRole',
  worker: 'MirrorWorkerJobRole',
  schedule: 'SchedulerRoleForTarget',
  execution: 'MirrorWorkerContainerExecutionRole',
  rows: 'AWS679f53fac002430cb0da5b7982bd2287ServiceRole',
  defaultGroup: 'CustomVpcRestrictDefaultSGCustomResourceProviderRole',
};

export type Party = keyof typeof PARTIES;

/** Names of the template that near misses are made of. */
interface Names {
  readonly mirrors: string;
  readonly copies: string;
  readonly queue: string;
  readonly definition: string;
  readonly controller: string;
  readonly deadLetters: string;
}

const repository = (name: string, account = ACCOUNT, region = REGION) =>
  `arn:aws:ecr:${region}:${account}:repository/${name}`;
const secret = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}`;
const table = (name: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
const securityGroup = (id: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:security-group/${id}`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

export function nearMisses(template: Resolver): readonly NearMiss<Party>[] {
  const names = namesIn(template);
  return [...ofWorker(names), ...ofController(names), ...ofBoth(names), ...ofOthers(names)];
}

const by =
  (party: Party) =>
  (action: string, resource: string): NearMiss<Party> => ({ by: party, action, resource });

function ofWorker({ mirrors, copies, queue, definition, controller }: Names): readonly NearMiss<Party>[] {
  const worker = by('worker');
  return [
    // Rows are what people ask for.
    ...['GetItem', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem'].map((name) => worker(`dynamodb:${name}`, mirrors)),
    // Copies: no more than its own.
    ...['PutItem', 'DeleteItem', 'Scan', 'BatchWriteItem'].map((name) => worker(`dynamodb:${name}`, copies)),
    // Images elsewhere, and the repositories themselves.
    worker('ecr:PutImage', repository('prod/app')),
    worker('ecr:PutImage', repository('released/app')),
    worker('ecr:PutImage', repository('mirror')),
    worker('ecr:PutImage', repository('mirrors/app')),
    worker('ecr:PutImage', repository('mirror/team/a', '999999999999')),
    worker('ecr:PutImage', repository('mirror/team/a', ACCOUNT, 'us-east-1')),
    worker('ecr:InitiateLayerUpload', repository('prod/app')),
    worker('ecr:BatchGetImage', repository('prod/app', '999999999999')),
    worker('ecr:CreateRepository', repository('prod/app')),
    // Jobs are the controller's to submit.
    worker('batch:SubmitJob', queue),
    worker('batch:SubmitJob', definition),
    worker('lambda:InvokeFunction', controller),
  ];
}

function ofController({
  mirrors,
  copies,
  queue,
  definition,
  controller,
  deadLetters,
}: Names): readonly NearMiss<Party>[] {
  const may = by('controller');
  return [
    ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map((name) => may(`dynamodb:${name}`, mirrors)),
    may('dynamodb:DeleteItem', copies),
    may('dynamodb:DeleteTable', copies),
    // It looks; it does not read layers or write images.
    may('ecr:GetDownloadUrlForLayer', repository('mirror/team/a')),
    may('ecr:PutImage', repository('mirror/team/a')),
    // It reads what removes images where it mirrors to, and changes nothing of it.
    may('ecr:GetLifecyclePolicy', repository('prod/app')),
    may('ecr:PutLifecyclePolicy', repository('mirror/team/a')),
    // Other jobs, and ending jobs.
    may('batch:SubmitJob', queue.replace(/[^/]+$/, 'another')),
    may('batch:SubmitJob', definition.replace(/[^/]+$/, 'another:1')),
    may('batch:TerminateJob', `arn:aws:batch:${REGION}:${ACCOUNT}:job/0a1b2c3d`),
    may('batch:CancelJob', `arn:aws:batch:${REGION}:${ACCOUNT}:job/0a1b2c3d`),
    may('lambda:InvokeFunction', `${controller}-of-others`),
    may('lambda:UpdateFunctionCode', controller),
    may('sqs:ReceiveMessage', deadLetters),
    may('sqs:PurgeQueue', deadLetters),
  ];
}

/** Neither of the two. */
function ofBoth({ mirrors }: Names): readonly NearMiss<Party>[] {
  return (['worker', 'controller'] as const).map(by).flatMap((may) => [
    may('dynamodb:GetItem', table('customers')),
    may('dynamodb:DescribeTable', mirrors),
    may('ecr:DeleteRepository', repository('mirror/team/a')),
    may('ecr:BatchDeleteImage', repository('mirror/team/a')),
    may('ecr:SetRepositoryPolicy', repository('mirror/team/a')),
    may('ecr:PutImageTagMutability', repository('mirror/team/a')),
    may('ecr:PutRegistryPolicy', '*'),
    may('secretsmanager:GetSecretValue', secret('payments-AbCdEf')),
    // By itself, and for another service.
    may('kms:Decrypt', KEY),
    { ...may('kms:Decrypt', KEY), context: { 'kms:ViaService': `s3.${REGION}.amazonaws.com` } },
    may('secretsmanager:PutSecretValue', secret('docker-hub-AbCdEf')),
    may('ssm:GetParameter', `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/payments/key`),
    may('ssm:PutParameter', `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/payments/key`),
    may('iam:PassRole', role('administrator')),
    may('sts:AssumeRole', role('administrator')),
    may('s3:GetObject', 'arn:aws:s3:::payments/ledger.csv'),
    may('logs:PutLogEvents', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:payments:log-stream:some-stream`),
  ]);
}

function ofOthers({ mirrors, copies, controller, queue }: Names): readonly NearMiss<Party>[] {
  return [
    by('schedule')('lambda:InvokeFunction', `${controller}-of-others`),
    by('schedule')('batch:SubmitJob', queue),
    by('execution')('ecr:BatchGetImage', repository('prod/app')),
    by('execution')('secretsmanager:GetSecretValue', secret('docker-hub-AbCdEf')),
    by('rows')('dynamodb:PutItem', copies),
    by('rows')('dynamodb:Scan', mirrors),
    by('rows')('dynamodb:PutItem', table('customers')),
    by('defaultGroup')('ec2:RevokeSecurityGroupIngress', securityGroup('sg-payments')),
    by('defaultGroup')('ec2:DeleteSecurityGroup', securityGroup('sg-payments')),
  ];
}

/** ARN of the first resource of a type whose logical id begins so. @throws Error when there is none */
export function arnIn(template: Resolver, type: string, prefix: string, attribute = 'Arn'): string {
  const found = template.ofType(type).find(({ id }) => id.startsWith(prefix))?.attributes[attribute];
  if (found === undefined) throw new Error(`the template has no ${type} that begins with ${prefix}`);
  return found;
}

function namesIn(template: Resolver): Names {
  const arn = (type: string, prefix: string, attribute?: string) => arnIn(template, type, prefix, attribute);
  return {
    mirrors: arn('AWS::DynamoDB::GlobalTable', 'MirrorTablesMirrors'),
    copies: arn('AWS::DynamoDB::GlobalTable', 'MirrorTablesCopies'),
    queue: arn('AWS::Batch::JobQueue', 'Mirror', 'JobQueueArn'),
    definition: arn('AWS::Batch::JobDefinition', 'Mirror'),
    controller: arn('AWS::Lambda::Function', 'MirrorController'),
    deadLetters: arn('AWS::SQS::Queue', 'MirrorController'),
  };
}
