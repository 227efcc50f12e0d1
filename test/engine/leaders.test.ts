import fc from 'fast-check';
import { runCopies } from '../../engine/run-copies';
import type { Copy } from '../../lib/model/copy';
import type { Descriptor } from '../../lib/model/descriptor';
import type { Outcome } from '../../lib/model/outcome';
import { parseReference } from '../../lib/model/reference';
import { ImageMaker, MemoryRegistries, unavailable } from '../fakes/memory-store';

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const clock = { now: () => 0, sleep: async () => undefined };
/** Long enough to be waited for, and the same for the same name. */
const long = (name: string) => `${name} `.padEnd(1024 * 1024, '.');

function world() {
  const registries = new MemoryRegistries();
  registries.mountsOnlyNamed = () => true;
  // Every answer takes a moment, so that copies are side by side.
  registries.fault = () => new Promise((resolve) => setImmediate(resolve));
  const copies: Copy[] = [];
  const add = (name: string, make: (maker: ImageMaker) => Descriptor) => {
    const root = make(new ImageMaker(registries.store(`docker.io/our/${name}`)));
    copies.push({
      mirrors: [name],
      source: { ...parseReference(`docker.io/our/${name}:1`), digest: root.digest },
      root,
      destinations: [{ reference: parseReference(`${ECR}/${name}:1`), why: 'missing' }],
      referrers: false,
    });
  };
  const run = async () => {
    const outcomes: Outcome[] = [];
    for await (const { outcome } of runCopies(copies, { stores: registries.stores, clock })) outcomes.push(outcome);
    return outcomes;
  };
  return { registries, add, run };
}

const states = (outcomes: readonly Outcome[]) => outcomes.map(({ state }) => state);

describe('images that share a long layer, where a blob can be mounted once a manifest names it', () => {
  it('send it once, and take it over from the first of them', async () => {
    const { registries, add, run } = world();
    for (let at = 0; at < 12; at++) add(`app-${at}`, (make) => make.image([long('base'), `own ${at}`], {}, '1'));
    expect(new Set(states(await run()))).toEqual(new Set(['Mirrored']));
    const base = registries.calls.filter(({ operation }) => operation === 'mount').map(({ what }) => what)[0];
    const sent = registries.calls.filter(({ operation, what }) => operation === 'pushBlob' && what === base);
    expect(sent).toHaveLength(1);
    expect(registries.count('mount')).toBe(11);
  });

  it('do so for platforms of indexes, too', async () => {
    const { registries, add, run } = world();
    for (let at = 0; at < 4; at++) {
      const platforms = ['amd64', 'arm64'];
      add(`app-${at}`, (make) =>
        make.index(
          platforms.map((platform) => make.image([long(platform), `own ${platform} ${at}`])),
          '1',
        ),
      );
    }
    expect(new Set(states(await run()))).toEqual(new Set(['Mirrored']));
    expect(registries.count('mount')).toBe(6);
  });

  it('wait once in vain where nothing is taken over at all, and are sent side by side then', async () => {
    const { registries, add, run } = world();
    registries.mounts = () => false;
    for (let at = 0; at < 8; at++) add(`app-${at}`, (make) => make.image([long('base'), `own ${at}`], {}, '1'));
    let [under, most] = [0, 0];
    registries.fault = async ({ operation }) => {
      if (operation !== 'pushBlob') return;
      most = Math.max(most, ++under);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      under--;
    };
    expect(new Set(states(await run()))).toEqual(new Set(['Mirrored']));
    expect(most).toBeGreaterThanOrEqual(7);
  });

  it('do not wait for one that failed', async () => {
    const { registries, add, run } = world();
    for (let at = 0; at < 4; at++) add(`app-${at}`, (make) => make.image([long('base'), `own ${at}`], {}, '1'));
    registries.fault = async ({ repository, operation }) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (repository === `${ECR}/app-0` && operation === 'pushManifest') throw unavailable();
    };
    expect(states(await run()).sort()).toEqual(['Failed', 'Mirrored', 'Mirrored', 'Mirrored']);
  });

  it('never wait in a circle, however they share', async () => {
    const layers = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 2 });
    const image = fc.record({ index: fc.boolean(), children: fc.array(layers, { minLength: 1, maxLength: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(image, { minLength: 3, maxLength: 6 }), async (images) => {
        const { registries, add, run } = world();
        images.forEach(({ index, children }, at) => {
          add(`app-${at}`, (make) => {
            const made = children.map((names, child) =>
              make.image([...names.map(long), `${at} ${child}`], {}, index ? undefined : '1'),
            );
            return index ? make.index(made, '1') : (made.at(-1) as Descriptor);
          });
        });
        expect(new Set(states(await run()))).toEqual(new Set(['Mirrored']));
        for (const [at] of images.entries()) expect(registries.store(`${ECR}/app-${at}`).missing()).toEqual([]);
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});
