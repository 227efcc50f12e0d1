import { newSigningKey } from './cosign';
import { type DebianImages, debianImages } from './debian';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import type { Place } from './judge';
import { expectReferrers, expectSameBytes, expectSigned, expectWhole } from './mirrored';
import { describeWith } from './needs';
import { type RealRegistry, startDockerRegistry, startZot } from './registries';
import { pushDebian } from './skopeo';
import { newFolder } from './temporary';

const KINDS = [
  { program: 'docker-registry', begin: startDockerRegistry, listedBy: 'tag' },
  { program: 'zot', begin: startZot, listedBy: 'api' },
] as const;
const TOOLS = ['skopeo', 'debootstrap', 'umoci', 'root'];

for (const { program, begin, listedBy } of KINDS) {
  describeWith([program, ...TOOLS], `sync mirrors a real Debian image between two ${program} servers`, () => {
    const key = newSigningKey();
    const folder = newFolder();
    const registries: RealRegistry[] = [];
    let images: DebianImages;
    let from: Place;
    let to: Place;

    beforeAll(async () => {
      registries.push(await begin(), await begin());
      from = { url: registries[0]?.url ?? '', repository: 'upstream/debian' };
      to = { url: registries[1]?.url ?? '', repository: 'mirror/debian' };
      images = await debianImages(`${folder.path}/layout`, key, 'registry.example.com/debian');
      await pushDebian(images, from, listedBy === 'tag');
      const mirrors = ['index', 'amd64', 'arm64'].map((tag) => ({
        source: `${registries[0]?.host}/${from.repository}:${tag}`,
        destination: `${registries[1]?.host}/${to.repository}`,
      }));
      expectExit(await withMirrors(mirrors, (file) => ecrMirror('sync', '-f', file, '--plain-http')), 0);
    });

    afterAll(async () => {
      for (const registry of registries) await registry.close();
      folder.remove();
    });

    it('has the index and every manifest beneath it, byte for byte', () => expectSameBytes(images, from, to));

    it('has a second tag of an image that the index has already', () => expectWhole(to, 'arm64'));

    it('has every blob, as skopeo pulls it', () => expectWhole(to, 'index'));

    it.each(['index', 'amd64'] as const)('has the cosign signature of the %s, which verifies', (name) =>
      expectSigned(key, images[name].digest, from, to),
    );

    it(`lists what refers to the index by its ${listedBy}`, () => expectReferrers(images, listedBy, from, to));
  });
}
