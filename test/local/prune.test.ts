import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchClient, SubmitJobCommand } from '@aws-sdk/client-batch';
import { App, Stack } from 'aws-cdk-lib';
import { EcrMirror } from '../../lib/index';
import type { RecordedCall, Service } from '../../local/aws/endpoint';
import { AwsError } from '../../local/aws/error';
import { nothingRuns, type Running } from '../../local/aws/running';
import { secretNamed } from '../../local/canary';
import { ecrApi } from '../../local/ecr';
import { image, multiPlatform, pushBuilt } from '../../local/images';
import { startKubernetes } from '../../local/kubernetes';
import { findManifest, type RequestRecord, type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { digestAt, openBench, QUICK, type Ran } from '../bin/drive';
import { read, section } from '../docs/documents';
import { type Access, accessOf } from '../iam/actions';
import { asOwner } from '../iam/people';
import { grants, isAllowed } from '../iam/policies';

/** Pruning, and images that go as often as they are mirrored, by the bundles of a synthesized template. */

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const NGINX = 'docker.io/library/nginx';
const REPOSITORY = 'mirror/docker-hub/library/nginx';
const TAGS = ['1.25.0', '1.26.0', '1.27.0', '1.28.0'];
const to = (tag: string) => `${OWN}/${REPOSITORY}:${tag}`;
const DAY = 86_400_000;
/** Whoever prunes. */
const PERSON = 'AKIAWHOPRUNESPRUNESX';

const folder = mkdtempSync(join(tmpdir(), 'prune-'));
const bench = openBench();
const running: Running = nothingRuns();
let hub: RunningRegistry;
let own: RunningRegistry;
let kubernetes: Awaited<ReturnType<typeof startKubernetes>>;
let stack: LocalStack;
/** What pruning has asked of AWS. */
const asked: RecordedCall[] = [];
let isSilent = false;
let onDelete = async () => {};

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir: folder, analyticsReporting: false, context, builtinCloudFormationValidation: false });
  new EcrMirror(new Stack(app, 'Images'), 'Mirror', { allowedSources: ['docker.io/library/**'] });
  app.synth();
  const silent = ({ kind }: RequestRecord) => (isSilent && kind === 'tags' ? { status: 503 } : undefined);
  [hub, own, kubernetes] = await Promise.all([
    startRegistry({ intercept: silent }),
    startRegistry({
      personality: { kind: 'ecr', account: '111122223333', region: 'eu-west-1', repositories: [REPOSITORY] },
    }),
    startKubernetes(),
  ]);
  for (const tag of TAGS) await pushBuilt(hub.address, 'library/nginx', multiPlatform({ seed: tag }), [tag]);
  const around = (name: string, service: Service): Service =>
    name !== 'ecr'
      ? service
      : async (call) => {
          if (call.operation === 'BatchDeleteImage') await onDelete();
          return service(call);
        };
  stack = await startStack({ assembly: folder, running, around, registries: { 'docker.io': hub, [OWN]: own } });
  const { AWS_SESSION_TOKEN: _, ...environment } = stack.environment;
  const person = { AWS_ACCESS_KEY_ID: PERSON, AWS_SECRET_ACCESS_KEY: secretNamed('key-of-who-prunes') };
  Object.assign(process.env, environment, person);
  delete process.env.AWS_SESSION_TOKEN;
  Object.assign(bench.env, { REGISTRY_ENDPOINTS: JSON.stringify({ 'docker.io': hub.address, [OWN]: own.address }) });
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([hub.close(), own.close(), kubernetes.close(), bench.close()]);
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  Object.assign(running, nothingRuns());
  Object.assign(kubernetes, { pods: [], readers: undefined });
  isSilent = false;
  onDelete = async () => {};
  await select(4);
});

