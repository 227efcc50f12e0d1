import {
  ContentMismatch,
  MissingContent,
  NotFound,
  type RegistryError,
  TagImmutable,
  Unsupported,
} from '../../../engine/errors';
import { ACCEPTED_MANIFESTS } from '../../../lib/model/descriptor';
import { Bench, errorBody, failureOf, MANIFEST, MANIFEST_TYPE, manifest, type Reply, sha256 } from './scripted';

const bench = new Bench();
afterEach(() => bench.close());

const whole: Reply = { status: 200, headers: { 'content-type': MANIFEST_TYPE }, body: MANIFEST };
const told = (headers: Record<string, string | number> = {}): Reply => ({
  status: 200,
  headers: {
    'content-type': MANIFEST_TYPE,
    'content-length': MANIFEST.length,
    'docker-content-digest': manifest.digest,
    ...headers,
  },
});

describe('resolve', () => {
  it('asks by one HEAD that takes every type and no encoding', async () => {
    const server = await bench.serve(() => told());
    expect(await bench.store(server).resolve('1.27')).toEqual(manifest);
    expect(server.lines()).toEqual(['HEAD /v2/app/manifests/1.27']);
    expect(server.seen[0]?.headers.accept?.split(', ')).toEqual(ACCEPTED_MANIFESTS);
    expect(server.seen[0]?.headers['accept-encoding']).toBe('identity');
    expect(server.seen[0]?.headers['user-agent']).toBe('ecr-mirror');
  });

  it.each<[string, Reply]>([
    ['no digest is told', { status: 200, headers: { 'content-type': MANIFEST_TYPE } }],
    ['the digest is malformed', told({ 'docker-content-digest': 'sha256:zz' })],
    ['the type is no manifest', told({ 'content-type': 'text/plain' })],
    ['HEAD is refused', { status: 405 }],
    ['HEAD is not understood', { status: 400 }],
  ])('fetches and hashes when %s', async (_, head) => {
    const server = await bench.serve(({ method }) => (method === 'HEAD' ? head : whole));
    expect(await bench.store(server).resolve('1.27')).toEqual(manifest);
    expect(server.lines()).toEqual(['HEAD /v2/app/manifests/1.27', 'GET /v2/app/manifests/1.27']);
  });

  it('finds the type inside the manifest when the registry does not tell it', async () => {
    const server = await bench.serve(({ method }) =>
      method === 'HEAD' ? { status: 405 } : { ...whole, headers: { 'content-type': 'application/json; charset=x' } },
    );
    expect((await bench.store(server).resolve('1.27')).mediaType).toBe(MANIFEST_TYPE);
  });

  it('does not take another digest for the one it asked for', async () => {
    const server = await bench.serve(() => told({ 'docker-content-digest': sha256('other') }));
    expect(await failureOf(bench.store(server).resolve(manifest.digest))).toBeInstanceOf(ContentMismatch);
  });

  it('says that a missing tag is not there, by one request', async () => {
    const server = await bench.serve(() => ({ status: 404 }));
    const error = await failureOf(bench.store(server).resolve('nope'));
    expect(error).toBeInstanceOf(NotFound);
    expect(error.message).toBe(
      'manifest registry.test/app:nope: 404; nothing of that name is there: check the repository and the tag',
    );
    expect(server.seen).toHaveLength(1);
  });

  it('asks again by GET for the reason of a refusal', async () => {
    const body = errorBody('DENIED', 'not \u001b[31mfor you');
    const server = await bench.serve(() => ({ status: 403, body }));
    const error = (await failureOf(bench.store(server).resolve('1'))) as RegistryError;
    expect(error.message).toBe(
      'manifest registry.test/app:1: 403 DENIED not \ufffd[31mfor you; no credential for registry.test was used: give one if it needs one, or check the name',
    );
    expect(error.failure).toBe('denied');
    expect(error.answer).toEqual({ status: 403, code: 'DENIED' });
    expect(server.seen).toHaveLength(2);
  });
});

describe('exists', () => {
  it.each([
    [200, true],
    [404, false],
  ])('a manifest answered by %d', async (status, there) => {
    const server = await bench.serve(() => ({ status }));
    expect(await bench.store(server).exists(manifest)).toBe(there);
    expect(server.lines()).toEqual([`HEAD /v2/app/manifests/${manifest.digest}`]);
  });

  it('takes an anonymous refusal to tell of a blob for not there', async () => {
    const server = await bench.serve(() => ({ status: 401 }));
    const blob = { mediaType: 'application/octet-stream', digest: sha256('x'), size: 1 };
    expect(await bench.store(server).exists(blob)).toBe(false);
  });
});

