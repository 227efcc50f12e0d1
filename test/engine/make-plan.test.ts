import { generateKeyPairSync } from 'node:crypto';
import { makePlan, type PlanWorld } from '../../engine/make-plan';
import { runCopies } from '../../engine/run-copies';
import type { Plan } from '../../lib/model/copy';
import { parseRow } from '../../lib/model/mirror-row';
import { formatReference, type Reference } from '../../lib/model/reference';
import { denied, ImageMaker, MemoryRegistries } from '../fakes/memory-store';

const NOW = Date.UTC(2026, 0, 1);
const clock = { now: () => NOW, sleep: async () => undefined };
const everything = { sources: ['**'], destinations: ['**'], outward: [] };

function world(more: Partial<PlanWorld> = {}) {
  const registries = new MemoryRegistries();
  const planWorld: PlanWorld = { stores: registries.stores, permissions: everything, clock, ...more };
  const image = (repository: string, tag: string, text = tag) =>
    new ImageMaker(registries.store(repository)).image([text], {}, tag);
  const plan = (...rows: Record<string, unknown>[]) =>
    makePlan(
      rows.map((row, position) => parseRow(row, { mapping: { registry: 'our.example' }, position })),
      planWorld,
    );
  const sync = async (...rows: Record<string, unknown>[]) => {
    const planned = await plan(...rows);
    const outcomes = [];
    for await (const { outcome } of runCopies(planned.copies, { stores: registries.stores, clock }))
      outcomes.push(outcome);
    return { planned, outcomes };
  };
  return { registries, image, plan, sync };
}

const text = (reference: Reference | undefined) =>
  reference === undefined ? '' : formatReference({ ...reference, digest: undefined });
const copies = (plan: Plan) =>
  plan.copies.flatMap(({ source, destinations }) =>
    destinations.map(({ reference, why }) => `${text(source)} -> ${text(reference)} ${why}`),
  );
const skips = (plan: Plan) => plan.skipped.map(({ mirror, reason }) => `${mirror} ${reason}`);

