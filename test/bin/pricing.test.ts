import type { Clock } from '../../engine/ports';
import { nearQuota, storagePrice } from '../../lib/model/price';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/aws/endpoint';
import { AwsError } from '../../local/aws/error';
import { secretNamed } from '../../local/canary';
import { ecrApi } from '../../local/ecr';
import { image, multiPlatform } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, openBench, QUICK } from './drive';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const WINDOW = 21_600;
const before = { ...process.env };
let bench: Bench;
let aws: AwsEndpoint;
let refuse: string | undefined;
let source: RunningRegistry;
let other: RunningRegistry;
let hub: RunningRegistry;
let ecr: RunningRegistry;
let clock: Clock & { advance(seconds: number): void };

const crowd = { images: 0, repositories: 0 };
const more = (operation: string) => {
  const list = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
  const imageDigest = (i: number) => `sha256:${i.toString(16).padStart(64, '0')}`;
  return operation === 'ListImages'
    ? { imageIds: list(crowd.images, (i) => ({ imageDigest: imageDigest(i) })) }
    : { repositories: list(crowd.repositories, (i) => ({ repositoryName: `others/${i}` })) };
};

beforeEach(async () => {
  let time = Date.now();
  clock = {
    now: () => time,
    advance: (seconds) => {
      time += seconds * 1000;
    },
    sleep: async (milliseconds) => {
      time += milliseconds;
    },
  };
  bench = openBench();
  source = await bench.registry();
  other = await bench.registry();
  hub = await bench.registry({
    personality: { kind: 'docker-hub', limit: 20, window: WINDOW },
    redirectBlobs: false,
    clock,
  });
  ecr = await bench.registry({
    personality: { kind: 'ecr', account: '123456789012', region: 'eu-west-1', repositories: ['mirror/app'] },
    clock,
  });
  const plane = ecrApi(ecr);
  refuse = undefined;
  Object.assign(crowd, { images: 0, repositories: 0 });
  // Behind what is really there, a page of what nobody would have the patience to put there.
  const answer: typeof plane = (operation, input, caller) => {
    const isCrowded = operation === 'ListImages' ? crowd.images > 0 : crowd.repositories > 0;
    const isList = operation === 'ListImages' || operation === 'DescribeRepositories';
    return { ...plane(operation, input, caller), ...(isList && isCrowded ? { nextToken: 'more' } : {}) };
  };
  aws = await startAwsEndpoint({
    ecr: ({ operation, input, accessKeyId }) => {
      if (operation === refuse)
        throw new AwsError('AccessDeniedException', `not authorized to perform: ecr:${operation}`);
      return {
        output: (input.nextToken === 'more' ? more(operation) : answer(operation, input, accessKeyId)) as never,
      };
    },
  });
  const endpoints = {
    'docker.io': hub.address,
    [HOST]: ecr.address,
    [String(ecr.bucketHost)]: `http://${ecr.bucketHost}`,
  };
  bench.env.REGISTRY_ENDPOINTS = JSON.stringify(endpoints);
  const keys = {
    AWS_ACCESS_KEY_ID: 'AKIALOCALLOCALLOCALL',
    AWS_SECRET_ACCESS_KEY: secretNamed('key'),
    AWS_ENDPOINT_URL: aws.url,
  };
  Object.assign(process.env, keys);
});

afterEach(async () => {
  await aws.close();
  await bench.close();
  process.env = { ...before };
});

const file = (...mirrors: [source: string, destination: string][]) =>
  bench.write(
    'mirrors.yaml',
    JSON.stringify({ mirrors: mirrors.map(([from, to]) => ({ source: from, destination: to })) }),
  );
const run = (command: string, ...flags: string[]) =>
  bench.run([command, '-f', 'mirrors.yaml', '--plain-http', ...QUICK, ...flags], {
    clock,
  });
/** What a plan costs, as machines are told. */
const price = async (...flags: string[]) => {
  const { out } = await run('plan', '--json', ...flags);
  return out.map((line) => JSON.parse(line)).find(({ event }) => event === 'price');
};
/** The lines of it, as people are told. */
const told = async (...flags: string[]) => {
  const { out } = await run('plan', ...flags);
  const from = out.findIndex((line) => /^(bytes|pulls|create|quota|storage|unknown) /.test(line));
  const to = out.findIndex((line) => / to copy/.test(line));
  return from < 0 ? [] : out.slice(from, to);
};
const sizeOf = (contents: readonly { readonly bytes: Uint8Array }[]) =>
  contents.reduce((sum, { bytes }) => sum + bytes.length, 0);

