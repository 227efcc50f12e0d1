import { randomBytes } from 'node:crypto';
import type { ByteStream } from '../../../engine/content';
import { MissingContent, NotFound, TagImmutable } from '../../../engine/errors';
import type { Credential, Credentials } from '../../../engine/ports';
import { openRegistries } from '../../../engine/registry/registries';
import type { Descriptor } from '../../../lib/model/descriptor';
import { secretNamed } from '../../../local/canary';
import { type EmbeddedRegistryOptions, type RunningRegistry, startRegistry } from '../../../local/registry';
import { blobOf, collect, failureOf, fakeClock, only, sha256, streamOf } from './scripted';

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: EmbeddedRegistryOptions, credentials?: (registry: RunningRegistry) => Credentials) {
  const registry = await startRegistry(options);
  closing.push(() => registry.close());
  const name = registry.ecr?.host ?? registry.host;
  const registries = openRegistries({
    credentials: credentials?.(registry) ?? { get: async () => undefined },
    plainHttp: [registry.host, ...(registry.bucketHost === undefined ? [] : [registry.bucketHost])],
    ...(registry.ecr === undefined ? {} : { endpoints: { [name]: registry.address } }),
    clock: fakeClock(),
  });
  closing.push(() => registries.close());
  const store = (repository: string) => registries.store({ registry: name, name: repository });
  const asked = () => registry.requests.map(({ method, path }) => `${method} ${path}`);
  return { registry, store, asked };
}

function imageOf(...layers: readonly Uint8Array[]): { readonly bytes: Buffer; readonly descriptor: Descriptor } {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = { ...blobOf(Buffer.from('{}')), mediaType: 'application/vnd.oci.empty.v1+json' };
  const manifest = { schemaVersion: 2, mediaType, artifactType: 'x/y', config, layers: layers.map(blobOf) };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { bytes, descriptor: { mediaType, digest: sha256(bytes), size: bytes.length } };
}

const layer = randomBytes(2_000_000);
const image = imageOf(layer);
const chunked = (): ByteStream => streamOf(layer.subarray(0, 999_999), layer.subarray(999_999));

function ecrCredential(registry: RunningRegistry): Credential {
  const [username = '', password = ''] = Buffer.from(registry.ecr?.authorizationToken().token ?? '', 'base64')
    .toString()
    .split(':');
  return { kind: 'basic', username, password };
}

describe.each<[string, EmbeddedRegistryOptions, ((registry: RunningRegistry) => Credentials)?]>([
  ['a registry that is open to all', {}],
  [
    'a registry with tokens that live for a short time',
    {
      auth: {
        kind: 'bearer',
        users: [{ username: 'a', password: secretNamed('of-a') }],
        expires: 4,
        announceExpiry: false,
      },
    },
    () => only({ kind: 'basic', username: 'a', password: secretNamed('of-a') }),
  ],
  [
    'a registry with passwords, relative locations and blobs elsewhere',
    {
      auth: { kind: 'basic', users: [{ username: 'a', password: secretNamed('of-a') }] },
      relativeLocations: true,
      redirectBlobs: true,
    },
    () => only({ kind: 'basic', username: 'a', password: secretNamed('of-a') }),
  ],
  [
    'Amazon ECR',
    { personality: { kind: 'ecr', repositories: ['team/app'] } },
    (registry) => only(ecrCredential(registry)),
  ],
])('%s', (_, options, credentials) => {
  it('takes an image and gives it back', async () => {
    const { store } = await start(options, credentials);
    const app = store('team/app');
    expect(await failureOf(app.resolve('1'))).toBeInstanceOf(NotFound);
    expect(await failureOf(app.pushManifest(image.descriptor, image.bytes, { tag: '1' }))).toBeInstanceOf(
      MissingContent,
    );
    await app.pushBlob(blobOf(layer), chunked());
    await app.pushBlob(blobOf(Buffer.from('{}')), Buffer.from('{}'));
    expect(await app.exists(blobOf(layer))).toBe(true);
    await app.pushManifest(image.descriptor, image.bytes, { tag: '1' });

    expect(await app.resolve('1')).toEqual(image.descriptor);
    expect(await app.exists(image.descriptor)).toBe(true);
    expect(Buffer.from(await app.fetchManifest(image.descriptor))).toEqual(image.bytes);
    expect((await collect(await app.fetchBlob(blobOf(layer)))).equals(layer)).toBe(true);
    const tags: string[] = [];
    for await (const tag of app.tags()) tags.push(tag);
    expect(tags).toEqual(['1']);
    expect(await app.referrers(image.descriptor.digest)).toEqual([]);
  });
});

