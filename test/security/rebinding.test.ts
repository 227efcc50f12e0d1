import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent } from 'node:http';
import { Socket } from 'node:net';
import { hostsOf } from '../../engine/registry/hosts';
import { openRegistries } from '../../engine/registry/registries';
import { openTransport } from '../../engine/registry/transport';
import { Bench, failureOf, MANIFEST, MANIFEST_TYPE, manifest } from '../engine/registry/scripted';

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** What the resolver says of `rebound.test`, answer by answer; the last one stays. */
let answers: string[][] = [];
let lookups = 0;
const original = dns.lookup;
beforeAll(() => {
  dns.lookup = ((name: string, options: LookupOptions, callback: Answer) => {
    if (name !== 'rebound.test') return original(name, options, callback);
    lookups += 1;
    const said = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    const found = said.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) return setImmediate(callback, null, found);
    return setImmediate(callback, null, found[0]?.address ?? '', found[0]?.family);
  }) as typeof dns.lookup;
});
afterAll(() => {
  dns.lookup = original;
});

/** Every address that a connection was tried to, whether it came about or not. */
const tried: string[] = [];
const { connect } = Socket.prototype;
beforeAll(() => {
  Socket.prototype.connect = function (this: Socket, ...how: unknown[]): Socket {
    this.on('connectionAttempt', (address: string) => tried.push(address));
    return Reflect.apply(connect, this, how);
  };
});
afterAll(() => {
  Socket.prototype.connect = connect;
});

const bench = new Bench();
beforeEach(() => {
  lookups = 0;
  tried.length = 0;
});
afterEach(() => bench.close());

const METADATA = '169.254.169.254';
/** An answer after which the connection is closed, so that the next request looks the name up again. */
const CLOSED = { status: 200, headers: { 'content-type': MANIFEST_TYPE, connection: 'close' }, body: MANIFEST };

/** A registry on this machine, known as `rebound.test`; only where settings say so may it be here. */
async function open({ trusted }: { readonly trusted: boolean }, agent?: Agent) {
  const server = await bench.serve(() => CLOSED);
  const name = `rebound.test:${server.host.split(':')[1]}`;
  const registries = openRegistries({
    credentials: { get: async () => undefined },
    retry: { attempts: 3, baseDelay: 1, maxDelay: 1 },
    idleTimeout: 2_000,
    ...(trusted ? { plainHttp: [name] } : {}),
    ...(agent === undefined ? {} : { agent: () => agent }),
  });
  const store = registries.store({ registry: name, name: 'app' });
  return { fetch: () => store.fetchManifest(manifest), close: () => registries.close() };
}

describe('a name that leads elsewhere the next time', () => {
  it('is looked up once for each connection, and what was checked is what is connected to', async () => {
    answers = [['127.0.0.1'], [METADATA]];
    const { fetch, close } = await open({ trusted: true });
    expect(Buffer.from(await fetch())).toEqual(MANIFEST);
    expect(lookups).toBe(1);
    expect((await failureOf(fetch())).message).toMatch(/rebound\.test:\d+ is at 169\.254\.169\.254: forbidden address/);
    expect([lookups, tried]).toEqual([2, ['127.0.0.1']]);
    close();
  });

  it('gets no second chance after it was refused: the answer that is allowed comes too late', async () => {
    answers = [[METADATA], ['127.0.0.1']];
    const { fetch, close } = await open({ trusted: true });
    expect((await failureOf(fetch())).message).toMatch(/such an address is never connected to/);
    expect([lookups, tried]).toEqual([1, []]);
    close();
  });

  it('leads to this machine in no answer where nobody trusts it', async () => {
    answers = [['127.0.0.1'], ['::1'], ['::ffff:127.0.0.1'], ['10.0.0.1', '127.0.0.1']];
    const { fetch, close } = await open({ trusted: false });
    for (let i = 0; i < 4; i += 1) expect((await failureOf(fetch())).message).toMatch(/private address/);
    expect(tried).toEqual([]);
    close();
  });
});

describe('a name with several addresses', () => {
  it.each([
    ['first', [METADATA, '::ffff:169.254.169.254', '127.0.0.1']],
    ['last', ['127.0.0.1', 'fd00:ec2::254', METADATA]],
  ])('is connected to only where that is allowed, also when what is not comes %s', async (_what, addresses) => {
    answers = [addresses];
    const { fetch, close } = await open({ trusted: true });
    expect(Buffer.from(await fetch())).toEqual(MANIFEST);
    expect([lookups, tried]).toEqual([1, ['127.0.0.1']]);
    close();
  });

  it('is refused when none of them is allowed', async () => {
    answers = [[METADATA, '0.0.0.0', 'fe80::1']];
    const { fetch, close } = await open({ trusted: true });
    expect((await failureOf(fetch())).message).toMatch(/never connected to/);
    expect(tried).toEqual([]);
    close();
  });
});

it('what must not be connected to is not connected to ahead of time either', async () => {
  answers = [[METADATA]];
  const transport = openTransport(hostsOf({}), { credentials: { get: async () => undefined } });
  const origins = ['https://rebound.test', `https://${METADATA}`, 'https://[::ffff:a9fe:a9fe]', 'https://127.0.0.1:9'];
  for (const origin of [...origins, 'http://rebound.test']) transport.expect(new URL(origin), 2);
  for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(lookups).toBeGreaterThan(0);
  expect(tried).toEqual([]);
  transport.close();
});

it('behind a proxy names are the proxy’s to look up: here nobody asks where they are', async () => {
  answers = [[METADATA]];
  const { fetch, close } = await open({ trusted: true }, new ProxyAgent());
  await failureOf(fetch());
  expect([lookups, tried]).toEqual([0, []]);
  close();
});

/** Reaches no proxy, and looks no name up by itself: as far as the engine is concerned, a proxy. */
class ProxyAgent extends Agent {
  override createConnection(): never {
    throw Object.assign(new Error('no proxy'), { code: 'ECONNREFUSED' });
  }
}
