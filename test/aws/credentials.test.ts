import { ecrTokens } from '../../aws/ecr-tokens';
import { registryCredentials } from '../../aws/registry-credentials';
import { credentialFromSecret } from '../../aws/secret-value';
import type { Credential } from '../../engine/ports';
import { parseRepository } from '../../lib/model/reference';
import type { CredentialSetting, RoleSetting } from '../../lib/model/settings';
import { AwsError } from '../../local/aws/error';
import type { AwsCall } from '../../local/aws/protocol';
import { secretNamed } from '../../local/canary';
import { type Stack, standingClock, startStack } from './stack';

const ACCOUNT = '123456789012';
const arn = (name: string, region = 'eu-west-1') => `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-AbCdEf`;

const secrets = new Map<string, string>();
const asked: AwsCall[] = [];
let refusePublic = false;
let clock: ReturnType<typeof standingClock>;
let stack: Stack;

function token(call: AwsCall): string {
  asked.push(call);
  return Buffer.from(`AWS:${secretNamed('')}${call.region}-${asked.length}`).toString('base64');
}
const expires = () => Math.floor(clock.now() / 1000) + 12 * 3600;

beforeAll(async () => {
  stack = await startStack({
    ecr: (call) => ({
      output: {
        authorizationData: [{ authorizationToken: token(call), expiresAt: expires(), proxyEndpoint: 'https://x' }],
      },
    }),
    'ecr-public': (call) => {
      if (refusePublic) throw new AwsError('AccessDeniedException', 'not authorized', 400);
      return { output: { authorizationData: { authorizationToken: token(call), expiresAt: expires() } } };
    },
    sts: (call) => {
      asked.push(call);
      const Credentials = {
        AccessKeyId: 'ASIAOFTHEROLEOFTHEM0',
        SecretAccessKey: secretNamed('key'),
        SessionToken: secretNamed('session'),
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      };
      return { output: { Credentials } };
    },
    ssm: (call) => {
      asked.push(call);
      const Value = secrets.get(String(call.input.Name));
      if (Value === undefined) throw new AwsError('ParameterNotFound', 'no such parameter');
      return { output: { Parameter: { Value } } };
    },
    secretsmanager: (call) => {
      asked.push(call);
      const SecretString = secrets.get(String(call.input.SecretId));
      if (SecretString === undefined) throw new AwsError('ResourceNotFoundException', 'no such secret');
      return { output: { SecretString } };
    },
  });
});
afterAll(() => stack.close());
beforeEach(() => {
  clock = standingClock();
  asked.length = 0;
  secrets.clear();
  refusePublic = false;
});

const open = (credentials: readonly CredentialSetting[] = [], roles?: readonly RoleSetting[]) =>
  registryCredentials({ credentials, ...(roles === undefined ? {} : { roles }) }, stack.clients, clock);
const ecr = (region: string, suffix = 'amazonaws.com') =>
  parseRepository(`${ACCOUNT}.dkr.ecr.${region}.${suffix}/mirror/app`);
const basic = (username: string, password: string): Credential => ({
  kind: 'basic',
  username,
  password: secretNamed(password),
});

