import { memoryLedger } from '../../../engine/ledger';
import { type BudgetLimiter, budgetLimiter } from '../../../engine/limiter';
import type { Credentials } from '../../../engine/ports';
import { memoryPulls, type PullLedger } from '../../../engine/pull-ledger';
import { openRegistries } from '../../../engine/registry/registries';
import { secretNamed } from '../../../local/canary';
import { image } from '../../../local/images';
import { type EmbeddedRegistryOptions, type RunningRegistry, startRegistry } from '../../../local/registry';
import { describePullLedger } from '../../suites/pull-ledger';
import { anonymous, fakeClock } from './scripted';

describePullLedger('the memory of a process', memoryPulls);

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const WINDOW = 21_600;
const images = Array.from({ length: 40 }, (_, i) => image({ seed: `pulls-${i}` }));
const clock = fakeClock();

async function hubWith(options: EmbeddedRegistryOptions = {}, limit = 20): Promise<RunningRegistry> {
  const registry = await startRegistry({
    personality: { kind: 'docker-hub', limit, window: WINDOW },
    clock,
    ...options,
  });
  closing.push(() => registry.close());
  images.forEach((one, i) => {
    registry.state.place(`library/app-${i}`, one, 'v1');
  });
  return registry;
}

interface Process {
  readonly limiter: BudgetLimiter;
  /** Reads the manifest of an image. */
  pull(which: number): Promise<Uint8Array>;
  head(which: number): Promise<unknown>;
}

function processOf(hub: RunningRegistry, pulls: PullLedger, credentials: Credentials = anonymous, name = 'docker.io') {
  const limiter = budgetLimiter({ ledger: memoryLedger(), pulls, clock });
  const registries = openRegistries({
    credentials,
    endpoints: { [name]: hub.address },
    retry: { baseDelay: 1 },
    clock,
    limiter,
  });
  closing.push(() => registries.close());
  const store = (which: number) => registries.store({ registry: name, name: `library/app-${which}` });
  const made: Process = {
    limiter,
    pull: (which) => store(which).fetchManifest((images[which] as (typeof images)[number]).root.descriptor),
    head: (which) => store(which).resolve('v1'),
  };
  return made;
}

const statuses = (hub: RunningRegistry, method: string) =>
  hub.requests.filter((one) => one.kind === 'manifest' && one.method === method).map(({ status }) => status);
const ended = async (pulls: readonly Promise<unknown>[]) => {
  const all = await Promise.allSettled(pulls);
  return {
    done: all.filter(({ status }) => status === 'fulfilled').length,
    errors: all.flatMap((one) => (one.status === 'rejected' ? [String(one.reason.message)] : [])),
  };
};
const all = (process: Process, from = 0, to = images.length) =>
  images.slice(from, to).map((_, i) => process.pull(from + i));

describe('pulls that a registry counts', () => {
  it('are taken from a budget that is asked for first, by a HEAD, and none is refused', async () => {
    const hub = await hubWith();
    const { done, errors } = await ended(all(processOf(hub, memoryPulls())));
    expect(done).toBe(18);
    expect(errors[0]).toBe(
      'docker.io: 2 of 20 pulls in 6 h are left to 127.0.0.1, 2 of them kept for people; more by ' +
        `${new Date(clock.now() + WINDOW * 1000).toISOString().slice(0, 16)}Z, or at once with an account that has more`,
    );
    expect(statuses(hub, 'GET')).toEqual(Array(18).fill(200));
    expect(statuses(hub, 'HEAD')).toEqual([200]);
  });

  it('are shared by processes, however they come at once', async () => {
    const hub = await hubWith({}, 30);
    const shared = memoryPulls();
    const processes = [0, 1, 2, 3].map(() => processOf(hub, shared));
    const { done } = await ended(processes.flatMap((one, i) => all(one, i * 10, i * 10 + 10)));
    expect(done).toBe(27);
    expect(statuses(hub, 'GET').filter((status) => status !== 200)).toEqual([]);
  });

  it('are there again as the window moves on, to who asks again', async () => {
    const hub = await hubWith({}, 10);
    const shared = memoryPulls();
    expect((await ended(all(processOf(hub, shared)))).done).toBe(9);
    clock.advance(WINDOW * 500);
    const later = processOf(hub, shared);
    expect((await ended([later.pull(20)])).done).toBe(0);
    clock.advance(WINDOW * 500);
    await later.head(20);
    expect((await ended(all(later, 20))).done).toBe(9);
    expect(statuses(hub, 'GET').filter((status) => status !== 200)).toEqual([]);
  });

  it('leave alone what others who are counted as the same have pulled meanwhile', async () => {
    const hub = await hubWith({}, 20);
    const process = processOf(hub, memoryPulls());
    await Promise.all(all(process, 0, 5));
    const person = async (which: number) => (await fetch(`${hub.address}/v2/library/app-${which}/manifests/v1`)).status;
    for (let i = 0; i < 10; i++) expect(await person(i)).toBe(200);
    expect((await ended([process.pull(5), process.pull(6)])).done).toBe(2);
    expect((await ended(all(process, 10, 30))).done).toBe(1);
    // What is kept is really there.
    expect([await person(1), await person(2), await person(3)]).toEqual([200, 200, 429]);
  });

  it('that were taken and never sent, because the process died, are found again', async () => {
    const hub = await hubWith({}, 20);
    const shared = memoryPulls();
    const died = processOf(hub, shared);
    await died.head(0);
    const key = { registry: 'docker.io', source: '127.0.0.1' };
    for (let i = 0; i < 15; i++) await shared.take(key, 0, clock.now());
    const next = processOf(hub, shared);
    expect((await ended(all(next, 0, 10))).done).toBe(3);
    clock.advance(60_000);
    await next.head(0);
    expect((await ended(all(next, 10, 40))).done).toBe(15);
    expect(statuses(hub, 'GET').filter((status) => status !== 200)).toEqual([]);
  });

  it('are counted by account where there is one, whatever the address has left', async () => {
    const auth = {
      kind: 'bearer' as const,
      users: [{ username: 'team', password: secretNamed('of-team') }],
      allow: () => ['pull'] as const,
    };
    const hub = await hubWith({ auth }, 10);
    const shared = memoryPulls();
    const nobody = processOf(hub, shared);
    expect((await ended(all(nobody, 0, 20))).done).toBe(9);
    const team = processOf(hub, shared, {
      get: async () => ({ kind: 'basic', username: 'team', password: secretNamed('of-team') }),
    });
    expect((await ended(all(team, 0, 20))).done).toBe(9);
    const budgets = await shared.read('docker.io');
    expect([...budgets].map(([source, { left }]) => [source, left]).sort()).toEqual([
      ['127.0.0.1', 1],
      ['team', 1],
    ]);
    expect(statuses(hub, 'GET')).not.toContain(429);
  });

  it('are not tried again when they are refused all the same, and nothing more is asked', async () => {
    // Of this registry nobody knows beforehand that it counts, so nobody asks by HEAD.
    const hub = await hubWith({}, 5);
    const process = processOf(hub, memoryPulls(), anonymous, 'hub.example');
    const { done, errors } = await ended(all(process, 0, 20));
    expect(done).toBe(5);
    expect(
      errors.every((line) => line.startsWith('hub.example: 0 of 5 pulls in 6 h are left to 127.0.0.1; more by')),
    ).toBe(true);
    const asked = statuses(hub, 'GET').length;
    expect((await ended(all(process, 20, 40))).done).toBe(0);
    expect(statuses(hub, 'GET')).toHaveLength(asked);
  });
});

