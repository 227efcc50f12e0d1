import { ecrRepositories } from '../../aws/ecr-repositories';
import { creatingStores } from '../../engine/creating-stores';
import { openRegistries } from '../../engine/registry/registries';
import { runCopies } from '../../engine/run-copies';
import type { Copy } from '../../lib/model/copy';
import type { Outcome } from '../../lib/model/outcome';
import { parseReference } from '../../lib/model/reference';
import { creationOf } from '../../lib/model/repository-setting';
import type { MirrorSettings } from '../../lib/model/settings';
import { AwsError } from '../../local/aws/error';
import { makePrincipals } from '../../local/aws/principals';
import { tokenService } from '../../local/aws/services';
import { ecrApi } from '../../local/ecr';
import { type Built, image, pushBuilt } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type Stack, standingClock, startStack } from './stack';

const ACCOUNT = '123456789012';
const OTHER = '210987654321';
const host = (account: string, region = 'eu-west-1') => `${account}.dkr.ecr.${region}.amazonaws.com`;
const OWN = host(ACCOUNT);
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d`;
const LIFECYCLE = {
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 14, countUnit: 'days' },
      action: { type: 'expire' },
    },
  ],
};
const POLICY = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }] };
const SETTINGS: MirrorSettings = {
  permissions: {
    sources: ['**'],
    destinations: [
      `${OWN}/mirror/**`,
      `${host(OTHER)}/mirror/**`,
      `${host('999999999999')}/mirror/**`,
      `${OWN}/prod/*`,
    ],
    outward: [],
  },
  mapping: { registry: OWN, prefix: 'mirror' },
  credentials: [],
  roles: [{ account: OTHER, roleArn: `arn:aws:iam::${OTHER}:role/mirror` }],
  repositories: {
    scanOnPush: true,
    tagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    exclusions: ['sha256-*', 'latest'],
    kmsKey: KEY,
    tags: { team: 'platform' },
    lifecyclePolicy: LIFECYCLE,
    policy: POLICY,
  },
};
const COMPLETE = {
  tagMutability: 'IMMUTABLE_WITH_EXCLUSION',
  exclusions: ['sha256-*', 'latest'],
  scanOnPush: true,
  encryption: { encryptionType: 'KMS', kmsKey: KEY },
  resourceTags: { team: 'platform' },
  lifecyclePolicy: JSON.stringify(LIFECYCLE),
  policy: JSON.stringify(POLICY),
};
const CREATION = ['ecr CreateRepository', 'ecr PutLifecyclePolicy', 'ecr SetRepositoryPolicy'];

let stack: Stack;
let upstream: RunningRegistry;
/** Amazon ECR by account. */
let planes: Readonly<Record<string, RunningRegistry>>;
/** Asked before each call of ECR's API. */
let before: ((operation: string) => void) | undefined;
const clock = standingClock();
const base = image({ seed: 'base' });

const repository = (name: string, account = ACCOUNT) => planes[account]?.state.repositories.get(name);

beforeEach(async () => {
  const ecr = (account: string) =>
    startRegistry({ personality: { kind: 'ecr', account, region: 'eu-west-1', repositories: ['mirror/there'] } });
  upstream = await startRegistry();
  planes = { [ACCOUNT]: await ecr(ACCOUNT), [OTHER]: await ecr(OTHER) };
  before = undefined;
  const principals = makePrincipals(ACCOUNT);
  stack = await startStack({
    sts: tokenService(principals),
    ecr: ({ operation, input }) => {
      before?.(operation);
      const plane = planes[String(input.registryId)] as RunningRegistry;
      return { output: ecrApi(plane)(operation, input) as Record<string, never> };
    },
  });
  await pushBuilt(upstream.address, 'base', base, ['1']);
});
afterEach(async () => {
  await Promise.all([stack.close(), upstream.close(), ...Object.values(planes).map((plane) => plane.close())]);
});

