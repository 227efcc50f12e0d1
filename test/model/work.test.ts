import fc from 'fast-check';
import type { Copy } from '../../lib/model/copy';
import { packGroups } from '../../lib/model/groups';
import { InvalidValue } from '../../lib/model/invalid';
import { formatReference, formatRepository, parseReference } from '../../lib/model/reference';
import { formatWork, parseWork } from '../../lib/model/work';
import { resultOrLine, spoilt as spoiltAnywhere } from '../spoilt';
import { copy } from './arbitrary';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const copyOf = (source: string, ...destinations: string[]): Copy => {
  const from = parseReference(`${source}@${DIGEST}`);
  if (from.digest === undefined) throw new Error('unreachable');
  return {
    mirrors: [source],
    source: { ...from, digest: from.digest },
    root: { mediaType: 'application/vnd.oci.image.index.v1+json', digest: from.digest, size: 1 },
    destinations: destinations.map((one) => ({ reference: parseReference(one), why: 'missing' })),
    referrers: true,
  };
};

describe('a work list', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(fc.array(copy), (copies) => expect(formatWork(copies).flatMap(parseWork)).toEqual(copies)));
  });
  it('has no chunk above the limit, in bytes', () => {
    fc.assert(
      fc.property(fc.array(copy), (copies) => {
        const chunks = formatWork(copies, 4000);
        expect(Math.max(0, ...chunks.map((chunk) => Buffer.byteLength(chunk)))).toBeLessThanOrEqual(4000);
        const destinations = (list: readonly Copy[]) => list.flatMap((one) => one.destinations);
        expect(destinations(chunks.flatMap(parseWork))).toEqual(destinations(copies));
      }),
    );
  });
  it('parts the destinations of a copy that is too big alone', () => {
    const big = copyOf(
      'nginx:1',
      ...Array.from({ length: 5000 }, (_, index) => `localhost:5000/some/where/app-${index}:1`),
    );
    const chunks = formatWork([copyOf('redis:1', 'localhost/r:1'), big]);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.every((chunk) => chunk.length <= 300 * 1024)).toBe(true);
    const copies = chunks.flatMap(parseWork);
    expect(copies.slice(1).flatMap((one) => one.destinations)).toEqual(big.destinations);
    expect(copies.slice(1).every((one) => formatReference(one.source) === formatReference(big.source))).toBe(true);
  });
  it('refuses what no parting makes small enough', () => {
    expect(() => formatWork([{ ...copyOf('nginx:1', 'localhost/a:1'), mirrors: ['x'.repeat(400_000)] }])).toThrow(
      /^work list: got "docker\.io\/library\/nginx:1@sha256:.*; a copy of at most \d+ bytes would do, with fewer rows/,
    );
  });
  it('is empty for nothing', () => {
    expect(formatWork([])).toEqual([]);
  });

  const good = JSON.parse(formatWork([copyOf('nginx:1', 'localhost/a:1')])[0] ?? '');
  const spoilt = (change: object, place = good.copies[0]) =>
    JSON.stringify({ ...good, copies: [{ ...place, ...change }] });
  const rootWith = (change: object) => spoilt({ root: { ...good.copies[0].root, ...change } });
  it.each([
    ['text', 'hello', 'work list: got "hello"; JSON would do'],
    [
      'another version',
      JSON.stringify({ ...good, version: 2 }),
      'work list: got a map (version, copies); version 1 with a list of copies would do',
    ],
    ['no list', JSON.stringify({ version: 1 }), 'work list: got a map (version); version 1'],
    ['a copy that is none', JSON.stringify({ version: 1, copies: [5] }), 'copy: got the number 5; a map would do'],
    [
      'an unknown field',
      spoilt({ extra: 1 }),
      'copy: got "extra"; only mirrors, source, root, destinations, referrers, artifactTypes, platforms, compare, requireSignature would do',
    ],
    [
      'a source without its digest',
      spoilt({ source: 'docker.io/library/nginx:1' }),
      'copy source: got "docker.io/library/nginx:1"; a reference with its digest would do',
    ],
    ['a source that is not canonical', spoilt({ source: `nginx:1@${DIGEST}` }), '; docker.io/library/nginx:1@sha256:'],
    [
      'a root of another digest',
      spoilt({ root: { mediaType: 'x', size: 1, digest: `sha256:${'b'.repeat(64)}` } }),
      '; the source’s digest sha256:aaaa',
    ],
    [
      'a root without a size',
      spoilt({ root: { mediaType: 'x', digest: DIGEST } }),
      'copy root size: got nothing; a number of bytes would do',
    ],
    [
      'no destination',
      spoilt({ destinations: [] }),
      'copy destinations: got a list (empty); a list of at least one would do',
    ],
    [
      'a reason of its own',
      spoilt({ destinations: [{ to: 'localhost/a:1', why: 'because' }] }),
      'copy reason: got "because"; missing, changed, referrers, verify would do',
    ],
    [
      'a fence that is text',
      spoilt({ destinations: [{ to: 'localhost/a:1', why: 'missing', fence: '1' }] }),
      'copy fence: got "1"; a whole number would do',
    ],
    ['referrers that are neither', spoilt({ referrers: 'yes' }), 'copy referrers: got "yes"; true or false would do'],
    ['mirrors that are no texts', spoilt({ mirrors: [1] }), 'copy mirrors: got the number 1; a text would do'],
    ['mirrors that are no list', spoilt({ mirrors: 'a' }), 'copy mirrors: got "a"; a list of texts would do'],
    ['artifact types that are no texts', spoilt({ artifactTypes: [1] }), 'copy artifactTypes: got the number 1'],
    ['destinations that are no list', spoilt({ destinations: {} }), 'copy destinations: got a map (empty)'],
    ['a destination that is none', spoilt({ destinations: [5] }), 'copy destination: got the number 5'],
    [
      'a destination that is no text',
      spoilt({ destinations: [{ to: 5, why: 'missing' }] }),
      'copy destination: got the number 5; a text would do',
    ],
    [
      'a destination that is not canonical',
      spoilt({ destinations: [{ to: 'nginx', why: 'missing' }] }),
      'copy destination: got "nginx"; docker.io/library/nginx would do',
    ],
    [
      'a previous digest that is kept perhaps',
      spoilt({ destinations: [{ to: 'localhost/a:1', why: 'missing', keepPrevious: 'maybe' }] }),
      'copy keepPrevious: got "maybe"; true would do',
    ],
    [
      'a conflict that ends otherwise',
      spoilt({ destinations: [{ to: 'localhost/a:1', why: 'missing', onConflict: 'ignore' }] }),
      'copy onConflict: got "ignore"; suffix would do',
    ],
    ['no platform', spoilt({ platforms: [] }), 'copy platforms: got a list (empty); a list of at least one would do'],
    ['a signature by nobody', spoilt({ requireSignature: {} }), 'signature: got a list (empty); one of key'],
    [
      'an unknown field of a destination',
      spoilt({ destinations: [{ to: 'localhost/a:1', why: 'missing', when: 1 }] }),
      'copy destination: got "when"; only to, why, fence, keepPrevious, onConflict would do',
    ],
    [
      'a fence below nothing',
      spoilt({ destinations: [{ to: 'localhost/a:1', why: 'missing', fence: -1 }] }),
      'copy fence: got the number -1',
    ],
    [
      'a fence that is no whole number',
      spoilt({ destinations: [{ to: 'localhost/a:1', why: 'missing', fence: 1.5 }] }),
      'copy fence: got the number 1.5',
    ],
    ['a source that is no text', spoilt({ source: null }), 'copy source: got null; a text would do'],
    ['a root that is none', spoilt({ root: [] }), 'copy root: got a list (empty); a map would do'],
    [
      'an unknown field of the root',
      rootWith({ data: 'x' }),
      'copy root: got "data"; only mediaType, digest, size, artifactType, annotations, platform, urls would do',
    ],
    ['a root without a media type', rootWith({ mediaType: '' }), 'copy root mediaType: got ""; a text would do'],
    ['a media type that is no text', rootWith({ mediaType: 5 }), 'copy root mediaType: got the number 5'],
    ['a digest that is none', rootWith({ digest: 'x' }), 'copy root digest: got "x"; a digest would do'],
    ['an artifact type that is no text', rootWith({ artifactType: 1 }), 'copy root artifactType: got the number 1'],
    [
      'annotations that are no map',
      rootWith({ annotations: [] }),
      'copy root annotations: got a list (empty); a map would do',
    ],
    ['an annotation that is no text', rootWith({ annotations: { k: 1 } }), 'copy root annotations: got the number 1'],
    ['a platform that is none', rootWith({ platform: 'linux' }), 'copy root platform: got "linux"; a map would do'],
    [
      'an unknown field of the platform',
      rootWith({ platform: { os: 'a', architecture: 'b', bits: 64 } }),
      'copy root platform: got "bits"; only os, architecture, variant would do',
    ],
    ['a platform without a system', rootWith({ platform: { architecture: 'b' } }), 'copy root platform: got nothing'],
    ['a platform without an architecture', rootWith({ platform: { os: 'a' } }), 'copy root platform: got nothing'],
    [
      'a variant that is no text',
      rootWith({ platform: { os: 'a', architecture: 'b', variant: 8 } }),
      'copy root platform: got the number 8',
    ],
    [
      'links that are no list',
      rootWith({ urls: 'https://x/' }),
      'copy root urls: got "https://x/"; a list of texts would do',
    ],
    ['a link that is no text', rootWith({ urls: [1] }), 'copy root urls: got the number 1'],
  ])('is refused with %s', (_, text, line) => {
    expect(() => parseWork(text)).toThrow(InvalidValue);
    expect(() => parseWork(text)).toThrow(line);
  });

  const whole = {
    ...copyOf('nginx:1', 'localhost/a:1'),
    artifactTypes: ['application/x'],
    destinations: [{ reference: parseReference('localhost/a:1'), why: 'changed' as const, fence: 3 }],
    root: {
      mediaType: 'application/x',
      digest: parseReference(`a@${DIGEST}`).digest as Copy['root']['digest'],
      size: 2,
      artifactType: 'application/x',
      annotations: { k: 'v' },
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      urls: ['https://x/'],
    },
  };
  it('keeps all that a copy may hold, and a fence of nothing', () => {
    const copies = [
      whole,
      { ...whole, destinations: [{ ...whole.destinations[0], fence: 0 } as Copy['destinations'][0]] },
    ];
    expect(formatWork(copies).flatMap(parseWork)).toStrictEqual(copies);
    const bare = copyOf('nginx:1', 'localhost/a:1');
    expect(formatWork([bare]).flatMap(parseWork)).toStrictEqual([bare]);
  });
  it('is one that would be written, or refused in one line, whatever was done to it', () => {
    const [text = ''] = formatWork([whole]);
    fc.assert(
      fc.property(spoiltAnywhere(JSON.parse(text)), (document) => {
        const read = resultOrLine(() => parseWork(JSON.stringify(document) ?? ''), 'InvalidValue');
        if (read !== undefined) expect(formatWork(read).flatMap(parseWork)).toEqual(read);
      }),
    );
  });
});

