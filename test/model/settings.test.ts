import fc from 'fast-check';
import { parseRepository } from '../../lib/model/reference';
import { creationOf } from '../../lib/model/repository-setting';
import { credentialFor, type MirrorSettings, roleFor } from '../../lib/model/settings';
import { parseSettings, serialiseSettings } from '../../lib/model/settings-document';
import { resultOrLine, spoilt } from '../spoilt';

const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`;
const settings: MirrorSettings = {
  permissions: {
    sources: ['**'],
    destinations: ['localhost:5000/**'],
    outward: [{ from: 'localhost:5000/a', to: 'ghcr.io/b/*' }],
  },
  mapping: {
    registry: 'localhost:5000',
    prefix: 'mirror',
    aliases: { 'docker.io': 'hub' },
    dropLibrary: true,
    registries: { 'quay.io': { prefix: 'red', alias: '', drop: 'library' } },
  },
  credentials: [
    { for: 'docker.io', direction: 'pull', secretArn: arn('hub') },
    { for: 'ghcr.io', direction: 'both', secretArn: arn('all') },
    { for: 'ghcr.io/our', direction: 'pull', secretArn: arn('our') },
    { for: 'ghcr.io/our/app', direction: 'push', secretArn: arn('app') },
    { for: 'ghcr.io/our/app', direction: 'both', secretArn: arn('app-both') },
    { for: 'quay.io', direction: 'pull', parameterArn: 'arn:aws:ssm:eu-west-1:123456789012:parameter/mirror/quay' },
  ],
  metrics: 'App/Mirror',
  verification: { repair: false, atMost: 500 },
  eventBus: 'arn:aws:events:eu-west-1:123456789012:event-bus/ours',
  roles: [
    { account: '210987654321', roleArn: 'arn:aws:iam::210987654321:role/mirror' },
    { account: '310987654321', roleArn: 'arn:aws-cn:iam::310987654321:role/path/mirror', externalId: 'we' },
  ],
  repositories: {
    scanOnPush: false,
    tagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    exclusions: ['latest'],
    kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d',
    tags: { team: 'platform' },
    lifecyclePolicy: { rules: [] },
    policy: { Statement: [] },
  },
  trustedRoot: { certificateAuthorities: [{ uri: 'https://fulcio.example.com' }], tlogs: [] },
};

describe('settings', () => {
  it('are read as they were written', () => {
    expect(parseSettings(serialiseSettings(settings))).toEqual(settings);
    const least = { permissions: { sources: [], destinations: [], outward: [] }, mapping: {}, credentials: [] };
    expect(parseSettings(serialiseSettings(least))).toEqual(least);
  });
  it.each([
    ['text', 'hello', /settings: got .*JSON/],
    ['a list', '[]', /settings: got a list/],
    ['nothing inside', '{}', /settings permissions: got nothing/],
  ])('are not %s', (_, text, line) => {
    expect(() => parseSettings(text)).toThrow(line);
  });
  it.each([
    [{ extra: 1 }, /settings: got "extra"; only/],
    [{ permissions: { ...settings.permissions, sources: '**' } }, /permissions\.sources: got "\*\*"; a list/],
    [{ permissions: { ...settings.permissions, sources: ['docker.io'] } }, /sources\[0\]: got "docker.io"/],
    [{ permissions: { ...settings.permissions, outward: [{ from: '**' }] } }, /outward\.to: got nothing/],
    [{ mapping: { registry: 'a/b' } }, /registry: got "a\/b"/],
    [{ mapping: { dropLibrary: 'yes' } }, /dropLibrary: got "yes"/],
    [{ mapping: { aliases: ['x'] } }, /aliases: got a list/],
    [
      { credentials: [{ for: 'docker.io', direction: 'in', secretArn: arn('x') }] },
      /credentials\[0\]\.direction: got "in"/,
    ],
    [{ credentials: [{ for: 'https://docker.io/v1/', direction: 'pull', secretArn: arn('x') }] }, /registry: got/],
    [{ credentials: [{ for: 'docker.io/', direction: 'pull', secretArn: arn('x') }] }, /repository: got "docker.io\/"/],
    [{ credentials: [{ for: 'docker.io', direction: 'pull' }] }, /secretArn: got nothing/],
    [
      { credentials: [{ for: 'docker.io', direction: 'pull', secretArn: arn('x'), parameterArn: 'y' }] },
      /credentials\[0\]: got a list \(secretArn, parameterArn\); one of the two/,
    ],
    [
      { credentials: [{ for: 'docker.io', direction: 'pull', parameterArn: arn('x') }] },
      /parameterArn: got "…"; the ARN of an SSM parameter/,
    ],
    [{ mapping: { registries: { 'ghcr.io': { path: 'x' } } } }, /registries\.ghcr\.io: got "path"; only prefix, alias/],
    [{ mapping: { registries: ['x'] } }, /registries: got a list/],
    [
      { roles: [{ account: '210987654321', roleArn: 'mirror' }] },
      /roleArn: got "mirror"; the ARN of a role in account/,
    ],
    [
      { roles: [{ account: '210987654321', roleArn: 'arn:aws:iam::310987654321:role/mirror' }] },
      /a role in account 210987654321 would do/,
    ],
    [{ metrics: true }, /settings metrics: got the boolean true; a text/],
    [{ verification: { repair: 'no' } }, /verification\.repair: got "no"; true or false/],
    [{ verification: { atMost: 0 } }, /verification\.atMost: got the number 0; a number of destinations, 1 or more/],
    [{ eventBus: 1 }, /settings eventBus: got the number 1/],
    [{ roles: [{ account: 5 }] }, /account: got the number 5/],
    [
      { repositories: { ...settings.repositories, scanOnPush: 'yes' } },
      /repositories\.scanOnPush: got "yes"; true or false/,
    ],
    [{ repositories: { scanOnPush: true } }, /repositories\.tagMutability: got nothing; MUTABLE, IMMUTABLE/],
    [{ repositories: { ...settings.repositories, tags: ['a'] } }, /repositories\.tags: got a list/],
    [{ repositories: { ...settings.repositories, policy: '{}' } }, /repositories\.policy: got "\{\}"; the document/],
    [{ repositories: { ...settings.repositories, name: 'x' } }, /repositories: got "name"; only scanOnPush/],
  ])('are refused with %j', (change, line) => {
    expect(() => parseSettings(JSON.stringify({ ...settings, ...change }))).toThrow(line);
  });
  it('never show what was given in place of an ARN, which may be the secret', () => {
    const text = JSON.stringify({
      ...settings,
      credentials: [{ for: 'docker.io', direction: 'pull', secretArn: 'hunter2' }],
    });
    expect(() => parseSettings(text)).toThrow(/ARN/);
    expect(() => parseSettings(text)).not.toThrow(/hunter2/);
  });
  it('are ones that would be written, or refused in one line, whatever was done to them', () => {
    const good = JSON.parse(serialiseSettings(settings));
    fc.assert(
      fc.property(spoilt(good), (document) => {
        const read = resultOrLine(() => parseSettings(JSON.stringify(document) ?? ''), 'InvalidValue');
        if (read !== undefined) expect(parseSettings(serialiseSettings(read))).toEqual(read);
      }),
    );
  });
  it('are not written when they would not be read', () => {
    expect(() => serialiseSettings({ ...settings, mapping: { registry: '' } })).toThrow(/registry/);
  });
});

describe('a repository that is missing', () => {
  const own = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const other = (account: string) => `${account}.dkr.ecr.us-east-1.amazonaws.com`;
  const places = [own, other('123456789012'), other('210987654321'), other('999999999999'), 'ghcr.io'];
  const mirror: MirrorSettings = {
    ...settings,
    permissions: {
      sources: ['**'],
      destinations: [...places.map((place) => `${place}/mirror/**`), `${own}/prod/**`],
      outward: [{ from: '**', to: `${own}/red/out/*` }],
    },
    mapping: { registry: own, registries: { 'quay.io': { prefix: 'red' } } },
  };
  it.each([
    [`${own}/mirror/docker-hub/nginx`, true],
    [`${own}/red/out/nginx`, true],
    [`${own}/red/in/nginx`, false],
    [`${own}/mirror`, false],
    [`${own}/mirrors/nginx`, false],
    [`${own}/prod/app`, false],
    [`${other('123456789012')}/mirror/nginx`, true],
    [`${other('210987654321')}/mirror/nginx`, true],
    [`${other('999999999999')}/mirror/nginx`, false],
    ['ghcr.io/mirror/nginx', false],
  ])('%s: is it the mirror’s to create? %s', (name, expected) => {
    expect(creationOf(mirror, parseRepository(name)) === mirror.repositories).toBe(expected);
    const { repositories: _, ...without } = mirror;
    expect(creationOf(without, parseRepository(name))).toBeUndefined();
  });
});

describe('the credential', () => {
  const chosen = (repository: string, access: 'pull' | 'push') =>
    credentialFor(settings, parseRepository(repository), access)?.secretArn?.split(':').at(-1)?.replace('-AbCdEf', '');
  it.each([
    ['nginx', 'pull', 'hub'],
    ['nginx', 'push', undefined],
    ['ghcr.io/other/x', 'pull', 'all'],
    ['ghcr.io/other/x', 'push', 'all'],
    ['ghcr.io/our/x', 'pull', 'our'],
    ['ghcr.io/our/x', 'push', 'all'],
    ['ghcr.io/ours/x', 'pull', 'all'],
    ['ghcr.io/our/app', 'push', 'app'],
    ['ghcr.io/our/app/sub', 'push', 'app'],
    ['ghcr.io/our/app', 'pull', 'app-both'],
    ['ghcr.io/our/apple', 'push', 'all'],
    ['ghcr.io:8443/our/app', 'pull', undefined],
    ['ghcr.io.evil.io/our/app', 'pull', undefined],
    ['evil.io/ghcr.io/our', 'pull', undefined],
  ] as const)('for %s to %s is %s', (repository, access, name) => {
    expect(chosen(repository, access)).toBe(name);
  });
});

it('knows the role of an account, and of no other', () => {
  expect(roleFor(settings.roles, '210987654321')?.roleArn).toBe('arn:aws:iam::210987654321:role/mirror');
  expect(roleFor(settings.roles, '123456789012')).toBeUndefined();
  expect(roleFor(undefined, '210987654321')).toBeUndefined();
});
