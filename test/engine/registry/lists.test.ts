import { NotFound, TagImmutable } from '../../../engine/errors';
import { fallbackTag } from '../../../engine/registry/referrers';
import type { Descriptor } from '../../../lib/model/descriptor';
import type { Digest } from '../../../lib/model/digest';
import { Bench, errorBody, failureOf, MANIFEST_TYPE, type Reply, sha256 } from './scripted';

const bench = new Bench();
afterEach(() => bench.close());

const json = (value: unknown, headers: Record<string, string> = {}): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('tags', () => {
  it('follows the links as they are, relative or absolute', async () => {
    const server = await bench.serve(({ path, headers }) => {
      if (path === '/v2/app/tags/list?n=1000')
        return json({ tags: ['a'] }, { link: '</v2/app/tags/list?last=a&x=%2F>; rel="next"' });
      if (path.endsWith('%2F')) return json({ tags: ['b'] }, { link: `<http://${headers.host}/more>; rel=next` });
      return json({ name: 'app', tags: ['c'] });
    });
    expect(await all(bench.store(server).tags())).toEqual(['a', 'b', 'c']);
    expect(server.lines()).toEqual(['GET /v2/app/tags/list?n=1000', 'GET /v2/app/tags/list?last=a&x=%2F', 'GET /more']);
  });

  describe('after a full page without a link', () => {
    const names = Array.from({ length: 2500 }, (_, at) => `v${String(at).padStart(4, '0')}`);
    const after = (path: string) => {
      const last = new URL(path, 'http://localhost').searchParams.get('last') ?? '';
      return names.filter((name) => name > last);
    };

    it('asks for what comes after its last tag', async () => {
      const server = await bench.serve(({ path }) => json({ tags: after(path).slice(0, 1000) }));
      expect(await all(bench.store(server).tags())).toEqual(names);
      expect(server.lines()).toEqual([
        'GET /v2/app/tags/list?n=1000',
        'GET /v2/app/tags/list?n=1000&last=v0999',
        'GET /v2/app/tags/list?n=1000&last=v1999',
      ]);
    });

    it.each<[string, (tags: readonly string[]) => Reply]>([
      ['nothing', () => json({ tags: null })],
      ['the first page again', (tags) => json({ tags })],
      ['that it cannot', () => ({ status: 400, body: errorBody('PAGINATION_NUMBER_INVALID') })],
      ['that there is no such page', () => ({ status: 404, body: errorBody('NAME_UNKNOWN') })],
    ])('takes that for all when the answer is %s', async (_, answer) => {
      const thousand = names.slice(0, 1000);
      const server = await bench.serve(({ path }) =>
        path.includes('last=') ? answer(thousand) : json({ tags: thousand }),
      );
      expect(await all(bench.store(server).tags())).toEqual(thousand);
      expect(server.seen).toHaveLength(2);
    });

    it('fails when the next one is denied', async () => {
      const server = await bench.serve(({ path }) =>
        path.includes('last=') ? { status: 403, body: errorBody('DENIED') } : json({ tags: names.slice(0, 1000) }),
      );
      expect((await failureOf(all(bench.store(server).tags()))).message).toMatch(/403/);
    });

    it('asks no registry that sends all at once', async () => {
      const server = await bench.serve(() => json({ tags: names }));
      expect(await all(bench.store(server).tags())).toEqual(names);
      expect(server.seen).toHaveLength(1);
    });
  });

  it.each([[{ tags: null }], [{ tags: [] }], [{ name: 'app' }]])('finds none in %j', async (page) => {
    const server = await bench.serve(() => json(page));
    expect(await all(bench.store(server).tags())).toEqual([]);
  });

  it('leaves out what is no tag', async () => {
    const server = await bench.serve(() =>
      json({ tags: ['ok', '../x', '-a', 7, null, 'a b', '\u001b[2J', 'v1.0_x-y'] }),
    );
    expect(await all(bench.store(server).tags())).toEqual(['ok', 'v1.0_x-y']);
  });

  it('is not led in circles, to other hosts, or on for ever', async () => {
    const circle = await bench.serve(() => json({ tags: ['a'] }, { link: '</same>; rel="next"' }));
    expect((await failureOf(all(bench.store(circle).tags()))).message).toMatch(/in a circle/);
    const away = await bench.serve(() => json({ tags: ['a'] }, { link: '<http://other.example/x>; rel="next"' }));
    expect((await failureOf(all(bench.store(away).tags()))).message).toMatch(/to another host/);
    const endless = await bench.serve((_, i) => json({ tags: [] }, { link: `</${i}>; rel="next"` }));
    expect((await failureOf(all(bench.store(endless).tags()))).message).toMatch(/more than 2000 pages/);
  });

  it('is not made to hold more than a list can be', async () => {
    const page = JSON.stringify({ tags: ['a'], padding: 'x'.repeat(12 * 1024 * 1024) });
    const server = await bench.serve((_, i) => ({ status: 200, body: page, headers: { link: `</${i}>; rel="next"` } }));
    expect((await failureOf(all(bench.store(server).tags()))).message).toMatch(/more than 33554432 bytes/);
    expect(server.seen.length).toBe(3);
  });

  it('says that there is no such repository, or no list', async () => {
    const none = await bench.serve(() => ({ status: 404, body: errorBody('NAME_UNKNOWN') }));
    expect(await failureOf(all(bench.store(none).tags()))).toBeInstanceOf(NotFound);
    const html = await bench.serve(() => ({ status: 200, body: '<html>' }));
    expect((await failureOf(all(bench.store(html).tags()))).message).toMatch(/no list of tags/);
  });
});

