import fc from 'fast-check';
import { parse } from 'yaml';
import { parseMirrorFile } from '../../lib/model/mirror-file';
import { problemLine } from '../../lib/model/mirror-row';
import { formatRepository } from '../../lib/model/reference';

const read = (text: string) => parseMirrorFile(parse(text));
const fileLines = (text: string) => read(text).problems.map((one) => `${one.severity}: ${problemLine(one)}`);
const rowLines = (text: string) => read(text).rows.flatMap((row) => row.problems.map(problemLine));

describe('a file of mirrors', () => {
  it('has the attributes of the table in lower camel case', () => {
    const { rows, problems } = read(`
mirrors:
  - source: nginx
    destinations: [localhost:5000/a, localhost:5000/b]
    tags: {include: ["1.*"], semver: ">=1.25", latest: 5, min: 1}
    expires: 2027-01-15
    artifactTypes: [application/spdx+json]
    every: 0 3 * * *
    paused: false
    note: hello
`);
    expect(problems).toEqual([]);
    expect(rows[0]?.problems).toEqual([]);
    expect(rows[0]?.mirror).toMatchObject({
      key: 'nginx',
      select: { kind: 'tags', selection: { include: ['1.*'], semver: '>=1.25', latest: 5, min: 1 } },
      destinations: [{ repository: { name: 'a' } }, { repository: { name: 'b' } }],
      expires: 1_799_971_200,
      every: { kind: 'cron', expression: '0 3 * * *' },
      note: 'hello',
    });
  });

  it.each([
    ['1800000000', 1_800_000_000],
    ['"2027-01-15"', 1_799_971_200],
    ['2027-01-15T00:00:00Z', 1_799_971_200],
    ['"2027-01-15T01:00:00+01:00"', 1_799_971_200],
  ])('expires at %s', (text, seconds) => {
    expect(read(`mirrors: [{source: a:1, destination: localhost/b, expires: ${text}}]`).rows[0]?.mirror?.expires).toBe(
      seconds,
    );
  });
  it.each(['soon', '"2027-02-30"', '"2027-01-15T10:00:00"', '1800000000000', 'yes'])(
    'does not expire at %s',
    (text) => {
      expect(rowLines(`mirrors: [{source: a:1, destination: localhost/b, expires: ${text}}]`)).toEqual([
        expect.stringMatching(/^expires: got .* would do/),
      ]);
    },
  );
  it('takes a timestamp as a YAML parser may give it', () => {
    const expires = new Date('2027-01-15');
    const file = parseMirrorFile({ mirrors: [{ source: 'a:1', destination: 'localhost/b', expires }] });
    expect(file.rows[0]?.mirror?.expires).toBe(1_799_971_200);
  });

  it('maps what has no destination', () => {
    const { rows, mapping } = read(`
mapping: {registry: Localhost:5000, prefix: m/n, aliases: {index.docker.io: hub}, dropLibrary: true}
mirrors: [{source: nginx:1}]
`);
    expect(mapping).toEqual({
      registry: 'localhost:5000',
      prefix: 'm/n',
      aliases: { 'docker.io': 'hub' },
      dropLibrary: true,
    });
    expect(rows[0]?.mirror?.destinations.map((one) => formatRepository(one.repository))).toEqual([
      'localhost:5000/m/n/hub/nginx',
    ]);
  });

  it('says what rows may ask for, if it does', () => {
    expect(read('mirrors: [{source: a:1, destination: localhost/b}]').permissions).toBeUndefined();
    expect(
      read('{allow: {destinations: [localhost/**]}, mirrors: [{source: a:1, destination: localhost/b}]}').permissions,
    ).toEqual({
      sources: ['**'],
      destinations: ['localhost/**'],
      outward: [],
    });
  });
});

describe('defaults', () => {
  it('hold for all that do not say otherwise', () => {
    const { rows } = read(`
defaults: {referrers: false, every: 6h, destinations: ["localhost/x:{tag}"]}
mirrors: [{source: a:1}, {source: b:1, every: 1h, destination: localhost/y}]
`);
    expect(rows.map((row) => row.mirror?.every)).toEqual([
      { kind: 'interval', seconds: 21_600 },
      { kind: 'interval', seconds: 3600 },
    ]);
    expect(rows.map((row) => row.mirror?.referrers)).toEqual([false, false]);
    expect(rows.map((row) => row.mirror?.destinations[0]?.repository.name)).toEqual(['x', 'y']);
  });
  it('select tags where a repository is named, not where a tag or digest is', () => {
    const { rows } = read(`
defaults: {tags: {latest: 3}}
mapping: {registry: localhost}
mirrors: [{source: a}, {source: b:1}, {source: name, from: c}]
`);
    expect(rows.map((row) => row.mirror?.select.kind)).toEqual(['tags', 'tag', 'tags']);
  });
  it.each([
    ['{evry: 6h}', /defaults\.evry: got "evry"; every would do/],
    ['{source: x}', /defaults\.source: is for a mirror alone/],
    ['[a]', /defaults: got a list \(a\); a map would do/],
    ['{destination: a, destinations: [b]}', /defaults\.destinations: .*one of the two/],
  ])('refuse %s', (text, line) => {
    expect(fileLines(`{defaults: ${text}, mirrors: [{source: a:1, destination: localhost/b}]}`)).toEqual([
      expect.stringMatching(line),
    ]);
  });
});