function deny(): never {
  throw new AwsError('AccessDeniedException', 'not authorized to perform: ecr:BatchDeleteImage');
}
/** The row selects so many of the newest tags, and what it wants is there. */
async function select(Latest: number, more: Readonly<Record<string, unknown>> = {}) {
  await stack.putRow({ Source: NGINX, Tags: { Semver: '>=1', Latest }, ...more });
  await stack.waitUntilIdle();
}
/** A month and more later. */
const LATER = { clock: { now: () => Date.now() + 40 * DAY, sleep: async () => {} } };
async function prune(...words: readonly string[]): Promise<Ran> {
  const before = stack.aws.calls.length;
  const ran = await bench.run(['prune', '--stack', 'Images', '--json', ...QUICK, ...words], LATER);
  asked.push(...stack.aws.calls.slice(before).filter(({ accessKeyId }) => accessKeyId === PERSON));
  return ran;
}
const documents = ({ out }: Ran) => out.map((line) => JSON.parse(line));
/** What is said of each image, by its tag. */
function said(ran: Ran): Readonly<Record<string, string>> {
  const told = documents(ran).filter(({ destination }) => destination !== undefined);
  return Object.fromEntries(
    told.map(({ event, reason, destination }) => [destination.split(':').at(-1), reason ?? event] as const),
  );
}
const pruning = (ran: Ran) => documents(ran).find(({ event }) => event === 'pruning');
const held = () => TAGS.filter((tag) => digestAt(own, REPOSITORY, tag) !== undefined);
const item = async (tag: string) => (await stack.copies()).find(({ Destination }) => Destination === to(tag));
const ecr = (operation: string, input: Parameters<ReturnType<typeof ecrApi>>[1]) =>
  ecrApi(own)(operation, { repositoryName: REPOSITORY, ...input });

