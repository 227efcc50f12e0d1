import type { CopyFacts } from '../../lib/model/freshness';
import { inventory, type RowFacts } from '../../lib/model/inventory';
import { parseRow } from '../../lib/model/mirror-row';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const NGINX = 'docker.io/library/nginx';
const OWN = 'own.example.com/mirror/docker-hub/library/nginx';
const row = (attributes: Record<string, unknown>) =>
  parseRow(attributes, { mapping: { registry: 'own.example.com', prefix: 'mirror' } });
const copy = (source: string, destination: string, more: Partial<CopyFacts> = {}): CopyFacts => ({
  source,
  destination,
  state: 'Mirrored',
  ...more,
});
const join = (
  rows: readonly Record<string, unknown>[],
  copies: readonly CopyFacts[] = [],
  status: Readonly<Record<string, RowFacts>> = {},
) => inventory(rows.map(row), copies, new Map(Object.entries(status)), NOW);
const pairs = (entries: ReturnType<typeof join>) =>
  entries.map(({ source, destination, idle }) => [source, destination, ...(idle === undefined ? [] : [idle])]);

describe('copies and rows', () => {
  it('meet by their canonical names', () => {
    const there = copy(`${NGINX}:1.27`, `${OWN}:1.27`);
    expect(join([{ Source: 'nginx:1.27' }], [there])).toEqual([
      { row: 'nginx:1.27', source: there.source, destination: there.destination, facts: there },
    ]);
  });

  it('meet for a digest that has a tag, and for one that has none', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const [tagged, bare] = [
      copy(`${NGINX}:1.27`, `${OWN}:1.27`),
      copy(`${NGINX}@${digest}`, `${OWN}:sha256.${'a'.repeat(64)}`),
    ];
    const found = join([{ Source: `nginx:1.27@${digest}` }, { Source: `nginx@${digest}` }], [tagged, bare]);
    expect(found.map(({ facts }) => facts)).toEqual([tagged, bare]);
  });

  it('are one entry for each destination, known or not', () => {
    const found = join(
      [{ Source: 'nginx:1', Destination: 'a.example.com/x,b.example.com/y:z' }],
      [copy(`${NGINX}:1`, 'a.example.com/x:1')],
    );
    expect(pairs(found)).toEqual([
      [`${NGINX}:1`, 'a.example.com/x:1'],
      [`${NGINX}:1`, 'b.example.com/y:z'],
    ]);
    expect(found.map(({ facts }) => facts?.state)).toEqual(['Mirrored', undefined]);
  });
});

it('a copy has what its row says of when it is looked at, and how long it may be behind', () => {
  const [entry] = join([{ Source: 'nginx:1', Every: '6h', StaleAfter: '12h' }]);
  expect(entry).toMatchObject({ every: { kind: 'interval', seconds: 21_600 }, staleAfter: 43_200 });
});

describe('a copy that several rows want', () => {
  const there = copy(`${NGINX}:1`, `${OWN}:1`);
  const named = (Source: string, more: object = {}) => ({ Source, From: 'nginx:1', ...more });

  it('is one entry, which names all of them', () => {
    const [entry, ...others] = join([named('a'), named('b'), { Source: 'c', From: 'nginx', Tags: {} }], [there]);
    expect(entry).toMatchObject({ row: 'a', rows: ['a', 'b', 'c'], facts: there });
    expect(others).toEqual([]);
  });

  it.each<[string, object, object, object]>([
    ['is in force as long as one of them is', { Paused: true }, {}, { row: 'b', idle: 'no' }],
    ['is idle when all are', { Paused: true }, { Paused: true }, { idle: 'paused' }],
    ['is looked at at each run when one of them is', { Every: '6h' }, {}, { row: 'b', every: 'no' }],
    ['is looked at as often as by the one that is due soonest', { Every: '2d' }, { Every: '0 3 * * *' }, { row: 'b' }],
    [
      'may be behind for the shortest that any allows',
      { StaleAfter: '3d' },
      { StaleAfter: '2d' },
      { staleAfter: 172_800 },
    ],
    ['may be behind for a day where one says nothing', { StaleAfter: '3d' }, {}, { staleAfter: 86_400 }],
    [
      'heeds nothing of those that are not in force',
      { StaleAfter: '1h', Paused: true },
      { StaleAfter: '2d' },
      { staleAfter: 172_800 },
    ],
  ])('%s', (_, one, other, expected) => {
    const absent = { idle: 'no', every: 'no' };
    for (const rows of [
      [named('a', one), named('b', other)],
      [named('b', other), named('a', one)],
    ]) {
      expect({ ...absent, ...join(rows, [there])[0] }).toMatchObject(expected);
    }
  });
});