describe('Amazon ECR', () => {
  it('is asked once for a region, however many repositories and callers', async () => {
    const credentials = open();
    const got = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        credentials.get(parseRepository(`${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/${name}`), 'push'),
      ),
    );
    expect(got).toEqual(Array(3).fill(basic('AWS', 'eu-west-1-1')));
    expect(asked).toHaveLength(1);
  });

  it('is asked in the region of the host, in any partition', async () => {
    const credentials = open();
    await credentials.get(ecr('us-east-1'), 'pull');
    await credentials.get(ecr('cn-north-1', 'amazonaws.com.cn'), 'pull');
    expect(asked.map(({ region }) => region)).toEqual(['us-east-1', 'cn-north-1']);
  });

  it('gets a new token half an hour before the old one ends', async () => {
    const credentials = open();
    await credentials.get(ecr('eu-west-1'), 'pull');
    clock.advance(11.5 * 3600 - 1);
    expect(await credentials.get(ecr('eu-west-1'), 'pull')).toEqual(basic('AWS', 'eu-west-1-1'));
    clock.advance(1);
    expect(await credentials.get(ecr('eu-west-1'), 'pull')).toEqual(basic('AWS', 'eu-west-1-2'));
  });

  it('gets one new token when the old one was refused, however many say so', async () => {
    const credentials = open();
    const stale = await credentials.get(ecr('eu-west-1'), 'pull');
    const got = await Promise.all([1, 2, 3].map(() => credentials.get(ecr('eu-west-1'), 'pull', stale)));
    expect(got).toEqual(Array(3).fill(basic('AWS', 'eu-west-1-2')));
  });

  it('gives its token to no host that only looks like it', async () => {
    const credentials = open();
    const impostor = parseRepository(`${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com.example.org/app`);
    expect(await credentials.get(impostor, 'push')).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('says which region refused, and asks again the next time', async () => {
    const failing = await startStack({
      ecr: () => {
        throw new AwsError('AccessDeniedException', 'is not authorized to perform ecr:GetAuthorizationToken');
      },
    });
    const tokens = ecrTokens(failing.clients, clock);
    for (const _ of [1, 2]) {
      await expect(tokens.ofRegion('eu-west-1')).rejects.toMatchObject({
        message:
          'ECR authorization in eu-west-1: AccessDeniedException: is not authorized to perform ecr:GetAuthorizationToken',
        failure: 'denied',
      });
    }
    expect(failing.calls()).toHaveLength(2);
    await failing.close();
    process.env.AWS_ENDPOINT_URL = stack.endpoint.url;
  });

  it('uses the role of another account there, and its own credentials everywhere else', async () => {
    const role = { account: '210987654321', roleArn: 'arn:aws:iam::210987654321:role/mirror', externalId: 'we' };
    const credentials = open([], [role]);
    const theirs = parseRepository('210987654321.dkr.ecr.eu-west-1.amazonaws.com/app');
    await credentials.get(theirs, 'push');
    await credentials.get(theirs, 'push');
    await credentials.get(ecr('eu-west-1'), 'push');
    const [assumed, inRole, own] = asked;
    expect(asked).toHaveLength(3);
    expect(assumed).toMatchObject({
      operation: 'AssumeRole',
      input: { RoleArn: role.roleArn, RoleSessionName: 'ecr-mirror', ExternalId: 'we' },
    });
    expect(inRole?.accessKeyId).toBe('ASIAOFTHEROLEOFTHEM0');
    expect(own?.accessKeyId).toBe('AKIALOCALLOCALLOCALL');
  });

  it('has one token for ECR Public, from us-east-1, and pulls without where it may have none', async () => {
    const gallery = parseRepository('public.ecr.aws/docker/library/nginx');
    expect(await open().get(gallery, 'pull')).toEqual(basic('AWS', 'us-east-1-1'));
    refusePublic = true;
    const credentials = open();
    expect(await credentials.get(gallery, 'pull')).toBeUndefined();
    await expect(credentials.get(gallery, 'push')).rejects.toThrow('ECR Public authorization: AccessDeniedException');
  });
});

