import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptor } from '../../lib/model/descriptor';
import { type CountingProxy, countingProxy, type Seen } from './counting-proxy';
import { BUNDLE, ecrMirror, expectExit } from './ecr-mirror';
import { rawManifest, referrersOf, whatIsMissing } from './judge';
import { describeWith } from './needs';
import { run, start } from './process';
import { pushImage, pushIndex, pushRandomLayer, pushReferrer } from './push';
import { type RealRegistry, startDockerRegistry, startGgcrRegistry } from './registries';
import { newFolder } from './temporary';

const KIB = 1024;
/** Milliseconds added to each request, so that there is a middle to be killed in. */
const DELAY = 15;
/** Resident, in MiB: what a run may take whatever the image's size. */
const CEILING = 150;
const LAYER_MIB = 128;

const TAGS = ['1.0.0', '1.1.0', '2.0.0'];
const PLACE = { repository: 'team/app' };

/** Three indexes of two images, which share layers, the first of them with something that refers to it. */
async function pushAll(registry: RealRegistry): Promise<Descriptor[]> {
  const place = { url: registry.url, ...PLACE };
  const base = await pushRandomLayer(place, 300 * KIB);
  const roots: Descriptor[] = [];
  for (const tag of TAGS) {
    const images = [];
    for (const architecture of ['amd64', 'arm64']) {
      const layers = [base, await pushRandomLayer(place, 200 * KIB), await pushRandomLayer(place, 100 * KIB)];
      images.push({
        ...(await pushImage(place, `${tag}-${architecture}`, layers)),
        platform: { os: 'linux', architecture },
      });
    }
    roots.push(await pushIndex(place, tag, images));
  }
  const [first] = roots as [Descriptor];
  const note = await pushReferrer(place, first);
  // The list that stands for the referrers API where there is none.
  if ((await referrersOf(place, first.digest)).by === 'tag')
    await pushIndex(place, first.digest.replace(':', '-'), [note]);
  return roots;
}

/** Runs the command and kills it with SIGKILL once so many requests of a kind were answered. @returns whether it was still running */
async function killed(words: readonly string[], home: string, isDue: () => boolean): Promise<boolean> {
  const running = start(process.execPath, [BUNDLE, ...words], { env: { HOME: home, DOCKER_CONFIG: home } });
  const watch = setInterval(() => {
    if (isDue()) running.process.kill('SIGKILL');
  }, 2);
  const ended = await running.ended.finally(() => clearInterval(watch));
  return ended.signal === 'SIGKILL';
}

const digestIn = ({ path }: Seen) => decodeURIComponent(path).match(/sha256:[0-9a-f]{64}/)?.[0] ?? '';
const reads = (seen: readonly Seen[]) =>
  seen
    .filter(({ method, path, status }) => method === 'GET' && path.includes('/blobs/') && status === 200)
    .map(digestIn);
const pushes = (seen: readonly Seen[]) =>
  seen
    .filter(({ method, path, status }) => method === 'PUT' && path.includes('/uploads/') && status === 201)
    .map(digestIn);