describe('a row that selects tags', () => {
  const there = ['1.25', '1.26', '1.27', 'latest'].map((tag) => copy(`${NGINX}:${tag}`, `${OWN}:${tag}`));

  it('wants of the tags that were seen those that it selects now', () => {
    const found = join([{ Source: 'nginx', Tags: { Semver: '>=1', Latest: 2 } }], there);
    expect(pairs(found)).toEqual([
      [`${NGINX}:1.26`, `${OWN}:1.26`],
      [`${NGINX}:1.27`, `${OWN}:1.27`],
      [`${NGINX}:1.25`, `${OWN}:1.25`, 'no row wants it'],
      [`${NGINX}:latest`, `${OWN}:latest`, 'no row wants it'],
    ]);
  });

  it('has a line of its own while nothing was seen of it', () => {
    expect(pairs(join([{ Source: 'nginx', Tags: { Latest: 2 } }]))).toEqual([['nginx', '-']]);
  });

  it('does not take what another row of the same source wrote elsewhere', () => {
    const elsewhere = copy(`${NGINX}:1.27`, 'elsewhere.example.com/nginx:1.27');
    const found = join(
      [
        { Source: 'nginx', Tags: { Latest: 5 } },
        { Source: 'nginx:1.27', Destination: 'elsewhere.example.com/nginx' },
      ],
      [...there, elsewhere],
    );
    expect(found.filter(({ facts }) => facts === elsewhere).map((entry) => entry.row)).toEqual(['nginx:1.27']);
  });
});

describe('what nobody wants to be fresh now', () => {
  const there = copy(`${NGINX}:1`, `${OWN}:1`);

  it.each([
    ['paused', { Source: 'nginx:1', Paused: true }, 'paused'],
    ['expired', { Source: 'nginx:1', Expires: NOW / 1000 - 60 }, 'expired 2026-11-20T11:59:00.000Z'],
  ])('says that its row is %s', (_what, attributes, idle) => {
    expect(join([attributes], [there])).toMatchObject([{ row: 'nginx:1', idle, facts: there }]);
  });

  it('says that its row is gone', () => {
    expect(pairs(join([], [there]))).toEqual([[there.source, there.destination, 'no row wants it']]);
  });

  it('says so even where the table names what is no reference', () => {
    expect(pairs(join([], [copy('???', '!!!')]))).toEqual([['???', '!!!', 'no row wants it']]);
  });
});

describe('a row with which something is wrong', () => {
  const problem = { state: 'Failed' as const, error: 'source: 401' };

  it('has a line of its own, and its unknown copies have none', () => {
    const found = join([{ Source: 'nginx:1' }], [], { 'nginx:1': { problem, staleSince: 5 } });
    expect(found).toMatchObject([
      {
        row: 'nginx:1',
        source: 'nginx:1',
        destination: '-',
        facts: { state: 'Failed', error: 'source: 401', staleSince: 5 },
      },
    ]);
  });

  it('keeps the copies that are known', () => {
    const there = copy(`${NGINX}:1`, `${OWN}:1`);
    expect(pairs(join([{ Source: 'nginx:1' }], [there], { 'nginx:1': { problem } }))).toEqual([
      ['nginx:1', '-'],
      [there.source, there.destination],
    ]);
  });

  it('is invalid as soon as it cannot be understood, before any run has said so', () => {
    const [entry] = join([{ Source: 'nginx:1', Destinatoin: 'x' }]);
    expect(entry?.facts).toMatchObject({ state: 'Invalid', error: expect.stringContaining('Destinatoin') });
  });

  it('is idle while it is paused', () => {
    expect(join([{ Source: 'nginx:1', Paused: true }], [], { 'nginx:1': { problem } })).toMatchObject([
      { idle: 'paused' },
    ]);
  });
});
