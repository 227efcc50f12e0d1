import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { tableLedger } from '../../aws/budgets';
import { get } from '../../aws/items';
import { listUnfinished } from '../../aws/unfinished-repositories';
import { lots } from '../../lambda/rows';
import { MediaType } from '../../lib/model/descriptor';
import { mapRepository } from '../../lib/model/mapping';
import { rateKey } from '../../lib/model/names';
import { permits } from '../../lib/model/permissions';
import type { TestMirror } from '../aws/mirror';
import { repository } from '../model/arbitrary';
import { defaults, OWN, saidOf, startDefaultMirror } from './deployed';

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startDefaultMirror();
});
afterEach(() => mirror.close());

const requests = () => [...mirror.upstream.requests, ...mirror.destination.requests];

/** Rows by what they want; each is looked at by the controller, which is to do nothing for any of them. */
async function refused(wants: Readonly<Record<string, readonly [from: string, to: string]>>): Promise<void> {
  const rows = Object.entries(wants).map(([Source, [From, Destination]]) => ({ Source, From, Destination }));
  await mirror.put(...rows);
  await mirror.call({});
  expect(mirror.submitted).toEqual([]);
  expect(requests()).toEqual([]);
  for (const { Source } of rows) {
    expect({ Source, ...(await saidOf(mirror, Source)) }).toMatchObject({
      Source,
      State: 'Invalid',
      Error: expect.stringMatching(/is not allowed; allowed: .* would do|got .* would do|got .* is in lower case/),
    });
  }
}

describe('a row that exfiltrates', () => {
  it('sends no internal image anywhere else', async () => {
    await refused({
      'to a stranger': [`${OWN}/prod/app:1`, 'ghcr.io/stranger/app:1'],
      'to a stranger among others': [`${OWN}/prod/app:1`, 'destination.test/other:1,ghcr.io/stranger/app:1'],
      'to another account': [`${OWN}/prod/app:1`, '210987654321.dkr.ecr.eu-west-1.amazonaws.com/mirror/app:1'],
      'to another region': [`${OWN}/prod/app:1`, '123456789012.dkr.ecr.us-east-1.amazonaws.com/mirror/app:1'],
      'to a host that goes on': [`${OWN}/prod/app:1`, `${OWN}.evil.io/mirror/app:1`],
      'to another port': [`${OWN}/prod/app:1`, `${OWN}:8443/mirror/app:1`],
      'to a path that looks like a host': [`${OWN}/prod/app:1`, `evil.io/${OWN}/mirror/app:1`],
      'to a host behind an @': [`${OWN}/prod/app:1`, `${OWN}@evil.io/mirror/app`],
      'to the public gallery': [`${OWN}/prod/app:1`, 'public.ecr.aws/alias/app:1'],
      'to a short name': [`${OWN}/prod/app:1`, 'stranger/app:1'],
    });
  });

  it('is let through where the same pair is declared, which shows what refuses it', async () => {
    mirror.permissions = {
      ...mirror.permissions,
      outward: [{ from: 'upstream.test/app', to: 'destination.test/out' }],
    };
    await mirror.publish('app', '1', 'app');
    await mirror.put({ Source: 'upstream.test/app:1', Destination: 'destination.test/out:1' });
    await mirror.call({});
    expect(mirror.submitted).toHaveLength(1);
    expect(await mirror.runSubmitted()).toEqual([0]);
  });
});

describe('a row that overwrites', () => {
  it('reaches nothing beside the prefix', async () => {
    await refused({
      'another repository': ['nginx:1', `${OWN}/prod/app:1`],
      'the prefix itself': ['nginx:1', `${OWN}/mirror:1`],
      'a prefix that goes on': ['nginx:1', `${OWN}/mirrors/app:1`],
      'up from the prefix': ['nginx:1', `${OWN}/mirror/../prod/app:1`],
      'up from the prefix, encoded': ['nginx:1', `${OWN}/mirror/%2e%2e/prod/app:1`],
      'an empty component': ['nginx:1', `${OWN}//prod/app:1`],
      'in upper case': ['nginx:1', `${OWN}/mirror/../PROD/app:1`],
      'by the dual-stack name of the registry': ['nginx:1', '123456789012.dkr-ecr.eu-west-1.on.aws/prod/app:1'],
      'by the FIPS name of the registry': ['nginx:1', '123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com/prod/app:1'],
      'by a template in the name': ['nginx:1', `${OWN}/{tag}/app:1`],
      'a digest of its choice': ['nginx:1', `${OWN}/mirror/app@sha256:${'0'.repeat(64)}`],
    });
  });

  it('takes no tag from the row that another has for it: neither is mirrored, and each is named', async () => {
    await mirror.publish('good', '1', 'good');
    await mirror.publish('evil', '1', 'evil');
    const Destination = 'destination.test/mirror/app:1';
    await mirror.put({ Source: 'upstream.test/good:1', Destination }, { Source: 'upstream.test/evil:1', Destination });
    await mirror.call({});
    expect(mirror.submitted).toEqual([]);
    expect(await saidOf(mirror, 'upstream.test/good:1')).toMatchObject({ Error: expect.stringContaining('evil:1') });
  });

  it('is mapped to a place under the prefix, whatever its source is called', () => {
    const { mapping, permissions } = defaults();
    fc.assert(
      fc.property(repository, (source) => {
        const mapped = mapRepository(mapping, source);
        expect(mapped && permits(permissions, source, mapped)).toBeUndefined();
        expect(mapped?.name).toMatch(/^mirror\/./);
      }),
    );
  });

  it('that is named like an item of the mirror’s own changes none of them', async () => {
    const { copies } = mirror.stack;
    const [ledger, key] = [tableLedger(copies), 'ecr/put-image'];
    const at = mirror.clock.now();
    const budget = { next: at, at, rate: 10, base: 10, prior: 10, since: at, heed: 0, steps: 0, refused: 0 };
    expect((await ledger.restart(key, undefined, budget)).done).toBe(true);
    const names = [rateKey(key), 'run', 'repositories', 'plan#forged'];
    await mirror.put(...names.map((Source) => ({ Source, From: 'nginx:1', Destination: `${OWN}/prod/app:1` })));
    await mirror.call({});
    const range = { since: at, earliest: at, latest: at, by: 1, at };
    expect((await ledger.extend(key, range)).budget).toMatchObject({ ...budget, next: at + 1 });
    expect([...(await listUnfinished(copies))]).toEqual([]);
    for (const Source of names)
      expect(await get(copies, { Source, Destination: '-' })).toMatchObject({ State: 'Invalid' });
  });
});

