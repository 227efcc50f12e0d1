import { haveArrived, readDeploymentRequest } from '../../lambda/arrivals';
import { startMirror, type TestMirror } from '../aws/mirror';
import { keySigner } from '../signatures/sigstore';

const APP = 'upstream.test/app:1';
const TO = 'destination.test/mirror/app:1';
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
    expect(await haveArrived({ sources }, mirror.world())).toBe(false);
    await mirror.put(row('app'), row('tool'));
    expect(await haveArrived({ sources }, mirror.world())).toBe(false);
    await mirror.call({ sources });
    await mirror.runSubmitted();
    expect(await haveArrived({ sources }, mirror.world())).toBe(false);
    await mirror.publish('tool', '1', 'b');
    await mirror.call({ sources });
    await mirror.runSubmitted();
    expect(await haveArrived({ sources }, mirror.world())).toBe(true);
  });

  it('does not wait for what will never come', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put({ Source: 'upstream.test/app:1', Destination: 'elsewhere.test/app' });
    await expect(haveArrived({ sources: [APP] }, mirror.world())).rejects.toThrow(
      'upstream.test/app:1: destination elsewhere.test/app is not allowed',
    );
  });

  it('waits for no paused row', async () => {
    await mirror.put({ ...row('app'), Paused: true });
    expect(await haveArrived({ sources: [APP] }, mirror.world())).toBe(true);
  });
});

describe('a deployment whose images do not come', () => {
  const wait = (since: number) => haveArrived({ sources: [APP], since }, mirror.world());
  const look = async () => {
    await mirror.call({ sources: [APP] });
    await mirror.runSubmitted();
  };
  const giveUp = (job: number) =>
    mirror.call({
      'detail-type': 'Batch Job State Change',
      detail: { status: 'FAILED', jobId: `job-${job}`, parameters: mirror.submitted[job]?.parameters },
    });
  const refuse = (status: number) =>
    mirror.destination.intercept(({ method }) => (method === 'PUT' ? { status } : undefined));
  beforeEach(async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.put(row('app'));
  });

  it('fails with the error of a copy, when no attempt of its job is left', async () => {
    const since = mirror.clock.now();
    refuse(403);
    await look();
    expect(await wait(since)).toBe(false);
    await giveUp(0);
    await expect(wait(since)).rejects.toThrow(
      /^upstream\.test\/app:1 to destination\.test\/mirror\/app:1: Failed: .*403/,
    );
  });

  it('fails when a job ended without a word', async () => {
    await mirror.call({ sources: [APP] });
    await giveUp(0);
    await expect(wait(mirror.clock.now())).rejects.toThrow(`${APP} to ${TO}: Failed: job job-0: `);
  });

  it('waits when what failed did so before the deployment began', async () => {
    refuse(403);
    await look();
    await giveUp(0);
    mirror.clock.advance(60);
    expect(await wait(mirror.clock.now())).toBe(false);
  });

  it('waits while it is tried again, by a job that may try more than once', async () => {
    const since = mirror.clock.now();
    refuse(503);
    await look();
    await giveUp(0);
    await mirror.call({ sources: [APP] });
    expect(await wait(since)).toBe(false);
    await mirror.runSubmitted();
    expect(await wait(since)).toBe(false);
    mirror.destination.intercept(undefined);
    await look();
    expect(await wait(since)).toBe(true);
  });

  it('fails when an image turned out not to be signed, and waits for one that was refused before', async () => {
    await mirror.put({ ...row('app'), RequireSignature: { Key: keySigner().publicKey } });
    const since = mirror.clock.now();
    await look();
    await expect(wait(since)).rejects.toThrow(`${APP} to ${TO}: Quarantined: source: verify signature of`);
    expect(await wait(mirror.clock.now() + 1)).toBe(false);
  });

  it('fails when the tag is taken, and waits when it is free again', async () => {
    await look();
    await mirror.publish('app', '1', 'b');
    mirror.destination.intercept(({ method, kind }) =>
      method === 'PUT' && kind === 'manifest' ? { status: 409 } : undefined,
    );
    await look();
    mirror.clock.advance(3600);
    await expect(wait(mirror.clock.now())).rejects.toThrow(`${APP} to ${TO}: Conflict: `);
    mirror.destination.state.repositories.get('mirror/app')?.tags.delete('1');
    expect(await wait(mirror.clock.now())).toBe(false);
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

  it('is about what an update adds, since it began', () => {
    const event = {
      RequestType: 'Update',
      ResourceProperties: { Sources: ['nginx:1', 'redis:8'] },
      OldResourceProperties: { Sources: ['nginx:1', 'alpine:3'] },
      Since: 1,
    };
    expect(readDeploymentRequest(event)).toEqual({ sources: ['redis:8'], removed: false, since: 1 });
  });

  it.each([undefined, {}, { RequestType: 'Create', ResourceProperties: { Sources: 'nginx' } }])(
    'is not %j',
    (event) => {
      expect(() => readDeploymentRequest(event)).toThrow('a request of CloudFormation with Sources would do');
    },
  );
});
