import { AwsError } from '../../local/aws/error';
import { ecrApi } from '../../local/ecr';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { startMirror, type TestMirror } from '../aws/mirror';

const HOUR = 3600;
const TAG = '1';
let own: RunningRegistry;
let mirror: TestMirror;

beforeEach(async () => {
  own = await startRegistry({ personality: { kind: 'ecr', region: 'eu-west-1', repositories: ['mirror/app'] } });
  mirror = await startMirror({ own });
  mirror.permissions = { ...mirror.permissions, destinations: ['**'] };
  await mirror.publish('app', TAG, 'a');
  await mirror.put({ Source: `upstream.test/app:${TAG}`, Destination: to() });
});
afterEach(async () => {
  await mirror.close();
  await own.close();
});

const to = (tag = TAG) => `${own.ecr?.host}/mirror/app:${tag}`;
const ecr = (operation: string, input: Parameters<ReturnType<typeof ecrApi>>[1] = {}) =>
  ecrApi(own)(operation, { repositoryName: 'mirror/app', ...input });
const keepLast = (countNumber: number) =>
  ecr('PutLifecyclePolicy', {
    lifecyclePolicyText: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: `The last ${countNumber}`,
          selection: { tagStatus: 'tagged', tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber },
          action: { type: 'expire' },
        },
      ],
    }),
  });
const remove = (imageTag = TAG) => ecr('BatchDeleteImage', { imageIds: [{ imageTag }] });
const archive = () => {
  const [image] = [...(own.state.repositories.get('mirror/app')?.manifests.values() ?? [])];
  if (image !== undefined) image.archived = true;
};
const item = () => mirror.copy(`upstream.test/app:${TAG}`, to());

/** A run of the controller, and all workers that it asked for; an hour passes. */
async function run() {
  const reply = await mirror.call({});
  await mirror.runSubmitted();
  mirror.clock.advance(HOUR);
  return reply;
}
/** It is removed and put back, so often. */
async function removeAndRun(times: number) {
  let reply = await run();
  for (let time = 0; time < times; time += 1) {
    remove();
    reply = await run();
  }
  return reply;
}

describe('an image that a lifecycle rule removes', () => {
  beforeEach(() => keepLast(2));

  it('is put back twice; then the run says which rule takes it and what would do', async () => {
    expect(await removeAndRun(2)).toMatchObject({ copies: 1 });
    expect(await item()).toMatchObject({ State: 'Mirrored', Removals: 2 });
    remove();
    const reply = await run();
    expect(reply).toMatchObject({ copies: 0, skipped: { conflict: 1 }, errors: [] });
    expect(reply.notes[0].detail).toMatch(/removed 3 times; rule 1 \("The last 2"\) keeps the newest 2 images/);
    expect(await item()).toMatchObject({ State: 'Conflict', Removals: 3, Error: reply.notes[0].detail });
  });

  it('is told of as a conflict: by metric at every run, and once by an event', async () => {
    await removeAndRun(3);
    await run();
    expect(mirror.figures.slice(-2)).toMatchObject([{ Conflicts: 1 }, { Conflicts: 1 }]);
    const told = mirror.events.filter(({ Detail }) => Detail?.includes('removed 3 times'));
    expect(told).toHaveLength(1);
  });

  it('stays away at every run of a week, and is tried once more then', async () => {
    await removeAndRun(3);
    for (let day = 0; day < 6; day += 1) {
      mirror.clock.advance(24 * HOUR);
      expect(await run()).toMatchObject({ copies: 0, skipped: { conflict: 1 } });
    }
    mirror.clock.advance(24 * HOUR);
    expect(await run()).toMatchObject({ copies: 1 });
    expect(await item()).toMatchObject({ State: 'Mirrored' });
    remove();
    expect(await run()).toMatchObject({ copies: 0, skipped: { conflict: 1 } });
    expect((await item())?.Error).toMatch(/removed 4 times/);
  });

  it('is put back at once when the rule is changed, and counted anew', async () => {
    await removeAndRun(3);
    keepLast(20);
    expect(await run()).toMatchObject({ copies: 1 });
    expect(await item()).toMatchObject({ State: 'Mirrored' });
    expect(await item()).not.toHaveProperty('Removals');
    remove();
    expect(await run()).toMatchObject({ copies: 1 });
    expect(await item()).toMatchObject({ Removals: 1 });
  });

  it('is mirrored at once when its source has another image', async () => {
    await removeAndRun(3);
    await mirror.publish('app', TAG, 'b');
    expect(await run()).toMatchObject({ copies: 1 });
    remove();
    await run();
    expect(await item()).toMatchObject({ State: 'Mirrored', Removals: 1 });
  });

  it('is put back for a person who copies it by hand', async () => {
    await removeAndRun(3);
    const parameters = { source: `upstream.test/app:${TAG}`, dest: to() };
    mirror.submitted.push({ id: 'by-hand', parameters, size: 1 });
    expect(await mirror.runSubmitted()).toEqual([0]);
    expect(await item()).toMatchObject({ State: 'Mirrored' });
  });

  it('asks for a policy once a run, however many images are gone', async () => {
    for (const tag of ['2', '3', '4']) {
      await mirror.publish('app', tag, tag);
      await mirror.put({ Source: `upstream.test/app:${tag}`, Destination: to(tag) });
    }
    await run();
    for (const tag of ['2', '3', '4']) remove(tag);
    await run();
    const asked = mirror.stack.calls().filter((call) => call === 'ecr GetLifecyclePolicy');
    expect(asked).toHaveLength(1);
  });
});

