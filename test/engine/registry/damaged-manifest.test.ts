import { Bench, errorBody, MANIFEST, MANIFEST_TYPE, manifest, type Reply, type Script } from './scripted';

const bench = new Bench();
afterEach(() => bench.close());

/** Valid JSON still, and another image. */
const DAMAGED = Buffer.from(MANIFEST.toString().replace('"schemaVersion":2', '"schemaVersion":7'));

const found = (body: Buffer, digest: string = manifest.digest): Reply => ({
  status: 200,
  headers: { 'content-type': MANIFEST_TYPE, 'docker-content-digest': digest },
  body,
});
const unknown: Reply = { status: 404, body: errorBody('MANIFEST_UNKNOWN', 'manifest unknown') };

describe('a manifest that is read by its tag', () => {
  const read = async (script: Script) => {
    const server = await bench.serve(script);
    const store = bench.store(server);
    return { got: await store.read('1', {}), lines: server.lines() };
  };

  it('is read again when it is not what the registry says that it is', async () => {
    expect(DAMAGED.equals(MANIFEST)).toBe(false);
    let reads = 0;
    const { got } = await read(({ method, path }) => {
      if (path.endsWith('/1') && method === 'GET') return ++reads === 1 ? found(DAMAGED) : found(MANIFEST);
      return path.endsWith('/1') || path.endsWith(manifest.digest) ? found(MANIFEST) : unknown;
    });
    expect(got.bytes).toEqual(MANIFEST);
    expect(got.descriptor.digest).toBe(manifest.digest);
  });

  it('is taken when the registry knows it by the digest of its bytes, whatever digest it says', async () => {
    const { got } = await read(() => found(MANIFEST, `sha256:${'0'.repeat(64)}`));
    expect(got.descriptor.digest).toBe(manifest.digest);
  });

  it('is asked for once when nothing is wrong with it', async () => {
    const { lines } = await read(() => found(MANIFEST));
    expect(lines).toEqual(['GET /v2/app/manifests/1']);
  });
});
