import { reveals, secretNamed } from '../../local/canary';
import { type Authority, makeAuthority } from '../../local/certificates';
import { image } from '../../local/images';
import { type Listening, speakTls, startTunnels } from '../fakes/tunnels';
import { type Bench, digestAt, openBench } from './drive';

const PASSWORD = secretNamed('of-me');
const OF_THE_PROXY = secretNamed('of-the-proxy');

describe('registries behind https with a private authority', () => {
  let bench: Bench;
  let authority: Authority;
  const listeners: Listening[] = [];
  const built = image({ seed: 'app' });
  const keep = async <T extends Listening>(opening: Promise<T>): Promise<T> => {
    const listener = await opening;
    listeners.push(listener);
    return listener;
  };
  beforeAll(() => {
    authority = makeAuthority();
  });
  beforeEach(() => {
    bench = openBench();
    bench.write('ca.pem', authority.cert);
  });
  afterEach(async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.close()));
    await bench.close();
  });

  /** A registry that asks for a password, and TLS in front of it. */
  async function registry(host = '127.0.0.1') {
    const users = [{ username: 'me', password: PASSWORD }];
    const plain = await bench.registry({ auth: { kind: 'basic', users } });
    const secure = await keep(speakTls(authority.issue(host), plain.host));
    return { plain, secure };
  }
  function logIn(...hosts: readonly string[]) {
    const auth = Buffer.from(`me:${PASSWORD}`).toString('base64');
    bench.write('config.json', JSON.stringify({ auths: Object.fromEntries(hosts.map((host) => [host, { auth }])) }));
  }

  it('are read and written when --ca names the authority', async () => {
    const [source, destination] = [await registry(), await registry()];
    logIn(source.secure.host, destination.secure.host);
    source.plain.state.place('app', built, 'v1');
    const ran = await bench.run([
      'copy',
      '--ca',
      'ca.pem',
      `${source.secure.host}/app:v1`,
      `${destination.secure.host}/app`,
    ]);
    expect(ran).toMatchObject({ code: 0, err: [] });
    expect(digestAt(destination.plain, 'app', 'v1')).toBe(built.root.descriptor.digest);
  });

  it.each([
    ['an unknown authority', '127.0.0.1', [], /certificate is not trusted .*--ca/],
    ['a certificate of another host', 'other.example', ['--ca', 'ca.pem'], /certificate is not trusted/],
  ])('are refused, once and before any request, with %s', async (_what, host, flags, line) => {
    const { plain, secure } = await registry(host);
    logIn(secure.host);
    plain.state.place('app', built, 'v1');
    const ran = await bench.run(['copy', ...flags, `${secure.host}/app:v1`, 'oci:out']);
    expect(ran.code).toBe(77);
    expect(ran.err.join('\n')).toMatch(line);
    // One that is opened ahead, and that of the request; five tries would be more.
    expect([1, 2]).toContain(secure.connections());
    expect(plain.requests).toEqual([]);
  });

  describe('through a proxy', () => {
    const name = 'registry.example.com';
    const copy = ['copy', '--attempts', '1', `${name}/app:v1`, 'oci:out'];

    async function proxied(refusal?: number) {
      const { plain, secure } = await registry(name);
      plain.state.place('app', built, 'v1');
      logIn(name);
      const tunnels = await keep(startTunnels(secure.host, refusal));
      bench.env.HTTPS_PROXY = `http://proxy-user:${OF_THE_PROXY}@${tunnels.host}`;
      return { plain, tunnels };
    }

    it('are reached by tunnels, and the proxy sees its own credential alone', async () => {
      const { plain, tunnels } = await proxied();
      expect(await bench.run([...copy, '--ca', 'ca.pem'])).toMatchObject({ code: 0, err: [] });
      expect(plain.requests.length).toBeGreaterThan(0);
      const own = `Basic ${Buffer.from(`proxy-user:${OF_THE_PROXY}`).toString('base64')}`;
      for (const { target, headers } of tunnels.asked) {
        expect(target).toBe(`${name}:443`);
        expect(headers).toMatchObject({ 'proxy-authorization': own });
        expect(headers).not.toHaveProperty('authorization');
      }
    });

    it('are refused without their authority', async () => {
      const { plain } = await proxied();
      const ran = await bench.run(copy);
      expect(ran.code).toBe(77);
      expect(ran.err.join('\n')).toMatch(/certificate is not trusted/);
      expect(plain.requests).toEqual([]);
    });

    it.each([407, 403, 502])(
      'say when the proxy refuses with %d, and keep its password to themselves',
      async (status) => {
        const { plain } = await proxied(status);
        const ran = await bench.run([...copy, '--ca', 'ca.pem']);
        expect(ran.code).not.toBe(0);
        expect(ran.err.join('\n')).toMatch(String(status));
        expect(reveals(ran.err.join('\n'))).toBe(false);
        expect(plain.requests).toEqual([]);
      },
    );
  });
});
