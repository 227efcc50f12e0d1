import { makePlan } from '../../engine/make-plan';
import type { Credentials } from '../../engine/ports';
import { openRegistries } from '../../engine/registry/registries';
import { runCopies } from '../../engine/run-copies';
import type { ParsedRow } from '../../lib/model/mirror';
import { parseRow } from '../../lib/model/mirror-row';
import { secretNamed } from '../../local/canary';
import { image } from '../../local/images';
import { type RunningRegistry, startRegistry } from '../../local/registry';

const PUSHER = { username: 'pusher', password: secretNamed('of-the-pusher') };
const PULLER = { username: 'puller', password: secretNamed('of-the-puller') };

describe.each(['basic', 'bearer'] as const)('with credentials for one direction each (%s)', (kind) => {
  let source: RunningRegistry;
  let destination: RunningRegistry;
  const asked: string[] = [];
  const credentials: Credentials = {
    async get({ registry }, access) {
      asked.push(`${registry === source.host ? 'source' : 'destination'} ${access}`);
      const wanted = registry === source.host ? 'pull' : 'push';
      const user = access === 'pull' ? PULLER : PUSHER;
      return access === wanted ? { kind: 'basic', ...user } : undefined;
    },
  };
  beforeEach(async () => {
    asked.length = 0;
    source = await startRegistry({
      auth: { kind, users: [PULLER], allow: (user) => (user === 'puller' ? ['pull'] : []) },
    });
    destination = await startRegistry({
      auth: { kind, users: [PUSHER], allow: (user) => (user === 'pusher' ? ['pull', 'push'] : []) },
    });
    source.state.place('app', image({ seed: 'app' }), 'v1');
  });
  afterEach(() => Promise.all([source.close(), destination.close()]));

  it('reads a private destination with what it is written with, and a source never with that', async () => {
    const registries = openRegistries({ credentials, plainHttp: [source.host, destination.host] });
    const rows: ParsedRow[] = [
      parseRow({ Source: `${source.host}/app:v1`, Destination: `${destination.host}/copy` }, { mapping: {} }),
    ];
    const world = {
      stores: registries.store,
      permissions: { sources: ['**'], destinations: ['**'], outward: [] },
      clock: { now: () => Date.now(), sleep: async () => undefined },
    };
    const plan = await makePlan(rows, world);
    expect(plan.skipped).toEqual([]);
    for await (const { outcome } of runCopies(plan.copies, world)) expect(outcome).toMatchObject({ state: 'Mirrored' });
    expect(await makePlan(rows, world)).toMatchObject({ copies: [], skipped: [{ reason: 'up-to-date' }] });
    expect(new Set(asked)).toEqual(new Set(['source pull', 'destination push']));
    registries.close();
  });
});
