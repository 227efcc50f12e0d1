import { join } from 'node:path';
import { writeWorkList } from '../../aws/work-lists';
import { Env } from '../../lib/model/names';
import { parseReference, parseRepository } from '../../lib/model/reference';
import { formatWork, parseWork } from '../../lib/model/work';
import { image, pushBuilt } from '../../local/images';
import { startContainer } from '../../local/process/container';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { type Stack, startStack } from '../aws/stack';
import { defaults, OWN } from './deployed';

/** The bundled worker, as AWS Batch starts it for whoever may submit a job: with parameters that no row asks for. */
let stack: Stack;
let registry: RunningRegistry;
beforeAll(async () => {
  const { permissions, ...others } = defaults();
  const destinations = [...permissions.destinations, 'destination.test/mirror/**'];
  const settings = { ...others, permissions: { ...permissions, destinations } };
  registry = await startRegistry();
  stack = await startStack({ ssm: () => ({ output: { Parameter: { Value: JSON.stringify(settings) } } }) });
  await pushBuilt(registry.address, 'app', image({ seed: 'app' }), ['1']);
});
afterAll(() => Promise.all([stack.close(), registry.close()]));
beforeEach(() => registry.forgetRequests());

async function submit(...parameters: string[]) {
  const said: Record<string, string>[] = [];
  const endpoints = Object.fromEntries(
    ['upstream.test', 'destination.test', 'stranger.test'].map((host) => [host, registry.address]),
  );
  const container = startContainer({
    command: ['node', 'worker.js', ...parameters],
    folder: join(__dirname, '..', '..', 'assets', 'worker'),
    environment: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIALOCALLOCALLOCALL',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL: stack.endpoint.url,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      [Env.COPIES_TABLE]: 'copies',
      [Env.SETTINGS_PARAMETER]: 'settings',
      [Env.REGISTRY_ENDPOINTS]: JSON.stringify(endpoints),
    },
    stopTimeout: 1_000,
    onLine: (line) => said.push(JSON.parse(line)),
  });
  const { exitCode } = await container.exited;
  return { exitCode, said };
}

const byHand = (source: string, dest: string) => submit('--plan', '-', '--source', source, '--dest', dest);

/** Puts a work list where the controller writes them: what a job can be made to do by who may write `copies`. */
async function forge(plan: string, source: string, destination: string, digest: string) {
  const reference = parseReference(`${source}@${digest}`);
  const root = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: reference.digest ?? ('' as never),
    size: 0,
  };
  const copy = {
    mirrors: ['forged'],
    source: { ...reference, digest: root.digest },
    root,
    destinations: [{ reference: parseReference(destination), why: 'missing' as const }],
    referrers: false,
  };
  const chunks = formatWork([copy]).map((text, chunk) => ({ group: 0, chunk, text }));
  await writeWorkList(stack.copies, plan, chunks, { now: () => Date.now(), sleep: async () => undefined });
  return submit('--plan', plan, '--source', '-', '--dest', '-');
}
const digest = () => registry.state.repositories.get('app')?.tags.get('1') ?? '';

describe('a job that was submitted by hand', () => {
  it('copies what a row may ask for', async () => {
    expect((await byHand('upstream.test/app:1', 'destination.test/mirror/app:1')).exitCode).toBe(0);
    expect(registry.state.repositories.get('mirror/app')?.tags.get('1')).toBe(digest());
  });

  it.each([
    ['an internal image to a stranger', `${OWN}/prod/app:1`, 'stranger.test/app:1'],
    ['over another repository', 'upstream.test/app:1', `${OWN}/prod/app:1`],
    ['beside the prefix', 'upstream.test/app:1', 'destination.test/mirrors/app:1'],
    ['to a host that goes on', 'upstream.test/app:1', `${OWN}.stranger.test/mirror/app:1`],
    ['to several strangers', `${OWN}/prod/app:1`, `stranger.test/a:1,stranger.test/b:1`],
  ])('is refused by the lists of the construct: %s', async (_what, source, dest) => {
    const { exitCode, said } = await byHand(source, dest);
    expect(exitCode).toBe(77);
    expect(said.map(({ reason }) => reason)).toContain('not-allowed');
    expect(registry.requests).toEqual([]);
  });

  it.each(['169.254.169.254/latest/meta-data:1', '127.0.0.1:1/app:1', '[::ffff:169.254.170.2]/v2:1'])(
    'is refused by the policy of addresses: %s',
    async (source) => {
      const { exitCode, said } = await byHand(source, 'destination.test/mirror/app:1');
      expect(exitCode).toBe(77);
      expect(JSON.stringify(said)).toMatch(/private address|never connected to/);
    },
  );

  it.each([
    ['a line', 'upstream.test/app:1\r\n{"_aws":{}}'],
    ['a flag', '--plan=other'],
    ['two sources', 'upstream.test/app:1 upstream.test/other:1'],
  ])('is refused as misuse with %s for a source, in lines of JSON', async (_what, source) => {
    const { exitCode, said } = await submit('--source', source, '--dest', 'destination.test/mirror/app:1');
    expect(exitCode).toBe(64);
    expect(said.map(({ event }) => event)).toEqual(['error']);
    expect(registry.requests).toEqual([]);
  });
});

describe('a work list that the controller did not write', () => {
  it('is held to the same lists', async () => {
    expect((await forge('forged-1', 'upstream.test/app:1', 'destination.test/prod/app:1', digest())).exitCode).toBe(77);
    expect((await forge('forged-2', `${OWN}/prod/app:1`, 'stranger.test/app:1', digest())).exitCode).toBe(77);
    expect(registry.state.repositories.has('prod/app')).toBe(false);
    expect(registry.requests).toEqual([]);
  });

  it('brings no content under a digest that it is not', async () => {
    const other = `sha256:${'0'.repeat(64)}`;
    expect(
      (await forge('forged-3', 'upstream.test/app:1', 'destination.test/mirror/other:1', other)).exitCode,
    ).not.toBe(0);
    expect(registry.state.repositories.get('mirror/other')?.tags.size ?? 0).toBe(0);
  });

  it('names repositories as they are connected to, or is refused', () => {
    const [text = ''] = formatWork([
      {
        mirrors: ['row'],
        source: { ...parseReference('upstream.test/app:1'), digest: digest() as never },
        root: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest() as never, size: 1 },
        destinations: [
          { reference: { repository: parseRepository('destination.test/mirror/app'), tag: '1' }, why: 'missing' },
        ],
        referrers: true,
      },
    ]);
    const written = 'destination.test/mirror/app:1';
    expect(parseWork(text)).toHaveLength(1);
    for (const other of [
      'DESTINATION.test/mirror/app:1',
      'destination.test:443/mirror/app:1',
      'destination.test/mirror/../prod/app:1',
      'destination.test/mirror/app:1\\r\\nX-Evil: 1',
      ' destination.test/mirror/app:1',
    ]) {
      expect(() => parseWork(text.replace(written, other))).toThrow(/would do/);
    }
  });
});
