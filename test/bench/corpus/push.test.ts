import type { CorpusImage } from '../../../bench/corpus/image';
import { singlePlatform } from '../../../bench/corpus/image';
import type { Stored } from '../../../bench/corpus/images';
import { pushAll } from '../../../bench/corpus/push';
import { digestsOf, verifyAll } from '../../../bench/measure/verify';
import { countingNetwork } from '../../../bench/network/network';
import { type RunningRegistry, startRegistry } from '../../../local/registry';

const KIB = 1024;

function stored(repository: string, tags: readonly string[], layers: readonly string[]): Stored {
  const build = (): Promise<CorpusImage> =>
    singlePlatform({ name: repository, layers: layers.map((seed) => ({ seed, size: 100 * KIB })) });
  return { repository, tags, build };
}

describe('filling a registry', () => {
  let registry: RunningRegistry;
  beforeEach(async () => {
    registry = await startRegistry();
  });
  afterEach(() => registry.close());

  const IMAGES = [stored('a', ['v1', 'v2'], ['base', 'a']), stored('b/c', ['v1'], ['base', 'b'])];

  it('puts every image under its tags', async () => {
    await pushAll(registry.address, IMAGES);
    const [a, b] = await Promise.all(IMAGES.map(async ({ build }) => (await build()).root.descriptor.digest));
    const places = [
      { registry: registry.host, repository: 'a', tag: 'v1' },
      { registry: registry.host, repository: 'a', tag: 'v2' },
      { registry: registry.host, repository: 'b/c', tag: 'v1' },
      { registry: registry.host, repository: 'b/c', tag: 'v2' },
    ];
    expect(await digestsOf(places)).toEqual([a, a, b, undefined]);
  });

  it('uploads what is shared once', async () => {
    await pushAll(registry.address, IMAGES);
    const asked = (wanted: string) =>
      registry.requests.filter(({ method, path }) => method === wanted && path.includes('/blobs/uploads/')).length;
    // Three blobs of the first, two of the second, and one that is mounted.
    expect([asked('POST'), asked('PUT')]).toEqual([6, 5]);
  });

  it('stops at an answer that is not what it wants', async () => {
    registry.intercept(({ method }) => (method === 'PUT' ? { status: 500 } : undefined));
    await expect(pushAll(registry.address, IMAGES)).rejects.toThrow(
      /^filling the registry: PUT \/v2\/a\/.*: got 500; 201 would do$/,
    );
  });

  it('is seen to be wrong where a tag is missing or another image', async () => {
    await pushAll(registry.address, IMAGES);
    const digest = (await IMAGES[0]?.build())?.root.descriptor.digest ?? '';
    const at = (repository: string, tag: string) => ({ place: { registry: registry.host, repository, tag }, digest });
    await expect(verifyAll([at('a', 'v1'), at('a', 'v2')])).resolves.toBeUndefined();
    await expect(verifyAll([at('a', 'v1'), at('a', 'v3')])).rejects.toThrow(
      `1 of 2 places are wrong: a:v3: got nothing; ${digest} would do`,
    );
    await expect(verifyAll([at('b/c', 'v1')])).rejects.toThrow(/^1 of 1 places are wrong: b\/c:v1: got sha256:/);
  });

  it('is counted: requests, bytes from the source, bytes to destinations', async () => {
    const network = countingNetwork();
    try {
      const host = await network.reach(registry.host, 'destination');
      const source = await network.reach(registry.host, 'source');
      await pushAll(`http://${host}`, IMAGES);
      const requests = registry.requests.length;
      const sizes = await Promise.all(IMAGES.map(({ build }) => build()));
      const blobs = sizes.flatMap(({ layers, blobs: small }) => [...layers, ...small]);
      const once = new Map(blobs.map(({ descriptor }) => [descriptor.digest, descriptor.size]));
      const manifests = sizes.map(({ root }) => root.descriptor.size);
      const sent = [...once.values(), ...manifests, manifests[0] ?? 0].reduce((sum, size) => sum + size, 0);
      expect(network.traffic('destination')).toMatchObject({ requests, sent });
      expect(network.traffic('source')).toEqual({ requests: 0, received: 0, sent: 0 });

      const body = await (await fetch(`http://${source}/v2/a/manifests/v1`)).arrayBuffer();
      expect(network.traffic('source')).toEqual({ requests: 1, received: body.byteLength, sent: 0 });
    } finally {
      await network.leave();
    }
  });
});
