import { ecrDigests } from '../../aws/ecr-images';
import { formatReference, parseReference } from '../../lib/model/reference';
import type { Service } from '../../local/aws/endpoint';
import { AwsError } from '../../local/aws/error';
import type { AwsCall } from '../../local/aws/protocol';
import { type Stack, startStack } from './stack';
import { digestOf } from './values';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** Repository to tags; a tag with `archived` in it is archived. */
const repositories = new Map<string, string[]>();
let stack: Stack;

interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

/** As ECR answers: one missing id fails the whole call, and only active images are shown. */
const ecr: Service = (call) => {
  const name = String(call.input.repositoryName);
  if (name === 'secret') throw new AwsError('AccessDeniedException', 'not authorized to perform ecr:DescribeImages');
  const tags = repositories.get(name);
  if (tags === undefined) throw new AwsError('RepositoryNotFoundException', `The repository ${name} does not exist`);
  return { output: call.operation === 'ListImages' ? listImages(call, tags) : describeImages(call, tags) };
};

function describeImages(call: AwsCall, tags: readonly string[]) {
  const ids = call.input.imageIds as unknown as ImageId[];
  if (ids.length > 100) throw new AwsError('InvalidParameterException', 'at most 100');
  const found = ids.map(({ imageTag, imageDigest }) =>
    tags.find((tag) => !tag.includes('archived') && (tag === imageTag || digestOf(tag) === imageDigest)),
  );
  if (found.includes(undefined)) throw new AwsError('ImageNotFoundException', 'one of them does not exist');
  return {
    imageDetails: found.map((tag = '') => ({ imageDigest: digestOf(tag), imageTags: [tag], imageStatus: 'ACTIVE' })),
  };
}

function listImages(call: AwsCall, tags: readonly string[]) {
  const from = Number(call.input.nextToken ?? 0);
  const size = Number(call.input.maxResults);
  const imageIds = tags.slice(from, from + size).map((tag) => ({ imageTag: tag, imageDigest: digestOf(tag) }));
  return { imageIds, ...(from + size < tags.length ? { nextToken: String(from + size) } : {}) };
}

beforeAll(async () => {
  const sts: Service = () => ({
    output: {
      Credentials: {
        AccessKeyId: 'ASIAOFTHEROLEOFTHEM0',
        SecretAccessKey: 'other',
        SessionToken: 'session',
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      },
    },
  });
  stack = await startStack({ ecr, sts });
});
afterAll(() => stack.close());
beforeEach(() => repositories.clear());

async function ask(...names: string[]) {
  const before = stack.calls().length;
  const answers = await ecrDigests(
    stack.clients,
    names.map((name) => parseReference(`${HOST}/${name}`)),
  );
  const of = (name: string) => {
    const reference = formatReference(parseReference(`${HOST}/${name}`));
    expect(answers.has(reference)).toBe(true);
    return answers.get(reference);
  };
  return { of, calls: stack.calls().slice(before) };
}

const tagsTo = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);

it('asks for a hundred at once', async () => {
  repositories.set('app', tagsTo(250));
  const { of, calls } = await ask(...tagsTo(250).map((tag) => `app:${tag}`));
  expect(of('app:t249')).toBe(digestOf('t249'));
  expect(calls).toEqual(Array(3).fill('ecr DescribeImages'));
});

it('asks one by one when one of a few is missing', async () => {
  repositories.set('app', ['a', 'b']);
  const { of, calls } = await ask('app:a', 'app:b', 'app:c');
  expect([of('app:a'), of('app:b'), of('app:c')]).toEqual([digestOf('a'), digestOf('b'), undefined]);
  expect(calls).toHaveLength(4);
});

it('lists the repository when one of many is missing', async () => {
  repositories.set('app', tagsTo(2500));
  const { of, calls } = await ask(...tagsTo(150).map((tag) => `app:${tag}`), 'app:missing');
  expect(of('app:t149')).toBe(digestOf('t149'));
  expect(of('app:missing')).toBeUndefined();
  expect(calls.filter((call) => call === 'ecr ListImages')).toHaveLength(3);
});

it('knows images by digest too', async () => {
  repositories.set('app', ['a']);
  const { of } = await ask(`app@${digestOf('a')}`, `app@${digestOf('b')}`);
  expect(of(`app@${digestOf('a')}`)).toBe(digestOf('a'));
  expect(of(`app@${digestOf('b')}`)).toBeUndefined();
});

it('counts an archived image as missing', async () => {
  repositories.set('app', ['a', 'archived']);
  const { of } = await ask('app:a', 'app:archived');
  expect([of('app:a'), of('app:archived')]).toEqual([digestOf('a'), undefined]);
});

it('finds nothing in a repository that is not there', async () => {
  const { of, calls } = await ask('nowhere:a', 'nowhere:b');
  expect([of('nowhere:a'), of('nowhere:b')]).toEqual([undefined, undefined]);
  expect(calls).toHaveLength(1);
});

it('says for each image of a repository that ECR would not answer, and answers for the others', async () => {
  repositories.set('app', ['a']);
  const { of } = await ask('secret:a', 'app:a');
  expect(of('secret:a')).toMatchObject({
    failure: 'denied',
    message: `ECR ${HOST}/secret: AccessDeniedException: not authorized to perform ecr:DescribeImages`,
  });
  expect(of('app:a')).toBe(digestOf('a'));
});

it('asks each account and region for its own, and leaves other registries out', async () => {
  repositories.set('app', ['a']);
  const other = '210987654321.dkr.ecr.us-east-1.amazonaws.com';
  const answers = await ecrDigests(
    stack.clients,
    [`${HOST}/app:a`, `${other}/app:a`, 'quay.io/org/app:a'].map(parseReference),
  );
  expect([...answers.keys()].sort()).toEqual([`${HOST}/app:a`, `${other}/app:a`].sort());
  const asked = stack.endpoint.calls
    .slice(-2)
    .map(({ region, input }) => [region, (input as { registryId: string }).registryId]);
  expect(asked.sort()).toEqual([
    ['eu-west-1', '123456789012'],
    ['us-east-1', '210987654321'],
  ]);
});

it('asks an account in its role where it has one', async () => {
  const role = { account: '210987654321', roleArn: 'arn:aws:iam::210987654321:role/mirror' };
  await ecrDigests(stack.clients, [parseReference('210987654321.dkr.ecr.us-east-1.amazonaws.com/app:a')], [role]);
  const [assumed, asked] = stack.endpoint.calls.slice(-2);
  expect(assumed).toMatchObject({ operation: 'AssumeRole', input: { RoleArn: role.roleArn } });
  expect(asked).toMatchObject({ operation: 'DescribeImages', accessKeyId: 'ASIAOFTHEROLEOFTHEM0' });
});
