import { ecrMirror, expectExit } from './ecr-mirror';
import { whatIsMissing } from './judge';
import { describeWith } from './needs';
import { pushImage, pushRandomLayer } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';

const MIB = 1024 * 1024;
const LAYER_MIB = Number(process.env.REAL_LAYER_MIB ?? 2048);
/** Resident, in MiB: what a copy may take whatever the image's size. */
const CEILING = 150;

describeWith(['docker-registry'], 'peak memory', () => {
  const registries: RealRegistry[] = [];

  beforeAll(async () => {
    registries.push(await startDockerRegistry(), await startDockerRegistry());
  });

  afterAll(async () => {
    for (const registry of registries) await registry.close();
  });

  it(`stays under ${CEILING} MiB with a layer of ${LAYER_MIB} MiB beside small ones`, async () => {
    const [source, destination] = registries as [RealRegistry, RealRegistry];
    const from = { url: source.url, repository: 'big' };
    const layers = [];
    for (const size of [LAYER_MIB * MIB, 40 * MIB, 40 * MIB, 40 * MIB, 4 * MIB]) {
      layers.push(await pushRandomLayer(from, size));
    }
    await pushImage(from, 'v1', layers);

    const places = ['one', 'two'].map((name) => `${destination.host}/${name}/big:v1`);
    const copied = await ecrMirror('copy', `${source.host}/big:v1`, ...places, '--plain-http');
    expectExit(copied, 0);
    process.stdout.write(`peak memory: ${copied.peakMemory.toFixed(0)} MiB, ${copied.seconds.toFixed(0)} s\n`);

    expect(copied.peakMemory).toBeGreaterThan(1);
    expect(copied.peakMemory).toBeLessThan(CEILING);
    for (const name of ['one', 'two']) {
      expect(await whatIsMissing({ url: destination.url, repository: `${name}/big` }, 'v1')).toEqual([]);
    }
  });
});
