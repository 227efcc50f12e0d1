import { openRegistries } from '../../engine/registry/registries';
import { Resolver } from '../../engine/resolve';
import { readWants } from '../../engine/wants';
import { parseRow } from '../../lib/model/mirror-row';
import { tagPlace } from '../../lib/model/place';
import { parseReference } from '../../lib/model/reference';
import { image, pushBuilt } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DIGEST = `sha256:${'a'.repeat(64)}`;
let upstream: RunningRegistry;
let registries: ReturnType<typeof openRegistries>;

beforeAll(async () => {
  upstream = await startRegistry();
  await pushBuilt(upstream.address, 'app', image({ seed: 'app' }), ['1.0', '1.1', '2.0', 'edge']);
  registries = openRegistries({
    credentials: { get: async () => undefined },
    endpoints: { 'upstream.test': upstream.address, 'gone.test': 'http://127.0.0.1:9' },
    retry: { attempts: 1 },
  });
});
afterAll(async () => {
  registries.close();
  await upstream.close();
});

const permissions = { sources: ['**'], destinations: ['r.test/**'], outward: [] };
const wantsOf = (row: Readonly<Record<string, unknown>>) =>
  readWants(
    [{ row: parseRow({ Destination: 'r.test/app', ...row }, { mapping: {} }), named: row.From ?? row.Source }],
    {
      resolver: new Resolver((repository) => registries.store(repository)),
      permissions,
      now: NOW,
    },
  );
const places = (...references: string[]) => references.map((text) => tagPlace(parseReference(text)));

describe('what a row wants', () => {
  const cases: readonly [string, Readonly<Record<string, unknown>>, readonly string[]][] = [
    ['is its tag, whether or not the source has it', { Source: 'gone.test/app:1' }, places('r.test/app:1')],
    [
      'is each of its destinations',
      { Source: 'gone.test/app:1', Destination: ['r.test/a', 'r.test/b:x'] },
      places('r.test/a:1', 'r.test/b:x'),
    ],
    [
      'is the tag that a digest is given',
      { Source: `gone.test/app@${DIGEST}` },
      places(`r.test/app:sha256.${'a'.repeat(64)}`),
    ],
    [
      'is what it selects',
      { Source: 'upstream.test/app', Tags: { Semver: '>=1', Latest: 2 } },
      places('r.test/app:2.0', 'r.test/app:1.1'),
    ],
    [
      'is what a template makes of that',
      { Source: 'upstream.test/app', Tags: { Include: ['edge'] }, Destination: 'r.test/all:app-{tag}' },
      places('r.test/all:app-edge'),
    ],
    ['is the same when it is not due', { Source: 'gone.test/app:1', Every: '6h' }, places('r.test/app:1')],
    ['is nothing once it has expired', { Source: 'gone.test/app:1', Expires: NOW / 1000 - 1 }, []],
  ];
  it.each(cases)('%s', async (_, row, wanted) => {
    const found = await wantsOf(row);
    expect([...found.wanted].sort()).toEqual([...wanted].sort());
    expect(found.doubtful).toEqual([]);
  });

  const doubts: readonly [string, Readonly<Record<string, unknown>>, RegExp, readonly string[] | undefined][] = [
    [
      'while it is paused',
      { Source: 'upstream.test/app:1', Paused: true },
      /paused/,
      ['upstream.test/app', 'r.test/app'],
    ],
    ['while it is wrong', { Source: 'upstream.test/app:1', Every: 'often' }, /Every/, ['upstream.test/app']],
    ['while nobody can read its source', { Source: 'upstream.test/%%' }, /Source/, undefined],
    [
      'while its source is named elsewhere',
      { Source: 'a name', From: 'upstream.test/app:1', Every: '?' },
      /Every/,
      ['upstream.test/app'],
    ],
    [
      'while its source is silent',
      { Source: 'gone.test/app', Tags: { Latest: 1 } },
      /gone\.test/,
      ['gone.test/app', 'r.test/app'],
    ],
    [
      'while it selects fewer than it must',
      { Source: 'upstream.test/app', Tags: { Include: ['1.*'], Min: 3 } },
      /at least 3|Min|min/,
      ['upstream.test/app', 'r.test/app'],
    ],
    [
      'while it selects nothing',
      { Source: 'upstream.test/app', Tags: { Include: ['9.*'] } },
      /none/,
      ['upstream.test/app', 'r.test/app'],
    ],
    [
      'while it may not write where it wants to',
      { Source: 'upstream.test/app:1', Destination: 'other.test/app' },
      /other\.test/,
      ['upstream.test/app', 'other.test/app'],
    ],
  ];
  it.each(doubts)('is not known %s', async (_, row, why, where) => {
    const { doubtful, rows } = await wantsOf(row);
    expect(doubtful).toEqual([
      { key: row.Source, why: expect.stringMatching(why), ...(where === undefined ? {} : { places: new Set(where) }) },
    ]);
    expect([...rows]).toEqual([row.Source]);
  });
});
