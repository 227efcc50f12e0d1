import type { Access } from './actions';
import { type Names, nearMisses, type Party } from './near-misses';
import { allGrants, type Granted, hasNoResource, isAllowed, type Role, rolesOf } from './policies';
import { type Told, tellStory } from './story';

/** What is granted and never asked for, each for a reason. CDK's own grants come as they are. */
const MORE_THAN_NEEDED: readonly { readonly grant: RegExp; readonly because: string }[] = [
  {
    grant: /^ecr:BatchCheckLayerAvailability arn:aws:ecr:[^ ]+:repository\/(?!mirror\/)/,
    because: 'Amazon ECR documents three actions for a pull and does not say which request asks for which of them',
  },
  {
    grant: /^dynamodb:ListStreams arn:aws:dynamodb:[^ ]+\/stream\//,
    because:
      'Lambda demands it of whoever reads a stream; IAM knows no resource for it, so that CDK grants what opens nothing',
  },
  {
    grant: /^lambda:InvokeFunction arn:aws:lambda:[^ ]+:function:[^ ]+:\*$/,
    because: 'CDK grants a schedule the versions of its target, too',
  },
];

let told: Told;
let roles: readonly Role[];

const doneBy = ({ arn }: Role): readonly Access[] => told.done.get(arn) ?? [];
const line = ({ action, resource }: Access) => `${action} ${resource}`;

beforeAll(async () => {
  told = await tellStory();
  roles = rolesOf(told.template);
}, 120_000);

/** What of some things does not hold, as lines to be read. */
async function unmet<T>(things: readonly T[], holds: (thing: T) => Promise<boolean>, say: (thing: T) => string) {
  const answers = await Promise.all(things.map(async (thing) => ((await holds(thing)) ? [] : [say(thing)])));
  return answers.flat();
}

const ofEachRole = <T>(list: (role: Role) => readonly T[]) =>
  roles.flatMap((role) => list(role).map((item) => ({ role, item })));

it('is a story in which nothing fails that is not meant to', () => {
  expect(told.failures).toEqual([]);
  expect(told.unknown).toEqual([]);
});

it('has every role of the template at work', () => {
  expect(roles.length).toBeGreaterThanOrEqual(6);
  expect(roles.filter((role) => doneBy(role).length === 0).map(({ id }) => id)).toEqual([]);
});

it('asks for nothing that is not granted', async () => {
  const denied = await unmet(
    ofEachRole(doneBy),
    ({ role, item }) => isAllowed(role.arn, allGrants(role), item),
    ({ role, item }) => `${role.id}: ${line(item)}`,
  );
  expect(denied).toEqual([]);
});

it('would miss each action that it is granted', async () => {
  const excused = (grant: Granted) => MORE_THAN_NEEDED.some((one) => one.grant.test(line(grant)));
  const granted = ofEachRole((role) => [
    ...new Set(role.granted.filter((grant) => !excused(grant)).map(({ action }) => action)),
  ]);
  const idle = await unmet(
    granted,
    async ({ role, item }) => {
      const rest = role.granted.filter(({ action }) => action !== item);
      const asked = doneBy(role).filter(({ action }) => action === item);
      const still = await Promise.all(asked.map((access) => isAllowed(role.arn, rest, access)));
      return still.includes(false);
    },
    ({ role, item }) => `${role.id}: ${item}`,
  );
  expect(idle).toEqual([]);
});

it('does something on each resource that it is granted', async () => {
  const idle = await unusedGrants();
  expect(idle.filter((grant) => !MORE_THAN_NEEDED.some((one) => one.grant.test(grant)))).toEqual([]);
});

it('excuses nothing that is needed after all', async () => {
  const idle = await unusedGrants();
  const stale = MORE_THAN_NEEDED.filter((one) => !idle.some((grant) => one.grant.test(grant)));
  expect(stale.map(({ because }) => because)).toEqual([]);
});

async function unusedGrants(): Promise<readonly string[]> {
  return unmet(
    ofEachRole(({ granted }) => granted),
    async ({ role, item }) => {
      const asked = doneBy(role).filter(({ action }) => action === item.action);
      const allowed = await Promise.all(asked.map((access) => isAllowed(role.arn, [item], access)));
      return allowed.includes(true);
    },
    ({ item }) => line(item),
  );
}

it('is granted everything only where an action has no resource', async () => {
  const open = ofEachRole(({ granted }) => granted.filter(({ resource }) => resource === '*'));
  const wide = await unmet(
    open,
    ({ item }) => hasNoResource(item.action),
    ({ role, item }) => `${role.id}: ${item.action}`,
  );
  expect(wide).toEqual([]);
  expect(ofEachRole(({ granted }) => granted.filter(({ action }) => action.includes('*')))).toEqual([]);
});

it("leaves AWS's own policies to the functions of CDK's custom resources", () => {
  const managed = roles.filter((role) => role.managed.length > 0).map(({ id }) => id.replace(/[0-9A-Fa-f]{8,}/g, ''));
  expect(managed.filter((id) => id.startsWith('Mirror'))).toEqual([]);
});

describe('near misses', () => {
  const parties: Readonly<Record<Party, string>> = {
    controller: 'MirrorControllerRole',
    worker: 'MirrorWorkerJobRole',
    schedule: 'SchedulerRoleForTarget',
    execution: 'MirrorWorkerContainerExecutionRole',
    rows: 'AWS679f53fac002430cb0da5b7982bd2287ServiceRole',
  };
  const roleOf = (party: Party): Role => {
    const found = roles.find(({ id }) => id.startsWith(parties[party]));
    if (found === undefined) throw new Error(`the template has no role of the ${party}`);
    return found;
  };

  it('are denied', async () => {
    const misses = nearMisses(names());
    expect(misses.length).toBeGreaterThanOrEqual(30);
    const allowed = await unmet(
      misses,
      async (miss) => !(await isAllowed(roleOf(miss.by).arn, allGrants(roleOf(miss.by)), miss)),
      (miss) => `${miss.by}: ${line(miss)}`,
    );
    expect(allowed).toEqual([]);
  });
});

function names(): Names {
  const { template } = told;
  const arn = (type: string, prefix: string, attribute = 'Arn') => {
    const found = template.ofType(type).find(({ id }) => id.startsWith(prefix))?.attributes[attribute];
    if (found === undefined) throw new Error(`the template has no ${type} that begins with ${prefix}`);
    return found;
  };
  return {
    mirrors: arn('AWS::DynamoDB::GlobalTable', 'MirrorTablesMirrors'),
    copies: arn('AWS::DynamoDB::GlobalTable', 'MirrorTablesCopies'),
    queue: arn('AWS::Batch::JobQueue', 'Mirror', 'JobQueueArn'),
    definition: arn('AWS::Batch::JobDefinition', 'Mirror'),
    controller: arn('AWS::Lambda::Function', 'MirrorController'),
    deadLetters: arn('AWS::SQS::Queue', 'MirrorController'),
  };
}
