import fc from 'fast-check';
import type { Mirror } from '../../lib/model/mirror';
import { parseRow, problemLine, ROW_ATTRIBUTES } from '../../lib/model/mirror-row';

const PIN = `sha256:${'0a'.repeat(32)}`;
const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const mapping = { registry: ECR };

const read = (attributes: Record<string, unknown>, context: object = {}) =>
  parseRow(attributes, { mapping, ...context });
const lines = (attributes: Record<string, unknown>, context: object = {}) =>
  read(attributes, context).problems.map((problem) => `${problem.severity}: ${problemLine(problem)}`);
const mirror = (attributes: Record<string, unknown>, context: object = {}): Mirror => {
  const row = read(attributes, context);
  if (row.mirror === undefined) throw new Error(row.problems.map(problemLine).join('\n'));
  return row.mirror;
};
/** The row is refused, by exactly one line, which is this. */
const refuses = (attributes: Record<string, unknown>, line: RegExp, context: object = {}) => {
  const said = lines(attributes, context);
  expect(said).toEqual([expect.stringMatching(line)]);
  expect(said[0]).toMatch(/^error: /);
  expect(read(attributes, context).mirror).toBeUndefined();
};

describe('a row of the system it succeeds', () => {
  it('works unchanged, its extra columns told about', () => {
    const row = read({ Source: 'nginx:1.27', Destination: `${ECR}/nginx:1.27`, Expires: 1_800_000_000, Team: 'x' });
    expect(row.mirror).toEqual({
      key: 'nginx:1.27',
      source: { registry: 'docker.io', name: 'library/nginx' },
      select: { kind: 'tag', tag: '1.27' },
      destinations: [{ repository: { registry: ECR, name: 'nginx' }, tag: '1.27' }],
      expires: 1_800_000_000,
      referrers: true,
      paused: false,
    });
    expect(row.problems).toEqual([{ attribute: 'Team', message: expect.any(String), severity: 'warning' }]);
  });
});

describe('Source and From', () => {
  it('means latest without a tag', () => {
    expect(mirror({ Source: 'nginx' }).select).toEqual({ kind: 'tag', tag: 'latest' });
  });
  it('pins by a digest, and keeps the tag beside it', () => {
    expect(mirror({ Source: `nginx@${PIN}` }).select).toEqual({ kind: 'digest', digest: PIN });
    expect(mirror({ Source: `nginx:1@${PIN}` }).select).toEqual({ kind: 'digest', digest: PIN, tag: '1' });
  });
  it('is a mere name beside From', () => {
    const named = mirror({ Source: 'nginx, the old ones', From: 'nginx:1.25' });
    expect(named.key).toBe('nginx, the old ones');
    expect(named.select).toEqual({ kind: 'tag', tag: '1.25' });
  });
  it.each([
    [{}, /Source: got nothing; registry\/repository:tag would do/],
    [{ Source: '' }, /Source: got ""; .* would do/],
    [{ Source: 5 }, /Source: got the number 5/],
    [{ Source: 'Bad/Ref:' }, /Source: reference: got "Bad\/Ref:"/],
    [{ Source: 'a', From: 'https://x/y' }, /From: .*scheme/],
    [{ Source: 'a', From: '' }, /From: got ""/],
  ])('refuses %j', (attributes, line) => {
    refuses(attributes, line);
  });
  it('calls a row without a source by its position', () => {
    expect(read({}, { position: 3 }).key).toBe('row 3');
  });
});

