import { cosignTag, image, signatureImage } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, openBench, QUICK } from './drive';

/** What it costs to notice signatures that come alone, in requests that registries count. */

const TAGS = Array.from({ length: 30 }, (_, number) => `1.${number}`);

let bench: Bench;
afterEach(() => bench.close());

async function mirrored(referrers: boolean) {
  bench = openBench();
  const [source, destination] = [await bench.registry({ referrers }), await bench.registry({ referrers })];
  for (const tag of TAGS) source.state.place('org/app', image({ seed: tag }), tag);
  const mirrors = TAGS.map((tag) => ({
    source: `${source.host}/org/app:${tag}`,
    destination: `${destination.host}/m/app`,
  }));
  bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
  const run = (command: string) => bench.run([command, '-f', 'mirrors.yaml', '--plain-http', ...QUICK]);
  expect((await run('sync')).code).toBe(0);
  for (const registry of [source, destination]) registry.forgetRequests();
  return { source, destination, run };
}

const count = ({ requests }: RunningRegistry) => {
  const counts: Record<string, number> = {};
  for (const { method, kind } of requests) {
    const name = `${method} ${kind}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

it('is one list of tags for all images of a repository, where there is no referrers API', async () => {
  const { source, destination, run } = await mirrored(false);
  expect((await run('plan')).out).toContain('0 to copy');
  const { 'GET referrers': probes = 0, ...asked } = count(source);
  expect(asked).toEqual({ 'HEAD manifest': TAGS.length, 'GET tags': 1 });
  // Until the first answer, as many as are under way.
  expect(probes).toBeLessThanOrEqual(TAGS.length);
  expect(count(destination)).toEqual({ 'HEAD manifest': TAGS.length });
});

it('is one list more than a query for each image, where there is one', async () => {
  const { source, destination, run } = await mirrored(true);
  expect((await run('plan')).out).toContain('0 to copy');
  expect(count(source)).toEqual({ 'HEAD manifest': TAGS.length, 'GET referrers': TAGS.length, 'GET tags': 1 });
  expect(count(destination)).toEqual({ 'HEAD manifest': TAGS.length });
});

it('is two HEADs more for an image that is signed', async () => {
  const { source, destination, run } = await mirrored(true);
  const signed = image({ seed: TAGS[0] ?? '' }).root.descriptor;
  source.state.place('org/app', signatureImage(signed), cosignTag(signed));
  expect((await run('plan')).out).toContain('1 to copy');
  expect((await run('sync')).code).toBe(0);
  for (const registry of [source, destination]) registry.forgetRequests();
  expect((await run('plan')).out).toContain('0 to copy');
  expect([count(source)['HEAD manifest'], count(destination)['HEAD manifest']]).toEqual([
    TAGS.length + 1,
    TAGS.length + 1,
  ]);
});