describe('groups', () => {
  const flat = (groups: readonly (readonly Copy[])[]) =>
    groups
      .flat()
      .map((one) => one.source)
      .map(formatReference)
      .sort();
  const options = fc.record(
    { maxGroups: fc.integer({ min: 1, max: 5 }), copiesPerGroup: fc.integer({ min: 1, max: 5 }) },
    { requiredKeys: [] },
  );

  it('hold every copy once, are none of them empty, and no more than were allowed', () => {
    fc.assert(
      fc.property(fc.array(copy), options, (copies, asked) => {
        const groups = packGroups(copies, asked);
        expect(flat(groups)).toEqual(flat([copies]));
        expect(groups.length).toBeLessThanOrEqual(asked.maxGroups ?? 10_000);
        expect(groups.every((group) => group.length > 0)).toBe(true);
      }),
    );
  });
  it('are the same in whatever order the copies come', () => {
    fc.assert(
      fc.property(fc.uniqueArray(copy, { selector: (one) => one.root.digest }), options, (copies, asked) => {
        expect(packGroups([...copies].reverse(), asked)).toEqual(packGroups(copies, asked));
      }),
    );
  });
  it('keep together what shares a repository on either side', () => {
    const copies = [
      copyOf('a/one:1', 'localhost/x:1'),
      copyOf('b/two:1', 'localhost/y:1'),
      copyOf('c/three:1', 'localhost/x:2'),
      copyOf('b/two:2', 'localhost/z:1'),
      copyOf('d/four:1', 'localhost/w:1'),
      copyOf('e/five:1', 'localhost/v:1'),
    ];
    const groups = packGroups(copies, { copiesPerGroup: 2 }).map((group) =>
      [...new Set(group.map((one) => formatRepository(one.source.repository).replace('docker.io/', '')))].sort(),
    );
    expect(groups).toEqual([['a/one', 'c/three'], ['b/two'], ['d/four', 'e/five']]);
  });
  it('cut what shares a repository only where it is more than a group', () => {
    const copies = Array.from({ length: 10 }, (_, index) => copyOf(`nginx:${index}`, `localhost/x:${index}`));
    expect(
      packGroups(copies, { copiesPerGroup: 4 })
        .map((group) => group.length)
        .sort(),
    ).toEqual([3, 3, 4]);
    expect(packGroups(copies)).toHaveLength(1);
  });
  it('are balanced', () => {
    const copies = Array.from({ length: 1000 }, (_, index) => copyOf(`org/app-${index}:1`, `localhost/app-${index}:1`));
    const sizes = packGroups(copies, { copiesPerGroup: 30 }).map((group) => group.length);
    expect(sizes).toHaveLength(34);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
  it('are one for few copies and none for none', () => {
    expect(packGroups([copyOf('a/b:1', 'localhost/a:1'), copyOf('c/d:1', 'localhost/c:1')])).toHaveLength(1);
    expect(packGroups([])).toEqual([]);
  });
  it('number ten thousand at most', () => {
    const copies = Array.from({ length: 10_050 }, (_, index) =>
      copyOf(`org/app-${index}:1`, `localhost/app-${index}:1`),
    );
    expect(packGroups(copies, { copiesPerGroup: 1, maxGroups: 50_000 }).length).toBeLessThanOrEqual(10_000);
  });
});