describe('the bytes of a plan', () => {
  const one = image({ seed: 'one', layers: ['base', 'one'] });
  const two = image({ seed: 'two', layers: ['base', 'two'] });
  const base = one.blobs.find(({ descriptor }) =>
    two.blobs.some((blob) => blob.descriptor.digest === descriptor.digest),
  );
  const total = sizeOf([...one.blobs, ...one.manifests, ...two.blobs, ...two.manifests]) - sizeOf(base ? [base] : []);
  beforeEach(() => {
    source.state.place('org/one', one, 'v1');
    source.state.place('org/two', two, 'v1');
    file(
      [`${source.host}/org/one:v1`, `${other.host}/m/app:one`],
      [`${source.host}/org/two:v1`, `${other.host}/m/app:two`],
    );
  });

  it('count what images share once at each registry', async () => {
    expect(base).toBeDefined();
    expect((await price('--sizes')).bytes).toEqual([{ registry: other.host, new: total, held: 0 }]);
    const third = await bench.registry();
    file(
      [`${source.host}/org/one:v1`, `${other.host}/m/one`],
      [`${source.host}/org/two:v1`, `${other.host}/m/two,${third.host}/m/two`],
    );
    const { bytes } = await price('--sizes');
    expect(bytes).toContainEqual({ registry: other.host, new: total, held: 0 });
    expect(bytes).toContainEqual({ registry: third.host, new: sizeOf([...two.blobs, ...two.manifests]), held: 0 });
  });

  it('are not new where they are held, and none are once all is copied', async () => {
    other.state.place('m/app', one, 'one');
    const held = sizeOf(base ? [base] : []);
    const fresh = sizeOf([...two.blobs, ...two.manifests]) - held;
    expect((await price('--sizes')).bytes).toEqual([{ registry: other.host, new: fresh, held }]);
    expect(await told('--sizes')).toEqual([
      expect.stringMatching(/^bytes {4}\S+ k?B new for 127\S+, \S+ k?B there already$/),
    ]);
    expect((await run('sync')).code).toBe(0);
    expect((await price('--sizes')).bytes).toEqual([]);
    expect(await told('--sizes')).toEqual([]);
  });

  it('are not told where sizes are not asked for', async () => {
    expect((await price()).bytes).toEqual([]);
    expect(await told()).toEqual([]);
  });
});

describe('the pulls of a plan', () => {
  const person = async (times: number) => {
    for (let i = 0; i < times; i++) await fetch(`${hub.address}/v2/library/app-0/manifests/v1`);
  };
  beforeEach(() => {
    for (let i = 0; i < 4; i++) hub.state.place(`library/app-${i}`, image({ seed: `app-${i}` }), 'v1');
    file(...[0, 1, 2, 3].map((i): [string, string] => [`app-${i}:v1`, `${other.host}/m/app-${i}`]));
  });

  it('are told beside what remains, short of which images are put off, and not once the window has moved on', async () => {
    await person(17);
    expect((await price()).pulls).toEqual([
      {
        registry: 'docker.io',
        source: '127.0.0.1',
        expected: 4,
        images: 4,
        putOff: 3,
        free: 1,
        left: 3,
        limit: 20,
        window: WINDOW,
        until: new Date(clock.now() + WINDOW * 1000).toISOString(),
      },
    ]);
    expect((await told()).join('\n')).toMatch(
      /^pulls {4}docker\.io: about 4 pulls for 4 images; 3 of 20 in 6 h 0 min left to\n {9}127\.0\.0\.1, 1 to be taken now: 3 images put off, until \S+Z\n {9}at the latest$/,
    );
    clock.advance(WINDOW + 1);
    expect((await price()).pulls).toMatchObject([{ putOff: 0, free: 18, left: 20 }]);
    expect((await told()).join(' ')).toMatch(/20 of 20 in 6 h 0 min left to\s+127\.0\.0\.1, 18 to be taken now$/);
    expect(hub.requests.filter(({ method, status }) => method === 'GET' && status === 429)).toEqual([]);
  });

  it('put off as many images as sync does then', async () => {
    await person(16);
    const [{ putOff }] = (await price()).pulls;
    expect((await run('sync')).out.at(-2)).toBe(`${4 - putOff} copied, 0 up to date, ${putOff} skipped, 0 failed`);
  });

  it('are guessed of an index, and known once its manifests are read', async () => {
    hub.state.place('library/many', multiPlatform({ seed: 'many' }), 'v1');
    file(['many:v1', `${other.host}/m/many`]);
    expect((await price()).pulls).toMatchObject([{ expected: 17, images: 1 }]);
    expect((await price('--sizes')).pulls).toMatchObject([{ expected: 3, images: 1, left: 17 }]);
  });

  it('ask nothing that is a pull themselves', async () => {
    await price();
    expect(hub.requests.filter(({ method, kind }) => method === 'GET' && kind === 'manifest')).toEqual([]);
  });

  it('are not told of a registry that does not count them', async () => {
    source.state.place('org/free', image({ seed: 'free' }), 'v1');
    file([`${source.host}/org/free:v1`, `${other.host}/m/free`]);
    expect((await price()).pulls).toEqual([]);
  });
});

