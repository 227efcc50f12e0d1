import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MediaType } from '../../lib/model/descriptor';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import { describeWith } from './needs';
import { run } from './process';
import { pushBlob, pushImage } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';
import { withFolder } from './temporary';

/** A source that nobody can ask: what is pulled under its name comes from the mirror. */
const SOURCE = 'upstream.invalid/team/app';

const CONF = 'etc/containers/registries.conf.d/50-ecr-mirror.conf';

describeWith(['docker-registry', 'skopeo'], 'skopeo, told by pull-config where to pull from', () => {
  let registry: RealRegistry;
  let digest: string;

  beforeAll(async () => {
    registry = await startDockerRegistry();
    const place = { url: registry.url, repository: 'mirror/team/app' };
    const layer = await pushBlob(place, Buffer.from('a layer'), MediaType.OCI_LAYER);
    digest = (await pushImage(place, 'v1', [layer])).digest;
  });
  afterAll(() => registry.close());

  it('pulls by the source’s name from the mirror', async () => {
    const mirrors = [{ source: `${SOURCE}:v1`, destination: `${registry.host}/mirror/team/app` }];
    await withMirrors(mirrors, (file) =>
      withFolder(async (folder) => {
        expectExit(await ecrMirror('pull-config', 'crio', '-f', file, '-o', folder), 0);
        const settings = join(folder, '.config/containers');
        mkdirSync(settings, { recursive: true });
        copyFileSync(join(folder, CONF), join(settings, 'registries.conf'));
        const env = { HOME: folder, XDG_CONFIG_HOME: join(folder, '.config') };
        const found = await run('skopeo', ['inspect', '--no-tags', '--tls-verify=false', `docker://${SOURCE}:v1`], {
          env,
        });
        expect(JSON.parse(found)).toMatchObject({ Digest: digest });
        await run('skopeo', ['copy', '--src-tls-verify=false', `docker://${SOURCE}:v1`, `dir:${folder}/image`], {
          env,
        });
        expect(readdirSync(join(folder, 'image'))).toContain('manifest.json');
      }),
    );
  });
});
