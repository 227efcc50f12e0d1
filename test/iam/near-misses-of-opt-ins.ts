import type { Resolver } from '../../local/template/resolver';
import { arnIn } from './near-misses';
import { WEBHOOK_SECRET } from './opt-ins';
import { OWN_ACCOUNT as ACCOUNT, OWN_REGION as REGION, REPOSITORY_KEY, TABLE_KEY } from './place';
import type { NearMiss } from './proof';

/** What the logical ids of the roles begin with. */
export const OPT_IN_PARTIES = {
  controller: 'MirrorControllerRole',
  worker: 'MirrorWorkerJobRole',
  rows: 'AWS679f53fac002430cb0da5b7982bd2287ServiceRole',
  webhooks: 'MirrorWebhooksRole',
  creation: 'MirrorTemplatemirrorRole',
  onEvent: 'MirrorArrivalProviderframeworkonEventServiceRole',
  isComplete: 'MirrorArrivalProviderframeworkisCompleteServiceRole',
  onTimeout: 'MirrorArrivalProviderframeworkonTimeoutServiceRole',
  waiter: 'MirrorArrivalProviderwaiterstatemachineRole',
};

type Party = keyof typeof OPT_IN_PARTIES;
type Miss = NearMiss<Party>;

const repository = (name: string, account = ACCOUNT) => `arn:aws:ecr:${REGION}:${account}:repository/${name}`;
const publicRepository = (name: string, account = ACCOUNT) => `arn:aws:ecr-public::${account}:repository/${name}`;
const bus = (name: string) => `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${name}`;
const OTHER_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/ffffffff-0000-4000-8000-0123456789ab`;

const by =
  (party: Party) =>
  (action: string, resource: string, context?: Miss['context']): Miss => ({
    by: party,
    action,
    resource,
    ...(context === undefined ? {} : { context }),
  });

export function nearMissesOfOptIns(template: Resolver): readonly Miss[] {
  return [
    ...ofBus(),
    ...ofCreation(),
    ...ofKeys(),
    ...ofEcrPublic(),
    ...ofDeployment(template),
    ...ofWebhooks(template),
  ];
}

const source = (name: string) => ({ 'events:source': name });

function ofBus(): readonly Miss[] {
  const put = 'events:PutEvents';
  return [
    by('worker')(put, bus('default'), source('ecr-mirror')),
    by('worker')(put, bus('payments'), source('ecr-mirror')),
    by('worker')(put, bus('images'), source('aws.ecr')),
    by('worker')(put, bus('images'), source('ecr-mirrors')),
    by('worker')(put, bus('images')),
    by('worker')('events:DeleteEventBus', bus('images')),
    by('worker')('events:PutRule', `arn:aws:events:${REGION}:${ACCOUNT}:rule/images/all`),
    by('rows')(put, bus('images'), source('ecr-mirror')),
  ];
}

function ofCreation(): readonly Miss[] {
  const outside = ['prod/app', 'mirror', 'mirrors/app'].map((name) => repository(name));
  const places = [...outside, repository('mirror/team/a', '999999999999')];
  return [
    ...(['worker', 'creation'] as const).flatMap((party) =>
      places.map((place) => by(party)('ecr:CreateRepository', place)),
    ),
    ...['ecr:TagResource', 'ecr:DeleteRepository', 'ecr:ReplicateImage'].map((action) =>
      by('worker')(action, repository('mirror/team/a')),
    ),
    by('controller')('ecr:CreateRepository', repository('mirror/team/a')),
    by('creation')('ecr:TagResource', repository('prod/app')),
    by('creation')('ecr:PutImage', repository('mirror/team/a')),
    by('creation')('ecr:DeleteRepository', repository('mirror/team/a')),
    by('worker')('ecr:CreateRepositoryCreationTemplate', '*'),
    by('worker')('ecr:PutAccountSetting', '*'),
    by('controller')('ecr:PutAccountSetting', '*'),
    by('rows')('ecr:PutRegistryPolicy', '*'),
    by('rows')('ecr:PutRegistryScanningConfiguration', '*'),
  ];
}

const via = (service: string) => ({ 'kms:ViaService': `${service}.${REGION}.amazonaws.com` });

function ofKeys(): readonly Miss[] {
  const users = ['worker', 'controller', 'rows'] as const;
  return [
    ...users.map(by).flatMap((may) => [
      // By itself, and for another service.
      may('kms:Decrypt', TABLE_KEY),
      may('kms:Encrypt', TABLE_KEY),
      may('kms:GenerateDataKey', TABLE_KEY),
      may('kms:Decrypt', TABLE_KEY, via('s3')),
      may('kms:Decrypt', OTHER_KEY, via('dynamodb')),
      may('kms:Decrypt', REPOSITORY_KEY, via('ecr')),
      may('kms:CreateGrant', TABLE_KEY, via('dynamodb')),
      may('kms:ScheduleKeyDeletion', TABLE_KEY),
    ]),
    by('creation')('kms:Decrypt', REPOSITORY_KEY),
    by('creation')('kms:CreateGrant', TABLE_KEY),
    by('creation')('kms:PutKeyPolicy', REPOSITORY_KEY),
  ];
}

function ofEcrPublic(): readonly Miss[] {
  return [
    by('worker')('ecr-public:PutImage', publicRepository('closed/nginx')),
    by('worker')('ecr-public:PutImage', publicRepository('open')),
    by('worker')('ecr-public:PutImage', publicRepository('open/nginx', '999999999999')),
    by('worker')('ecr-public:InitiateLayerUpload', publicRepository('closed/nginx')),
    by('worker')('ecr-public:CreateRepository', publicRepository('open/nginx')),
    by('worker')('ecr-public:DeleteRepository', publicRepository('open/nginx')),
    by('worker')('ecr-public:PutRepositoryCatalogData', publicRepository('open/nginx')),
    by('controller')('ecr-public:PutImage', publicRepository('open/nginx')),
  ];
}

/** The provider framework reaches the two functions that it was given, and nothing beside them. */
function ofDeployment(template: Resolver): readonly Miss[] {
  const controller = arnIn(template, 'AWS::Lambda::Function', 'MirrorController');
  const machine = arnIn(template, 'AWS::StepFunctions::StateMachine', 'MirrorArrival');
  const framework = ['onEvent', 'isComplete', 'onTimeout', 'waiter'] as const;
  return [
    ...framework.map((party) => by(party)('lambda:InvokeFunction', controller)),
    ...framework.map((party) => by(party)('lambda:UpdateFunctionCode', controller)),
    by('onEvent')('states:StartExecution', `${machine}-of-others`),
    by('isComplete')('states:StartExecution', machine),
    by('onTimeout')('states:StartExecution', machine),
    by('waiter')('states:StartExecution', machine),
    by('controller')('states:StartExecution', machine),
  ];
}

/** Whoever takes over the function that everybody can reach has a table to write into, and a secret to read. */
function ofWebhooks(template: Resolver): readonly Miss[] {
  const may = by('webhooks');
  const tables = template.ofType('AWS::DynamoDB::GlobalTable');
  const own = tables.find(({ id }) => id.startsWith('MirrorWebhooks'))?.attributes.Arn ?? '';
  const others = tables.map(({ attributes }) => attributes.Arn ?? '').filter((arn) => arn !== own);
  const controller = arnIn(template, 'AWS::Lambda::Function', 'MirrorController');
  return [
    ...others.flatMap((arn) =>
      ['PutItem', 'GetItem', 'Scan', 'UpdateItem'].map((action) => may(`dynamodb:${action}`, arn)),
    ),
    ...['GetItem', 'Scan', 'DeleteItem', 'UpdateItem', 'DeleteTable'].map((action) => may(`dynamodb:${action}`, own)),
    may('lambda:InvokeFunction', controller),
    may('lambda:UpdateFunctionCode', controller),
    may('secretsmanager:GetSecretValue', `${WEBHOOK_SECRET}x`),
    may('secretsmanager:PutSecretValue', WEBHOOK_SECRET),
    may('ecr:GetAuthorizationToken', '*'),
    may('kms:Decrypt', TABLE_KEY),
    may('kms:Decrypt', TABLE_KEY, via('secretsmanager')),
    by('controller')('dynamodb:PutItem', own),
    by('controller')('secretsmanager:GetSecretValue', WEBHOOK_SECRET),
    by('worker')('dynamodb:PutItem', own),
  ];
}
