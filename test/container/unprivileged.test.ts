import { Env } from '../../lib/model/names';
import { serialiseSettings } from '../../lib/model/settings-document';
import { parameterService, secretService } from '../../local/aws/services';
import { newSecret } from '../../local/canary';
import { multiPlatform } from '../../local/images';
import { readBack } from '../../local/read-back';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type Stack, startStack } from '../aws/stack';
import { openReadOnlyPlace, type ReadOnlyPlace } from './unprivileged';

const PASSWORD = newSecret();
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-AbCdEf';
/** Node's own: nothing may be written anywhere, no process and no thread started. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

let place: ReadOnlyPlace;
let stack: Stack;
let source: RunningRegistry;
let destination: RunningRegistry;
const built = multiPlatform({ seed: 'unprivileged' });

beforeAll(async () => {
  place = openReadOnlyPlace();
  const auth = { kind: 'bearer', users: [{ username: 'me', password: PASSWORD }] } as const;
  [source, destination] = await Promise.all([startRegistry({ auth }), startRegistry()]);
  source.state.place('app', built, '1');
  const settings = serialiseSettings({
    permissions: { sources: ['**'], destinations: ['destination.test/**'], outward: [] },
    mapping: {},
    credentials: [{ for: 'source.test', direction: 'pull', secretArn: SECRET }],
  });
  stack = await startStack({
    ssm: parameterService(new Map([['settings', settings]])),
    secretsmanager: secretService(new Map([[SECRET, `me:${PASSWORD}`]])),
  });
});
afterAll(async () => {
  await Promise.all([source, destination].map((registry) => registry.close()));
  await stack.close();
  place.remove();
});

/** What the platform gives a worker. No home: the user of its image has none. */
const environment = () => ({
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID ?? '',
  AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY ?? '',
  AWS_ENDPOINT_URL: stack.endpoint.url,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  [Env.COPIES_TABLE]: 'copies',
  [Env.SETTINGS_PARAMETER]: 'settings',
  [Env.REGISTRY_ENDPOINTS]: JSON.stringify({
    'source.test': source.address,
    'destination.test': destination.address,
  }),
});
const job = (to: string) => ['worker.js', '--source', 'source.test/app:1', '--dest', `destination.test/${to}:1`];

describe('a place where nothing may be written', () => {
  it.each(['.', 'worker.js', '../tmp', '..'])('refuses to have %s written', async (path) => {
    const code = `require('node:fs').writeFileSync(${path.endsWith('.js') ? `'${path}'` : `'${path}/x'`}, '')`;
    const { code: exit, said } = await place.run(['-e', code]);
    expect({ exit, said }).toEqual({ exit: 1, said: expect.stringMatching(/EACCES|EROFS/) });
  });
});

describe('the bundle of the worker, as nobody', () => {
  it('copies an image and writes no file', async () => {
    const before = place.tree();
    const { code, said } = await place.run(job('as-nobody'), environment());
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('"state":"Mirrored"') });
    const copied = await readBack(destination, 'as-nobody', '1');
    expect(copied?.digest).toBe(built.root.descriptor.digest);
    expect(place.tree()).toEqual(before);
  });

  it('does so where Node lets it write nowhere and start nothing', async () => {
    const limits = ['--no-warnings', PERMISSION, '--allow-fs-read=*'];
    const { code, said } = await place.run([...limits, ...job('limited')], environment());
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('"state":"Mirrored"') });
    expect((await readBack(destination, 'limited', '1'))?.digest).toBe(built.root.descriptor.digest);
  });

  it('says in one line what is wrong, there too', async () => {
    const { code, said } = await place.run(['worker.js', '--source', 'source.test/app:1'], environment());
    expect(code).toBe(64);
    expect(said.trim().split('\n')).toHaveLength(1);
  });
});
