import { newSigningKey } from './cosign';
import { type DebianImages, debianImages } from './debian';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import type { Place } from './judge';
import { expectReferrers, expectSameBytes, expectSigned, expectWhole, type ListedBy } from './mirrored';
import { describeWith } from './needs';
import { type RealRegistry, startDockerRegistry, startGgcrRegistry, startZot } from './registries';
import { pushDebian } from './skopeo';
import { newFolder } from './temporary';

interface Kind {
  readonly program: string;
  readonly name: string;
  readonly begin: () => Promise<RealRegistry>;
  readonly listedBy: ListedBy;
}

const DOCKER: Kind = {
  program: 'docker-registry',
  name: 'docker-registry',
  begin: startDockerRegistry,
  listedBy: 'tag',
};
const ZOT: Kind = { program: 'zot', name: 'zot', begin: startZot, listedBy: 'api' };
const GGCR: Kind = {
  program: 'ggcr-registry',
  name: "go-containerregistry's registry",
  begin: startGgcrRegistry,
  listedBy: 'api',
};
const TOOLS = ['skopeo', 'debootstrap', 'umoci', 'root'];

for (const [source, destination] of [
  [DOCKER, DOCKER],
  [ZOT, ZOT],
  [GGCR, GGCR],
  [GGCR, DOCKER],
  [DOCKER, GGCR],
] as const) {
  const programs = [...new Set([source.program, destination.program])];
  const title = `sync mirrors a real Debian image from ${source.name} to ${destination.name}`;
  describeWith([...programs, ...TOOLS], title, () => {
    const key = newSigningKey();
    const folder = newFolder();
    const registries: RealRegistry[] = [];
    let images: DebianImages;
    let from: Place & Kind;
    let to: Place & Kind;

    beforeAll(async () => {
      registries.push(await source.begin(), await destination.begin());
      from = { ...source, url: registries[0]?.url ?? '', repository: 'upstream/debian' };
      to = { ...destination, url: registries[1]?.url ?? '', repository: 'mirror/debian' };
      images = await debianImages(`${folder.path}/layout`, key, 'registry.example.com/debian');
      await pushDebian(images, from, source.listedBy === 'tag');
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

    it(`lists what refers to the index by its ${destination.listedBy}, and no other way`, () =>
      expectReferrers(images, from, to));
  });
}
