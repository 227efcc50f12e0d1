import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../bin/doctor/finding';
import { MediaType } from '../../lib/model/descriptor';
import { secretNamed } from '../../local/canary';
import { makeAuthority } from '../../local/certificates';
import { type CountingProxy, countingProxy } from './counting-proxy';
import { BUNDLE } from './ecr-mirror';
import { describeWith } from './needs';
import { start } from './process';
import { pushBlob, pushImage } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';
import { startTokenServer, type TokenServer } from './token-server';

const USER = { username: 'ci', password: secretNamed('real-doctor') };

describeWith(['docker-registry'], 'doctor, on docker-registry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  let tokens: TokenServer;
  let source: RealRegistry;
  let destination: RealRegistry;
  let secure: RealRegistry;
  let proxy: CountingProxy;
  /** Milliseconds that the clock of the source seems to be ahead. */
  let ahead = 0;

  beforeAll(async () => {
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    tokens = await startTokenServer(USER);
    const authority = makeAuthority();
    const { cert, key } = authority.issue('127.0.0.1');
    write('ca.pem', authority.cert);
    const bundle = write('tokens.pem', tokens.certificate);
    const tls = { certificate: write('cert.pem', cert), key: write('key.pem', key) };
    [source, destination, secure] = await Promise.all([
      startDockerRegistry(),
      startDockerRegistry({ auth: tokens.settings(bundle) }),
      startDockerRegistry({ tls }),
    ]);
    const place = { url: source.url, repository: 'app' };
    const layer = await pushBlob(place, Buffer.from('a layer'), MediaType.OCI_LAYER);
    await pushImage(place, 'v1.0.0', [layer]);
    const date = () => ({ date: new Date(Date.now() + ahead).toUTCString() });
    proxy = await countingProxy(source.url, { meter: () => ({ headers: date(), refused: false }) });
  });

  afterAll(async () => {
    await proxy?.close();
    await Promise.all([source, destination, secure].map((registry) => registry?.close()));
    await tokens?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Asked {
    readonly password?: string;
    readonly to?: string;
    readonly flags?: readonly string[];
  }

  const plainHttp = () => `--plain-http=${[proxy.host, destination.host, tokens.host].join(',')}`;

  async function wrong({ password = USER.password, to, flags }: Asked = {}): Promise<readonly Finding[]> {
    const auth = Buffer.from(`${USER.username}:${password}`).toString('base64');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [destination.host]: { auth } } }));
    const mirrors = [{ source: `${proxy.host}/app:v1.0.0`, destination: `${to ?? destination.host}/mirror/app` }];
    writeFileSync(join(folder, 'mirrors.yaml'), JSON.stringify({ mirrors }));
    const words = ['doctor', '-f', join(folder, 'mirrors.yaml'), '--json', ...(flags ?? [plainHttp()])];
    const env = { HOME: folder, DOCKER_CONFIG: folder };
    const { stdout, stderr } = await start(process.execPath, [BUNDLE, ...words], { env }).ended;
    expect(stderr).toBe('');
    const told: Finding[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return told.filter(({ verdict }) => verdict === 'error' || verdict === 'warning');
  }
  const well = async () => expect(await wrong()).toEqual([]);

  it('finds nothing wrong where nothing is, and leaves nothing behind', async () => {
    await well();
    expect(proxy.seen.filter(({ method, path }) => method === 'GET' && path.includes('/manifests/'))).toEqual([]);
    expect(existsSync(join(destination.content, 'docker/registry/v2/repositories/mirror'))).toBe(false);
    expect(existsSync(join(source.content, 'docker/registry/v2/repositories/app'))).toBe(true);
  });

  it('finds a wrong password', async () => {
    expect(await wrong({ password: 'another' })).toEqual([
      expect.objectContaining({ code: 'DOCTOR-PUSH', saw: expect.stringContaining('401') }),
    ]);
    await well();
  });

  it('finds that a user may not push', async () => {
    tokens.allowed = ['pull'];
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-PUSH',
        saw: expect.stringMatching(/may not be pushed to as ci: 401 UNAUTHORIZED/),
      }),
    ]);
    tokens.allowed = ['pull', 'push'];
    await well();
  });

  it('finds a registry without TLS, and one whose certificate nobody vouches for', async () => {
    const plain = `--plain-http=${proxy.host}`;
    const open = ['--private-hosts', `${destination.host},${secure.host}`];
    expect(await wrong({ flags: [plain, ...open] })).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-ROUTE',
        place: destination.host,
        remedy: expect.stringContaining('--plain-http'),
      }),
    ]);
    const asked = { to: secure.host, flags: [plain, ...open] };
    expect(await wrong(asked)).toEqual([
      expect.objectContaining({ code: 'DOCTOR-ROUTE', place: secure.host, remedy: expect.stringContaining('--ca') }),
    ]);
    expect(await wrong({ ...asked, flags: [...asked.flags, '--ca', join(folder, 'ca.pem')] })).toEqual([]);
  });

  it('finds a clock that is wrong', async () => {
    ahead = 10 * 60_000;
    expect(await wrong()).toEqual([
      expect.objectContaining({ code: 'DOCTOR-CLOCK', verdict: 'error', place: proxy.host }),
    ]);
    ahead = 0;
    await well();
  });
});
