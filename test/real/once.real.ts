import { blobReads, type CountingProxy, countingProxy, countKinds } from './counting-proxy';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import { graphOf, whatIsMissing } from './judge';
import { describeWith } from './needs';
import { pushImage, pushIndex, pushRandomLayer } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';

const KIB = 1024;

describeWith(['docker-registry'], 'requests, counted between the command line and docker-registry servers', () => {
  const registries: RealRegistry[] = [];
  const proxies: CountingProxy[] = [];

  beforeAll(async () => {
    for (let number = 0; number < 3; number += 1) {
      const registry = await startDockerRegistry();
      registries.push(registry);
      proxies.push(await countingProxy(registry.url));
    }
  });

  afterAll(async () => {
    for (const proxy of proxies) await proxy.close();
    for (const registry of registries) await registry.close();
  });

  /** One index of two images that share a layer, under `tag`. */
  async function pushTwoPlatforms(repository: string, tag: string): Promise<void> {
    const place = { url: registries[0]?.url ?? '', repository };
    const shared = await pushRandomLayer(place, 300 * KIB);
    const children = [];
    for (const architecture of ['amd64', 'arm64']) {
      const layers = [shared, await pushRandomLayer(place, 100 * KIB), await pushRandomLayer(place, 10 * KIB)];
      const image = await pushImage(place, `${tag}-${architecture}`, layers);
      children.push({ ...image, platform: { os: 'linux', architecture } });
    }
    await pushIndex(place, tag, children);
  }

  it('copy to three destinations in two registries reads every blob from the source once', async () => {
    await pushTwoPlatforms('app', 'v1');
    const [source, one, two] = proxies.map(({ host }) => host);
    const destinations = [
      { url: registries[1]?.url ?? '', repository: 'a/app' },
      { url: registries[1]?.url ?? '', repository: 'b/app' },
      { url: registries[2]?.url ?? '', repository: 'c/app' },
    ];
    const copied = await ecrMirror(
      'copy',
      `${source}/app:v1`,
      `${one}/a/app:v1,${one}/b/app:v1`,
      `${two}/c/app:v1`,
      '--plain-http',
    );
    expectExit(copied, 0);

    for (const place of destinations) expect(await whatIsMissing(place, 'v1')).toEqual([]);
    const graph = await graphOf({ url: registries[0]?.url ?? '', repository: 'app' }, 'v1');
    const blobs = [...graph.values()].filter(({ mediaType }) => /config|layer/.test(mediaType));
    const reads = blobReads(proxies[0]?.seen ?? []);
    expect(Object.fromEntries(reads)).toEqual(Object.fromEntries(blobs.map(({ digest }) => [digest, 1])));
    expect(blobs).toHaveLength(7);
  });

  /** Three rows of two sources to two destinations each, and a selection of tags. */
  async function mirrorsOfEverything(referrers: boolean): Promise<object[]> {
    const place = { url: registries[0]?.url ?? '', repository: referrers ? 'signed' : 'plain' };
    for (const tag of ['1.0.0', '1.1.0', '2.0.0']) await pushImage(place, tag, [await pushRandomLayer(place, KIB)]);
    const [source, one, two] = proxies.map(({ host }) => host);
    const from = `${source}/${place.repository}`;
    return [
      {
        source: `${from}:1.0.0`,
        destination: [`${one}/x/${place.repository}`, `${two}/x/${place.repository}`],
        referrers,
      },
      { source: `first again`, from: `${from}:1.0.0`, destination: `${one}/y/${place.repository}`, referrers },
      {
        source: from,
        tags: { include: ['*'], exclude: ['1.0.0'] },
        destination: `${two}/z/${place.repository}`,
        referrers,
      },
    ];
  }

  async function countSecondSync(mirrors: readonly object[]): Promise<Record<string, number>[]> {
    return withMirrors(mirrors, async (file) => {
      expectExit(await ecrMirror('sync', '-f', file, '--plain-http'), 0);
      for (const proxy of proxies) proxy.reset();
      expectExit(await ecrMirror('sync', '-f', file, '--plain-http'), 0);
      return proxies.map(({ seen }) => countKinds(seen));
    });
  }

  it('a second sync asks once for each source reference and each destination, and a page of tags for a filter', async () => {
    const [source, one, two] = await countSecondSync(await mirrorsOfEverything(false));
    expect(withoutPings(source)).toEqual({ 'HEAD manifest': 3, tags: 1 });
    expect(withoutPings(one)).toEqual({ 'HEAD manifest': 2 });
    expect(withoutPings(two)).toEqual({ 'HEAD manifest': 3 });
  });

  it('with referrers a second sync asks for those of each image once, and nothing more where there are none', async () => {
    const [source, one, two] = await countSecondSync(await mirrorsOfEverything(true));
    const { referrers = 0, ...others } = withoutPings(source);
    expect(others).toEqual({ 'HEAD manifest': 3, tags: 1, 'GET referrers-tag': 3 });
    // That this registry has no referrers API is found out by asking, at worst by all that ask at once.
    expect(referrers).toBeLessThanOrEqual(3);
    expect(withoutPings(one)).toEqual({ 'HEAD manifest': 2 });
    expect(withoutPings(two)).toEqual({ 'HEAD manifest': 3 });
  });
});

/** Authentication begins with a ping where it is needed; it is not counted. */
function withoutPings(counts: Record<string, number> | undefined): Record<string, number> {
  const { ping: _, ...others } = counts ?? {};
  return others;
}