describe.each([
  ['docker-registry', startDockerRegistry],
  ['ggcr-registry', startGgcrRegistry],
] as const)('across an air gap, from %s', (tool, begin) => {
  describeWith([tool, 'skopeo'], 'to another, by way of a folder that skopeo reads', () => {
    const folder = newFolder();
    let source: RealRegistry;
    let inside: RealRegistry;
    let outer: CountingProxy;
    let inner: CountingProxy;
    let roots: Descriptor[];
    const file = join(folder.path, 'mirrors.yaml');
    const layout = join(folder.path, 'layout');
    const exporting = () => ['export', '-f', file, '-o', `oci:${layout}`, '--plain-http', '--concurrency', '1'];
    const loading = () => ['load', `oci:${layout}`, '-f', file, '--plain-http', '--concurrency', '1'];
    const blobs = join(layout, 'blobs', 'sha256');
    const held = () => (existsSync(blobs) ? readdirSync(blobs) : []);

    beforeAll(async () => {
      [source, inside] = [await begin(), await begin()];
      [outer, inner] = [
        await countingProxy(source.url, { delay: DELAY }),
        await countingProxy(inside.url, { delay: DELAY }),
      ];
      roots = await pushAll(source);
      const row = { source: `${outer.host}/${PLACE.repository}`, destination: `${inner.host}/m/app` };
      writeFileSync(file, JSON.stringify({ mirrors: [{ ...row, tags: { semver: '*' } }] }));
    });
    afterAll(async () => {
      for (const one of [outer, inner, source, inside]) await one.close();
      folder.remove();
    });

    it('is exported as a whole though it was killed again and again, and nothing that was there is read again', async () => {
      const there = new Set<string>();
      for (const after of [2, 9, 17]) {
        outer.reset();
        expect(await killed(exporting(), folder.path, () => held().length >= after)).toBe(true);
        expect(reads(outer.seen).filter((digest) => there.has(digest))).toEqual([]);
        for (const name of held()) there.add(`sha256:${name}`);
      }
      outer.reset();
      expectExit(await ecrMirror(...exporting()), 0);
      expect(reads(outer.seen).filter((digest) => there.has(digest))).toEqual([]);
      expectExit(await ecrMirror('contents', `oci:${layout}`), 0);
    });

    it('is read by skopeo, to the same digests', async () => {
      const name = (tag: string) => `oci:${layout}:${outer.host}/${PLACE.repository}:${tag}`;
      for (const [i, tag] of TAGS.entries()) {
        const inspected = JSON.parse(await run('skopeo', ['inspect', name(tag)]));
        expect(inspected.Layers).toHaveLength(3);
        const digests = join(folder.path, `digest-${i}`);
        const to = `docker://${inside.host}/skopeo/app:${tag}`;
        await run('skopeo', [
          'copy',
          '-q',
          '--all',
          '--preserve-digests',
          '--dest-tls-verify=false',
          '--digestfile',
          digests,
          name(tag),
          to,
        ]);
        const copied = await rawManifest({ url: inside.url, repository: 'skopeo/app' }, tag);
        expect(copied?.digest).toBe(roots[i]?.digest);
      }
    });

    it('is loaded as a whole though it was killed again and again, and nothing that was taken is sent again', async () => {
      const taken = new Set<string>();
      for (const after of [2, 4]) {
        inner.reset();
        expect(await killed(loading(), folder.path, () => pushes(inner.seen).length >= after)).toBe(true);
        expect(pushes(inner.seen).filter((digest) => taken.has(digest))).toEqual([]);
        for (const digest of pushes(inner.seen)) taken.add(digest);
      }
      inner.reset();
      outer.reset();
      expectExit(await ecrMirror(...loading()), 0);
      expect(pushes(inner.seen).filter((digest) => taken.has(digest))).toEqual([]);
      expect(outer.seen).toEqual([]);
      const place = { url: inside.url, repository: 'm/app' };
      for (const [i, tag] of TAGS.entries()) {
        expect((await rawManifest(place, tag))?.digest).toBe(roots[i]?.digest);
        expect(await whatIsMissing(place, tag)).toEqual([]);
      }
      const [first] = roots as [Descriptor];
      expect((await referrersOf(place, first.digest)).digests).toHaveLength(1);
    });
  });
});

describeWith(['docker-registry'], 'a large image across an air gap', () => {
  it(`takes less than ${CEILING} MiB of memory with a layer of ${LAYER_MIB} MiB, on either side`, async () => {
    const folder = newFolder();
    const registries = [await startDockerRegistry(), await startDockerRegistry()];
    try {
      const [source, inside] = registries as [RealRegistry, RealRegistry];
      const place = { url: source.url, repository: 'big' };
      await pushImage(place, 'v1', [await pushRandomLayer(place, LAYER_MIB * KIB * KIB)]);
      const file = join(folder.path, 'mirrors.yaml');
      const row = { source: `${source.host}/big:v1`, destination: `${inside.host}/big` };
      writeFileSync(file, JSON.stringify({ mirrors: [row] }));
      const tar = `oci-archive:${join(folder.path, 'big.tar')}`;
      const exported = await ecrMirror('export', '-f', file, '-o', tar, '--plain-http');
      expectExit(exported, 0);
      const loaded = await ecrMirror('load', tar, '-f', file, '--plain-http');
      expectExit(loaded, 0);
      process.stdout.write(`peak memory: ${exported.peakMemory.toFixed(0)} and ${loaded.peakMemory.toFixed(0)} MiB\n`);
      for (const { peakMemory } of [exported, loaded]) expect(peakMemory).toBeLessThan(CEILING);
      expect(await whatIsMissing({ url: inside.url, repository: 'big' }, 'v1')).toEqual([]);
    } finally {
      for (const registry of registries) await registry.close();
      folder.remove();
    }
  });
});