describe('a registry that does not count pulls', () => {
  it('is asked for nothing more than what is wanted', async () => {
    const open = await startRegistry();
    closing.push(() => open.close());
    open.state.place('library/app-0', images[0] as (typeof images)[number], 'v1');
    const process = processOf(open, memoryPulls(), anonymous, 'open.example');
    await process.pull(0);
    expect(open.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(process.limiter.countsPulls?.('open.example')).toBe(false);
  });

  it('is known as that after the first answer, even if it is Docker Hub', async () => {
    const unlimited = await startRegistry();
    closing.push(() => unlimited.close());
    images.slice(0, 5).forEach((one, i) => {
      unlimited.state.place(`library/app-${i}`, one, 'v1');
    });
    const process = processOf(unlimited, memoryPulls());
    expect(process.limiter.countsPulls?.('docker.io')).toBe(true);
    await Promise.all(all(process, 0, 5));
    expect(process.limiter.countsPulls?.('docker.io')).toBe(false);
    expect(statuses(unlimited, 'HEAD')).toEqual([200]);
  });
});

describe('a registry whose headers', () => {
  const lying = async (headers: Record<string, string>) => {
    const hub = await startRegistry({
      intercept: ({ kind, method }) =>
        kind === 'manifest' && method === 'HEAD' ? { status: 404, headers } : undefined,
    });
    closing.push(() => hub.close());
    images.slice(0, 5).forEach((one, i) => {
      hub.state.place(`library/app-${i}`, one, 'v1');
    });
    return hub;
  };

  it('name somebody else each time make a few items and no more', async () => {
    let asked = 0;
    const hub = await startRegistry({
      intercept: ({ kind, method }) => {
        if (kind !== 'manifest' || method !== 'HEAD') return undefined;
        const said = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '50;w=21600' };
        return { status: 404, headers: { ...said, 'docker-ratelimit-source': `nobody-${asked++}` } };
      },
    });
    closing.push(() => hub.close());
    const shared = memoryPulls();
    const process = processOf(hub, shared);
    for (let i = 0; i < 40; i++) await process.head(i).catch(() => undefined);
    await process.limiter.pulls.read('docker.io');
    expect((await shared.read('docker.io')).size).toBe(17);
  });

  it('are garbage limits nobody', async () => {
    const hub = await lying({ 'ratelimit-limit': 'lots;w=never', 'ratelimit-remaining': '-1' });
    expect((await ended(all(processOf(hub, memoryPulls()), 0, 5))).done).toBe(5);
  });

  it('say that nothing is left is believed, and asked for nothing more', async () => {
    const hub = await lying({ 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' });
    const { done, errors } = await ended(all(processOf(hub, memoryPulls()), 0, 5));
    expect(done).toBe(0);
    expect(errors[0]).toMatch(/^docker\.io: 0 of 100 pulls in 6 h are left to whoever asks so, 10 of them/);
    expect(statuses(hub, 'GET')).toEqual([]);
  });

  it('say that much is left although all is refused ends as a refusal, after as many tries as others get', async () => {
    const headers = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '50;w=21600' };
    const hub = await startRegistry({
      intercept: ({ kind }) => (kind === 'manifest' ? { status: 429, headers } : undefined),
    });
    closing.push(() => hub.close());
    const { errors } = await ended([processOf(hub, memoryPulls()).pull(0)]);
    expect(errors).toEqual([expect.stringMatching(/: 429; the registry limits how much is asked of it/)]);
    expect(statuses(hub, 'GET')).toHaveLength(5);
  });
});