describe('Destination', () => {
  const repositories = (value: unknown) =>
    mirror({ Source: 'nginx:1', Destination: value }).destinations.map((one) => `${one.repository.name}:${one.tag}`);

  it('comes from the mapping when it is absent', () => {
    expect(mirror({ Source: 'nginx:1' }).destinations).toEqual([
      { repository: { registry: ECR, name: 'mirror/docker-hub/library/nginx' } },
    ]);
  });
  it.each([
    ['S', `${ECR}/a`],
    ['SS', new Set([`${ECR}/a`])],
    ['L', [`${ECR}/a`]],
  ])('is one as %s', (_, value) => {
    expect(repositories(value)).toEqual(['a:undefined']);
  });
  it('is many as a text with commas, a set or a list', () => {
    expect(repositories(`${ECR}/a, ${ECR}/b:2`)).toEqual(['a:undefined', 'b:2']);
    expect(repositories(new Set([`${ECR}/a`, `${ECR}/b:2`]))).toEqual(['a:undefined', 'b:2']);
    expect(repositories([`${ECR}/a`, `${ECR}/b:2`])).toEqual(['a:undefined', 'b:2']);
  });
  it('may hold the source’s tag anywhere in its tag', () => {
    expect(repositories(`${ECR}/a:{tag}-mirror`)).toEqual(['a:{tag}-mirror']);
    expect(repositories(`localhost:5000/a:x-{tag}-{tag}`)).toEqual(['a:x-{tag}-{tag}']);
    expect(repositories(`${ECR}/a:{tag}`)).toEqual(['a:undefined']);
  });
  it('is written once however often it is named', () => {
    const attributes = { Source: 'nginx:1', Destination: [`${ECR}/a`, `${ECR}/a:1`, `${ECR}/a:{tag}`] };
    expect(mirror(attributes).destinations).toHaveLength(1);
    expect(lines(attributes)).toEqual(Array(2).fill(expect.stringMatching(/warning: Destination: .*more than once/)));
  });
  it.each([
    ['', /Destination: got ""/],
    ['a,,b', /Destination: got "" in a list/],
    [[], /Destination: got an empty list/],
    [[5], /Destination: got the number 5/],
    [{}, /Destination: got a map/],
    [null, /Destination: got null/],
    [7, /Destination: got the number 7/],
    ['Bad/UPPER', /Destination: .*lower case/],
    [`${ECR}/a@${PIN}`, /Destination: .*the digest is the source/],
    [`${ECR}/a:{version}`, /Destination: .*\{tag\} is the only template/],
    [`${ECR}/a:{tag`, /Destination: .*\{tag\} is the only template/],
    [`${ECR}/{tag}/a`, /Destination: .*in the tag alone/],
    [`${ECR}/{tag}`, /Destination: .*in the tag alone/],
    [`${ECR}/a:-{tag}`, /Destination: .*not starting with/],
    [`${ECR}/a:${'x'.repeat(128)}{tag}`, /Destination: .*128/],
    ['nginx:1', /Destination: got docker.io\/library\/nginx:1, which is the source itself/],
    ['docker.io/library/nginx', /which is the source itself/],
    ['nginx:{tag}', /which is the source itself/],
  ])('refuses %j', (value, line) => {
    refuses({ Source: 'nginx:1', Destination: value }, line);
  });
  it('may be another tag of the source’s repository', () => {
    expect(mirror({ Source: 'nginx:1', Destination: 'nginx:{tag}-kept' }).destinations).toHaveLength(1);
    expect(mirror({ Source: `nginx@${PIN}`, Destination: 'nginx:kept' }).destinations).toHaveLength(1);
  });
  it('is asked for where there is no mapping', () => {
    refuses({ Source: 'nginx:1' }, /Destination: got nothing; .*would do/, { mapping: {} });
  });
  it('is refused where the mapping leads back to the source', () => {
    const home = { registry: 'docker.io', prefix: '', aliases: { 'docker.io': '' } };
    refuses({ Source: 'nginx:1' }, /the source itself/, { mapping: home });
  });
  it('is refused where a long tag and the template are too long together', () => {
    refuses({ Source: `nginx:${'x'.repeat(125)}`, Destination: `${ECR}/a:{tag}-mirror` }, /128 characters/);
  });
  it('refuses a single tag for many', () => {
    const tags = { Include: ['1.*'] };
    refuses(
      { Source: 'nginx', Tags: tags, Destination: `${ECR}/a:x` },
      /Destination: got the one tag x .*\{tag\} would do/,
    );
    expect(
      mirror({ Source: 'nginx', Tags: { ...tags, Latest: 1 }, Destination: `${ECR}/a:x` }).destinations,
    ).toHaveLength(1);
  });
  it('refuses to select from where it writes to', () => {
    refuses({ Source: 'nginx', Tags: { Latest: 2 }, Destination: 'nginx:{tag}-x' }, /the repository of the source/);
  });
});

