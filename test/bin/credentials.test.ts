import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askHelper } from '../../bin/credential-helper';
import { localCredentials } from '../../bin/credentials';
import type { Credential, Credentials } from '../../engine/ports';
import { parseRepository } from '../../lib/model/reference';
import { secretNamed } from '../../local/canary';

describe('credentials of a person’s machine', () => {
  let folder: string;
  let env: Record<string, string>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'credentials-'));
    mkdirSync(join(folder, 'bin'));
    env = { DOCKER_CONFIG: folder, HOME: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const configure = (config: object) => writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const helper = (name: string, script: string) => {
    const file = join(folder, 'bin', `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };
  const get = (text: string, credentials: Credentials = localCredentials({ env }), stale?: Credential) =>
    credentials.get(parseRepository(text), 'pull', stale);
  const basic = (username: string, password: string) => ({ kind: 'basic', username, password: secretNamed(password) });
  const auth = (pair: string) => ({ auth: Buffer.from(pair.replace(':', `:${secretNamed('')}`)).toString('base64') });

  it('are none where there is no configuration', async () => {
    expect(await get('quay.io/org/app')).toBeUndefined();
  });

  it('come from auths, by the most particular entry', async () => {
    configure({
      auths: {
        'https://index.docker.io/v1/': auth('hub:secret'),
        'quay.io': auth('all:one'),
        'quay.io/org': auth('org:two'),
      },
    });
    expect(await get('nginx')).toEqual(basic('hub', 'secret'));
    expect(await get('quay.io/other/app')).toEqual(basic('all', 'one'));
    expect(await get('quay.io/org/app')).toEqual(basic('org', 'two'));
    expect(await get('quay.io.example.com/org/app')).toBeUndefined();
  });

  it('come from podman’s file where Docker has none', async () => {
    mkdirSync(join(folder, 'containers'));
    writeFileSync(join(folder, 'containers', 'auth.json'), JSON.stringify({ auths: { 'quay.io': auth('pod:man') } }));
    env.XDG_RUNTIME_DIR = folder;
    expect(await get('quay.io/org/app')).toEqual(basic('pod', 'man'));
  });

  it('come from a helper, which is told the server on its standard input', async () => {
    configure({ credHelpers: { 'quay.io': 'here' }, credsStore: 'store' });
    helper(
      'here',
      `[ "$1" = get ] && read -r server; echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"${secretNamed('for')} $server\\"}"`,
    );
    helper(
      'store',
      `read -r server; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"${secretNamed('for')} $server\\"}"`,
    );
    expect(await get('quay.io/org/app')).toEqual(basic('u', 'for quay.io'));
    expect(await get('nginx')).toEqual({ kind: 'identity', token: secretNamed('for https://index.docker.io/v1/') });
  });

  it('are anonymous where the helper has none, or what auths say', async () => {
    helper('store', 'cat > /dev/null; echo "credentials not found in native keychain"; exit 1');
    configure({ credsStore: 'store' });
    expect(await get('quay.io/org/app')).toBeUndefined();
    configure({ credsStore: 'store', auths: { 'quay.io': auth('in:line') } });
    expect(await get('quay.io/org/app')).toEqual(basic('in', 'line'));
  });

  it('ask the helper once, and again when its credential was refused', async () => {
    const log = join(folder, 'log');
    configure({ credsStore: 'store' });
    helper(
      'store',
      `cat > /dev/null; echo run >> ${log}; n=$(grep -c run ${log}); echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"${secretNamed('')}$n\\"}"`,
    );
    const credentials = localCredentials({ env });
    const first = await Promise.all([1, 2, 3].map(() => get('quay.io/org/app', credentials)));
    expect(first).toEqual([1, 2, 3].map(() => basic('u', '1')));
    const stale = first[0];
    const second = await Promise.all([1, 2, 3].map(() => get('quay.io/org/app', credentials, stale)));
    expect(second).toEqual([1, 2, 3].map(() => basic('u', '2')));
    expect(readFileSync(log, 'utf8')).toBe('run\nrun\n');
  });

  it('read the file again when what it held was refused', async () => {
    configure({ auths: { 'quay.io': auth('u:old') } });
    const credentials = localCredentials({ env });
    const old = await get('quay.io/org/app', credentials);
    configure({ auths: { 'quay.io': auth('u:new') } });
    expect(await get('quay.io/org/app', credentials)).toEqual(basic('u', 'old'));
    expect(await get('quay.io/org/app', credentials, old)).toEqual(basic('u', 'new'));
  });

  it('come from AWS for the hosts of Amazon ECR alone, where Docker has none', async () => {
    const asked: string[] = [];
    const ecr = async (): Promise<Credentials> => ({
      get: async ({ registry }) => {
        asked.push(registry);
        return { kind: 'basic', username: 'AWS', password: secretNamed('token') };
      },
    });
    const credentials = localCredentials({ env, ecr });
    const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
    expect(await get(`${host}/app`, credentials)).toEqual(basic('AWS', 'token'));
    expect(await get(`${host}.evil.io/app`, credentials)).toBeUndefined();
    configure({ auths: { [host]: auth('mine:own') } });
    expect(await get(`${host}/app`, localCredentials({ env, ecr }))).toEqual(basic('mine', 'own'));
    expect(asked).toEqual([host]);
  });

  it.each(['../../bin/sh', 'x y', '-rf', 'a/b', '', '$(id)'])('never run a helper called %j', async (name) => {
    await expect(askHelper(name, 'quay.io', env)).rejects.toThrow(/credential helper: got the name/);
  });

  it('name the helper and its message when it fails, and nothing that looks like a secret', async () => {
    helper('broken', 'cat > /dev/null; echo "the keychain is locked"; exit 2');
    helper(
      'leaky',
      `cat > /dev/null; echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"${secretNamed('hunter2')}\\"}"; exit 1`,
    );
    helper('garbled', `cat > /dev/null; echo "${secretNamed('hunter2')} is no json"`);
    await expect(askHelper('broken', 'quay.io', env)).rejects.toThrow(
      'docker-credential-broken: credential of quay.io: got exit status 2, "the keychain is locked"',
    );
    await expect(askHelper('absent', 'quay.io', env)).rejects.toThrow(/got no such program; docker-credential-absent/);
    const leaked = await askHelper('leaky', 'quay.io', env).catch((error: Error) => error.message);
    expect(leaked).toBe('docker-credential-leaky: credential of quay.io: got exit status 1');
    const garbled = await askHelper('garbled', 'quay.io', env).catch((error: Error) => error.message);
    expect(garbled).toMatch(/an answer that is not JSON$/);
  });

  it('stop a helper that floods', async () => {
    helper('flood', 'cat > /dev/null; head -c 200000 /dev/zero');
    await expect(askHelper('flood', 'quay.io', env)).rejects.toThrow(/got more than 65536 bytes/);
  });

  it('say which file is not JSON', async () => {
    writeFileSync(join(folder, 'config.json'), '{');
    await expect(get('nginx')).rejects.toThrow(`${join(folder, 'config.json')}: got a file that is not JSON`);
  });
});