describe('what a plan asks of Amazon ECR', () => {
  const tagged = image({ seed: 'ecr' });
  beforeEach(() => {
    source.state.place('org/app', tagged, 'v1');
    file([`${source.host}/org/app:v1`, `${HOST}/mirror/app`]);
  });

  it('is a repository that is not there, until it is', async () => {
    file([`${source.host}/org/app:v1`, `${HOST}/mirror/new`], [`${source.host}/org/app:v1`, `${HOST}/mirror/app`]);
    expect((await price()).create).toEqual([`${HOST}/mirror/new`]);
    expect((await told()).join(' ')).toMatch(
      /^create {3}1 repository of Amazon ECR to be there first:\s+\S+\/mirror\/new$/,
    );
    ecr.state.create('mirror/new');
    expect((await price()).create).toEqual([]);
    expect(await told()).toEqual([]);
  });

  it('is room for tags of an image, until there is some', async () => {
    const app = ecr.state.create('mirror/app');
    ecr.state.place('mirror/app', tagged, ...Array.from({ length: 900 }, (_, i) => `old-${i}`));
    const of = `${HOST}/mirror/app@${tagged.root.descriptor.digest}`;
    expect((await price()).quotas).toEqual([{ quota: 'tags', of, used: 900, adding: 1, limit: 1000 }]);
    expect((await told()).join(' ').replace(/\s+/g, ' ')).toBe(
      `quota ${of} has 900 tags and gets 1 more, near the quota of 1000`,
    );
    for (let i = 0; i < 10; i++) app.tags.delete(`old-${i}`);
    expect((await price()).quotas).toEqual([]);
  });

  it('is room for images in a repository, until there is some', async () => {
    crowd.images = 89_999;
    expect((await price()).quotas).toEqual([
      { quota: 'images', of: `${HOST}/mirror/app`, used: 89_999, adding: 1, limit: 100_000 },
    ]);
    crowd.images = 0;
    expect((await price()).quotas).toEqual([]);
  });

  it('is room for repositories in the registry, until there is some', async () => {
    file([`${source.host}/org/app:v1`, `${HOST}/mirror/new`]);
    crowd.repositories = 100_000;
    expect((await price()).quotas).toEqual([
      { quota: 'repositories', of: HOST, used: 100_001, adding: 1, limit: 100_000 },
    ]);
    crowd.repositories = 0;
    expect((await price()).quotas).toEqual([]);
  });

  it('is storage, which is paid for by the month, until the image is there', async () => {
    const bytes = sizeOf([...tagged.blobs, ...tagged.manifests]);
    const { storage } = await price('--sizes');
    expect(storage).toEqual({ bytes, usd: (bytes / 1e9) * 0.1, region: 'us-east-1' });
    expect((await told('--sizes')).at(-1)).toMatch(
      /^storage {2}\S+ k?B more in Amazon ECR: less than USD 0\.01 a month \(us-east-1\)$/,
    );
    expect((await run('sync')).code).toBe(0);
    expect((await price('--sizes')).storage).toBeUndefined();
  });

  it('is said to be unknown where the API refuses to tell, and the rest is told all the same', async () => {
    refuse = 'DescribeRepositories';
    const plan = await run('plan', '--sizes');
    expect(plan.code).toBe(0);
    const found = await price('--sizes');
    expect(found.unknown).toEqual([
      expect.stringMatching(
        /^\S+amazonaws\.com: repositories and quotas: Amazon ECR: AccessDeniedException: .*ecr:DescribeRepositories/,
      ),
    ]);
    expect(found.bytes).toHaveLength(1);
    refuse = undefined;
    expect((await price('--sizes')).unknown).toEqual([]);
  });

  it('is not asked where nothing goes there', async () => {
    source.state.place('org/app', tagged, 'v1');
    file([`${source.host}/org/app:v1`, `${other.host}/m/app`]);
    await price('--sizes');
    expect(aws.calls).toEqual([]);
  });
});

it('a closing summary fits eighty columns, however it is looked at', async () => {
  for (let i = 0; i < 12; i++) source.state.place(`org/app-${i}`, image({ seed: `app-${i}` }), 'v1');
  file(
    ...Array.from({ length: 12 }, (_, i): [string, string] => [
      `${source.host}/org/app-${i}:v1`,
      `${HOST}/mirror/new-${i}`,
    ]),
  );
  const lines = await told('--sizes');
  expect(lines.join('\n')).toMatch(/and 2 more$/m);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

describe('prices', () => {
  it('tell of a quota from nine tenths on, and only of what grows', () => {
    const use = { quota: 'tags', of: 'x', used: 899, adding: 1 } as const;
    expect(nearQuota(use)).toHaveLength(1);
    expect(nearQuota({ ...use, used: 898 })).toEqual([]);
    expect(nearQuota({ ...use, used: 1000, adding: 0 })).toEqual([]);
  });

  it('are those of a GB and month', () => {
    expect(storagePrice(25e9, 0.1, 'us-east-1')).toEqual({ bytes: 25e9, usd: 2.5, region: 'us-east-1' });
  });
});
