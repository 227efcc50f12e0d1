import { multiPlatform, pushBuilt } from '../../local/images';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import { rawManifest } from './judge';
import { describeWith } from './needs';
import { run } from './process';
import { type RealRegistry, startDockerRegistry } from './registries';

/** What skopeo has written in Docker's types is what the source has in OCI's, by the configs. */
describeWith(['docker-registry', 'skopeo'], 'an image that another program has mirrored in other types', () => {
  let [source, destination]: RealRegistry[] = [];
  const app = multiPlatform({ seed: 'app' });

  beforeAll(async () => {
    [source, destination] = [await startDockerRegistry(), await startDockerRegistry()];
    await pushBuilt(source.url, 'app', app, ['v1']);
    const [from, to] = [source, destination].map(({ host }) => `docker://${host}/app:v1`) as [string, string];
    const options = ['--all', '--format', 'v2s2', '--src-tls-verify=false', '--dest-tls-verify=false'];
    await run('skopeo', ['copy', '-q', ...options, from, to]);
  });
  afterAll(async () => {
    for (const registry of [source, destination]) await registry?.close();
  });

  it('counts as the same where configs are compared, and is copied where manifests are', async () => {
    const held = async () => (await rawManifest({ url: destination?.url ?? '', repository: 'app' }, 'v1'))?.digest;
    const bySkopeo = await held();
    expect(bySkopeo).not.toBe(app.root.descriptor.digest);
    for (const [compare, digest] of [
      ['config', bySkopeo],
      ['manifest', app.root.descriptor.digest],
    ] as const) {
      const mirror = { source: `${source?.host}/app:v1`, destination: `${destination?.host}/app`, compare };
      await withMirrors([mirror], async (file) => {
        expectExit(await ecrMirror('sync', '-f', file, '--plain-http', '--json'), 0);
      });
      expect(await held()).toBe(digest);
    }
  });
});
