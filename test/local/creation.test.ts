import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EcrMirror, type EcrMirrorProps, RepositoryCreation } from '../../lib/index';
import { ecrApi } from '../../local/ecr';
import { image, pushBuilt } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { startStack } from '../../local/stack';

const PLACE = { account: '111122223333', region: 'eu-west-1' };
const OWN = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;
const KEY = `arn:aws:kms:${PLACE.region}:${PLACE.account}:key/0a1b2c3d-0000-4000-8000-0123456789ab`;
const NAME = 'mirror/docker-hub/library/nginx';
const folder = mkdtempSync(join(tmpdir(), 'creation-'));
const nginx = image({ seed: 'nginx' });
let hub: RunningRegistry;

beforeAll(async () => {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const app = new App({ outdir: folder, context, analyticsReporting: false, builtinCloudFormationValidation: false });
  const mirror = (id: string, props: (stack: Stack) => EcrMirrorProps) => {
    const stack = new Stack(app, id);
    new EcrMirror(stack, 'Mirror', props(stack));
  };
  mirror('Declared', () => ({}));
  mirror('ByWorker', (stack) => ({
    repositoryCreation: RepositoryCreation.BY_WORKER,
    repositoryDefaults: {
      keepLast: [{ prefix: '1.', count: 10 }],
      immutable: true,
      floatingTags: ['latest'],
      encryptionKey: Key.fromKeyArn(stack, 'Key', KEY),
      pullOrganizations: ['o-1111111111'],
      tags: { team: 'platform' },
    },
  }));
  app.synth();
  hub = await startRegistry();
  await pushBuilt(hub.address, 'library/nginx', nginx, ['1.27.3']);
}, 60_000);

afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

/** A person adds a row to a deployed stack: what became of it, and of Amazon ECR. */
async function addRow(stackName: string) {
  const own = await startRegistry({ personality: { kind: 'ecr', ...PLACE } });
  const registries = { 'docker.io': hub, [OWN]: own };
  const stack = await startStack({ assembly: folder, stack: stackName, ...PLACE, registries });
  try {
    await stack.putRow({ Source: 'docker.io/library/nginx:1.27.3' });
    await stack.waitUntilIdle();
    const copy = (await stack.copies()).find(({ Source }) => Source === 'docker.io/library/nginx:1.27.3');
    const call = ecrApi(own);
    const read = (operation: string, input: object) => call(operation, { ...input }) as Record<string, unknown>;
    return { copy, own, read, unknown: stack.aws.unknown, back: await readBack(own, NAME, '1.27.3') };
  } finally {
    await stack.stop();
    await own.close();
  }
}

it('mirrors a row into a repository that its worker creates with all settings', async () => {
  const { copy, read, unknown, back } = await addRow('ByWorker');
  expect(copy).toMatchObject({ State: 'Mirrored', Destination: `${OWN}/${NAME}:1.27.3` });
  expect(back?.digest).toBe(nginx.root.descriptor.digest);
  expect(unknown).toEqual([]);
  const [repository] = read('DescribeRepositories', {}).repositories as Record<string, unknown>[];
  expect(repository).toMatchObject({
    repositoryName: NAME,
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: [
      { filterType: 'WILDCARD', filter: 'sha256-*' },
      { filterType: 'WILDCARD', filter: 'latest' },
    ],
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: { encryptionType: 'KMS', kmsKey: KEY },
  });
  const named = { repositoryName: NAME };
  const lifecycle = JSON.parse(String(read('GetLifecyclePolicy', named).lifecyclePolicyText));
  expect(lifecycle.rules).toMatchObject([
    { rulePriority: 1, selection: { tagPrefixList: ['prev-'], countNumber: 50 } },
    { rulePriority: 2, selection: { tagPrefixList: ['1.'], countNumber: 10 } },
    { rulePriority: 3, selection: { tagStatus: 'untagged', countNumber: 14 } },
  ]);
  expect(JSON.parse(String(read('GetRepositoryPolicy', named).policyText)).Statement).toMatchObject([
    { Effect: 'Allow', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1111111111' } } },
  ]);
  expect(read('ListTagsForResource', { resourceArn: repository?.repositoryArn })).toEqual({
    tags: [{ Key: 'team', Value: 'platform' }],
  });
}, 60_000);

it('fails a row without a repository, where nobody is to create it, by a line that names the three ways', async () => {
  const { copy, own } = await addRow('Declared');
  expect(copy).toMatchObject({ State: 'Failed' });
  expect(copy?.Error).toMatch(
    /^destination: .*NAME_UNKNOWN.*declare its image in the construct .*creation template \(create on push\), or let the worker create it \(repositoryCreation\)$/,
  );
  expect(own.state.repositories.size).toBe(0);
}, 60_000);
