import { FORMAT_NAMES } from '../../bin/import/formats';
import { type Bench, openBench } from './drive';

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

/** Nothing that any format knows, and no registry has. */
const STRANGE = 'wibble';
const DIGEST = `sha256:${'0'.repeat(64)}`;
const ARN = 'arn:aws:ecr:eu-west-1:123456789012:repository/team/app';
const tag = (Key: string, Value: string) => ({ Key, Value });

/** A file of each format with a map at each place that has one. */
const FILES: Readonly<Record<string, object>> = {
  regsync: {
    version: 1,
    creds: [{ registry: 'a.io', tls: 'enabled' }],
    defaults: { interval: '6h', ratelimit: { min: 10 } },
    sync: [
      {
        source: 'a.io/b',
        target: 'c.io/b',
        type: 'repository',
        tags: { allow: ['v1'] },
        tagSets: [{ deny: ['v2'] }],
        referrers: true,
        referrerFilters: [{ artifactType: 'application/spdx+json' }],
      },
    ],
  },
  dregsy: {
    relay: 'skopeo',
    tasks: [
      {
        name: 't',
        interval: 60,
        source: { registry: 'docker.io' },
        target: { registry: 'm.io' },
        mappings: [{ from: 'library/alpine', tags: ['3.20'], platform: 'all' }],
      },
    ],
  },
  'image-list': { images: [{ source: 'a.io/b', tags: { include: ['1.*'], min: 1 }, platforms: ['linux/amd64'] }] },
  'skopeo-sync': {
    'a.io': { images: { b: ['1'] }, 'images-by-tag-regex': { c: '^1' }, 'images-by-semver': { d: '>=1' } },
  },
  'image-syncer': { auth: { 'a.io': {} }, images: { 'a.io/b:1': 'm.io/b' } },
  'table-scan': { Count: 1, Items: [{ Source: { S: 'nginx:1' }, Destination: { S: 'm.io/n:1' } }] },
  'repository-tags': { ResourceTagMappingList: [{ ResourceARN: ARN, Tags: [tag('upstream-image', 'nginx')] }] },
  kubernetes: {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: { containers: [{ image: `nginx@${DIGEST}` }], volumes: [{ image: { reference: 'a.io/data:1' } }] },
  },
};

/** Maps in which a key is no key of the format: of what is not carried as a whole, and of values that DynamoDB spells. */
const ANYBODYS = [/^creds/, /ratelimit$/, /^auth/, /^Items\.0\./];

type Path = readonly (string | number)[];

function mapsIn(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((one, i) => mapsIn(one, [...path, i]));
  if (typeof value !== 'object' || value === null) return [];
  return [path, ...Object.entries(value).flatMap(([key, one]) => mapsIn(one, [...path, key]))];
}

function withStranger(file: object, path: Path): object {
  const copy = structuredClone(file) as Record<string, unknown>;
  const place = path.reduce<unknown>((map, key) => (map as Record<string | number, unknown>)[key], copy);
  (place as Record<string, unknown>)[STRANGE] = 'a.io/strange';
  return copy;
}

const CASES = Object.entries(FILES)
  .filter(([format]) => format !== 'kubernetes')
  .flatMap(([format, file]) =>
    mapsIn(file)
      .filter((path) => !ANYBODYS.some((one) => one.test(path.join('.'))))
      .map((path) => [format, path.join('.'), withStranger(file, path)] as const),
  );

describe('a key that a format does not have', () => {
  it('is looked for in every format that has keys', () => {
    const keyless = ['images-txt', 'mirrors-table'];
    expect(FORMAT_NAMES.filter((name) => !keyless.includes(name) && !(name in FILES))).toEqual([]);
    expect(CASES.length).toBeGreaterThan(25);
  });

  it.each(CASES)('%s: is told of, or carried, at %j', async (format, _, file) => {
    bench.write('input', JSON.stringify(file));
    const { out, err } = await bench.run(['import', 'input', '--format', format, '--destination', 'm.io']);
    expect([...out, ...err].join('\n')).toContain(STRANGE);
  });

  it.each(Object.entries(FILES))('%s: is missed by nobody where there is none', async (format, file) => {
    bench.write('input', JSON.stringify(file));
    const { code, out, err } = await bench.run(['import', 'input', '--format', format, '--destination', 'm.io']);
    expect(code).toBe(0);
    expect([...out, ...err].join('\n')).not.toContain(STRANGE);
    expect(err.join('\n')).not.toContain('is not known');
  });

  it('is nobody’s business in a manifest of Kubernetes, of which images are taken', async () => {
    for (const path of mapsIn(FILES.kubernetes)) {
      bench.write('input', JSON.stringify(withStranger(FILES.kubernetes as object, path)));
      const { code, out, err } = await bench.run(['import', 'input', '--destination', 'm.io']);
      expect({ code, err, images: out.filter((line) => line.includes('source:')).length }).toEqual({
        code: 0,
        err: [],
        images: 2,
      });
    }
  });

  it('is more than an image and an architecture in a list, and told of by its line', async () => {
    bench.write('input', `nginx:1 amd64\nredis:7 amd64 ${STRANGE}\n`);
    const { err } = await bench.run(['import', 'input', '--destination', 'm.io']);
    expect(err.join('\n')).toContain('line 2: has more than an image and an architecture');
  });
});