describe('Expires', () => {
  it.each([
    ['a number', 1_800_000_000],
    ['a bigint', 1_800_000_000n],
    ['a wrapped number', { value: '1800000000' }],
    ['a fraction', 1_800_000_000.9],
  ])('is taken as %s', (_, value) => {
    expect(mirror({ Source: 'a:1', Expires: value }).expires).toBe(1_800_000_000);
  });
  it.each([
    ['1800000000', /Expires: got "1800000000"; .*epoch seconds would do: 1800000000/],
    ['2027-01-15', /epoch seconds would do: 1799971200/],
    [1_800_000_000_000, /look like milliseconds: the seconds 1800000000 would do/],
    ['soon', /epoch seconds would do/],
    [-1, /Expires: got the number -1/],
    [Number.NaN, /Expires/],
    [Number.POSITIVE_INFINITY, /Expires/],
    [true, /Expires: got the boolean true/],
    [{ value: 'x' }, /Expires: got a map/],
  ])('refuses %p', (value, line) => {
    refuses({ Source: 'a:1', Expires: value }, line);
  });
});

describe('Tags', () => {
  it('has regular expressions whose commas part nothing', () => {
    const Tags = { Include: '/^\\d{1,2}$/, 1.*', Exclude: new Set(['/-rc\\d{1,2}$/i']) };
    const selection = { include: ['/^\\d{1,2}$/', '1.*'], exclude: ['/-rc\\d{1,2}$/i'] };
    expect(mirror({ Source: 'nginx', Tags }).select).toEqual({ kind: 'tags', selection });
  });
  it('is a selection', () => {
    const Tags = {
      Include: new Set(['1.*']),
      Exclude: '*-rc*, *-beta*',
      Semver: '>=1.25 <2',
      Latest: 5n,
      Min: { value: '1' },
    };
    expect(mirror({ Source: 'nginx', Tags }).select).toEqual({
      kind: 'tags',
      selection: { include: ['1.*'], exclude: ['*-rc*', '*-beta*'], semver: '>=1.25 <2', latest: 5, min: 1 },
    });
  });
  it('may be empty: every tag', () => {
    expect(mirror({ Source: 'nginx', Tags: {} }).select).toEqual({ kind: 'tags', selection: {} });
  });
  it.each([
    ['1.*', /Tags: got "1\.\*"; a map such as/],
    [['1.*'], /Tags: got a list/],
    [{ include: ['1.*'] }, /Tags\.include: got "include"; Include would do/],
    [{ Inclde: ['1.*'] }, /Tags\.Inclde: got "Inclde"; Include would do/],
    [{ Include: [] }, /Tags\.Include: got an empty list/],
    [{ Include: ['/^(?=1)/'] }, /Tags\.Include: got "\/\^\(\?=1\)\/"; lookahead and lookbehind .* would do/],
    [{ Exclude: ['1.*', '/(a)\\1/'] }, /Tags\.Exclude: .*a backreference .* would do/],
    [{ Include: ['/^1'] }, /Tags\.Include: got "\/\^1"; a regular expression such as/],
    [{ Include: Array(101).fill('1.*') }, /Tags\.Include: got 101 patterns; at most 100 would do/],
    [{ Include: ['{1,2}'] }, /Tags\.Include: .*several globs/],
    [{ Exclude: ['[z-a]'] }, /Tags\.Exclude: .*upwards/],
    [{ Semver: 'newest' }, /Tags\.Semver: got "newest"; a range such as/],
    [{ Semver: 1.25 }, /Tags\.Semver: got the number 1\.25/],
    [{ Latest: 0 }, /Tags\.Latest: got the number 0; a whole number of at least 1/],
    [{ Latest: '5' }, /Tags\.Latest: got "5"/],
    [{ Latest: 1.5 }, /Tags\.Latest/],
    [{ Latest: 2, Min: 3 }, /Tags\.Min: got 3 beside a latest of 2/],
  ])('refuses %j', (Tags, line) => {
    refuses({ Source: 'nginx', Tags }, line);
  });
  it('is refused beside a source that has chosen', () => {
    refuses({ Source: 'nginx:1', Tags: { Latest: 1 } }, /Tags: got a selection beside a source with the tag 1/);
    refuses({ Source: `nginx@${PIN}`, Tags: { Latest: 1 } }, /Tags: .*a digest/);
  });
});