/** A worker of its own: what it learned is gone with it. */
function startWorker(settings: MirrorSettings = SETTINGS) {
  const registries = openRegistries({
    credentials: {
      get: async ({ registry }) => {
        const token = planes[registry.slice(0, 12)]?.ecr?.authorizationToken().token;
        const [username = '', password = ''] = Buffer.from(token ?? '', 'base64')
          .toString()
          .split(':');
        return token === undefined ? undefined : { kind: 'basic', username, password };
      },
    },
    endpoints: {
      'upstream.test': upstream.address,
      ...Object.fromEntries(Object.entries(planes).map(([account, { address }]) => [host(account), address])),
    },
    retry: { attempts: 1 },
  });
  const logged: object[] = [];
  const maker = ecrRepositories({
    creation: (one) => creationOf(settings, one),
    roles: settings.roles,
    clients: stack.clients,
    memory: { copies: stack.copies, maker: Math.random().toString() },
    clock,
    log: (event, fields) => logged.push({ event, ...fields }),
  });
  const stores = creatingStores((one, side) => registries.store(one, side), maker, clock);
  return {
    logged,
    copy: async (...destinations: string[]): Promise<Outcome[]> => {
      const outcomes: Outcome[] = [];
      const copies = destinations.map((destination) => copyTo(destination, base));
      for await (const { outcome } of runCopies(copies, { stores, clock })) outcomes.push(outcome);
      registries.close();
      return outcomes;
    },
  };
}

function copyTo(destination: string, { root: { descriptor } }: Built): Copy {
  return {
    mirrors: ['upstream.test/base:1'],
    source: { ...parseReference('upstream.test/base:1'), digest: descriptor.digest },
    root: descriptor,
    destinations: [{ reference: parseReference(destination), why: 'missing' }],
    referrers: true,
  };
}

const states = (outcomes: readonly Outcome[]) => outcomes.map(({ state }) => state);

it('creates a repository that is missing, with all its settings, and copies into it', async () => {
  const worker = startWorker();
  expect(states(await worker.copy(`${OWN}/mirror/new:1`))).toEqual(['Mirrored']);
  expect(repository('mirror/new')?.settings).toEqual(COMPLETE);
  expect(repository('mirror/new')?.tags.get('1')).toBe(base.root.descriptor.digest);
  expect(stack.calls()).toEqual(CREATION);
  expect(worker.logged).toEqual([{ event: 'repository', repository: `${OWN}/mirror/new`, created: true }]);
});

it('asks nothing about a repository that is there', async () => {
  const { repositories: _, ...without } = SETTINGS;
  expect(states(await startWorker(without).copy(`${OWN}/mirror/there:1`))).toEqual(['Mirrored']);
  const plain = planes[ACCOUNT]?.requests.map(({ method, path }) => `${method} ${path}`).length;
  planes[ACCOUNT]?.state.repositories.get('mirror/there')?.manifests.clear();
  planes[ACCOUNT]?.state.repositories.get('mirror/there')?.blobs.clear();
  planes[ACCOUNT]?.state.repositories.get('mirror/there')?.tags.clear();
  planes[ACCOUNT]?.forgetRequests();
  expect(states(await startWorker().copy(`${OWN}/mirror/there:1`))).toEqual(['Mirrored']);
  expect(planes[ACCOUNT]?.requests.length).toBe(plain);
  expect(stack.calls()).toEqual([]);
});

it('creates it once, however many images and layers want it at the same time', async () => {
  const destinations = Array.from({ length: 8 }, (_, tag) => `${OWN}/mirror/new:v${tag}`);
  expect(states(await startWorker().copy(...destinations))).toEqual(destinations.map(() => 'Mirrored'));
  expect(stack.calls()).toEqual(CREATION);
});

it('takes it for a success that another child of the job was faster', async () => {
  const children = ['a', 'b', 'c'].map((tag) => startWorker().copy(`${OWN}/mirror/new:${tag}`));
  expect(states((await Promise.all(children)).flat())).toEqual(['Mirrored', 'Mirrored', 'Mirrored']);
  expect(repository('mirror/new')?.settings).toEqual(COMPLETE);
});

it('leaves the settings of a repository alone that a person made meanwhile', async () => {
  before = (operation) => {
    if (operation === 'CreateRepository') planes[ACCOUNT]?.state.create('mirror/new', { policy: 'theirs' });
  };
  expect(states(await startWorker().copy(`${OWN}/mirror/new:1`))).toEqual(['Mirrored']);
  expect(repository('mirror/new')?.settings).toMatchObject({ policy: 'theirs', scanOnPush: false, resourceTags: {} });
});