describe('pruning', () => {
  it('has nothing to do where rows want all that is there', async () => {
    const ran = await prune();
    expect(ran).toMatchObject({ code: 0, err: [] });
    expect(pruning(ran)).toMatchObject({ planned: 0, kept: 0, wanted: 4 });
  });

  it('says without --yes what a narrower row has left behind, and deletes nothing', async () => {
    await select(2);
    const ran = await prune();
    expect(said(ran)).toEqual({ '1.25.0': 'prune', '1.26.0': 'prune' });
    expect(pruning(ran)).toMatchObject({ planned: 2, wanted: 2 });
    expect(held()).toEqual(TAGS);
  });

  it('keeps what is new, or was pulled lately', async () => {
    await select(2);
    expect(said(await prune('--unused-for', '41d'))).toEqual({ '1.25.0': 'new', '1.26.0': 'new' });
    const stored = findManifest(own.state.repositories.get(REPOSITORY) as never, '1.25.0');
    if (stored !== undefined) stored.pulledAt = Date.now() + 39 * DAY;
    expect(said(await prune())).toEqual({ '1.25.0': 'pulled', '1.26.0': 'prune' });
    if (stored !== undefined) stored.pulledAt = undefined;
  });

  it('keeps all of a row that is paused, cannot be read, selects nothing or whose source is silent, until that is mended', async () => {
    await select(2, { Paused: true });
    const doubted = Object.fromEntries(TAGS.map((tag) => [tag, 'row-in-doubt']));
    expect(said(await prune())).toEqual(doubted);
    await select(2, { Tags: { Semver: 'nonsense' } });
    expect(said(await prune())).toEqual(doubted);
    await select(2, { Tags: { Include: ['nothing-is-called-so'] } });
    expect(said(await prune())).toEqual(doubted);
    await select(2);
    isSilent = true;
    const ran = await prune();
    expect(said(ran)).toEqual(doubted);
    expect(documents(ran)[0].detail).toMatch(/503/);
    isSilent = false;
    expect(said(await prune())).toEqual({ '1.25.0': 'prune', '1.26.0': 'prune' });
  });

  it('keeps what Amazon ECS runs: by a task, by its digest, and by a service that has no task now', async () => {
    await select(1);
    const digest = digestAt(own, REPOSITORY, '1.26.0');
    Object.assign(running, {
      tasks: [
        { cluster: 'live', image: 'docker.io/library/busybox' },
        { cluster: 'live', image: 'docker.io/library/busybox' },
        { cluster: 'test', image: to('1.25.0') },
        { cluster: 'live', image: `${OWN}/${REPOSITORY}@${digest}`, imageDigest: digest },
      ],
      services: [{ cluster: 'other', name: 'shop', images: ['docker.io/library/busybox', to('1.27.0')] }],
    });
    expect(said(await prune())).toEqual({ '1.25.0': 'in-use', '1.26.0': 'in-use', '1.27.0': 'in-use' });
  });

  it('keeps what AWS Lambda runs', async () => {
    await select(2);
    const resolved = `${OWN}/${REPOSITORY}@${digestAt(own, REPOSITORY, '1.25.0')}`;
    running.functions = [
      { name: 'a', image: `${OWN}/elsewhere:1` },
      { name: 'resize', image: `${OWN}/elsewhere:2`, resolved },
    ];
    const ran = await prune();
    expect(said(ran)).toEqual({ '1.25.0': 'in-use', '1.26.0': 'prune' });
    expect(documents(ran)[0].detail).toBe('Lambda function resize (3) in eu-west-1 uses it');
  });

  it('keeps what pods of Amazon EKS run, by whichever name they have it', async () => {
    await select(1);
    running.clusters = [{ name: 'live', endpoint: kubernetes.endpoint, authority: kubernetes.authority }];
    const pod = (name: string, image: string, imageID?: string) => ({
      metadata: { namespace: 'shop', name },
      spec: { containers: [{ name: 'main', image }] },
      status: imageID === undefined ? {} : { containerStatuses: [{ name: 'main', image, imageID }] },
    });
    kubernetes.pods = [
      pod('a', 'busybox'),
      pod('b', 'busybox'),
      pod('c', 'nginx:1.25.0'),
      pod('d', 'nginx', `${OWN}/${REPOSITORY}@${digestAt(own, REPOSITORY, '1.26.0')}`),
    ];
    const ran = await prune();
    expect(said(ran)).toEqual({ '1.25.0': 'in-use', '1.26.0': 'in-use', '1.27.0': 'prune' });
    expect(documents(ran)[0].detail).toBe('pod shop/c of EKS cluster live in eu-west-1 uses it');
  });

  it('knows the platform of an index that runs, and keeps every index while one that it does not know runs', async () => {
    await select(2);
    const childOf = (tag: string) =>
      findManifest(own.state.repositories.get(REPOSITORY) as never, tag)?.parsed.manifests[0]?.digest ?? '';
    running.tasks = [{ cluster: 'live', image: to('1.28.0'), imageDigest: childOf('1.28.0') }];
    expect(said(await prune())).toEqual({ '1.25.0': 'prune', '1.26.0': 'prune' });
    running.tasks = [{ cluster: 'live', image: to('1.28.0'), imageDigest: childOf('1.25.0') }];
    expect(said(await prune())).toEqual({ '1.25.0': 'in-use', '1.26.0': 'in-use' });
  });

  it('says what it cannot look into, and keeps all for it unless that is said to be right', async () => {
    await select(2);
    running.refused = ['ecs'];
    running.clusters = [{ name: 'live', endpoint: kubernetes.endpoint, authority: kubernetes.authority }];
    kubernetes.readers = [];
    const ran = await prune();
    expect(said(ran)).toEqual({ '1.25.0': 'not-seen', '1.26.0': 'not-seen' });
    const warnings = documents(ran).filter(({ event }) => event === 'warning');
    expect(warnings.map(({ message }) => message).sort()).toEqual([
      expect.stringMatching(/^Amazon ECS in eu-west-1: .*not authorized to perform: ecs:ListClusters/),
      expect.stringMatching(/^EKS cluster live in eu-west-1: its Kubernetes API answers with 403/),
    ]);
    expect(said(await prune('--unseen-ok'))).toEqual({ '1.25.0': 'prune', '1.26.0': 'prune' });
    kubernetes.readers = undefined;
    running.refused = [];
    expect(said(await prune())).toEqual({ '1.25.0': 'prune', '1.26.0': 'prune' });
  });

  it('keeps a tag that somebody has given another image, and what was copied by hand', async () => {
    await select(2);
    ecr('BatchDeleteImage', { imageIds: [{ imageTag: '1.25.0' }] });
    await pushBuilt(own.address, REPOSITORY, image({ seed: 'theirs' }), ['1.25.0'], asOwner(own));
    await byHand(`${NGINX}:1.26.0`, to('by-hand'));
    expect(said(await prune())).toEqual({ '1.25.0': 'not-ours', '1.26.0': 'prune', 'by-hand': 'not-ours' });
    ecr('BatchDeleteImage', { imageIds: [{ imageTag: '1.25.0' }, { imageTag: 'by-hand' }] });
    await stack.changeCopy(`${NGINX}:1.25.0`, to('1.25.0'), { State: 'Queued' });
    await stack.changeCopy(`${NGINX}:1.26.0`, to('by-hand'), { State: 'Retired' });
  });

  it('deletes none where there are more than it may', async () => {
    await select(1);
    const ran = await prune('--yes', '--at-most', '2');
    expect(ran.code).toBe(64);
    expect(ran.err.join()).toMatch(/got 3 images to delete, and deletes none; --at-most 3 would do/);
    expect(held()).toEqual(TAGS);
  });

  it('deletes them with --yes, retires their copies, and has nothing more to do then', async () => {
    await select(2);
    const ran = await prune('--yes');
    expect(ran).toMatchObject({ code: 0, err: [] });
    expect(said(ran)).toEqual({ '1.25.0': 'pruned', '1.26.0': 'pruned' });
    expect(held()).toEqual(['1.27.0', '1.28.0']);
    expect(await item('1.25.0')).toMatchObject({ State: 'Retired', Expires: expect.any(Number) });
    expect(pruning(await prune('--yes'))).toMatchObject({ planned: 0, kept: 0, wanted: 2, gone: 0, pruned: 0 });
  });

  it('leaves an image to its other tags, and a tag that is moved in that moment to its new image', async () => {
    await select(2);
    await pushBuilt(own.address, REPOSITORY, multiPlatform({ seed: '1.25.0' }), ['released'], asOwner(own));
    const theirs = image({ seed: 'theirs' });
    onDelete = () => pushBuilt(own.address, REPOSITORY, theirs, ['1.26.0'], asOwner(own));
    const ran = await prune('--yes');
    expect(said(ran)).toEqual({ '1.25.0': 'pruned', '1.26.0': 'delete-failed' });
    expect(digestAt(own, REPOSITORY, '1.25.0')).toBeUndefined();
    expect(digestAt(own, REPOSITORY, 'released')).toBe(multiPlatform({ seed: '1.25.0' }).root.descriptor.digest);
    expect(digestAt(own, REPOSITORY, '1.26.0')).toBe(theirs.root.descriptor.digest);
    ecr('BatchDeleteImage', { imageIds: [{ imageTag: 'released' }, { imageTag: '1.26.0' }] });
    await stack.changeCopy(`${NGINX}:1.26.0`, to('1.26.0'), { State: 'Queued' });
  });

  it('has what a row wants again mirrored again, for good', async () => {
    await select(2);
    await prune('--yes');
    await select(4);
    expect(held()).toEqual(TAGS);
    expect(await item('1.25.0')).toMatchObject({ State: 'Mirrored' });
    expect(await item('1.25.0')).not.toHaveProperty('Expires');
    expect(await item('1.25.0')).not.toHaveProperty('Removals');
  });

  it('does not call a copy retired that a job has taken meanwhile', async () => {
    await select(3);
    onDelete = () => stack.changeCopy(`${NGINX}:1.25.0`, to('1.25.0'), { State: 'Queued' });
    await prune('--yes');
    expect(await item('1.25.0')).toMatchObject({ State: 'Queued' });
  });

  it('says so where Amazon ECR refuses, and does not call the copy retired', async () => {
    await select(3);
    onDelete = async () => deny();
    const ran = await prune('--yes');
    expect(ran.code).toBe(1);
    expect(documents(ran)).toContainEqual(
      expect.objectContaining({
        event: 'failed',
        error: expect.stringMatching(/; ecr:BatchDeleteImage there would do$/),
      }),
    );
    expect(await item('1.25.0')).toMatchObject({ State: 'Mirrored' });
    onDelete = async () => {};
    const people = await bench.run(['prune', '--stack', 'Images', '--yes', ...QUICK], LATER);
    expect(people).toMatchObject({ code: 0, err: [] });
    expect(people.out).toEqual([
      '3 wanted, 0 kept, 0 gone already',
      expect.stringMatching(/^pruned /),
      '1 image deleted, 0 failed',
    ]);
  });

  it('retires what is gone already, and what a row has left that is gone', async () => {
    await stack.deleteRow(NGINX);
    await stack.waitUntilIdle();
    ecr('BatchDeleteImage', { imageIds: [{ imageTag: '1.28.0' }] });
    const ran = await prune('--yes');
    expect(pruning(ran)).toMatchObject({ planned: 3, gone: 1, pruned: 3, wanted: 0 });
    expect(documents(ran)[0].why).toMatch(/is gone$/);
    expect(held()).toEqual([]);
    expect(await item('1.28.0')).toMatchObject({ State: 'Retired' });
  });
});

