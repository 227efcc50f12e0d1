import type { RegistryError } from '../../../engine/errors';
import type { Observer, RequestEvent } from '../../../engine/ports';
import {
  Bench,
  blobOf,
  collect,
  failureOf,
  fakeClock,
  MANIFEST,
  MANIFEST_TYPE,
  manifest,
  type Reply,
} from './scripted';

const bench = new Bench();
afterEach(() => bench.close());

const found: Reply = { status: 200, headers: { 'content-type': MANIFEST_TYPE }, body: MANIFEST };

describe('a request', () => {
  it.each([429, 500, 502, 503, 504, 408])('is tried again after %d', async (status) => {
    const clock = fakeClock();
    const server = await bench.serve((_, index) => (index < 2 ? { status } : found));
    await bench.store(server, { clock }).fetchManifest(manifest);
    expect(server.seen).toHaveLength(3);
    expect(clock.slept).toHaveLength(2);
  });

  it.each([400, 403, 404, 501])('is not tried again after %d', async (status) => {
    const server = await bench.serve(() => ({ status }));
    await failureOf(bench.store(server).fetchManifest(manifest));
    expect(server.seen).toHaveLength(1);
  });

  it('is tried as often as settings say, and fails as temporary', async () => {
    const server = await bench.serve(() => ({ status: 503, headers: { 'retry-after': 2 } }));
    const error = (await failureOf(
      bench.store(server, { retry: { attempts: 3 } }).fetchManifest(manifest),
    )) as RegistryError;
    expect(server.seen).toHaveLength(3);
    expect(error.temporary).toBe(true);
    expect(error.answer).toEqual({ status: 503, retryAfter: 2000 });
  });

  it('waits as long as the registry asks, within limits', async () => {
    const clock = fakeClock();
    const server = await bench.serve((_, index) => {
      const after = ['7', '100000'][index];
      return after === undefined ? found : { status: 503, headers: { 'retry-after': after } };
    });
    await bench.store(server, { clock, retry: { maxDelay: 20_000 } }).fetchManifest(manifest);
    expect(clock.slept).toEqual([7000, 20_000]);
  });

  it('is tried again when the connection was cut', async () => {
    const server = await bench.serve(
      () => found,
      (request, _, index) => {
        if (index === 0) request.destroy();
        return index === 0;
      },
    );
    await bench.store(server).fetchManifest(manifest);
    expect(server.seen).toHaveLength(2);
  });

  it('fails in one line when nobody listens', async () => {
    const server = await bench.serve(() => found);
    const store = bench.store(server, { retry: { attempts: 2 } });
    await server.close();
    const error = (await failureOf(store.fetchManifest(manifest))) as RegistryError;
    expect(error.message).toMatch(
      /^manifest registry\.test\/app@sha256:\w+: no answer from 127\.0\.0\.1:\d+: .*ECONNREFUSED [^\n]*$/,
    );
    expect(error.failure).toBe('unavailable');
    expect(error.answer.status).toBe(0);
  });

  it('fails in one line when the host does not speak TLS', async () => {
    const server = await bench.serve(() => found);
    const store = bench.store(server, { endpoints: { 'registry.test': server.url.replace('http:', 'https:') } });
    const error = await failureOf(store.fetchManifest(manifest));
    expect(error.message).toMatch(/does not speak TLS; name it as a plain http host/);
  });

  it('ends while it waits when it is told to stop', async () => {
    const server = await bench.serve(() => ({ status: 503, headers: { 'retry-after': 1000 } }));
    const stop = new AbortController();
    const reason = new Error('told to stop');
    const clock = { now: Date.now, sleep: jest.fn() };
    clock.sleep.mockImplementation(
      (_, signal: AbortSignal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    );
    setTimeout(() => stop.abort(reason), 20);
    const store = bench.store(server, { clock });
    expect(await failureOf(store.fetchManifest(manifest, { signal: stop.signal }))).toBe(reason);
  });

  it('is not begun when it was told to stop before', async () => {
    const server = await bench.serve(() => found);
    const reason = new Error('told to stop');
    const store = bench.store(server);
    expect(await failureOf(store.resolve('1', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(server.seen).toHaveLength(0);
  });
});

describe('429', () => {
  it('holds up other requests of that kind, and no others', async () => {
    const clock = fakeClock();
    const blob = blobOf(Buffer.from('x'));
    const server = await bench.serve(({ path }, index) => {
      if (index === 0) return { status: 429, headers: { 'retry-after': 30 } };
      return path.includes('/blobs/') ? { status: 200, body: 'x' } : found;
    });
    const store = bench.store(server, { clock, retry: { attempts: 1 } });
    const error = (await failureOf(store.fetchManifest(manifest))) as RegistryError;
    expect(error.message).toMatch(/429; the registry limits how much is asked of it/);
    expect(error.answer.retryAfter).toBe(30_000);
    const before = clock.now();
    await collect(await store.fetchBlob(blob));
    expect(clock.now()).toBe(before);
    await store.fetchManifest(manifest);
    expect(clock.now() - before).toBeGreaterThanOrEqual(30_000);
    expect(clock.now() - before).toBeLessThan(31_000);
  });
});

describe('the observer', () => {
  it('is told of requests, bytes and further tries', async () => {
    const requests: RequestEvent[] = [];
    const retries: string[] = [];
    let received = 0;
    const observer: Observer = {
      request: (event) => requests.push(event),
      retry: ({ operation, cause }) => retries.push(`${operation}: ${cause}`),
      bytes: ({ bytes }) => {
        received += bytes;
      },
    };
    const server = await bench.serve((_, index) => (index === 0 ? { status: 500 } : found));
    await bench.store(server, { observer }).fetchManifest(manifest);
    expect(requests.map(({ registry, method, kind, status }) => [registry, method, kind, status])).toEqual([
      ['registry.test', 'GET', 'manifest', 500],
      ['registry.test', 'GET', 'manifest', 200],
    ]);
    expect(retries).toEqual([`manifest registry.test/app@${manifest.digest}: 500`]);
    expect(received).toBe(MANIFEST.length);
  });
});

describe('many requests', () => {
  it('are under way at once only as many as settings say, on connections that are kept', async () => {
    let now = 0;
    let most = 0;
    const ports = new Set<number | undefined>();
    const server = await bench.serve(
      async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 2));
        now--;
        return found;
      },
      (request) => {
        ports.add(request.socket.remotePort);
        return false;
      },
    );
    const store = bench.store(server, { concurrency: 3 });
    await Promise.all(Array.from({ length: 30 }, () => store.fetchManifest(manifest)));
    expect(most).toBeLessThanOrEqual(3);
    expect(ports.size).toBeLessThanOrEqual(6);
  });
});