describe('a row that spends', () => {
  const list = (count: number) => JSON.stringify({ tags: Array.from({ length: count }, (_, i) => `1.${i}.0`) });
  const row = (Tags: object) => ({ Source: 'upstream.test/app', Destination: 'destination.test/mirror/app', Tags });
  const listing = (count: number) =>
    mirror.upstream.intercept(({ kind }) => (kind === 'tags' ? { status: 200, body: list(count) } : undefined));

  it('that asks for 100,000 tags gets none of them, and costs one request', async () => {
    listing(100_000);
    await mirror.put(row({}));
    await mirror.call({});
    expect(mirror.upstream.requests.map(({ kind }) => kind)).toEqual(['tags']);
    expect(mirror.submitted).toEqual([]);
    expect(await saidOf(mirror, 'upstream.test/app')).toMatchObject({
      State: 'Failed',
      Error: expect.stringMatching(
        /got 100000 that are selected, for 1 of its destinations; at most 10000 copies would do/,
      ),
    });
  });

  it('gets the newest of 100,000 tags where it says how many', async () => {
    listing(100_000);
    await mirror.put(row({ Latest: 3 }));
    await mirror.call({});
    expect(mirror.upstream.requests.filter(({ method }) => method === 'HEAD').map(({ tag }) => tag)).toEqual([
      '1.99999.0',
      '1.99998.0',
      '1.99997.0',
    ]);
  });

  it('that asks for an index of 20,001 children gets none of them', async () => {
    const digests = Array.from({ length: 20_001 }, (_, i) => createHash('sha256').update(String(i)).digest('hex'));
    const manifests = digests.map((hex) => ({ mediaType: MediaType.OCI_MANIFEST, digest: `sha256:${hex}`, size: 9 }));
    const body = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests });
    const own = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const headers = { 'content-type': MediaType.OCI_INDEX, 'docker-content-digest': own };
    const isIt = (path: string) => path.endsWith('/manifests/1') || path.endsWith(`/manifests/${own}`);
    mirror.upstream.intercept(({ path }) => (isIt(path) ? { status: 200, headers, body } : undefined));
    await mirror.put({ Source: 'upstream.test/app:1', Destination: 'destination.test/mirror/app:1' });
    await mirror.call({});
    expect(await mirror.runSubmitted()).toEqual([64]);
    expect(await mirror.copy('upstream.test/app:1', 'destination.test/mirror/app:1')).toMatchObject({
      Error: expect.stringMatching(/got 20001 manifests; at most 20000 would do/),
    });
    expect(mirror.upstream.requests.length).toBeLessThan(10);
  });

  it('that asks for 2,000 tags in each of ten places is refused as well', async () => {
    listing(2_000);
    const places = Array.from({ length: 10 }, (_, i) => `destination.test/mirror/app${i}`);
    await mirror.put({ ...row({}), Destination: places });
    await mirror.call({});
    expect(mirror.upstream.requests.map(({ kind }) => kind)).toEqual(['tags']);
    expect(await saidOf(mirror, 'upstream.test/app')).toMatchObject({
      Error: expect.stringMatching(/got 2000 that are selected, for 10 of its destinations; at most 10000 copies/),
    });
  });

  it('that is as long as rows can be is held with few others: memory has a bound, and none is left out', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({
      Source: `upstream.test/app${i}`,
      Destination: `destination.test/mirror/app${i}`,
      Note: 'x'.repeat(350_000),
    }));
    await mirror.put(...rows);
    const found: string[][] = [];
    for await (const lot of lots(mirror.world(), {}, 10_000)) found.push(lot.rows.map(({ key }) => key));
    expect(found.length).toBeGreaterThan(1);
    expect(found.flat().sort()).toEqual(rows.map(({ Source }) => Source).sort());
  });

  it('that asks for too much does not keep the others from being mirrored', async () => {
    listing(20_000);
    await mirror.publish('good', '1', 'good');
    await mirror.put(row({}), { Source: 'upstream.test/good:1', Destination: 'destination.test/mirror/good' });
    await mirror.call({});
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(await mirror.copy('upstream.test/good:1', 'destination.test/mirror/good:1')).toMatchObject({
      State: 'Mirrored',
    });
  });
});