describe('a secret', () => {
  const hub = parseRepository('nginx');
  const setting = (direction: CredentialSetting['direction'] = 'pull', place = 'docker.io') => ({
    for: place,
    direction,
    secretArn: arn('hub'),
  });

  it('is used for its host and direction, and no other', async () => {
    secrets.set(arn('hub'), `robot:${secretNamed('sesame')}`);
    const credentials = open([setting('pull')]);
    expect(await credentials.get(hub, 'pull')).toEqual(basic('robot', 'sesame'));
    expect(await credentials.get(hub, 'push')).toBeUndefined();
    expect(await credentials.get(parseRepository('quay.io/org/app'), 'pull')).toBeUndefined();
  });

  it('is asked for in the region of its ARN, once for five minutes', async () => {
    const elsewhere = { ...setting(), secretArn: arn('hub', 'us-west-2') };
    secrets.set(elsewhere.secretArn, `robot:${secretNamed('sesame')}`);
    const credentials = open([elsewhere]);
    await Promise.all([1, 2, 3].map(() => credentials.get(hub, 'pull')));
    expect(asked.map(({ region }) => region)).toEqual(['us-west-2']);
    clock.advance(301);
    await credentials.get(hub, 'pull');
    expect(asked).toHaveLength(2);
  });

  it('is read again at once when what it held was refused', async () => {
    secrets.set(arn('hub'), `robot:${secretNamed('old')}`);
    const credentials = open([setting()]);
    const stale = await credentials.get(hub, 'pull');
    secrets.set(arn('hub'), `robot:${secretNamed('new')}`);
    expect(await credentials.get(hub, 'pull', stale)).toEqual(basic('robot', 'new'));
  });

  it('may be a parameter, in the region of its ARN', async () => {
    const parameterArn = `arn:aws:ssm:us-west-2:${ACCOUNT}:parameter/mirror/hub`;
    secrets.set(parameterArn, `robot:${secretNamed('sesame')}`);
    const credentials = open([{ for: 'docker.io', direction: 'pull', parameterArn }]);
    expect(await credentials.get(hub, 'pull')).toEqual(basic('robot', 'sesame'));
    expect(asked.map(({ region, input }) => [region, input.WithDecryption])).toEqual([['us-west-2', true]]);
    secrets.clear();
    clock.advance(301);
    await expect(credentials.get(hub, 'pull')).rejects.toThrow(`read parameter ${parameterArn}: ParameterNotFound`);
    secrets.set(parameterArn, secretNamed('sesame'));
    await expect(credentials.get(hub, 'pull')).rejects.toThrow(`parameter ${parameterArn} holds no credential`);
  });

  it('that holds nothing of use is named, with what would do, and never shown', async () => {
    secrets.set(arn('hub'), JSON.stringify({ user: 'robot', pass: secretNamed('sesame') }));
    const failure = await open([setting()])
      .get(hub, 'pull')
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ failure: 'usage' });
    const { message } = failure as Error;
    expect(message).toContain(arn('hub'));
    expect(message).toContain('JSON with username and password');
    expect(message).not.toContain(secretNamed('sesame'));
  });

  it('that cannot be read is named', async () => {
    await expect(open([setting()]).get(hub, 'pull')).rejects.toThrow(
      `read secret ${arn('hub')}: ResourceNotFoundException: no such secret`,
    );
  });
});

describe('the value of a secret', () => {
  const auth = Buffer.from(`robot:${secretNamed('se:same')}`).toString('base64');
  it.each([
    [
      'username and password',
      JSON.stringify({ username: 'robot', password: secretNamed('sesame') }),
      basic('robot', 'sesame'),
    ],
    [
      'username and accessToken',
      JSON.stringify({ username: 'robot', accessToken: secretNamed('sesame') }),
      basic('robot', 'sesame'),
    ],
    ['user:password, with a colon in the password', `robot:${secretNamed('se:same')}\n`, basic('robot', 'se:same')],
    ["Docker's config.json", `{"auths":{"ghcr.io":{"auth":"${auth}"}}}`, basic('robot', 'se:same')],
    ['an entry for a part of the registry', `{"auths":{"ghcr.io/org":{"auth":"${auth}"}}}`, basic('robot', 'se:same')],
    [
      'an identity token',
      `{"auths":{"ghcr.io":{"identitytoken":"${secretNamed('t')}"}}}`,
      { kind: 'identity', token: secretNamed('t') },
    ],
    ['another registry', `{"auths":{"quay.io":{"auth":"${auth}"}}}`, undefined],
    ['a credential helper, which is not here', '{"credsStore":"desktop"}', undefined],
    ['a word', secretNamed('sesame'), undefined],
    ['an empty password', '{"username":"robot","password":""}', undefined],
    ['nothing', '', undefined],
    ['a list', '[1]', undefined],
  ])('may be %s', (_, text, expected) => {
    expect(credentialFromSecret(text, 'ghcr.io/org/app')).toEqual(expected);
  });
});
