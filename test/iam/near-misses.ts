import type { Access } from './actions';
import { OWN_ACCOUNT as ACCOUNT, KEY, OWN_REGION as REGION } from './place';

/** Whose role. */
export type Party = 'controller' | 'worker' | 'schedule' | 'execution' | 'rows';

/** What somebody who has taken over a role would try: next to what it may do, and not allowed. */
export interface NearMiss extends Access {
  readonly by: Party;
}

/** Names of the template that near misses are made of. */
export interface Names {
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
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

export function nearMisses(names: Names): readonly NearMiss[] {
  return [...ofWorker(names), ...ofController(names), ...ofBoth(names), ...ofOthers(names)];
}

const by =
  (party: Party) =>
  (action: string, resource: string): NearMiss => ({ by: party, action, resource });

function ofWorker({ mirrors, copies, queue, definition, controller }: Names): readonly NearMiss[] {
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

function ofController({ mirrors, copies, queue, definition, controller, deadLetters }: Names): readonly NearMiss[] {
  const may = by('controller');
  return [
    ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map((name) => may(`dynamodb:${name}`, mirrors)),
    may('dynamodb:DeleteItem', copies),
    may('dynamodb:DeleteTable', copies),
    // It looks; it does not read layers or write images.
    may('ecr:GetDownloadUrlForLayer', repository('mirror/team/a')),
    may('ecr:PutImage', repository('mirror/team/a')),
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
function ofBoth({ mirrors }: Names): readonly NearMiss[] {
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

function ofOthers({ mirrors, copies, controller, queue }: Names): readonly NearMiss[] {
  return [
    by('schedule')('lambda:InvokeFunction', `${controller}-of-others`),
    by('schedule')('batch:SubmitJob', queue),
    by('execution')('ecr:BatchGetImage', repository('prod/app')),
    by('execution')('secretsmanager:GetSecretValue', secret('docker-hub-AbCdEf')),
    by('rows')('dynamodb:PutItem', copies),
    by('rows')('dynamodb:Scan', mirrors),
    by('rows')('dynamodb:PutItem', table('customers')),
  ];
}
