import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type LocalStack, startStack } from '../../local/stack';
import { synthesize } from '../../local/synth';

const OWN = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
/** Seconds; so short that several fit into a test. */
const WINDOW = 8;
const LIMIT = 10;
const TAGS = Array.from({ length: 14 }, (_, i) => `v${String(i).padStart(2, '0')}`);
/** Runs of the schedule until all must be there. */
const MOST_RUNS = 60;

const folder = mkdtempSync(join(tmpdir(), 'pulls-'));
let hub: RunningRegistry;
let own: RunningRegistry;
let open: RunningRegistry;
let stack: LocalStack;

beforeAll(async () => {
  const synthesis = synthesize(folder);
  hub = await startRegistry({ personality: { kind: 'docker-hub', limit: LIMIT, window: WINDOW } });
  own = await startRegistry({
    personality: {
      kind: 'ecr',
      account: '111122223333',
      region: 'eu-west-1',
      repositories: ['mirror/team/nginx', 'released/app'],
    },
  });
  for (const tag of TAGS) hub.state.place('library/nginx', image({ seed: tag, layers: ['base', tag] }), tag);
  await synthesis;
  open = await startRegistry();
  stack = await startStack({
    assembly: folder,
    registries: { 'docker.io': hub, 'public.ecr.aws': open, 'ghcr.io': open, [OWN]: own },
  });
  await stack.waitUntilIdle();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await Promise.all([hub, own, open].map((registry) => registry.close()));
  rmSync(folder, { recursive: true });
});

const copies = async () =>
  (await stack.copies()).filter(({ Destination }) => String(Destination).startsWith(`${OWN}/mirror/team/nginx:`));
const mirrored = async () => (await copies()).filter(({ State }) => State === 'Mirrored').length;
const pulls = () => hub.requests.filter(({ method, kind }) => method === 'GET' && kind === 'manifest');

it('mirrors by and by what no window lets through at once, by many workers, without one refusal or failure', async () => {
  const rows = TAGS.map((tag) => ({
    Source: `docker.io/library/nginx:${tag}`,
    Destination: `${OWN}/mirror/team/nginx`,
  }));
  // Each of them is an event, and may become a job of its own.
  await Promise.all(rows.map((row) => stack.putRow(row)));
  await stack.waitUntilIdle();
  expect(await mirrored()).toBeLessThan(TAGS.length);
  const waiting = (await copies()).filter(({ State }) => State !== 'Mirrored');
  expect(waiting.length).toBeGreaterThan(0);
  for (const item of waiting) {
    expect(item).toMatchObject({ State: 'Queued', Error: expect.stringMatching(/^put off: .*docker\.io: \d+ of 10/) });
  }
  for (let run = 0; run < MOST_RUNS && (await mirrored()) < TAGS.length; run++) {
    stack.runSchedule();
    await stack.waitUntilIdle();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(await mirrored()).toBe(TAGS.length);
  expect(pulls().filter(({ status }) => status !== 200)).toEqual([]);
  expect(stack.runner.list().length).toBeGreaterThan(2);
  expect(stack.failures).toEqual([]);
  for (const { Failures = 0 } of await copies()) expect(Failures).toBe(0);
}, 180_000);