describe('fetchManifest', () => {
  it('gives the exact bytes', async () => {
    const server = await bench.serve(() => whole);
    expect(Buffer.from(await bench.store(server).fetchManifest(manifest))).toEqual(MANIFEST);
    expect(await bench.store(server).fetchManifest({ ...manifest, size: 0 })).toHaveLength(MANIFEST.length);
  });

  it('refuses bytes that are not what was asked for', async () => {
    const server = await bench.serve(() => ({ status: 200, body: `${MANIFEST} ` }));
    expect(await failureOf(bench.store(server).fetchManifest(manifest))).toBeInstanceOf(ContentMismatch);
  });

  it('asks again for what arrived damaged', async () => {
    const server = await bench.serve((_, i) => (i === 0 ? { status: 200, body: `${MANIFEST} ` } : whole));
    expect(Buffer.from(await bench.store(server).fetchManifest(manifest))).toEqual(MANIFEST);
    expect(server.seen).toHaveLength(2);
  });

  it('names an encoding that nobody wanted', async () => {
    const server = await bench.serve(() => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body: 'x' }));
    expect((await failureOf(bench.store(server).fetchManifest(manifest))).message).toMatch(/encoded it \("gzip"\)/);
  });

  it('stops at 4 MiB', async () => {
    const server = await bench.serve(() => ({ status: 200, body: Buffer.alloc(4 * 1024 * 1024 + 1) }));
    const error = await failureOf(bench.store(server).fetchManifest({ ...manifest, size: 0 }));
    expect(error).toBeInstanceOf(Unsupported);
    expect(error.message).toMatch(/more than 4194304 bytes/);
  });

  it('reads it again when the connection breaks on the way', async () => {
    const server = await bench.serve(
      () => whole,
      (_, response, index) => {
        if (index > 0) return false;
        response.writeHead(200, { 'content-length': MANIFEST.length });
        response.write(MANIFEST.subarray(0, 10), () => response.destroy());
        return true;
      },
    );
    expect(await bench.store(server).fetchManifest(manifest)).toHaveLength(MANIFEST.length);
    expect(server.seen).toHaveLength(2);
  });
});

describe('pushManifest', () => {
  it('says how to go without a referrer that the registry does not take', async () => {
    const server = await bench.serve(() => ({ status: 405, body: errorBody('UNSUPPORTED') }));
    const error = await failureOf(bench.store(server).pushManifest(manifest, MANIFEST));
    expect(error.message).toMatch(/405 UNSUPPORTED.*Referrers: false/);
  });

  const subject = { mediaType: MANIFEST_TYPE, digest: sha256('s'), size: 1 };
  const signature = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, subject }));
  const signed = { mediaType: MANIFEST_TYPE, digest: sha256(signature), size: signature.length };

  it('puts the bytes under the tag, else under the digest', async () => {
    const server = await bench.serve(() => ({ status: 201 }));
    const store = bench.store(server);
    expect(await store.pushManifest(manifest, MANIFEST, { tag: '1' })).toEqual({ listedBySubject: true });
    await store.pushManifest(manifest, MANIFEST);
    expect(server.lines()).toEqual(['PUT /v2/app/manifests/1', `PUT /v2/app/manifests/${manifest.digest}`]);
    expect(server.seen[0]?.body).toEqual(MANIFEST);
    expect(server.seen[0]?.headers['content-type']).toBe(MANIFEST_TYPE);
    expect(server.seen[0]?.headers['content-length']).toBe(String(MANIFEST.length));
  });

  it.each([
    [{ 'oci-subject': subject.digest }, true],
    [{}, false],
  ])('knows by OCI-Subject whether a referrer is listed', async (headers, listedBySubject) => {
    const server = await bench.serve(() => ({ status: 201, headers: headers as Record<string, string> }));
    expect(await bench.store(server).pushManifest(signed, signature)).toEqual({ listedBySubject });
  });

  it.each([
    ['TAG_INVALID', 400, 'cannot be overwritten because the tag is immutable', TagImmutable],
    ['PRECONDITION', 412, 'configured as immutable', TagImmutable],
    ['CONFLICT', 409, 'no', TagImmutable],
    ['MANIFEST_BLOB_UNKNOWN', 404, 'blob unknown to registry', MissingContent],
    ['BLOB_UNKNOWN', 400, 'x', MissingContent],
    ['LAYERS_NOT_FOUND', 400, 'x', MissingContent],
    ['NAME_UNKNOWN', 404, 'The repository does not exist', NotFound],
  ])('makes of %s %d its own error', async (code, status, message, kind) => {
    const server = await bench.serve(() => ({ status, body: errorBody(code, message) }));
    const error = await failureOf(bench.store(server).pushManifest(manifest, MANIFEST, { tag: '1' }));
    expect(error).toBeInstanceOf(kind);
    expect((error as RegistryError).answer).toEqual({ status, code });
  });

  it('does not believe a registry that stored something else', async () => {
    const headers = { 'docker-content-digest': sha256('else') };
    const server = await bench.serve(() => ({ status: 201, headers }));
    expect(await failureOf(bench.store(server).pushManifest(manifest, MANIFEST))).toBeInstanceOf(ContentMismatch);
  });

  it('sends nothing that is not what it says it is', async () => {
    const server = await bench.serve(() => ({ status: 201 }));
    expect(await failureOf(bench.store(server).pushManifest(manifest, signature))).toBeInstanceOf(ContentMismatch);
    expect(server.seen).toHaveLength(0);
  });
});

describe('errors', () => {
  it('shows a little of an answer that is no JSON, and nothing of a very long one', async () => {
    const server = await bench.serve(() => ({ status: 400, body: `<html>\n${'x'.repeat(200_000)}` }));
    const error = await failureOf(bench.store(server).fetchManifest(manifest));
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).toContain('<html> xxx');
    expect((error as RegistryError).failure).toBe('usage');
  });
});
