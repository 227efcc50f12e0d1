import fc from 'fast-check';
import { credentialFromDockerConfig } from '../../engine/docker-config';
import { secretNamed } from '../../local/canary';
import { anyJson, spoilt } from '../spoilt';

const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });
const SESAME = secretNamed('sesame');
const TOKEN = secretNamed('token');
const robot = { kind: 'basic', username: 'robot', password: SESAME };

describe("Docker's config.json", () => {
  it.each([
    'https://index.docker.io/v1/',
    'https://index.docker.io/v1',
    'index.docker.io',
    'docker.io',
    'registry-1.docker.io',
  ])('knows Docker Hub as %s', (key) => {
    expect(credentialFromDockerConfig({ auths: { [key]: auth(`robot:${SESAME}`) } }, 'docker.io')).toEqual(robot);
  });

  it.each(['host.test:5000', 'http://host.test:5000', 'https://HOST.test:5000/v2/'])('knows a host as %s', (key) => {
    expect(credentialFromDockerConfig({ auths: { [key]: auth(`robot:${SESAME}`) } }, 'host.test:5000')).toEqual(robot);
  });

  it('prefers the longest path, and gives it to nothing beside', () => {
    const auths = { 'quay.io': auth('all:1'), 'quay.io/org': auth('org:2'), 'quay.io/org/app': auth('app:3') };
    const user = (place: string) => credentialFromDockerConfig({ auths }, place);
    expect(user('quay.io/org/app')).toMatchObject({ username: 'app' });
    expect(user('quay.io/org/other')).toMatchObject({ username: 'org' });
    expect(user('quay.io/organisation/app')).toMatchObject({ username: 'all' });
    expect(credentialFromDockerConfig({ auths: { 'quay.io/org': auth('org:2') } }, 'quay.io')).toBeUndefined();
  });

  it('gives no credential to a host that only begins or ends alike', () => {
    const document = { auths: { 'docker.io': auth(`robot:${SESAME}`), 'ghcr.io': auth(`robot:${SESAME}`) } };
    expect(credentialFromDockerConfig(document, 'evildocker.io')).toBeUndefined();
    expect(credentialFromDockerConfig(document, 'ghcr.io.example.org')).toBeUndefined();
  });

  it('names the helper of a registry before the store of all, and what the file itself holds', () => {
    const document = {
      auths: { 'ghcr.io': auth(`robot:${SESAME}`) },
      credHelpers: { 'ghcr.io': 'pass' },
      credsStore: 'desktop',
    };
    expect(credentialFromDockerConfig(document, 'ghcr.io')).toEqual({ helper: 'pass', otherwise: robot });
    expect(credentialFromDockerConfig(document, 'quay.io')).toEqual({ helper: 'desktop' });
  });

  it('takes identity tokens, registry tokens and plain names', () => {
    const from = (entry: unknown) => credentialFromDockerConfig({ auths: { 'a.test': entry } }, 'a.test');
    expect(from({ ...auth('<token>:'), identitytoken: TOKEN })).toEqual({ kind: 'identity', token: TOKEN });
    expect(from(auth(`<token>:${TOKEN}`))).toEqual({ kind: 'identity', token: TOKEN });
    expect(from({ registrytoken: TOKEN })).toEqual({ kind: 'bearer', token: TOKEN });
    expect(from({ username: 'robot', password: SESAME })).toEqual(robot);
    expect(from(auth(`robot:${SESAME}\0\0`))).toEqual(robot);
  });

  it.each([undefined, null, 'text', [], { auths: [] }, { auths: { 'a.test': null } }, { auths: { 'a.test': {} } }])(
    'says nothing when it is %j',
    (document) => {
      expect(credentialFromDockerConfig(document, 'a.test')).toBeUndefined();
    },
  );
});

it('says nothing or gives a whole credential, whatever the document', () => {
  const good = {
    auths: {
      'a.test': auth('robot:sesame'),
      'a.test/x': { identitytoken: 'i' },
      'https://a.test/v1/': { username: 'u' },
    },
    credHelpers: { 'a.test/x': 'pass' },
    credsStore: 'desktop',
  };
  fc.assert(
    fc.property(
      fc.oneof(spoilt(good), anyJson),
      fc.constantFrom('a.test', 'a.test/x/y', '__proto__'),
      (document, at) => {
        const found = credentialFromDockerConfig(document, at);
        for (const value of Object.values(found ?? {})) {
          expect(typeof value === 'object' ? Object.values(value) : [value]).toEqual(
            expect.not.arrayContaining([expect.not.stringMatching(/./s)]),
          );
        }
      },
    ),
  );
});