describe('the other attributes', () => {
  it('are read', () => {
    const all = {
      Source: 'nginx:1',
      Referrers: true,
      ArtifactTypes: new Set(['application/spdx+json']),
      Compare: 'manifest',
      Every: '6h',
      StaleAfter: '1d',
      MinAge: '1d12h',
      KeepPrevious: true,
      OnConflict: 'suffix',
      Paused: true,
      Note: 'for the shop',
      Owner: 'Shop/Mirror',
    };
    expect(read(all).problems).toEqual([]);
    expect(mirror(all)).toMatchObject({
      referrers: true,
      artifactTypes: ['application/spdx+json'],
      every: { kind: 'interval', seconds: 21_600 },
      staleAfter: 86_400,
      minAge: 129_600,
      keepPrevious: true,
      onConflict: 'suffix',
      paused: true,
      note: 'for the shop',
      owner: 'Shop/Mirror',
    });
  });
  it.each([
    [{ Referrers: 'true' }, /Referrers: got "true"; true or false \(BOOL\) would do/],
    [{ Paused: 1 }, /Paused: got the number 1/],
    [{ ArtifactTypes: ['spdx'] }, /ArtifactTypes: got "spdx"/],
    [{ ArtifactTypes: 5 }, /ArtifactTypes: got the number 5/],
    [{ Every: 6 }, /Every: got the number 6/],
    [{ Every: 'daily' }, /Every: .*6h/],
    [{ Compare: 'digest' }, /Compare: got "digest"; manifest or config would do/],
    [{ OnConflict: true }, /OnConflict: got the boolean true; report or suffix would do/],
    [{ OnConflict: 'ignore' }, /OnConflict: got "ignore"; report or suffix would do/],
    [{ KeepPrevious: 'no' }, /KeepPrevious: got "no"/],
    [{ StaleAfter: '0 3 * * *' }, /StaleAfter: age: got "0 3 \* \* \*"; one such as 3d or 12h would do/],
    [{ MinAge: 3 }, /MinAge: got the number 3; an age such as 3d or 12h would do/],
    [{ MinAge: 'soon' }, /MinAge: age: got "soon"; one such as 3d or 12h would do/],
    [{ MinAge: '1y' }, /MinAge: age: got "1y"/],
    [{ MinAge: '100d' }, /MinAge: age: got "100d"; at most 90d would do/],
    [{ Note: 5 }, /Note: got the number 5/],
  ])('refuse %j', (attributes, line) => {
    refuses({ Source: 'nginx:1', ...attributes }, line);
  });
  it('compare by configs when they are told to', () => {
    expect(mirror({ Source: 'nginx:1', Compare: 'config' }).compare).toBe('config');
    expect(mirror({ Source: 'nginx:1', Compare: 'manifest' })).not.toHaveProperty('compare');
  });
  it('say when a narrowing has no effect', () => {
    const attributes = { Source: 'nginx:1', Referrers: false, ArtifactTypes: ['application/spdx+json'] };
    expect(lines(attributes)).toEqual([expect.stringMatching(/^warning: ArtifactTypes/)]);
  });
});

describe('RequireSignature', () => {
  const issuer = 'https://accounts.example.com';
  it('says who must have signed, in the table and in files', () => {
    const asked = { identity: 'dev@example.com', issuer };
    const written = { Source: 'nginx:1', RequireSignature: { Identity: 'dev@example.com', Issuer: issuer } };
    expect(mirror(written).requireSignature).toEqual(asked);
    expect(mirror({ source: 'nginx:1', requireSignature: asked }, { spelling: 'file' }).requireSignature).toEqual(
      asked,
    );
  });
  it('is nobody when there is none', () => {
    expect(mirror({ Source: 'nginx:1' })).not.toHaveProperty('requireSignature');
  });
  it.each([
    ['yes', /RequireSignature: signature: got "yes"; a map of Key, Keys, Identity, Issuer would do/],
    [{}, /RequireSignature: signature: got a list \(empty\); one of Key, Keys, or Identity with Issuer, would do/],
    [{ Key: 'x' }, /RequireSignature: Key: got "…"; the public key in PEM would do/],
    [{ Identity: 'dev@example.com' }, /RequireSignature: Issuer: got nothing/],
    [{ key: 'x' }, /RequireSignature: signature: got "key"; only Key, /],
  ])('refuses %j', (RequireSignature, line) => {
    refuses({ Source: 'nginx:1', RequireSignature }, line);
  });
});

