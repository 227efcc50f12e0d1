import type { RegistryError } from '../../../engine/errors';
import { openRegistries } from '../../../engine/registry/registries';
import { makeAuthority } from '../../../local/certificates';
import {
  ALICE,
  anonymous,
  Bench,
  basicHeader,
  blobOf,
  collect,
  failureOf,
  MANIFEST,
  MANIFEST_TYPE,
  manifest,
  only,
  type Reply,
} from './scripted';
import { answering, serveRaw, until } from './wire/raw-server';

const bench = new Bench();
afterEach(() => bench.close());

const bytes = Buffer.from('the blob');
const blob = blobOf(bytes);
const to = (location: string): Reply => ({ status: 307, headers: { location } });
const basic: Reply = { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };

describe('a redirect', () => {
  it('is followed without the credential, hop by hop', async () => {
    const third = await bench.serve(() => ({ status: 200, body: bytes }));
    const second = await bench.serve(() => to(`${third.url}/bucket?X-Signature=1`));
    const first = await bench.serve(({ headers, path }) => {
      if (headers.authorization !== basicHeader) return basic;
      return path.startsWith('/moved/') ? to(`${second.url}/cdn`) : to(`/moved/${blob.digest}`);
    });
    const store = bench.store(first, { credentials: only(ALICE), plainHttp: [second.host, third.host] });
    expect(await collect(await store.fetchBlob(blob))).toEqual(bytes);
    expect(first.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, basicHeader, basicHeader]);
    expect(second.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(third.seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/bucket?X-Signature=1', undefined],
    ]);
  });

  it('to a host with a challenge of its own gets a token that anybody gets, and keeps it', async () => {
    const regional = await bench.serve(({ path, headers }): Reply => {
      if (path.startsWith('/token')) return { status: 200, body: '{"token":"for-anybody"}' };
      if (headers.authorization === 'Bearer for-anybody') {
        return { status: 200, headers: { 'content-type': MANIFEST_TYPE }, body: MANIFEST };
      }
      const challenge = `Bearer realm="http://${headers.host}/token",service="s",scope="repository:images/app:pull"`;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    });
    const front = await bench.serve(({ headers, path }) =>
      headers.authorization === basicHeader ? to(`${regional.url}${path.replace('/app/', '/images/app/')}`) : basic,
    );
    const store = bench.store(front, { credentials: only(ALICE), plainHttp: [regional.host] });
    await store.fetchManifest(manifest);
    await store.fetchManifest(manifest);
    const path = `/v2/images/app/manifests/${manifest.digest}`;
    expect(regional.seen.map((seen) => [seen.path, seen.headers.authorization])).toEqual([
      [path, undefined],
      ['/token?service=s&scope=repository%3Aimages%2Fapp%3Apull', undefined],
      [path, 'Bearer for-anybody'],
      [path, 'Bearer for-anybody'],
    ]);
  });

  it('to a host that wants a password gets none', async () => {
    const other = await bench.serve(() => basic);
    const front = await bench.serve(() => to(`${other.url}/x`));
    const store = bench.store(front, { credentials: only(ALICE), plainHttp: [other.host] });
    expect((await failureOf(store.fetchManifest(manifest))).message).toMatch(/401/);
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', /plain http/],
    ['https://169.254.169.254/latest/meta-data', /never connected/],
    ['https://[::ffff:a9fe:a9fe]/', /never connected/],
    ['https://127.0.0.1:9/', /private address/],
    ['https://localhost:9/', /private address/],
    ['http://example.com/', /plain http/],
    ['file:///etc/passwd', /https would do/],
  ])('to %s is refused', async (location, message) => {
    const server = await bench.serve(() => to(location));
    const error = (await failureOf(bench.store(server).fetchManifest(manifest))) as RegistryError;
    expect(error.message).toMatch(message);
    expect(error.failure).toBe('denied');
  });

  it('that is refused holds no connection: nobody will read what comes with it', async () => {
    const head = 'HTTP/1.1 307 Temporary Redirect\r\nLocation: http://a.test/\r\nContent-Length: 200000\r\n\r\n';
    const authority = makeAuthority();
    const server = await serveRaw(answering(head + 'x'.repeat(100_000)), authority.issue('127.0.0.1'));
    const endpoints = { 'registry.test': `https://${server.host}` };
    const registries = openRegistries({ credentials: anonymous, endpoints, ca: authority.cert });
    try {
      const store = registries.store({ registry: 'registry.test', name: 'app' });
      expect((await failureOf(store.fetchManifest(manifest))).message).toMatch(/only https/);
      await until(() => server.open() === 0);
    } finally {
      registries.close();
      await server.close();
    }
  });

  it('in a circle ends', async () => {
    const server = await bench.serve(({ path }) => to(path.endsWith('/a') ? '/b' : '/a'));
    expect((await failureOf(bench.store(server).fetchManifest(manifest))).message).toMatch(/in a circle/);
    expect(server.seen).toHaveLength(3);
  });

  it('without an end ends', async () => {
    const server = await bench.serve((_, index) => to(`/${index}`));
    expect((await failureOf(bench.store(server).fetchManifest(manifest))).message).toMatch(/more than 6 times/);
    expect(server.seen).toHaveLength(7);
  });
});

describe('a registry that is not named as private', () => {
  it('is refused after its name was looked up', async () => {
    const server = await bench.serve(() => ({ status: 200 }));
    const port = server.host.split(':')[1];
    const store = bench.registries(server).store({ registry: `localhost:${port}`, name: 'app' });
    expect((await failureOf(store.resolve('1'))).message).toBe(
      `localhost:${port} is at 127.0.0.1: private address; name localhost:${port} as a private host if it is meant (--private-hosts)`,
    );
    expect(server.seen).toHaveLength(0);
  });

  it('is spoken to when it is named', async () => {
    const server = await bench.serve(() => ({ status: 404 }));
    const name = `localhost:${server.host.split(':')[1]}`;
    const store = bench.registries(server, { plainHttp: [name] }).store({ registry: name, name: 'app' });
    expect((await failureOf(store.resolve('1'))).message).toMatch(
      /: 404; nothing of that name is there: check the repository and the tag$/,
    );
  });
});