describe('a removal', () => {
  it('is counted once by runs at the same moment, and is one job', async () => {
    await run();
    remove();
    const replies = await Promise.all([mirror.call({}), mirror.call({}), mirror.call({})]);
    expect(replies.reduce((sum, { copies }) => sum + copies, 0)).toBe(1);
    await mirror.runSubmitted();
    expect(await item()).toMatchObject({ State: 'Mirrored', Removals: 1 });
  });

  it('is not what a run sees that looked before the image arrived', async () => {
    await mirror.call({});
    await mirror.runSubmitted();
    remove();
    await mirror.call({});
    expect(await item()).not.toHaveProperty('Removals');
  });

  it('is not what a copy is that has failed since', async () => {
    await run();
    remove();
    await mirror.call({});
    const [job] = mirror.submitted.slice(-1);
    await mirror.call({
      source: 'aws.batch',
      'detail-type': 'Batch Job State Change',
      detail: { jobId: job?.id, status: 'FAILED', parameters: job?.parameters, statusReason: 'it was ended' },
    });
    mirror.clock.advance(HOUR);
    await run();
    expect(await item()).toMatchObject({ Removals: 1 });
  });

  it('is not what becomes of an image that goes to the archive: that is put back each time', async () => {
    await run();
    for (let time = 0; time < 4; time += 1) {
      archive();
      expect(await run()).toMatchObject({ copies: 1 });
    }
    expect(await item()).not.toHaveProperty('Removals');
  });

  it('says that no rule takes the image, where people or programs delete it', async () => {
    const reply = await removeAndRun(3);
    expect(reply.notes[0].detail).toMatch(/no rule of its lifecycle policy takes it/);
  });

  it('says that the policy cannot be read, where it cannot', async () => {
    const send = mirror.world().clients.ecr('eu-west-1').middlewareStack;
    send.add(
      (next, { commandName }) =>
        (call) => {
          if (commandName !== 'GetLifecyclePolicyCommand') return next(call);
          throw Object.assign(new AwsError('AccessDeniedException', 'not authorized'), {
            name: 'AccessDeniedException',
          });
        },
      { step: 'initialize' },
    );
    const reply = await removeAndRun(3);
    expect(reply.notes[0].detail).toMatch(/cannot be read \(.*not authorized\); ecr:GetLifecyclePolicy there would do/);
  });
});

describe('an image that is removed in a registry that has no lifecycle policies', () => {
  it('is not put back for ever either', async () => {
    await mirror.put({ Source: 'elsewhere', From: 'upstream.test/app:1', Destination: 'destination.test/app:1' });
    for (let time = 0; time < 3; time += 1) {
      await run();
      await fetch(`${mirror.destination.address}/v2/app/manifests/${(await item())?.Digest}`, { method: 'DELETE' });
    }
    expect((await run()).notes[0].detail).toMatch(/something deletes it/);
  });
});
