import { get, type Item } from '../../aws/items';
import { acquire } from '../../aws/leases';
import { startLeases } from '../../container/leases';
import type { World } from '../../container/world';
import type { Copy } from '../../lib/model/copy';
import { type Stack, standingClock, startStack } from '../aws/stack';
import { copyOf } from '../aws/values';

let stack: Stack;
const clock = standingClock();
const logged: string[] = [];

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const world = (): World => ({
  copies: stack.copies,
  settings: { permissions: { sources: [], destinations: [], outward: [] }, mapping: {}, credentials: [] },
  stores: () => {
    throw new Error('no store is asked for');
  },
  clock,
  log: (event) => logged.push(event),
  job: 'job-1',
  signal: new AbortController().signal,
  renewal: 5,
});

async function leased(name: string): Promise<Copy> {
  const copy = copyOf(`upstream.test/${name}:1`, [`destination.test/${name}:1`]);
  const destinations = await Promise.all(
    copy.destinations.map(async ({ reference, why }) => {
      const answer = await acquire(
        stack.copies,
        { source: copy.source, destination: reference, why },
        'p',
        clock.now(),
      );
      return { reference, why, ...('fence' in answer ? { fence: answer.fence } : {}) };
    }),
  );
  return { ...copy, destinations };
}

const item = async (name: string): Promise<Item> =>
  (await get(stack.copies, { Source: `upstream.test/${name}:1`, Destination: `destination.test/${name}:1` })) ?? {};

/** Waits for what another timer brings about; the test's own time-out ends it if it never does. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

it('are renewed while the worker works, and given back when it ends', async () => {
  const leases = await startLeases([await leased('a')], world());
  const before = (await item('a')).Lease.Until;
  clock.advance(300);
  await until(async () => (await item('a')).Lease.Until === before + 300);
  await leases.close();
  expect(await item('a')).toMatchObject({ State: 'Queued' });
  expect(await item('a')).not.toHaveProperty('Lease');
});

it('leave out what is another’s, and keep what has no lease at all', async () => {
  const mine = await leased('b');
  const stale = await leased('c');
  clock.advance(3 * 3600);
  await leased('c');
  const unleased = copyOf('upstream.test/d:1', ['destination.test/d:1']);
  const leases = await startLeases([mine, stale, unleased], world());
  expect(leases.copies.map(({ mirrors }) => mirrors[0])).toEqual(['upstream.test/b:1', 'upstream.test/d:1']);
  expect(logged).toContain('left-alone');
  await leases.close();
});

it('that were recorded are not given back', async () => {
  const copy = await leased('e');
  const leases = await startLeases([copy], world());
  const [destination] = copy.destinations;
  if (destination === undefined) throw new Error('no destination');
  const lease = leases.of(copy.source, destination.reference);
  if (lease === undefined) throw new Error('no lease');
  expect(await leases.holds(copy, destination)).toBe(true);
  leases.ended(lease);
  await leases.close();
  expect(await item('e')).toMatchObject({ State: 'Copying' });
});
