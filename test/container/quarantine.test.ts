import type { Item } from '../../aws/items';
import { cosignTag } from '../../local/images/artifact';
import { image } from '../../local/images/image';
import { startMirror, type TestMirror } from '../aws/mirror';
import { bundle, bundleReferrer, signatureImage, simpleLayer } from '../signatures/cosign';
import { keySigner } from '../signatures/sigstore';

const HOUR = 3600;
const key = keySigner();
const app = image({ seed: 'app' }).root.descriptor;

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
  await mirror.publish('app', '1', 'app');
  await mirror.put(row(key.publicKey));
});
afterEach(() => mirror.close());

const row = (Key: string): Item => ({
  Source: 'upstream.test/app:1',
  Destination: 'destination.test/mirror/app',
  RequireSignature: { Key },
});
const item = () => mirror.copy('upstream.test/app:1', 'destination.test/mirror/app:1');
/** A run, and its jobs; how many jobs that were. */
async function runOnce(): Promise<number> {
  const before = mirror.submitted.length;
  await mirror.call({});
  await mirror.runSubmitted();
  return mirror.submitted.length - before;
}
const sign = async () =>
  mirror.upstream.state.place('app', bundleReferrer({ ...app, platform: undefined }, await bundle(app.digest, key)));
const held = () => mirror.destination.state.repositories.get('mirror/app');

describe('an image that is not signed by whom it must be', () => {
  it('is quarantined: nothing of it is sent, and the table, the metrics and the bus say why', async () => {
    expect(await runOnce()).toBe(1);
    expect(await item()).toMatchObject({
      State: 'Quarantined',
      SourceDigest: app.digest,
      Failures: 1,
      Error: expect.stringMatching(
        /^source: verify signature of upstream\.test\/app:1@sha256:\w+: got no signature; one by the key [0-9a-f]{16} would do$/,
      ),
      Quarantine: { Digest: app.digest, Times: 1 },
    });
    expect(await item()).not.toHaveProperty('Lease');
    expect(mirror.destination.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
    expect(mirror.figures.at(-1)).toMatchObject({ Copied: 0, Failed: 0, Conflicts: 0, Quarantined: 1 });
    expect(JSON.parse(mirror.events.at(-1)?.Detail ?? '{}')).toMatchObject({ state: 'Quarantined' });
  });

  it('is left alone for a while, which doubles up to a day', async () => {
    await runOnce();
    for (const hours of [1, 2, 4, 8, 16, 24, 24]) {
      mirror.clock.advance((hours - 1) * HOUR);
      expect([hours, await runOnce()]).toEqual([hours, 0]);
      mirror.clock.advance(HOUR);
      expect([hours, await runOnce()]).toEqual([hours, 1]);
    }
    expect(await item()).toMatchObject({ State: 'Quarantined', Quarantine: { Times: 8 } });
  });

  it('is not asked for again by the next attempt of its job', async () => {
    await mirror.call({});
    const [{ parameters } = { parameters: {} as Record<string, string> }] = mirror.submitted;
    const job = { kind: 'plan', plan: parameters.plan ?? '', group: 0 } as const;
    expect(await mirror.run(job, 'job-0')).toBe(77);
    expect(await mirror.run(job, 'job-0')).toBe(0);
    expect(await item()).toMatchObject({ State: 'Quarantined', Quarantine: { Times: 1 } });
  });

  it('says so to who asks for a run meanwhile', async () => {
    await runOnce();
    const { skipped, notes } = await mirror.call({});
    expect(skipped).toEqual({ quarantined: 1 });
    expect(notes).toMatchObject([{ reason: 'quarantined', detail: expect.stringContaining('got no signature') }]);
  });

  it('is tried at once for who asks for its row', async () => {
    await runOnce();
    await sign();
    await mirror.call({ sources: ['upstream.test/app:1'] });
    await mirror.runSubmitted();
    expect(await item()).toMatchObject({ State: 'Mirrored' });
  });

  it('is mirrored with its signature once it has one, at the next try', async () => {
    await runOnce();
    await sign();
    expect(await runOnce()).toBe(0);
    mirror.clock.advance(HOUR);
    expect(await runOnce()).toBe(1);
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: app.digest, Failures: 0 });
    expect(await item()).not.toHaveProperty('Error');
    expect(held()?.manifests.size).toBe(2);
  });

  it('is tried at once when the tag is another image', async () => {
    await runOnce();
    await mirror.publish('app', '1', 'newer');
    expect(await runOnce()).toBe(1);
    expect(await item()).toMatchObject({ State: 'Quarantined', Quarantine: { Times: 1 } });
  });

  it('is tried at once when its row asks for another key', async () => {
    const other = keySigner();
    await runOnce();
    mirror.upstream.state.place('app', signatureImage(await simpleLayer(app.digest, other)), cosignTag(app));
    await mirror.put(row(other.publicKey));
    expect(await runOnce()).toBe(1);
    expect(await item()).toMatchObject({ State: 'Mirrored' });
  });
});

it('an image that is signed is mirrored, and what was refused before leaves no trace of refusal', async () => {
  await sign();
  expect(await runOnce()).toBe(1);
  expect(await item()).toMatchObject({ State: 'Mirrored', Digest: app.digest });
  expect(await runOnce()).toBe(0);
});

it('an image whose signatures cannot be asked for has failed, and is tried again by the next run', async () => {
  await sign();
  mirror.upstream.intercept(({ path }) => (path.includes('/referrers/') ? { status: 503 } : undefined));
  await runOnce();
  expect(await item()).toMatchObject({ State: 'Failed' });
  mirror.upstream.intercept(undefined);
  expect(await runOnce()).toBe(1);
  expect(await item()).toMatchObject({ State: 'Mirrored' });
});
