import { InvalidValue } from '../../lib/model/invalid';
import { parseRow, problemLine } from '../../lib/model/mirror-row';
import { parseDestination } from '../../lib/model/row-destination';

const PIN = `sha256:${'0a'.repeat(32)}`;
const read = (attributes: Record<string, unknown>, mapping: object = {}) => parseRow(attributes, { mapping });
const said = (attributes: Record<string, unknown>, mapping: object = {}) =>
  read(attributes, mapping).problems.map(problemLine);

describe('a destination', () => {
  it.each([
    ['localhost:5000/a', { repository: { registry: 'localhost:5000', name: 'a' } }],
    ['localhost:5000/a:1', { repository: { registry: 'localhost:5000', name: 'a' }, tag: '1' }],
    ['localhost:5000/a:{tag}', { repository: { registry: 'localhost:5000', name: 'a' } }],
    ['localhost:5000/a:{tag}-x', { repository: { registry: 'localhost:5000', name: 'a' }, tag: '{tag}-x' }],
    ['app', { repository: { registry: 'docker.io', name: 'library/app' } }],
  ])('%s', (text, template) => {
    expect(parseDestination(text)).toStrictEqual(template);
  });

  it.each([
    ['a:}{', /^reference: got "a:}{"; {tag} is the only template/],
    ['a:{}', /only template/],
    ['a{tag}:1', /in the tag alone/],
    [`a@${PIN}`, /^reference: got "a@sha256:.*; a repository or repository:tag would do/],
  ])('is not %s', (text, line) => {
    expect(() => parseDestination(text)).toThrow(InvalidValue);
    expect(() => parseDestination(text)).toThrow(line);
  });
});

describe('a mapped destination', () => {
  it('that would be no repository is told about, once', () => {
    const mapping = { registry: 'our.example', prefix: 'x'.repeat(250) };
    expect(said({ Source: 'nginx:1' }, mapping)).toEqual([expect.stringMatching(/^Destination: .*255/)]);
  });
  it('is not missed where there is no source to map', () => {
    expect(said({ Source: 'Bad/Ref:' })).toEqual([expect.stringMatching(/^Source: /)]);
  });
});

describe('where the source is', () => {
  it.each([
    [{ Source: 'nginx:1', Destination: 'nginx:1' }, 'got docker.io/library/nginx:1, which is the source itself'],
    [{ Source: 'nginx:1', Destination: 'nginx' }, 'got docker.io/library/nginx, which is the source itself'],
    [{ Source: `nginx@${PIN}`, Destination: 'nginx' }, 'got docker.io/library/nginx, which is the source itself'],
    [{ Source: `nginx:1@${PIN}`, Destination: 'nginx' }, 'got docker.io/library/nginx, which is the source itself'],
    [{ Source: 'nginx', Tags: { Latest: 1 }, Destination: 'nginx' }, 'got docker.io/library/nginx, the repository of'],
    [{ Source: 'nginx', Tags: { Latest: 1 }, Destination: 'nginx:x' }, 'got docker.io/library/nginx:x, the repository'],
  ])('%j writes nothing', (row, line) => {
    expect(said(row)).toEqual([expect.stringContaining(`Destination: ${line}`)]);
  });
  it.each([
    { Source: 'nginx:1', Destination: 'nginx:2' },
    { Source: `nginx@${PIN}`, Destination: 'nginx:kept' },
    { Source: `nginx:1@${PIN}`, Destination: 'nginx:2' },
    { Source: 'nginx:1', Destination: 'library/nginx:{tag}-old' },
  ])('%j may write another tag', (row) => {
    expect(said(row)).toEqual([]);
  });
});

describe('one tag for a selection', () => {
  it.each([
    [{ Latest: 1 }, true],
    [{ Latest: 2 }, false],
    [{ Include: ['1.2'] }, true],
    [{ Include: ['1.*'] }, false],
    [{ Include: ['1', '2'] }, false],
    [{ Semver: '>=1' }, false],
    [{ Exclude: ['2'] }, false],
  ])('%j: may it be? %s', (Tags, may) => {
    const lines = said({ Source: 'nginx', Tags, Destination: 'our.example/a:stable' });
    const many = 'Destination: got the one tag stable while Tags may select many; our.example/a:{tag} would do';
    expect(lines).toEqual(may ? [] : [many]);
    expect(said({ Source: 'nginx', Tags, Destination: 'our.example/a:x-{tag}, our.example/b' })).toEqual([]);
  });
});

describe('a tag that a template makes', () => {
  it('is told about when it is too long, if the row says which it is', () => {
    const tag = 'x'.repeat(128);
    const Destination = 'our.example/a:{tag}-mirror';
    expect(said({ Source: `nginx:${tag}`, Destination })).toEqual([
      expect.stringMatching(/^Destination: got the tag "x+…; one of at most 128 characters would do$/),
    ]);
    expect(said({ Source: 'nginx', Tags: { Include: [tag] }, Destination })).toEqual([]);
  });
});

describe('destinations that are the same', () => {
  const twice = (line: string) => [`Destination: got ${line} more than once; once would do`];
  it('are one, and that is said', () => {
    const both = 'our.example/a, our.example/a:{tag}';
    expect(said({ Source: 'nginx:1', Destination: both })).toEqual(twice('our.example/a:1'));
    expect(said({ Source: 'nginx', Tags: { Latest: 2 }, Destination: both })).toEqual(twice('our.example/a:{tag}'));
    expect(read({ Source: 'nginx', Tags: { Latest: 2 }, Destination: both }).mirror?.destinations).toHaveLength(1);
    const suffixed = 'our.example/a:{tag}-x, our.example/a:{tag}-x';
    expect(said({ Source: 'nginx', Tags: { Latest: 2 }, Destination: suffixed })).toEqual(
      twice('our.example/a:{tag}-x'),
    );
  });
  it('are two when their tags differ', () => {
    const row = { Source: 'nginx', Tags: { Latest: 2 }, Destination: 'our.example/a, our.example/a:{tag}-x' };
    expect(said(row)).toEqual([]);
    expect(read(row).mirror?.destinations).toHaveLength(2);
  });
});
