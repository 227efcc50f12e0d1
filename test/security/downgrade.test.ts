import { openRegistries } from '../../engine/registry/registries';
import { type Authority, makeAuthority } from '../../local/certificates';
import {
  ALICE,
  Bench,
  basicHeader,
  blobOf,
  collect,
  failureOf,
  fakeClock,
  manifest,
  only,
  type Reply,
  type Script,
  streamOf,
} from '../engine/registry/scripted';
import { type Listening, speakTls } from '../fakes/tunnels';

const bench = new Bench();
const listeners: Listening[] = [];
let authority: Authority;
beforeAll(() => {
  authority = makeAuthority();
});
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
  await bench.close();
});

const blob = blobOf(Buffer.from('blob'));

/** A registry by https, and a host that settings let be spoken to in plain http. */
async function open(script: (plain: string) => Script) {
  const plain = await bench.serve(() => ({ status: 200, body: '{"token":"token"}' }));
  const server = await bench.serve(script(plain.host));
  const secure = await speakTls(authority.issue('127.0.0.1'), server.host);
  listeners.push(secure);
  const registries = openRegistries({
    credentials: only(ALICE),
    endpoints: { 'registry.test': `https://${secure.host}` },
    plainHttp: [plain.host, plain.host.replace('127.0.0.1', 'localhost')],
    ca: authority.cert,
    clock: fakeClock(),
    idleTimeout: 5_000,
    retry: { attempts: 2 },
  });
  return { plain, server, registries, store: registries.store({ registry: 'registry.test', name: 'app' }) };
}

const basic: Reply = { status: 401, headers: { 'www-authenticate': 'Basic' } };
/** What a registry answers once it was given the password. */
const then =
  (reply: Reply): Script =>
  ({ headers }) =>
    headers.authorization === basicHeader ? reply : basic;

describe('from https nothing leads to plain http', () => {
  it.each([301, 302, 303, 307, 308])('by a redirect (%d)', async (status) => {
    const { plain, registries, store } = await open((host) =>
      then({ status, headers: { location: `http://${host}/` } }),
    );
    expect((await failureOf(store.fetchManifest(manifest))).message).toMatch(/from https only https is followed/);
    expect((await failureOf(store.fetchBlob(blob).then(collect))).message).toMatch(/from https only https is followed/);
    expect(plain.seen).toEqual([]);
    registries.close();
  });

  it('by a redirect of what is pushed', async () => {
    const { plain, registries, store } = await open((host) =>
      then({ status: 307, headers: { location: `http://${host}/` } }),
    );
    const { bytes, descriptor } = { bytes: Buffer.from('{}'), descriptor: blobOf(Buffer.from('{}')) };
    expect((await failureOf(store.pushManifest(descriptor, bytes))).message).toMatch(/only https is followed/);
    expect(plain.seen).toEqual([]);
    registries.close();
  });

  it('by a realm', async () => {
    const { plain, registries, store } = await open((host) => () => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="http://${host}/token",service="s"` },
    }));
    expect((await failureOf(store.fetchManifest(manifest))).message).toMatch(/asks for a token from .*https would do/);
    expect(plain.seen).toEqual([]);
    registries.close();
  });

  it('by where an upload goes', async () => {
    const { plain, registries, store } = await open((host) =>
      then({ status: 202, headers: { location: `http://localhost:${host.split(':')[1]}/up` } }),
    );
    const pushed = store.pushBlob(blob, streamOf(Buffer.from('blob')));
    expect((await failureOf(pushed)).message).toMatch(/from https only https is followed/);
    expect(plain.seen).toEqual([]);
    registries.close();
  });

  it('by where an upload goes at the same host: it stays with https', async () => {
    const { plain, server, registries, store } = await open((host) => ({ method, headers }) => {
      if (headers.authorization !== basicHeader) return basic;
      return method === 'POST' ? { status: 202, headers: { location: `http://${host}/up` } } : { status: 201 };
    });
    await failureOf(store.pushBlob(blob, streamOf(Buffer.from('blob'))));
    expect(plain.seen).toEqual([]);
    expect(server.seen.filter(({ method }) => method === 'PUT')).toEqual([]);
    registries.close();
  });

  it('by the link to the next page', async () => {
    const { plain, registries, store } = await open((host) =>
      then({ status: 200, headers: { link: `<http://${host}/v2/app/tags/list>; rel="next"` }, body: '{"tags":["1"]}' }),
    );
    const listing = (async () => {
      for await (const _ of store.tags?.() ?? []);
    })();
    expect((await failureOf(listing)).message).toMatch(/leads to another host/);
    expect(plain.seen).toEqual([]);
    registries.close();
  });

  it('by a registry that speaks plain http where https was wanted', async () => {
    const plain = await bench.serve(() => basic);
    const registries = bench.registries(plain, {
      credentials: only(ALICE),
      endpoints: { 'registry.test': `https://${plain.host}` },
    });
    const error = await failureOf(registries.store({ registry: 'registry.test', name: 'app' }).fetchManifest(manifest));
    expect(error.message).toMatch(/does not speak TLS/);
    expect(plain.seen).toEqual([]);
  });
});
