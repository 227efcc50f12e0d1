import { memoryLedger } from '../../../engine/ledger';
import { budgetLimiter } from '../../../engine/limiter';
import { type Limiter, systemClock } from '../../../engine/ports';
import { openRegistries } from '../../../engine/registry/registries';
import { image } from '../../../local/images';
import { type RunningRegistry, startRegistry } from '../../../local/registry';
import type { Quotas } from '../../../local/registry/throttle';

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(limiter: Limiter, quotas?: Quotas) {
  const registry = await startRegistry({ personality: { kind: 'ecr', repositories: ['app'], quotas } });
  closing.push(() => registry.close());
  const { host = '' } = registry.ecr ?? {};
  const [username = '', password = ''] = Buffer.from(registry.ecr?.authorizationToken().token ?? '', 'base64')
    .toString()
    .split(':');
  const registries = openRegistries({
    credentials: { get: async () => ({ kind: 'basic', username, password }) },
    endpoints: { [host]: registry.address },
    retry: { baseDelay: 20 },
    limiter,
  });
  closing.push(() => registries.close());
  return { registry, store: registries.store({ registry: host, name: 'app' }, 'destination') };
}

const one = image({ seed: 'quotas' });

/** Notes what it is asked, and what was refused. */
function noting() {
  const asked: string[] = [];
  let refused = 0;
  const limiter: Limiter = {
    admit: async ({ method, kind }) => {
      asked.push(`${method} ${kind}`);
      return { refused: () => refused++ };
    },
  };
  return { limiter, asked, refused: () => refused };
}

async function pushBlobs({ store }: Awaited<ReturnType<typeof start>>) {
  for (const { descriptor, bytes } of one.blobs) await store.pushBlob(descriptor, bytes);
}

describe('requests that count against a quota', () => {
  it('are announced to the limiter, each try anew, and so is what was refused', async () => {
    const { limiter, asked, refused } = noting();
    const place = await start(limiter);
    await pushBlobs(place);
    const posts = place.registry.requests.filter(({ method }) => method === 'POST');
    expect(asked.filter((what) => what === 'POST upload')).toHaveLength(posts.length);
    let left = 2;
    place.registry.intercept(() => (left-- > 0 ? { status: 429 } : undefined));
    await place.store.pushManifest(one.root.descriptor, one.root.bytes, { tag: '1' });
    expect(asked.filter((what) => what === 'PUT manifest')).toHaveLength(3);
    expect(refused()).toBe(2);
  });

  it('wait for their turn, and are then hardly refused', async () => {
    const limiter = budgetLimiter({ ledger: memoryLedger(), clock: systemClock });
    closing.push(() => limiter.close());
    const place = await start(limiter, 1);
    await pushBlobs(place);
    const tags = Array.from({ length: 22 }, (_, i) => `t${i}`);
    await Promise.all(tags.map((tag) => place.store.pushManifest(one.root.descriptor, one.root.bytes, { tag })));
    expect(statuses(place.registry).filter((status) => status === 429)).toEqual([]);
    expect(statuses(place.registry)).toHaveLength(22);
  });

  it('are let go of when their run is told to stop', async () => {
    const limiter: Limiter = {
      admit: (_, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    };
    const { store } = await start(limiter);
    const stop = new AbortController();
    const pushing = store.pushManifest(one.root.descriptor, one.root.bytes, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('told to stop')), 10);
    await expect(pushing).rejects.toThrow('told to stop');
  });
});

function statuses(registry: RunningRegistry): number[] {
  const puts = registry.requests.filter(({ method, kind }) => method === 'PUT' && kind === 'manifest');
  return puts.map(({ status }) => status);
}