describe('a plan', () => {
  it('copies what is missing and what has changed, and leaves the rest alone', async () => {
    const { image, plan, registries } = world();
    for (const tag of ['1', '2', '3']) image('docker.io/library/app', tag);
    image('our.example/app', '2', 'an older one');
    image('our.example/app', '3');
    const row = (tag: string) => ({ Source: `app:${tag}`, Destination: 'our.example/app' });
    const planned = await plan(row('1'), row('2'), row('3'));
    expect(copies(planned)).toEqual([
      'docker.io/library/app:1 -> our.example/app:1 missing',
      'docker.io/library/app:2 -> our.example/app:2 changed',
    ]);
    expect(skips(planned)).toEqual(['app:3 up-to-date']);
    expect(registries.count('fetchManifest') + registries.count('pushManifest')).toBe(0);
  });

  it('pins the digest it has seen, whatever the tag does afterwards', async () => {
    const { image, plan } = world();
    const seen = image('docker.io/library/app', '1');
    const { copies: planned } = await plan({ Source: 'app:1' });
    expect(planned[0]?.source.digest).toBe(seen.digest);
    expect(text(planned[0]?.destinations[0]?.reference)).toBe('our.example/mirror/docker-hub/library/app:1');
  });

  it('asks each source and each destination once, however many rows name them', async () => {
    const { image, sync, registries } = world();
    image('docker.io/library/app', '1');
    const rows = [1, 2, 3].map((n) => ({ Source: `row ${n}`, From: 'app:1', Destination: `our.example/app${n}` }));
    await sync(...rows);
    registries.calls.length = 0;
    const { planned } = await sync(...rows);
    expect(skips(planned)).toEqual(['row 1 up-to-date', 'row 2 up-to-date', 'row 3 up-to-date']);
    expect(registries.count('resolve', 'docker.io/library/app')).toBe(1);
    expect(registries.count('resolve')).toBe(4);
    expect(registries.count('referrers')).toBe(1);
    expect(registries.count('tags')).toBe(1);
    expect(registries.calls.length).toBe(6);
  });

  it('says for every row why it is left alone', async () => {
    const { image, plan } = world({ permissions: { ...everything, destinations: ['our.example/mirror/**'] } });
    image('docker.io/library/app', '1');
    const planned = await plan(
      { Source: 'app:1', Destination: 'our.example/mirror/app', Expires: NOW / 1000 },
      { Source: 'app:2', Destination: 'our.example/mirror/app', Paused: true },
      { Source: 'app:3', Destinatoin: 'our.example/mirror/app' },
      { Source: 'app:4', Destination: 'elsewhere.example/app' },
      { Source: 'app:5', Destination: 'our.example/mirror/app' },
      { Source: 'app', Tags: { Semver: '>=7' }, Destination: 'our.example/mirror/app' },
    );
    expect(planned.copies).toEqual([]);
    expect(skips(planned)).toEqual([
      'app:1 expired',
      'app:2 paused',
      'app:3 invalid',
      'app:4 not-allowed',
      'app:5 source-failed',
      'app nothing-selected',
    ]);
    expect(planned.skipped[2]?.detail).toContain('Destination');
    expect(text(planned.skipped[3]?.destination)).toBe('elsewhere.example/app');
    expect(planned.skipped[4]?.detail).toMatch(/^source: look up docker\.io\/library\/app: manifest 5 is not there/);
  });

  it('refuses two rows that write one destination, each naming the other, and no third', async () => {
    const { image, plan } = world();
    for (const tag of ['1', '2', '3']) image('docker.io/library/app', tag);
    const planned = await plan(
      { Source: 'app:1', Destination: 'our.example/app:stable' },
      { Source: 'app:2', Destination: 'our.example/app:stable, our.example/other' },
      { Source: 'app:3', Destination: 'our.example/app' },
    );
    expect(planned.skipped.map(({ reason, detail }) => [reason, detail?.match(/written by (\S+);/)?.[1]])).toEqual([
      ['contested', 'app:2'],
      ['contested', 'app:1'],
    ]);
    expect(copies(planned)).toEqual([
      'docker.io/library/app:2 -> our.example/other:2 missing',
      'docker.io/library/app:3 -> our.example/app:3 missing',
    ]);
  });

  it('sees that a selection of tags writes what another row writes', async () => {
    const { image, plan } = world();
    for (const tag of ['1.1', '1.2']) image('docker.io/library/app', tag);
    image('docker.io/library/other', '1.2');
    const planned = await plan(
      { Source: 'all', From: 'app', Tags: { Include: ['*'] }, Destination: 'our.example/app' },
      { Source: 'other:1.2', Destination: 'our.example/app' },
    );
    expect(skips(planned).sort()).toEqual(['all contested', 'other:1.2 contested']);
    expect(copies(planned)).toEqual(['docker.io/library/app:1.1 -> our.example/app:1.1 missing']);
  });

  describe('of rows that write one destination', () => {
    const APP = { From: 'app', Destination: 'our.example/app' };
    const signed = (Identity: string) => ({ RequireSignature: { Identity, Issuer: 'https://issuer.example' } });
    const [PIN, OTHER_PIN] = ['app:1@PIN', 'app:1@OTHER'];
    const KEYS = [1, 2].map(() => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
    const REVERSED = [...KEYS].reverse();
    const one = { ...APP, From: 'app:1' };
    const two = (more: object, other: object = {}) => [
      { Source: 'a', ...one, ...more },
      { Source: 'b', ...one, ...other },
    ];

    it('says in words what they differ in, and names who differs', async () => {
      const { image, plan } = world();
      image('docker.io/library/app', '1');
      const third = { Source: 'c', ...one, ...signed('other@example.com') };
      const planned = await plan(...two(signed('me@example.com')), third);
      const would = 'the same in both, or one row for each destination, would do';
      expect(planned.skipped.map(({ mirror, detail }) => [mirror, detail?.replace(/.* by /, '')])).toEqual([
        ['a', `c with other signers; ${would}`],
        ['b', `a, c with other signers; ${would}`],
        ['c', `a with other signers; ${would}`],
      ]);
    });

    it.each<[string, readonly Record<string, unknown>[]]>([
      ['the same', two({})],
      ['a tag, and a selection', two({ From: 'app', Tags: { Include: ['1'] } })],
      ['selections that overlap', two({ From: 'app', Tags: { Latest: 1 } }, { From: 'app', Tags: { Include: ['*'] } })],
      ['one of them another image, too', two({ Destination: 'our.example/app, our.example/b' })],
      ['short and long names', two({ From: 'docker.io/library/app:1' }, { Destination: 'our.example/app:{tag}' })],
      [
        'platforms in another order',
        two({ Platforms: 'linux/amd64,linux/arm64' }, { Platforms: 'linux/arm64,linux/amd64' }),
      ],
      ['what was there kept for one', two({ KeepPrevious: true })],
      ['a signature asked for by one', two(signed('me@example.com'))],
      ['signers in another order', two({ RequireSignature: { Keys: KEYS } }, { RequireSignature: { Keys: REVERSED } })],
    ])('copies once what they agree on: %s', async (_, rows) => {
      const { image, plan } = world();
      image('docker.io/library/app', '1');
      const planned = await plan(...rows);
      const [copy, ...others] = planned.copies;
      expect(planned.skipped).toEqual([]);
      expect(others).toEqual([]);
      expect(copy?.mirrors).toEqual(['a', 'b']);
      expect(copies(planned).filter((line) => line.includes('our.example/app:1'))).toHaveLength(1);
    });

    it.each<[string, readonly Record<string, unknown>[]]>([
      ['another tag', two({ From: 'app:2', Destination: 'our.example/app:1' })],
      ['another repository', two({ From: 'other:1' })],
      ['a pin, and a tag that moves', two({ From: PIN })],
      ['two pins', two({ From: PIN }, { From: OTHER_PIN })],
      ['a pin, and a selection', two({ From: PIN }, { From: 'app', Tags: { Include: ['1'] } })],
      [
        'the newest tag, whichever that is',
        two({ From: 'app', Tags: { Include: ['1'], Latest: 1 }, Destination: 'our.example/app:1' }),
      ],
      ['other platforms', two({ Platforms: 'linux/amd64' })],
      ['no referrers', two({ Referrers: false })],
      ['other referrers', two({ ArtifactTypes: ['application/signature'] })],
      ['another way to compare', two({ Compare: 'config' })],
      ['another way out of conflicts', two({ OnConflict: 'suffix' })],
      ['other signers', two(signed('me@example.com'), signed('you@example.com'))],
    ])('copies nothing of what they do not agree on: %s', async (_, rows) => {
      const { image, plan } = world();
      const pinned = ['a pinned image', 'another'].map((seed) => image('docker.io/library/app', '1', seed).digest);
      for (const tag of ['1', '2']) image('docker.io/library/app', tag);
      image('docker.io/library/other', '1');
      const asked = JSON.stringify(rows)
        .replace('PIN', pinned[0] ?? '')
        .replace('OTHER', pinned[1] ?? '');
      const planned = await plan(...JSON.parse(asked));
      expect(copies(planned).filter((line) => line.includes('our.example/app:1'))).toEqual([]);
      expect(skips(planned).sort()).toEqual(['a contested', 'b contested']);
    });

    it('names ten rows of many, and makes one copy for many', async () => {
      const { image, plan } = world();
      const numbers = Array.from({ length: 300 }, (_, number) => number);
      for (const number of numbers) image(`docker.io/library/app-${number}`, '1');
      const rows = (from: (number: number) => string) =>
        numbers.map((number) => ({ Source: `row ${number}`, From: from(number), Destination: 'our.example/app' }));
      const { skipped } = await plan(...rows((number) => `app-${number}:1`));
      expect(skipped).toHaveLength(300);
      expect(skipped[5]?.detail).toMatch(
        / by row 0, row 1, .*, row 10 and others; one row for each destination would do$/,
      );
      const { copies } = await plan(...rows(() => 'app-0:1'));
      expect(copies.map(({ mirrors, destinations }) => [mirrors.length, destinations.length])).toEqual([[300, 1]]);
    });

    it('keeps what was there, and verifies, for all of them whoever is due', async () => {
      const isDue = ({ key }: { readonly key: string }) => key === 'b';
      const { image, plan } = world({ isDue });
      image('docker.io/library/app', '1');
      image('our.example/app', '1', 'an older one');
      const planned = await plan(...two({ KeepPrevious: true, ...signed('me@example.com') }));
      expect(skips(planned)).toEqual(['a not-due']);
      expect(planned.copies).toMatchObject([
        {
          mirrors: ['b'],
          requireSignature: { identity: 'me@example.com' },
          destinations: [{ why: 'changed', keepPrevious: true }],
        },
      ]);
    });

    it('heeds a selection also while its source lists no tags, if it may be of what is wanted', async () => {
      const { image, plan, registries } = world();
      image('docker.io/library/app', '1');
      registries.fault = ({ operation, repository }) => {
        if (operation === 'tags' && repository.startsWith('docker.io/')) throw denied();
      };
      const selecting = (Source: string, Include: string, more: object) => ({
        ...{ Source, ...APP, Tags: { Include: [Include], Latest: 1 } },
        ...more,
      });
      const signing = selecting('b', '1*', signed('me@example.com'));
      const planned = await plan({ Source: 'a', ...one }, signing, selecting('c', '2*', signed('you@example.com')));
      expect(planned.copies).toMatchObject([{ mirrors: ['a'], requireSignature: { identity: 'me@example.com' } }]);
      expect(skips(planned)).toEqual(['b source-failed', 'c source-failed']);
      const refused = await plan({ Source: 'a', ...one }, selecting('b', '1*', { Platforms: 'linux/amd64' }));
      expect(skips(refused)).toEqual(['b source-failed', 'a contested']);
      const elsewhere = selecting('b', '1*', { From: 'other', Platforms: 'linux/amd64' });
      expect((await plan({ Source: 'a', ...one }, elsewhere)).copies).toHaveLength(1);
    });
  });

  it('gives a pin without a tag one of its own', async () => {
    const { image, plan } = world();
    const { digest } = image('docker.io/library/app', '1');
    const planned = await plan({ Source: `app@${digest}`, Destination: 'our.example/app' });
    expect(planned.copies[0]?.destinations[0]?.reference.tag).toBe(digest.replace(':', '.'));
  });

  it('notices that a signature came after its image', async () => {
    const { registries, image, sync } = world();
    const root = image('docker.io/library/app', '1');
    const row = { Source: 'app:1', Destination: 'our.example/app' };
    await sync(row);
    new ImageMaker(registries.store('docker.io/library/app')).image(['signature'], { subject: root });
    const { planned, outcomes } = await sync(row);
    expect(copies(planned)).toEqual(['docker.io/library/app:1 -> our.example/app:1 referrers']);
    expect(outcomes).toMatchObject([{ state: 'Mirrored' }]);
    expect(skips((await sync(row)).planned)).toEqual(['app:1 up-to-date']);
  });

  it('refuses a tag that a template makes too long, and copies the others', async () => {
    const { image, plan } = world();
    for (const tag of ['1', 'x'.repeat(128)]) image('docker.io/library/app', tag);
    const planned = await plan({
      Source: 'app',
      Tags: { Include: ['*'] },
      Destination: 'our.example/app:{tag}-mirror',
    });
    expect(copies(planned)).toEqual(['docker.io/library/app:1 -> our.example/app:1-mirror missing']);
    expect(planned.skipped).toMatchObject([{ reason: 'invalid', detail: expect.stringContaining('128 characters') }]);
  });

  it('names every row that writes the same destination', async () => {
    const { image, plan } = world();
    for (const tag of ['1', '2', '3']) image('docker.io/library/app', tag);
    const rows = ['app:1', 'app:2', 'app:3'].map((Source) => ({ Source, Destination: 'our.example/app:stable' }));
    const planned = await plan(...rows);
    expect(planned.skipped.map(({ detail }) => detail)).toEqual(
      ['app:2, app:3', 'app:1, app:3', 'app:1, app:2'].map(
        (others) => `our.example/app:stable is also written by ${others}; one row for each destination would do`,
      ),
    );
  });

  it('asks in batches for every destination that is wanted, once', async () => {
    const asked: string[] = [];
    const destinationDigests = async (references: readonly Reference[]) => {
      asked.push(...references.map(text));
      return new Map();
    };
    const { image, plan } = world({ destinationDigests });
    for (const tag of ['1', '2']) image('docker.io/library/app', tag);
    await plan({ Source: 'app:1', Destination: 'our.example/a, our.example/b' }, { Source: 'app:2' });
    expect(asked).toEqual(['our.example/a:1', 'our.example/b:1', 'our.example/mirror/docker-hub/library/app:2']);
  });

  it('does not ask for a mirror that is not due', async () => {
    const { image, plan, registries } = world({ isDue: ({ key }) => key !== 'app:1' });
    image('docker.io/library/app', '1');
    expect(skips(await plan({ Source: 'app:1' }))).toEqual(['app:1 not-due']);
    expect(registries.calls).toEqual([]);
  });

  it('takes answers about destinations that were asked in batches, and asks for the rest', async () => {
    const known = new Map<string, undefined | Error>([
      ['our.example/a:1', undefined],
      ['our.example/b:1', new Error('throttled')],
    ]);
    const { image, plan, registries } = world({ destinationDigests: async () => known });
    image('docker.io/library/app', '1');
    const planned = await plan({ Source: 'app:1', Destination: 'our.example/a, our.example/b, our.example/c' });
    expect(copies(planned).length).toBe(2);
    expect(planned.skipped).toMatchObject([
      { reason: 'destination-failed', detail: 'destination: look up our.example/b:1: throttled' },
    ]);
    expect(registries.count('resolve')).toBe(2);
  });

  it('fails one image of a selection without the others', async () => {
    const { registries, image, plan } = world();
    for (const tag of ['1', '2', '3']) image('docker.io/library/app', tag);
    registries.fault = ({ operation, what }) => {
      if (operation === 'resolve' && what === '2') throw denied();
    };
    const planned = await plan({ Source: 'app', Tags: { Include: ['*'] }, Referrers: false });
    expect(planned.copies.map(({ source }) => source.tag).sort()).toEqual(['1', '3']);
    expect(planned.skipped).toMatchObject([{ reason: 'source-failed', cause: 'denied' }]);
  });
});

describe('carrying a plan out', () => {
  it('does just what was planned, and the next plan is empty', async () => {
    const { image, sync } = world();
    const rows = Array.from({ length: 30 }, (_, n) => {
      image(`docker.io/library/app${n}`, '1', `layer ${n % 7}`);
      return { Source: `app${n}:1` };
    });
    const { planned, outcomes } = await sync(...rows);
    expect(outcomes.map(({ state, source }) => `${state} ${text(source)}`).sort()).toEqual(
      planned.copies.map(({ source }) => `Mirrored ${text(source)}`).sort(),
    );
    const again = await sync(...rows);
    expect(again.outcomes).toEqual([]);
    expect(skips(again.planned)).toEqual(rows.map(({ Source }) => `${Source} up-to-date`));
  });
});