it('tries again when it is throttled, and when the new repository is not known everywhere yet', async () => {
  const refused = new Map<string, number>();
  before = (operation) => {
    const count = (refused.get(operation) ?? 0) + 1;
    refused.set(operation, count);
    if (count > 2) return;
    const code = operation === 'CreateRepository' ? 'ThrottlingException' : 'RepositoryNotFoundException';
    throw new AwsError(code, 'not now');
  };
  let unknown = 0;
  planes[ACCOUNT]?.intercept(({ kind, repository: name }) => {
    if (kind !== 'upload' || repository(name ?? '') === undefined || ++unknown > 3) return undefined;
    return { status: 404, body: JSON.stringify({ errors: [{ code: 'NAME_UNKNOWN', message: 'not yet' }] }) };
  });
  expect(states(await startWorker().copy(`${OWN}/mirror/new:1`))).toEqual(['Mirrored']);
  expect(repository('mirror/new')?.settings).toEqual(COMPLETE);
  expect(refused).toEqual(new Map(CREATION.map((call) => [call.replace('ecr ', ''), 3])));
});

it('gives up after some tries, and the copy fails with one line', async () => {
  before = () => {
    throw new AwsError('ThrottlingException', 'not now');
  };
  const [outcome] = await startWorker().copy(`${OWN}/mirror/new:1`);
  expect(outcome).toMatchObject({ state: 'Failed', cause: 'unavailable' });
  expect(outcome?.error).toMatch(/^destination: .*\/mirror\/new: create it: ThrottlingException: not now$/);
  // Four times by the copy, each of five.
  expect(stack.calls()).toEqual(Array.from({ length: 20 }, () => 'ecr CreateRepository'));
});

it('asks once for what it is denied', async () => {
  before = () => {
    throw new AwsError('AccessDeniedException', 'not authorized');
  };
  const outcomes = await startWorker().copy(`${OWN}/mirror/new:1`, `${OWN}/mirror/new:2`);
  expect(outcomes.map(({ cause }) => cause)).toEqual(['denied', 'denied']);
  expect(stack.calls()).toEqual(['ecr CreateRepository']);
});

it('completes a repository whose settings could not be set, before anything else is written into it', async () => {
  before = (operation) => {
    if (operation === 'SetRepositoryPolicy') throw new AwsError('AccessDeniedException', 'not authorized');
  };
  const [failed] = await startWorker().copy(`${OWN}/mirror/new:1`);
  expect(failed).toMatchObject({ state: 'Failed', cause: 'denied' });
  expect(failed?.error).toMatch(
    /\/mirror\/new: set its policy: AccessDeniedException: not authorized; .*SetRepositoryPolicy/,
  );
  expect(repository('mirror/new')?.settings).not.toHaveProperty('policy');
  expect(states(await startWorker().copy(`${OWN}/mirror/new:1`))).toEqual(['Failed']);
  expect(repository('mirror/new')?.manifests.size).toBe(0);
  before = undefined;
  expect(states(await startWorker().copy(`${OWN}/mirror/new:1`))).toEqual(['Mirrored']);
  expect(repository('mirror/new')?.settings).toEqual(COMPLETE);
  const calls = stack.calls().length;
  expect(states(await startWorker().copy(`${OWN}/mirror/new:2`))).toEqual(['Mirrored']);
  expect(stack.calls().length).toBe(calls);
});

it('creates in another account in the role that the construct names for it', async () => {
  expect(states(await startWorker().copy(`${host(OTHER)}/mirror/new:1`))).toEqual(['Mirrored']);
  expect(repository('mirror/new', OTHER)?.settings).toEqual(COMPLETE);
  expect(stack.calls()).toEqual(['sts AssumeRole', ...CREATION]);
  const [assumed, created] = stack.endpoint.calls.filter(({ service }) => service !== 'dynamodb');
  expect(created?.accessKeyId).not.toBe(assumed?.accessKeyId);
});

it.each([
  ['what is not under a prefix', `${OWN}/prod/app:1`],
  ['what rows may not write', `${OWN}/mirrored/app:1`],
])('does not create %s: the line names the three ways', async (_, destination) => {
  const [outcome] = await startWorker().copy(destination);
  expect(outcome).toMatchObject({ state: 'Failed', cause: 'usage' });
  expect(outcome?.error).toMatch(
    /declare its image .*creation template \(create on push\), or let the worker create it/,
  );
  expect(stack.calls()).toEqual([]);
});