describe('Platforms', () => {
  const linux = (architecture: string) => ({ os: 'linux', architecture });
  it.each([
    ['S', 'linux/arm64, linux/amd64'],
    ['SS', new Set(['linux/arm64/v8', 'linux/amd64'])],
    ['L', ['linux/arm64', 'linux/x86_64']],
  ])('are a set, in one order and one spelling, as %s', (_, Platforms) => {
    expect(mirror({ Source: 'nginx:1', Platforms }).platforms).toEqual([linux('amd64'), linux('arm64')]);
  });
  it('are everything when there is none', () => {
    expect(mirror({ Source: 'nginx:1' })).not.toHaveProperty('platforms');
  });
  it('are told about when one is named twice', () => {
    const said = lines({ Source: 'nginx:1', Platforms: ['linux/amd64', 'linux/x86_64'] });
    expect(said).toEqual([expect.stringMatching(/^warning: Platforms: got "linux\/x86_64", .* once would do/)]);
  });
  it('are in files, too', () => {
    const written = { source: 'nginx:1', platforms: ['linux/arm'] };
    expect(mirror(written, { spelling: 'file' }).platforms).toEqual([{ ...linux('arm'), variant: 'v7' }]);
  });
  it.each([
    ['linux', /Platforms: platform: got "linux"; .*linux\/amd64/],
    [['linux/amd64', 'arm64'], /Platforms: platform: got "arm64"; linux\/arm64 would do/],
    [[], /Platforms: got an empty list/],
    [[5], /Platforms: got the number 5/],
    [{}, /Platforms: got a map/],
  ])('refuse %j', (Platforms, line) => {
    refuses({ Source: 'nginx:1', Platforms }, line);
  });
});

describe('names', () => {
  it.each([
    ['Destinatoin', 'Destination'],
    ['destination', 'Destination'],
    ['Destinations', 'Destination'],
    ['SOURCE', 'Source'],
    ['Tag', 'Tags'],
    ['Form', 'From'],
    ['Minage', 'MinAge'],
    ['Platform', 'Platforms'],
    ['RequireSignatures', 'RequireSignature'],
  ])('takes %s for a misspelt %s', (name, meant) => {
    refuses({ Source: 'nginx:1', [name]: 'x' }, new RegExp(`${name}: got "${name}"; ${meant} would do`));
  });
  it.each(['Name', 'Date', 'Size', 'Status', 'Image', 'CreatedBy', '__proto__x'])(
    'lets %s be another column',
    (name) => {
      expect(lines({ Source: 'nginx:1', [name]: 'x' })).toEqual([expect.stringMatching(/^warning: /)]);
    },
  );
  it('finds every single typing error in a long name', () => {
    const long = ROW_ATTRIBUTES.filter((name) => name.length >= 6);
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.nat(20), fc.constantFrom('x', ''), (name, at, letter) => {
        const index = at % name.length;
        const wrong = name.slice(0, index) + letter + name.slice(index + 1);
        fc.pre(!ROW_ATTRIBUTES.includes(wrong));
        expect(read({ Source: 'nginx:1', From: 'nginx:1', [wrong]: 'x' }).mirror).toBeUndefined();
      }),
    );
  });
});

it('tells everything that is wrong at once', () => {
  const said = lines({
    Source: 'UPPER/x:',
    Destination: [],
    Expires: 'soon',
    Paused: 'no',
    Tags: { Latest: -1 },
    Evry: 1,
  });
  for (const attribute of ['Source', 'Destination', 'Expires', 'Paused', 'Tags.Latest', 'Evry']) {
    expect(said).toContainEqual(expect.stringContaining(`error: ${attribute}: `));
  }
  expect(said).toHaveLength(6);
});

it('gives a mirror or an error for anything, and never throws', () => {
  const value = fc.oneof(
    fc.anything({ withSet: true, withBigInt: true, withNullPrototype: true }),
    fc.constantFrom('nginx', '6h', 'a:{tag}'),
  );
  const attributes = fc.dictionary(fc.constantFrom(...ROW_ATTRIBUTES, 'Other'), value);
  fc.assert(
    fc.property(attributes, (row) => {
      const parsed = read(row);
      expect(parsed.mirror === undefined).toBe(parsed.problems.some(({ severity }) => severity === 'error'));
    }),
  );
});

it('says that nothing is no item of a list', () => {
  const parsed = read({
    Source: 'nginx:1',
    Destination: 'our.example/nginx',
    ArtifactTypes: new Set([undefined, { __proto__: null }]),
  });
  expect(parsed.problems).toMatchObject([{ attribute: 'ArtifactTypes', severity: 'error' }]);
});