describe('the policy for people who prune, on the page about the construct', () => {
  const place = { account: '111122223333', person: 'arn:aws:iam::111122223333:role/operator' };
  const text = section(read('docs/construct.md'), '## Who prunes');
  const granted = grants(JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? ''), 'the page');

  /** Attributes that a request names, without those inside of others: as DynamoDB tells IAM. */
  function withAttributes(call: RecordedCall): readonly Access[] {
    const accesses = accessOf(call, place.account);
    if (call.operation !== 'UpdateItem') return accesses;
    const { Key, UpdateExpression, ConditionExpression } = call.input as unknown as Record<string, string>;
    const named = `${UpdateExpression} ${ConditionExpression}`.matchAll(/(?<!\.)#([A-Za-z]+)/g);
    const attributes = [...Object.keys(Key ?? {}), ...[...named].map(([, name = '']) => name)];
    return accesses.map((access) => ({ ...access, context: { 'dynamodb:Attributes': [...new Set(attributes)] } }));
  }

  it('allows all that pruning asks for', async () => {
    expect(asked.length).toBeGreaterThan(50);
    const distinct = new Map(asked.flatMap(withAttributes).map((access) => [JSON.stringify(access), access]));
    for (const access of distinct.values()) {
      expect([access, await isAllowed(place.person, granted, access)]).toEqual([access, true]);
    }
  });

  it('grants nothing that is not asked for, and says nothing of copies but that they are retired', async () => {
    const actions = new Set(asked.flatMap(withAttributes).map(({ action }) => action));
    expect([...new Set(granted.map(({ action }) => action))].sort()).toEqual([...actions].sort());
    const table = `arn:aws:dynamodb:eu-west-1:111122223333:table/${stack.tables.copies}`;
    const write = (action: string, ...attributes: string[]) =>
      isAllowed(place.person, granted, { action, resource: table, context: { 'dynamodb:Attributes': attributes } });
    expect(await write('dynamodb:UpdateItem', 'Source', 'Destination', 'State')).toBe(true);
    expect(await write('dynamodb:UpdateItem', 'Source', 'Destination', 'Work')).toBe(false);
    expect(await write('dynamodb:PutItem', 'Source', 'Destination', 'State')).toBe(false);
  });
});

