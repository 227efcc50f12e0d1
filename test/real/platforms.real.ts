import { MediaType } from '../../lib/model/descriptor';
import { COSIGN_SIGNATURE, multiPlatform, pushBuilt, signatureReferrer } from '../../local/images';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import { type Place, rawManifest, referrersOf, whatIsMissing } from './judge';
import { sha256 } from './layout';
import { describeWith } from './needs';
import { run } from './process';
import { pushManifest } from './push';
import { type RealRegistry, startDockerRegistry, startGgcrRegistry } from './registries';
import { inspectRaw, pullWhole } from './skopeo';
import { withFolder } from './temporary';

/** Parts of images between real registries, and what skopeo thinks of them. */

const platforms = [
  ...['amd64', 'arm64', 's390x'].map((architecture) => ({ os: 'linux', architecture })),
  { os: 'linux', architecture: 'arm', variant: 'v7' },
];
const app = multiPlatform({ seed: 'app', platforms, attestations: true, annotations: { 'org.example.kept': 'yes' } });
const list = multiPlatform({ seed: 'list', platforms, format: 'docker' });
const [amd64, arm64, s390x] = app.manifests.map(({ descriptor }) => descriptor);
const fallback = arm64?.digest.replace(':', '-') ?? '';
const signature = signatureReferrer(arm64 as NonNullable<typeof arm64>, 'of arm64');

interface Kind {
  readonly name: string;
  readonly needs: readonly Parameters<typeof describeWith>[0][number][];
  readonly from: () => Promise<RealRegistry>;
  readonly to: () => Promise<RealRegistry>;
  readonly listedBy: 'api' | 'tag';
}

const kinds: readonly Kind[] = [
  {
    name: 'docker-registry to docker-registry',
    needs: ['docker-registry', 'skopeo'],
    from: startDockerRegistry,
    to: startDockerRegistry,
    listedBy: 'tag',
  },
  {
    name: "docker-registry to go-containerregistry's",
    needs: ['docker-registry', 'ggcr-registry', 'skopeo'],
    from: startDockerRegistry,
    to: startGgcrRegistry,
    listedBy: 'api',
  },
];

for (const { needs, from, to, listedBy, name } of kinds) {
  describeWith([...needs], `some platforms, ${name}`, () => {
    let [source, destination]: RealRegistry[] = [];
    const hosts = () => ({ from: source as RealRegistry, to: destination as RealRegistry });
    const place = (repository: string): Place => ({ url: hosts().to.url, repository });
    const copy = async (image: string, repository: string, wanted: string) => {
      const words = [`${hosts().from.host}/${image}:v1`, `${hosts().to.host}/${repository}`, '--platform', wanted];
      expectExit(await ecrMirror('copy', '--plain-http', ...words), 0);
    };
    /** Architecture by the config that skopeo chooses for a platform. */
    const configOf = async (repository: string, arch: string, variant?: string) => {
      const overrides = ['--override-os', 'linux', '--override-arch', arch];
      const more = variant === undefined ? [] : ['--override-variant', variant];
      const image = `docker://${hosts().to.host}/${repository}:v1`;
      const said = await run('skopeo', [...overrides, ...more, 'inspect', '--config', '--tls-verify=false', image]);
      return (JSON.parse(said) as { architecture: string }).architecture;
    };

    beforeAll(async () => {
      [source, destination] = [await from(), await to()];
      await pushBuilt(source.url, 'app', app, ['v1']);
      await pushBuilt(source.url, 'list', list, ['v1']);
      await pushBuilt(source.url, 'app', signature);
      // What a client keeps where the registry does not list referrers.
      const listed = { ...signature.root.descriptor, artifactType: COSIGN_SIGNATURE };
      const index = { schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests: [listed] };
      const bytes = Buffer.from(JSON.stringify(index));
      await pushManifest({ url: source.url, repository: 'app' }, fallback, MediaType.OCI_INDEX, bytes);
    });
    afterAll(async () => {
      for (const registry of [source, destination]) await registry?.close();
    });

    it('are an index that is whole, in which each is found, and no other', async () => {
      await copy('app', 'several', 'linux/arm/v7,linux/amd64,linux/arm64');
      const raw = await inspectRaw(place('several'), 'v1');
      const index = JSON.parse(raw) as { manifests: { digest: string; platform?: object }[]; annotations: object };
      expect(sha256(Buffer.from(raw))).toBe((await rawManifest(place('several'), 'v1'))?.digest);
      expect(index.annotations).toEqual({ 'org.example.kept': 'yes' });
      expect(index.manifests.length).toBe(6);
      expect(index.manifests.map(({ digest }) => digest)).not.toContain(s390x?.digest);
      expect(await whatIsMissing(place('several'), 'v1')).toEqual([]);
      await withFolder((folder) => pullWhole(place('several'), 'v1', folder));
      expect(await configOf('several', 'arm64')).toBe('arm64');
      expect(await configOf('several', 'arm', 'v7')).toBe('arm');
      await expect(configOf('several', 's390x')).rejects.toThrow(/no image found in (manifest list|image index)/);
    });

    it('are a list of Docker’s where the source is one', async () => {
      await copy('list', 'list', 'linux/amd64,linux/s390x');
      const raw = JSON.parse(await inspectRaw(place('list'), 'v1')) as { mediaType: string; manifests: object[] };
      expect(raw.mediaType).toBe('application/vnd.docker.distribution.manifest.list.v2+json');
      expect(raw.manifests.length).toBe(2);
      await withFolder((folder) => pullWhole(place('list'), 'v1', folder));
      expect(await configOf('list', 's390x')).toBe('s390x');
    });

    it('is one manifest, bit for bit, when it is one, with its signature', async () => {
      await copy('app', 'one', 'linux/arm64');
      expect((await rawManifest(place('one'), 'v1'))?.digest).toBe(arm64?.digest);
      expect(await inspectRaw(place('one'), 'v1')).toBe(
        await inspectRaw({ url: hosts().from.url, repository: 'app' }, arm64?.digest ?? ''),
      );
      const digests = [signature.root.descriptor.digest];
      expect(await referrersOf(place('one'), arm64?.digest as never)).toEqual({ by: listedBy, digests });
      expect(amd64?.digest).not.toBe(arm64?.digest);
    });

    it('are the original when they are all', async () => {
      await copy('app', 'all', 'linux/amd64,linux/arm64,linux/s390x,linux/arm/v7');
      expect((await rawManifest(place('all'), 'v1'))?.digest).toBe(app.root.descriptor.digest);
    });

    it('are mirrored once: the second run finds the same digest there', async () => {
      const mirror = {
        source: `${hosts().from.host}/app:v1`,
        destination: `${hosts().to.host}/synced`,
        platforms: ['linux/amd64', 'linux/arm64'],
      };
      await withMirrors([mirror], async (file) => {
        const events: string[] = [];
        for (const _ of [1, 2]) {
          const done = await ecrMirror('sync', '-f', file, '--plain-http', '--json', '--state', `${file}.state`);
          expectExit(done, 0);
          const [first] = done.stdout.trim().split('\n');
          const { event, reason } = JSON.parse(first ?? '') as { event: string; reason?: string };
          events.push(reason ?? event);
        }
        expect(events).toEqual(['copied', 'up-to-date']);
      });
    });
  });
}
