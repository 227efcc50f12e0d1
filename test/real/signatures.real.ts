import { join, resolve } from 'node:path';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { ecrMirror, expectExit } from './ecr-mirror';
import { allTags, type Place, rawManifest } from './judge';
import { describeWith, which } from './needs';
import { start } from './process';
import { pushBlob, pushImage, pushManifest } from './push';
import { type RealRegistry, startDockerRegistry, startGgcrRegistry } from './registries';
import { newFolder } from './temporary';

/** What cosign itself signs, offline and by a key, is verified as it is; and what we copy, cosign verifies. */

/** The three ways in which cosign 2 leaves a signature; the second is what cosign 3 does unasked. */
const FORMS: ReadonlyArray<{ name: string; sign: string[]; verify: string[]; env?: Record<string, string> }> = [
  { name: 'layers under a .sig tag', sign: [], verify: [] },
  {
    name: 'a sigstore bundle',
    sign: ['--new-bundle-format'],
    verify: ['--new-bundle-format', '--trusted-root', resolve('signatures/trusted-root.json')],
  },
  {
    name: 'layers of a referrer',
    sign: ['--registry-referrers-mode=oci-1-1'],
    verify: ['--experimental-oci11'],
    env: { COSIGN_EXPERIMENTAL: '1' },
  },
];

const SOURCES = [
  { name: 'docker-registry', without: 'without the referrers API', start: startDockerRegistry },
  { name: 'ggcr-registry', without: 'with the referrers API', start: startGgcrRegistry },
];

describe.each(SOURCES)('$name, $without', (from) => {
  describeWith(['cosign', 'docker-registry', from.name], `what cosign signs on ${from.name}`, () => {
    const folder = newFolder();
    let source: RealRegistry;
    let destination: RealRegistry;
    let count = 0;

    const cosign = async (args: readonly string[], env: Record<string, string> = {}) => {
      const vars = { HOME: folder.path, COSIGN_PASSWORD: '', COSIGN_YES: 'true', ...env };
      return start(which('cosign') ?? '', [...args], { env: vars, cwd: folder.path }).ended;
    };
    const newKey = async (name: string) => {
      expectExit(await cosign(['generate-key-pair', '--output-key-prefix', name]), 0);
      return join(folder.path, `${name}.pub`);
    };
    const newImage = async () => {
      const place: Place = { url: source.url, repository: `app-${count++}` };
      const layer = await pushBlob(place, Buffer.from(`layer of ${place.repository}`), MediaType.OCI_LAYER);
      return { place, image: await pushImage(place, '1', [layer]) };
    };
    const sign = async (place: Place, image: Descriptor, key: string, form: (typeof FORMS)[number]) => {
      const name = `${source.host}/${place.repository}@${image.digest}`;
      const args = ['sign', '--key', `${key}.key`, '--tlog-upload=false', '--allow-http-registry', ...form.sign, name];
      expectExit(await cosign(args, form.env), 0);
    };
    const copy = ({ repository }: Place, key: string) =>
      ecrMirror(
        'copy',
        '--plain-http',
        `${source.host}/${repository}:1`,
        `${destination.host}/${repository}`,
        '--require-key',
        key,
      );

    let ours: string;
    beforeAll(async () => {
      source = await from.start();
      destination = await startDockerRegistry();
      ours = await newKey('ours');
      await newKey('theirs');
    });
    afterAll(async () => {
      await source.close();
      await destination.close();
      folder.remove();
    });

    it.each(FORMS)('as $name is refused, then copied, and verified there by cosign', async (form) => {
      const { place, image } = await newImage();

      const unsigned = await copy(place, ours);
      expectExit(unsigned, 1);
      expect(unsigned.stderr).toMatch(/^unsigned .*: got no signature; one by the key /);

      const strange = await newImage();
      await sign(strange.place, strange.image, 'theirs', form);
      const stranger = await copy(strange.place, ours);
      expectExit(stranger, 1);
      expect(stranger.stderr).toContain('not signed by the key');
      for (const { repository } of [place, strange.place]) {
        expect(await rawManifest({ url: destination.url, repository }, '1')).toBeUndefined();
      }

      await sign(place, image, 'ours', form);
      expectExit(await copy(place, ours), 0);
      expect((await rawManifest({ ...place, url: destination.url }, '1'))?.digest).toBe(image.digest);
      const name = `${destination.host}/${place.repository}@${image.digest}`;
      const how = ['--key', ours, '--insecure-ignore-tlog=true', '--allow-http-registry', ...form.verify];
      expectExit(await cosign(['verify', ...how, name], form.env), 0);
    });

    it('of another digest is refused, wherever it is put', async () => {
      const [signed, other] = [await newImage(), await newImage()];
      const place = signed.place;
      const layer = await pushBlob(place, Buffer.from('evil'), MediaType.OCI_LAYER);
      await sign(place, signed.image, 'ours', FORMS[0] as (typeof FORMS)[number]);
      const evil = await pushImage(place, '1', [layer]);
      const [tag = ''] = (await allTags(place)).filter((one) => one.endsWith('.sig'));
      const signature = await rawManifest(place, tag);
      await pushManifest(
        place,
        `${evil.digest.replace(':', '-')}.sig`,
        MediaType.OCI_MANIFEST,
        signature?.bytes ?? Buffer.of(),
      );

      const refused = await copy(place, ours);
      expectExit(refused, 1);
      expect(refused.stderr).toContain(`it speaks of another digest, "${signed.image.digest}"`);
      expectExit(await copy(other.place, ours), 1);
    });
  });
});