describe('an image that a lifecycle rule removes as often as it is mirrored', () => {
  const keepLast = (countNumber: number) =>
    ecr('PutLifecyclePolicy', {
      lifecyclePolicyText: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: `The last ${countNumber}`,
            selection: { tagStatus: 'tagged', tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber },
            action: { type: 'expire' },
          },
        ],
      }),
    });
  /** As after a day: the rule has taken the oldest image, and the schedule comes. */
  async function day() {
    await stack.changeCopy(`${NGINX}:1.25.0`, to('1.25.0'), { LastMirrored: '2026-01-01T00:00:00.000Z' });
    ecr('BatchDeleteImage', { imageIds: [{ imageTag: '1.25.0' }] });
    stack.runSchedule();
    await stack.waitUntilIdle();
  }

  it('is put back twice, then status names the rule; and it comes back when the rule is mended', async () => {
    keepLast(3);
    for (const removals of [1, 2]) {
      await day();
      expect(await item('1.25.0')).toMatchObject({ State: 'Mirrored', Removals: removals });
    }
    await day();
    expect(held()).not.toContain('1.25.0');
    const told = documents(await bench.run(['status', '--stack', 'Images', '--json']));
    const found = told.find(({ destination }) => destination === to('1.25.0'));
    expect(found).toMatchObject({ verdict: 'failed', state: 'Conflict' });
    expect(found.error).toMatch(/removed 3 times; rule 1 \("The last 3"\) keeps the newest 3 images with tags \*/);
    stack.runSchedule();
    await stack.waitUntilIdle();
    expect(held()).not.toContain('1.25.0');
    keepLast(4);
    stack.runSchedule();
    await stack.waitUntilIdle();
    expect(held()).toEqual(TAGS);
    expect(await item('1.25.0')).toMatchObject({ State: 'Mirrored' });
  });
});

async function byHand(source: string, dest: string): Promise<void> {
  const batch = new BatchClient({ endpoint: stack.aws.url });
  const [queue] = stack.template.ofType('AWS::Batch::JobQueue');
  const [definition] = stack.template.ofType('AWS::Batch::JobDefinition');
  const parameters = { source, dest };
  const names = { jobName: 'by-hand', jobQueue: queue?.ref, jobDefinition: definition?.ref };
  await batch.send(new SubmitJobCommand({ ...names, parameters }));
  batch.destroy();
  await stack.waitUntilIdle();
}
