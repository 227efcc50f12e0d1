import type { Descriptor } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import { blobReads, type CountingProxy, countingProxy, countKinds } from './counting-proxy';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import { graphOf, type Place, referrersOf, whatIsMissing } from './judge';
import { describeWith } from './needs';
import { pushImage, pushIndex, pushRandomLayer, pushReferrer } from './push';
import { type RealRegistry, startDockerRegistry, startGgcrRegistry } from './registries';

const KIB = 1024;

interface Counted {
  readonly registries: RealRegistry[];
  /** In front of each registry. */
  readonly proxies: CountingProxy[];
}

/** Three registries for as long as a suite runs: the source and two destinations. */
function threeCounted(begin: () => Promise<RealRegistry>): Counted {
  const registries: RealRegistry[] = [];
  const proxies: CountingProxy[] = [];

  beforeAll(async () => {
    for (let number = 0; number < 3; number += 1) {
      const registry = await begin();
      registries.push(registry);
      proxies.push(await countingProxy(registry.url));
    }
  });

  afterAll(async () => {
    for (const proxy of proxies) await proxy.close();
    for (const registry of registries) await registry.close();
  });

  return { registries, proxies };
}

/** Three rows of two sources to two destinations each, and a selection of tags. */
function mirrorsOfEverything({ proxies }: Counted, repository: string, referrers: boolean): object[] {
  const [source, one, two] = proxies.map(({ host }) => host);
  const from = `${source}/${repository}`;
  return [
    { source: `${from}:1.0.0`, destination: [`${one}/x/${repository}`, `${two}/x/${repository}`], referrers },
    { source: 'first again', from: `${from}:1.0.0`, destination: `${one}/y/${repository}`, referrers },
    { source: from, tags: { include: ['*'], exclude: ['1.0.0'] }, destination: `${two}/z/${repository}`, referrers },
  ];
}

async function pushTags(place: Place): Promise<Descriptor[]> {
  const images: Descriptor[] = [];
  for (const tag of ['1.0.0', '1.1.0', '2.0.0']) {
    images.push(await pushImage(place, tag, [await pushRandomLayer(place, KIB)]));
  }
  return images;
}

async function countSecondSync(mirrors: readonly object[], { proxies }: Counted): Promise<Record<string, number>[]> {
  return withMirrors(mirrors, async (file) => {
    expectExit(await ecrMirror('sync', '-f', file, '--plain-http'), 0);
    for (const proxy of proxies) proxy.reset();
    expectExit(await ecrMirror('sync', '-f', file, '--plain-http'), 0);
    return proxies.map(({ seen }) => withoutPings(countKinds(seen)));
  });
}

describeWith(['docker-registry'], 'requests, counted between the command line and docker-registry servers', () => {
  const counted = threeCounted(startDockerRegistry);
  const { registries, proxies } = counted;

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

  const source = (repository: string): Place => ({ url: registries[0]?.url ?? '', repository });

  it('a second sync asks once for each source reference and each destination, and a page of tags for a filter', async () => {
    await pushTags(source('plain'));
    const [from, one, two] = await countSecondSync(mirrorsOfEverything(counted, 'plain', false), counted);
    expect(from).toEqual({ 'HEAD manifest': 3, tags: 1 });
    expect(one).toEqual({ 'HEAD manifest': 2 });
    expect(two).toEqual({ 'HEAD manifest': 3 });
  });

  it('with referrers a second sync asks for none that the list of tags does not name', async () => {
    await pushTags(source('signed'));
    const [from, one, two] = await countSecondSync(mirrorsOfEverything(counted, 'signed', true), counted);
    const { referrers = 0, ...others } = from ?? {};
    // The list of tags, which the row reads anyway, says that there is none.
    expect(others).toEqual({ 'HEAD manifest': 3, tags: 1 });
    // That this registry has no referrers API is found out by asking, at worst by all that ask at once.
    expect(referrers).toBeLessThanOrEqual(3);
    expect(one).toEqual({ 'HEAD manifest': 2 });
    expect(two).toEqual({ 'HEAD manifest': 3 });
  });
});

describeWith(
  ['ggcr-registry'],
  "requests, counted between the command line and go-containerregistry's registry",
  () => {
    const counted = threeCounted(startGgcrRegistry);

    it('with referrers a second sync asks the API once for each image, and at the destination for those that have any', async () => {
      const place = { url: counted.registries[0]?.url ?? '', repository: 'signed' };
      const [signed] = await pushTags(place);
      if (signed !== undefined) await pushReferrer(place, signed);
      const [from, one, two] = await countSecondSync(mirrorsOfEverything(counted, 'signed', true), counted);
      expect(from).toEqual({ 'HEAD manifest': 3, tags: 1, referrers: 3 });
      expect(one).toEqual({ 'HEAD manifest': 2, referrers: 2 });
      expect(two).toEqual({ 'HEAD manifest': 3, referrers: 1 });
    });

    it('a second sync that wants referrers of one type asks for a manifest whose type the API does not tell', async () => {
      const place = { url: counted.registries[0]?.url ?? '', repository: 'typed' };
      const [signed] = await pushTags(place);
      const note = signed && (await pushReferrer(place, signed));
      const [row] = mirrorsOfEverything(counted, 'typed', true);
      const wanted = { ...row, artifactTypes: ['application/vnd.example.note'] };
      const [from, one, two] = await countSecondSync([wanted], counted);
      expect(from).toEqual({ 'HEAD manifest': 1, referrers: 1, 'GET manifest': 1 });
      expect(one).toEqual({ 'HEAD manifest': 1, referrers: 1 });
      expect(two).toEqual({ 'HEAD manifest': 1, referrers: 1 });
      const to = { url: counted.registries[1]?.url ?? '', repository: 'x/typed' };
      expect((await referrersOf(to, signed?.digest as Digest)).digests).toEqual([note?.digest]);
    });
  },
);

/** Authentication begins with a ping where it is needed; it is not counted. */
function withoutPings({ ping: _, ...others }: Record<string, number>): Record<string, number> {
  return others;
}