describe('a file that is wrong says so in one line', () => {
  it.each([
    ['', /got null; a map with a list of mirrors would do/],
    ['hello', /got "hello"; a map/],
    ['- a', /got a list \(a\); a map/],
    ['{}', /mirrors: got nothing; a list/],
    ['mirrors:', /mirrors: got null; a list/],
    ['mirrors: []', /mirrors: got an empty list/],
    ['mirrors: {source: a}', /mirrors: got a map \(source\); a list/],
    [
      '{mirrors: [{source: "a:1", destination: localhost/b}], mappings: {}}',
      /mappings: got "mappings"; mapping would do/,
    ],
    ['{mirrors: [{source: "a:1", destination: localhost/b}], mapping: x}', /mapping: got "x"; a map would do/],
    [
      '{mirrors: [{source: "a:1", destination: localhost/b}], mapping: {registry: a/b}}',
      /mapping\.registry: registry: got "a\/b"/,
    ],
    ['{mirrors: [{source: "a:1", destination: localhost/b}], mapping: {prefix: UP}}', /mapping\.prefix: got "UP"/],
    [
      '{mirrors: [{source: "a:1", destination: localhost/b}], mapping: {aliases: {ghcr.io: 5}}}',
      /mapping\.aliases\.ghcr\.io: got the number 5/,
    ],
    [
      '{mirrors: [{source: "a:1", destination: localhost/b}], mapping: {dropLibrary: "no"}}',
      /mapping\.dropLibrary: got "no"; true or false would do/,
    ],
    [
      '{mirrors: [{source: "a:1", destination: localhost/b}], allow: {sources: docker.io}}',
      /allow\.sources: got "docker.io"; a list/,
    ],
    [
      '{mirrors: [{source: "a:1", destination: localhost/b}], allow: {destinations: [docker.io]}}',
      /allow\.destinations: got "docker.io"; registry\/name/,
    ],
  ])('%s', (text, line) => {
    const said = fileLines(text);
    expect(said).toEqual([expect.stringMatching(line)]);
    expect(said[0]).toMatch(/^error: /);
  });
  it('lets unknown sections be, after a word, and x- ones without', () => {
    expect(fileLines('{mirrors: [{source: "a:1", destination: localhost/b}], x-common: 1, title: y}')).toEqual([
      expect.stringMatching(/^warning: title: /),
    ]);
  });
  it('allows nothing where it could not be read what is allowed', () => {
    expect(read('{mirrors: [{source: "a:1"}], allow: {destinations: docker.io}}').permissions?.destinations).toEqual(
      [],
    );
  });
});

describe('a mirror that is wrong', () => {
  it('is named in the file’s own spelling, and the others go on', () => {
    const { rows, problems } = read(`
mirrors:
  - {source: a:1, destination: localhost/b, Paused: true}
  - just text
  - {destination: localhost/b}
  - {source: c, destination: localhost/c, tags: {semvr: ">=1"}}
  - {source: d:1, destination: localhost/d, destinations: [localhost/e]}
  - {source: d:1, destination: localhost/d, platforms: [amd64]}
  - {source: e:1, destination: localhost/e}
`);
    expect(problems).toEqual([]);
    expect(rows.map((row) => [row.key, row.problems.map(problemLine)])).toEqual([
      ['a:1', [expect.stringMatching(/^Paused: got "Paused"; paused would do/)]],
      ['mirror 2', [expect.stringMatching(/^got "just text"; a map/)]],
      ['mirror 3', [expect.stringMatching(/^source: got nothing/)]],
      ['c', [expect.stringMatching(/^tags\.semvr: got "semvr"; semver would do/)]],
      ['mirror 5', [expect.stringMatching(/^destinations: .*one of the two/)]],
      ['d:1', [expect.stringMatching(/^platforms: platform: got "amd64"; linux\/amd64 would do/)]],
      ['e:1', []],
    ]);
    expect(rows.map((row) => row.mirror !== undefined)).toEqual([false, false, false, false, false, false, true]);
  });
  it('is one that takes another’s name', () => {
    const { rows } = read(
      'mirrors: [{source: a:1, destination: localhost/b}, {source: a:1, destination: localhost/c}]',
    );
    expect(rows[0]?.mirror).toBeDefined();
    expect(rows[1]?.mirror).toBeUndefined();
    expect(rows[1]?.problems.map(problemLine)).toEqual([
      expect.stringMatching(/^source: got "a:1", as mirror 1 has; .*from/),
    ]);
  });
});

it('never throws, whatever the document', () => {
  const document = fc.oneof(
    fc.anything({ withNullPrototype: true, withDate: true }),
    fc.record({ mirrors: fc.anything(), defaults: fc.anything(), mapping: fc.anything(), allow: fc.anything() }),
    fc.record({
      mirrors: fc.array(
        fc.dictionary(fc.constantFrom('source', 'from', 'tags', 'expires', 'destinations'), fc.anything()),
      ),
    }),
  );
  fc.assert(
    fc.property(document, (value) => {
      for (const row of parseMirrorFile(value).rows)
        expect(row.mirror !== undefined || row.problems.length > 0).toBe(true);
    }),
  );
});
