import { newSigningKey } from './cosign';
import { type DebianImages, debianImages } from './debian';
import { type Deployment, deploy, PARTNER, UPSTREAM } from './deployment';
import type { Place } from './judge';
import { expectReferrers, expectSameBytes, expectSigned, expectWhole } from './mirrored';
import { describeWith } from './needs';
import { type RealRegistry, startDockerRegistry } from './registries';
import { pushDebian } from './skopeo';
import { newFolder } from './temporary';

const TOOLS = ['docker-registry', 'skopeo', 'debootstrap', 'umoci', 'root'];

describeWith(TOOLS, 'controller and worker of a synthesized template, between two docker-registry servers', () => {
  const key = newSigningKey();
  const folder = newFolder();
  const registries: RealRegistry[] = [];
  let deployment: Deployment;
  let images: DebianImages;
  let from: Place;
  let to: Place;

  beforeAll(async () => {
    registries.push(await startDockerRegistry(), await startDockerRegistry());
    from = { url: registries[0]?.url ?? '', repository: 'upstream/debian' };
    to = { url: registries[1]?.url ?? '', repository: 'mirror/debian' };
    images = await debianImages(`${folder.path}/layout`, key, 'registry.example.com/debian');
    await pushDebian(images, from, true);
    deployment = await deploy(from.url, to.url);
    const { stack } = deployment;
    for (const tag of ['index', 'amd64']) {
      await stack.putRow({
        Source: `${UPSTREAM}/${from.repository}:${tag}`,
        Destination: `${PARTNER}/${to.repository}`,
      });
    }
    await stack.waitUntilIdle(120_000);
  });

  afterAll(async () => {
    await deployment?.close();
    for (const registry of registries) await registry.close();
    folder.remove();
  });

  it('says of each copy that it is mirrored', async () => {
    const copies = await deployment.stack.copies();
    expect(copies.map(({ Destination, State, Digest }) => ({ Destination, State, Digest }))).toEqual(
      (['amd64', 'index'] as const).map((tag) => ({
        Destination: `${PARTNER}/${to.repository}:${tag}`,
        State: 'Mirrored',
        Digest: images[tag].digest,
      })),
    );
    expect(deployment.stack.failures).toEqual([]);
  });

  it('has the index and every manifest beneath it, byte for byte', () => expectSameBytes(images, from, to));

  it('has every blob, as skopeo pulls it', () => expectWhole(to, 'index'));

  it.each(['index', 'amd64'] as const)('has the cosign signature of the %s, which verifies', (name) =>
    expectSigned(key, images[name].digest, from, to),
  );

  it('lists what refers to the index by its tag', () =>
    expectReferrers(images, { ...from, listedBy: 'tag' }, { ...to, listedBy: 'tag' }));

  it('starts no further job for a set that has not changed', async () => {
    const before = deployment.stack.runner.list().length;
    deployment.stack.runSchedule();
    await deployment.stack.waitUntilIdle(60_000);
    expect(deployment.stack.runner.list()).toHaveLength(before);
  });
});
