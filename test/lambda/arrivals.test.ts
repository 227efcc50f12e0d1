import { haveArrived, readDeploymentRequest } from '../../lambda/arrivals';
import { startMirror, type TestMirror } from '../aws/mirror';

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

const row = (name: string) => ({ Source: `upstream.test/${name}:1`, Destination: `destination.test/mirror/${name}` });

describe('a deployment that waits for its images', () => {
  it('goes on when every one of them is there', async () => {
    const sources = ['upstream.test/app:1', 'upstream.test/tool:1'];
    await mirror.publish('app', '1', 'a');
    expect(await haveArrived(sources, mirror.world())).toBe(false);
    await mirror.put(row('app'), row('tool'));
    expect(await haveArrived(sources, mirror.world())).toBe(false);
    await mirror.call({ sources });
    await mirror.runSubmitted();
    expect(await haveArrived(sources, mirror.world())).toBe(false);
    await mirror.publish('tool', '1', 'b');
    await mirror.call({ sources });
    await mirror.runSubmitted();
    expect(await haveArrived(sources, mirror.world())).toBe(true);
  });

  it('does not wait for what will never come', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put({ Source: 'upstream.test/app:1', Destination: 'elsewhere.test/app' });
    await expect(haveArrived(['upstream.test/app:1'], mirror.world())).rejects.toThrow(
      'upstream.test/app:1: destination elsewhere.test/app is not allowed',
    );
  });

  it('waits for no paused row', async () => {
    await mirror.put({ ...row('app'), Paused: true });
    expect(await haveArrived(['upstream.test/app:1'], mirror.world())).toBe(true);
  });
});

describe('a request of CloudFormation', () => {
  it('names the rows', () => {
    const ResourceProperties = { Sources: ['nginx:1'] };
    expect(readDeploymentRequest({ RequestType: 'Create', ResourceProperties })).toEqual({
      sources: ['nginx:1'],
      removed: false,
    });
    expect(readDeploymentRequest({ RequestType: 'Delete', ResourceProperties }).removed).toBe(true);
  });

  it.each([undefined, {}, { RequestType: 'Create', ResourceProperties: { Sources: 'nginx' } }])(
    'is not %j',
    (event) => {
      expect(() => readDeploymentRequest(event)).toThrow('a request of CloudFormation with Sources would do');
    },
  );
});