describe('Amazon ECR', () => {
  it('says that a tag is immutable and that a repository is not there', async () => {
    const { registry, store } = await start({ personality: { kind: 'ecr', repositories: ['app'] } }, (one) =>
      only(ecrCredential(one)),
    );
    const app = store('app');
    await app.pushBlob(blobOf(Buffer.from('{}')), Buffer.from('{}'));
    await app.pushBlob(blobOf(layer), chunked());
    await app.pushManifest(image.descriptor, image.bytes, { tag: '1' });
    const state = registry.state.repositories.get('app');
    if (state === undefined) throw new Error('the repository was made above');
    state.settings = { ...state.settings, tagMutability: 'IMMUTABLE' };
    const other = imageOf(layer, Buffer.from('{}'));
    expect(await failureOf(app.pushManifest(other.descriptor, other.bytes, { tag: '1' }))).toBeInstanceOf(TagImmutable);
    const error = await failureOf(store('nowhere').pushBlob(blobOf(layer), chunked()));
    expect(error).toBeInstanceOf(NotFound);
    expect(error.message).toMatch(
      /NAME_UNKNOWN .*the repository does not exist there: .*create on push\), or let the worker .*\)$/,
    );
  });

  it('gets a new token when the old one has run out', async () => {
    const clock = fakeClock();
    const got: (Credential | undefined)[] = [];
    const { store } = await start({ personality: { kind: 'ecr', repositories: ['app'] }, clock }, (registry) => ({
      get: async (_repository, _access, stale) => {
        got.push(stale);
        return ecrCredential(registry);
      },
    }));
    await store('app').pushBlob(blobOf(layer), chunked());
    clock.advance(13 * 3_600_000);
    await store('app').pushBlob(blobOf(Buffer.from('{}')), Buffer.from('{}'));
    expect(got).toHaveLength(2);
    expect(got[1]).toBeDefined();
  });
});

describe('referrers', () => {
  it.each([true, false])('are found where the API is there (%s) or not', async (referrers) => {
    const { store } = await start({ referrers });
    const app = store('app');
    const empty = Buffer.from('{}');
    await app.pushBlob(blobOf(empty), empty);
    const subject = imageOf();
    await app.pushManifest(subject.descriptor, subject.bytes);
    const signature = Buffer.from(
      JSON.stringify({ ...JSON.parse(subject.bytes.toString()), subject: subject.descriptor, artifactType: 'sig/x' }),
    );
    const descriptor = {
      ...subject.descriptor,
      digest: sha256(signature),
      size: signature.length,
      artifactType: 'sig/x',
    };
    const { listedBySubject } = await app.pushManifest(descriptor, signature);
    expect(listedBySubject).toBe(referrers);
    if (!listedBySubject) await app.addReferrer(subject.descriptor.digest, descriptor);
    expect(await app.referrers(subject.descriptor.digest)).toEqual([expect.objectContaining(descriptor)]);
  });
});

describe('what is asked', () => {
  it('of a registry is one request for a tag, and two for a blob', async () => {
    const { store, asked } = await start({});
    await store('app').pushBlob(blobOf(layer), chunked());
    await failureOf(store('app').resolve('1'));
    expect(asked().map((line) => line.split('?')[0]?.replace(/[0-9a-f-]{36}.*/, '…'))).toEqual([
      'POST /v2/app/blobs/uploads/',
      'PUT /v2/app/blobs/uploads/…',
      'HEAD /v2/app/manifests/1',
    ]);
  });
});
