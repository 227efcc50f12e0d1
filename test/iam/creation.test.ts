import { tellCreation } from './creation';
import { OTHER_ACCOUNT, OTHER_ROLE, OWN_ACCOUNT, OWN_REGION, REPOSITORY_KEY, TABLE_KEY } from './place';
import { allGrants, isAllowed, type Role, rolesOf } from './policies';
import type { Told } from './record';

/** What a worker that creates repositories may do beside copying. */
const CREATION = [
  'ecr:CreateRepository',
  'ecr:PutLifecyclePolicy',
  'ecr:SetRepositoryPolicy',
  'ecr:TagResource',
  'kms:CreateGrant',
  'kms:DescribeKey',
];

let told: Told;
let worker: Role;
let controller: Role;

beforeAll(async () => {
  told = await tellCreation();
  const roles = rolesOf(told.template);
  const roleOf = (prefix: string) => roles.find(({ id }) => id.startsWith(prefix)) as Role;
  worker = roleOf('MirrorWorkerJobRole');
  controller = roleOf('MirrorControllerRole');
}, 120_000);

const done = (role: Role) => told.done.get(role.arn) ?? [];

it('is a story in which nothing fails that is not meant to', () => {
  expect(told.failures).toEqual([]);
  expect(told.unknown).toEqual([]);
});

it('asks for nothing that is not granted, in its own account', async () => {
  const asked = [worker, controller].flatMap((role) => done(role).map((access) => ({ role, access })));
  const answers = await Promise.all(
    asked.map(async ({ role, access }) =>
      (await isAllowed(role.arn, allGrants(role), access)) ? [] : [`${role.id}: ${access.action} ${access.resource}`],
    ),
  );
  expect(answers.flat()).toEqual([]);
});

it('creates in the other account as the role there, not as itself', () => {
  const resources = (action: string) => done(worker).flatMap((one) => (one.action === action ? one.resource : []));
  expect(resources('sts:AssumeRole')).toEqual([OTHER_ROLE]);
  expect(resources('ecr:CreateRepository')).toEqual([
    `arn:aws:ecr:${OWN_REGION}:${OWN_ACCOUNT}:repository/mirror/team/nginx`,
  ]);
});

it.each(CREATION)('would miss %s', async (action) => {
  const rest = worker.granted.filter((grant) => grant.action !== action);
  const asked = done(worker).filter((access) => access.action === action);
  expect(asked).not.toEqual([]);
  const still = await Promise.all(asked.map((access) => isAllowed(worker.arn, rest, access)));
  expect(still).toContain(false);
});

it('is granted each on what lies under the prefix, or on the one key, and on nothing else', () => {
  const granted = worker.granted.filter(({ action }) => CREATION.includes(action));
  const under = `arn:aws:ecr:${OWN_REGION}:${OWN_ACCOUNT}:repository/mirror/*`;
  expect(granted.map(({ action, resource }) => `${action} ${resource}`).sort()).toEqual(
    CREATION.map((action) => `${action} ${action.startsWith('kms:') ? REPOSITORY_KEY : under}`),
  );
});

describe('near misses', () => {
  const repository = (name: string, account = OWN_ACCOUNT, region = OWN_REGION) =>
    `arn:aws:ecr:${region}:${account}:repository/${name}`;
  const inside = repository('mirror/team/nginx');
  const outside = [
    repository('prod/nginx'),
    repository('mirror'),
    repository('mirrors/nginx'),
    repository('mirror/team/nginx', '999999999999'),
    repository('mirror/nginx', OTHER_ACCOUNT),
    repository('mirror/team/nginx', OWN_ACCOUNT, 'us-east-1'),
  ];
  const beyond = [
    'DeleteRepository',
    'BatchDeleteImage',
    'DeleteLifecyclePolicy',
    'DeleteRepositoryPolicy',
    'PutImageTagMutability',
    'PutImageScanningConfiguration',
    'UntagResource',
  ];
  const via = (service: string) => ({ 'kms:ViaService': `${service}.${OWN_REGION}.amazonaws.com` });
  const ecr = CREATION.filter((action) => action.startsWith('ecr:'));

  it.each([
    ...ecr.flatMap((action) => outside.map((resource) => ({ by: 'worker', action, resource }))),
    ...beyond.map((name) => ({ by: 'worker', action: `ecr:${name}`, resource: inside })),
    ...ecr.map((action) => ({ by: 'controller', action, resource: inside })),
    ...['kms:CreateGrant', 'kms:DescribeKey'].flatMap((action) => [
      { by: 'worker', action, resource: REPOSITORY_KEY },
      { by: 'worker', action, resource: REPOSITORY_KEY, context: via('s3') },
      { by: 'worker', action, resource: TABLE_KEY, context: via('ecr') },
      { by: 'controller', action, resource: REPOSITORY_KEY, context: via('ecr') },
    ]),
    { by: 'worker', action: 'kms:Decrypt', resource: REPOSITORY_KEY, context: via('ecr') },
    { by: 'worker', action: 'kms:RetireGrant', resource: REPOSITORY_KEY, context: via('ecr') },
    { by: 'worker', action: 'ecr:CreateRepositoryCreationTemplate', resource: '*' },
    { by: 'worker', action: 'ecr:PutRegistryPolicy', resource: '*' },
  ])('$by: $action $resource is denied', async ({ by, ...access }) => {
    const role = by === 'worker' ? worker : controller;
    expect(await isAllowed(role.arn, allGrants(role), access)).toBe(false);
  });
});