const subject = sha256('the image');
const signature: Descriptor = {
  mediaType: MANIFEST_TYPE,
  digest: sha256('signature'),
  size: 7,
  artifactType: 'application/vnd.dev.cosign',
  annotations: { note: 'kept' },
};
const sbom: Descriptor = { mediaType: MANIFEST_TYPE, digest: sha256('sbom'), size: 8 };
const tag = fallbackTag(subject);
const index = (...manifests: unknown[]) => ({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests,
});

describe('referrers', () => {
  it('come from the API, page by page, and only what has the form of a descriptor', async () => {
    const server = await bench.serve(({ path }) =>
      path === '/page2'
        ? json(index(sbom))
        : json(index(signature, { digest: 'x' }, null, 'rubbish'), { link: '</page2>; rel="next"' }),
    );
    expect(await bench.store(server).referrers(subject)).toEqual([signature, sbom]);
    expect(server.lines()).toEqual([`GET /v2/app/referrers/${subject}`, 'GET /page2']);
  });

  it.each<[string, Reply]>([
    ['404 page not found', { status: 404, body: '404 page not found\n' }],
    ['405', { status: 405 }],
    ['a web page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
  ])('come from the fallback tag after %s, and the API is not asked again', async (_, reply) => {
    const server = await bench.serve(({ path }) => (path.includes('/referrers/') ? reply : json(index(signature))));
    const registries = bench.registries(server);
    expect(await registries.store({ registry: 'registry.test', name: 'app' }).referrers(subject)).toEqual([signature]);
    expect(await registries.store({ registry: 'registry.test', name: 'other' }).referrers(subject)).toEqual([
      signature,
    ]);
    expect(server.lines()).toEqual([
      `GET /v2/app/referrers/${subject}`,
      `GET /v2/app/manifests/${tag}`,
      `GET /v2/other/manifests/${tag}`,
    ]);
  });

  it.each<[string, Reply, RegExp]>([
    [
      'packed although that was not wanted',
      { status: 200, headers: { 'content-encoding': 'gzip' }, body: 'packed' },
      /no list, encoded \("gzip"\)/,
    ],
    [
      'called an index and none',
      { status: 200, headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' }, body: '{"manif' },
      /the answer is no list/,
    ],
  ])('are not none when the list is %s', async (_, reply, says) => {
    const server = await bench.serve(({ path }) => (path.includes('/referrers/') ? reply : { status: 404 }));
    expect((await failureOf(bench.store(server).referrers(subject))).message).toMatch(says);
  });

  it('are not none when the fallback tag holds what is no manifest, and none when it is an image', async () => {
    for (const [body, expected] of [
      ['<html>', /holds no manifest/],
      ['{"schemaVersion":2,"layers":[]}', undefined],
    ] as const) {
      const server = await bench.serve(({ path }) =>
        path.includes('/referrers/') ? { status: 404 } : { status: 200, body },
      );
      const found = bench.store(server).referrers(subject);
      if (expected === undefined) expect(await found).toEqual([]);
      else expect((await failureOf(found)).message).toMatch(expected);
    }
  });

  it('are none when there is neither, and a repository that is not known says nothing about the API', async () => {
    const server = await bench.serve(() => ({ status: 404, body: errorBody('NAME_UNKNOWN') }));
    const store = bench.store(server);
    expect(await store.referrers(subject)).toEqual([]);
    expect(await store.referrers(subject)).toEqual([]);
    expect(server.lines().filter((line) => line.includes('/referrers/'))).toHaveLength(2);
  });

  it('that may not be seen are an error', async () => {
    const server = await bench.serve(() => ({ status: 403, body: errorBody('DENIED') }));
    expect((await failureOf(bench.store(server).referrers(subject))).message).toMatch(/403 DENIED/);
  });

  it('have a fallback tag of at most 64 digits', () => {
    expect(fallbackTag(`sha512:${'ab'.repeat(64)}` as Digest)).toBe(`sha512-${'ab'.repeat(32)}`);
  });
});

describe('addReferrer', () => {
  /** Keeps one tagged manifest. */
  async function keeping(first?: unknown) {
    let kept = first === undefined ? undefined : JSON.stringify(first);
    const server = await bench.serve(({ method, body }) => {
      if (method === 'PUT') {
        kept = body.toString();
        return { status: 201 };
      }
      return kept === undefined ? { status: 404 } : { status: 200, body: kept };
    });
    return { server, kept: () => JSON.parse(kept ?? 'null') };
  }

  it('begins an index, and keeps artifact type and annotations', async () => {
    const { server, kept } = await keeping();
    await bench.store(server).addReferrer(subject, signature);
    expect(kept()).toEqual(index(signature));
    const path = `/v2/app/manifests/${tag}`;
    expect(server.lines()).toEqual([`GET ${path}`, `PUT ${path}`, `GET ${path}`]);
    expect(server.seen[1]?.headers['content-type']).toBe('application/vnd.oci.image.index.v1+json');
  });

  it('adds to what is there, and what it does not know stays', async () => {
    const { server, kept } = await keeping({ ...index(sbom), annotations: { by: 'others' } });
    await bench.store(server).addReferrer(subject, signature);
    expect(kept()).toEqual({ ...index(sbom, signature), annotations: { by: 'others' } });
  });

  it('does not add twice', async () => {
    const { server } = await keeping(index(signature));
    await bench.store(server).addReferrer(subject, signature);
    expect(server.lines()).toHaveLength(1);
  });

  it('loses none when several are added at the same time', async () => {
    const { server, kept } = await keeping();
    const store = bench.store(server);
    const many = Array.from({ length: 10 }, (_, i) => ({ ...sbom, digest: sha256(`${i}`) }));
    await Promise.all(many.map((one) => store.addReferrer(subject, one)));
    expect(kept().manifests).toHaveLength(10);
  });

  it('adds again what another writer has replaced, and says so when that goes on', async () => {
    const rival = (wins: number) => {
      let kept = JSON.stringify(index());
      let puts = 0;
      return bench.serve(({ method, body }) => {
        if (method !== 'PUT') return { status: 200, body: kept };
        puts += 1;
        kept = puts <= wins ? JSON.stringify(index(sbom)) : body.toString();
        return { status: 201 };
      });
    };
    const twice = await rival(2);
    await bench.store(twice).addReferrer(subject, signature);
    expect(await bench.store(twice).referrers(subject)).toEqual([sbom, signature]);
    const always = await rival(1_000);
    const error = await failureOf(bench.store(always).addReferrer(subject, signature));
    expect(error.message).toMatch(/another writer has replaced their index/);
    expect(always.seen.filter(({ method }) => method === 'PUT')).toHaveLength(4);
  });

  it('leaves a tag alone that holds something else', async () => {
    const { server } = await keeping({ layers: [] });
    expect((await failureOf(bench.store(server).addReferrer(subject, signature))).message).toMatch(/something else/);
  });

  it('says that the fallback tag is immutable', async () => {
    const server = await bench.serve(({ method }) =>
      method === 'PUT' ? { status: 400, body: errorBody('TAG_INVALID', 'immutable') } : json(index(sbom)),
    );
    expect(await failureOf(bench.store(server).addReferrer(subject, signature))).toBeInstanceOf(TagImmutable);
  });
});
