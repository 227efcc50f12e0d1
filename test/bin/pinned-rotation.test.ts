import { image, index } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, digestAt, openBench, QUICK } from './drive';
import { manifestsOf } from './rotation-pod';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
let bench: Bench;
let registry: RunningRegistry;
beforeEach(async () => {
  bench = openBench();
  registry = await bench.registry();
  registry.state.place('tools/node', index([image({ seed: 'node' })]), '22');
  registry.state.place('tools/aws', image({ seed: 'aws' }), 'latest');
});
afterEach(() => bench.close());

async function made(...flags: readonly string[]) {
  const named = ['--hosts', HOST, '--secrets', 'apps/ecr', '--plain-http', ...QUICK, ...flags];
  const { code, out, err } = await bench.run(['pull-config', 'token-rotation', ...named]);
  const pods = manifestsOf(out.join('\n')).flatMap(
    (one) => one?.spec?.template ?? one?.spec?.jobTemplate?.spec.template ?? [],
  );
  const images = pods.map(({ spec }) => [spec.initContainers[0].image, spec.containers[0].image]);
  return { code, images, notes: err.join('\n') };
}

const at = (name: string, tag: string) => `${registry.host}/${name}:${tag}@${digestAt(registry, name, tag)}`;

describe('the images of a rotation of tokens', () => {
  it('are named by the digests that their tags have now, where that is wanted, in every pod', async () => {
    const node = `${registry.host}/tools/node:22`;
    const { code, images, notes } = await made('--pin', '--image', node, '--aws-image', `${registry.host}/tools/aws`);
    expect(code).toBe(0);
    const both = [at('tools/aws', 'latest'), at('tools/node', '22')];
    expect(images).toEqual([both, both]);
    expect(notes).toContain(`--image: ${at('tools/node', '22')}, as its tag is today`);
    expect(notes).not.toContain('is no image for good');
  });

  it('stay as they are named with digests, and their registry is not asked', async () => {
    const pinned = `unknown.invalid/node@sha256:${'a'.repeat(64)}`;
    const { code, images } = await made('--pin', '--image', pinned, '--aws-image', `${registry.host}/tools/aws`);
    expect(code).toBe(0);
    expect(images[0]?.[1]).toBe(pinned);
  });

  it('are not written where their registry does not say what they are', async () => {
    const missing = `${registry.host}/tools/node:23`;
    const { code, images, notes } = await made(
      '--pin',
      '--image',
      missing,
      '--aws-image',
      `${registry.host}/tools/aws`,
    );
    expect({ code, images }).toEqual({ code: 64, images: [] });
    expect(notes).toMatch(new RegExp(`^ecr-mirror: source: resolve manifest ${missing}: 404.*$`));
  });

  it('are not asked about unless that is wanted, and it is said that they may change', async () => {
    const { code, images, notes } = await made('--image', 'unknown.invalid/node:22');
    expect(code).toBe(0);
    expect(images[0]?.[1]).toBe('unknown.invalid/node:22');
    expect(notes).toContain('--image: unknown.invalid/node:22 is no image for good; --pin, or one with its digest');
  });
});
