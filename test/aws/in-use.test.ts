import { findUses } from '../../aws/in-use';
import { ecsService, eksService, imageFunctionService, nothingRuns } from '../../local/aws/running';
import { type Stack, startStack } from './stack';

const running = nothingRuns();
let stack: Stack;
let account = '111122223333';

beforeAll(async () => {
  stack = await startStack({
    ecs: ecsService(running),
    eks: eksService(running),
    lambda: imageFunctionService(running, () => ({ output: {} })),
    sts: () => ({ output: { Account: account } }),
  });
});
afterAll(() => stack.close());
beforeEach(() => {
  account = '111122223333';
  Object.assign(running, nothingRuns());
});

const find = (regions: readonly string[], accounts: readonly string[] = ['111122223333']) =>
  findUses({ attempts: 1 }, { regions, accounts, now: Date.now });

describe('looking for what runs', () => {
  it('finds nothing, and misses nothing, where nothing runs', async () => {
    expect(await find(['eu-west-1'])).toEqual({ uses: [], unseen: [] });
  });

  it('asks each region', async () => {
    running.tasks = [{ cluster: 'live', image: 'nginx:1.27' }];
    const { uses } = await find(['eu-west-1', 'us-east-1']);
    expect(uses.map(({ by }) => by)).toEqual([
      'ECS task 0 of cluster live in eu-west-1',
      'ECS task 0 of cluster live in us-east-1',
    ]);
    const asked = stack.endpoint.calls.filter(({ operation }) => operation === 'DescribeTasks');
    expect(asked.map(({ region }) => region).sort()).toEqual(['eu-west-1', 'us-east-1']);
  });

  it('goes on through pages', async () => {
    running.services = Array.from({ length: 25 }, (_, number) => ({
      cluster: 'live',
      name: `service-${number}`,
      images: [`app:${number}`],
    }));
    running.functions = Array.from({ length: 5 }, (_, number) => ({ name: `f-${number}`, image: `app:f${number}` }));
    const { uses, unseen } = await find(['eu-west-1']);
    expect(unseen).toEqual([]);
    expect(new Set(uses.map(({ image }) => image.tag)).size).toBe(30);
  });

  it('cannot see what runs in other accounts, and says of which', async () => {
    const { unseen } = await find(['eu-west-1'], ['111122223333', '222233334444']);
    expect(unseen).toEqual([{ account: '222233334444', what: expect.stringMatching(/^account 222233334444: /) }]);
  });

  it('has seen nothing when a service refuses, whatever the others say', async () => {
    running.refused = ['lambda', 'eks'];
    running.tasks = [{ cluster: 'live', image: 'nginx:1.27' }];
    const { uses, unseen } = await find(['eu-west-1']);
    expect(uses).toHaveLength(1);
    expect(unseen.map(({ what }) => what).sort()).toEqual([
      expect.stringMatching(/^AWS Lambda in eu-west-1: AccessDenied/),
      expect.stringMatching(/^Amazon EKS in eu-west-1: AccessDenied/),
    ]);
  });

  it('does not trust an endpoint of a cluster that is not https', async () => {
    running.clusters = [{ name: 'live', endpoint: 'http://127.0.0.1:9', authority: '' }];
    const { unseen } = await find(['eu-west-1']);
    expect(unseen.map(({ what }) => what)).toEqual(['EKS cluster live in eu-west-1: its endpoint is not https']);
  });

  it('does not trust a cluster whose certificate another authority signed', async () => {
    const { startKubernetes } = await import('../../local/kubernetes');
    const [one, other] = await Promise.all([startKubernetes(), startKubernetes()]);
    running.clusters = [{ name: 'live', endpoint: one.endpoint, authority: other.authority }];
    const { unseen } = await find(['eu-west-1']);
    expect(unseen).toEqual([
      { what: expect.stringMatching(/^EKS cluster live in eu-west-1: .*(certificate|signature)/i) },
    ]);
    await Promise.all([one.close(), other.close()]);
  });
});
