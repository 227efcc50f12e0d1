import type { Item } from '../../aws/items';
import { CopyAttribute } from '../../lib/model/names';
import { image, multiPlatform, pushBuilt } from '../../local/images';
import { removeManifest } from '../../local/registry/manifests';
import { startMirror, type TestMirror } from '../aws/mirror';

/** What was mirrored is verified by a run of its own: controller, job and table. */

let mirror: TestMirror;
beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

const DAY = 24 * 3600;
const row = (name: string, more: Item = {}) => ({
  Source: `upstream.test/${name}:1`,
  Destination: `destination.test/mirror/${name}`,
  ...more,
});
const to = (name: string) => `destination.test/mirror/${name}:1`;
const item = (name: string) => mirror.copy(`upstream.test/${name}:1`, to(name));
const layerOf = (seed: string) => image({ seed }).blobs.at(-1)?.descriptor.digest ?? '';
const lose = (name: string) => mirror.destination.state.deleteBlob(`mirror/${name}`, layerOf(name));

/** Mirrors images, each made from its name, and lets a day pass. */
async function mirrored(...names: string[]): Promise<void> {
  for (const name of names) await mirror.publish(name, '1', name);
  await mirror.put(...names.map((name) => row(name)));
  await mirror.call({});
  await mirror.runSubmitted();
  mirror.clock.advance(DAY);
}

async function night(): Promise<string> {
  mirror.clock.advance(DAY);
  await mirror.call({ verify: true });
  expect(await mirror.runSubmitted()).toEqual([0]);
  return new Date(mirror.clock.now()).toISOString();
}

describe('a run that verifies', () => {
  it('proves that each copy is whole, and notes when; nobody is told, and nothing counts as stale or copied', async () => {
    await mirrored('a', 'b');
    const before = await item('a');
    mirror.events.length = 0;
    mirror.upstream.forgetRequests();
    expect(await mirror.call({ verify: true })).toMatchObject({ rows: 2, copies: 2, trigger: 'verification' });
    expect(await item('a')).not.toHaveProperty(CopyAttribute.STALE_SINCE);
    mirror.figures.length = 0;
    expect(await mirror.runSubmitted()).toEqual([0]);
    const now = new Date(mirror.clock.now()).toISOString();
    const found = await item('a');
    expect(found).toMatchObject({ State: 'Mirrored', LastVerified: now, LastMirrored: before?.LastMirrored });
    for (const absent of ['Repaired', 'Lacks', 'Lease', 'StaleSince', 'Error'])
      expect(found).not.toHaveProperty(absent);
    expect(mirror.events).toEqual([]);
    expect(mirror.figures).toEqual([expect.objectContaining({ Copied: 0, Failed: 0, Bytes: 0 })]);
    const read = mirror.upstream.requests.filter(
      ({ method, kind }) => method === 'GET' && kind !== 'tags' && kind !== 'referrers',
    );
    expect(read).toEqual([]);
  });

  it('sends again what is lacking, notes what that was, and forgets it once all is whole', async () => {
    await mirrored('a');
    await lose('a');
    expect(await mirror.call({})).toMatchObject({ copies: 0, skipped: { 'up-to-date': 1 } });
    mirror.events.length = 0;
    const now = await night();
    const text = `layer ${layerOf('a')} of ${image({ seed: 'a' }).root.descriptor.digest} is not there`;
    expect(await item('a')).toMatchObject({ State: 'Mirrored', LastVerified: now, LastMirrored: now, Repaired: text });
    expect(JSON.parse(mirror.events[0]?.Detail ?? '{}')).toMatchObject({ state: 'Mirrored', lacks: [text] });
    await night();
    expect(await item('a')).not.toHaveProperty('Repaired');
  });

  it('sends a deleted platform of an index again', async () => {
    const app = multiPlatform({ seed: 'app' });
    await pushBuilt(mirror.upstream.address, 'app', app, ['1']);
    await mirror.put(row('app'));
    await mirror.call({});
    await mirror.runSubmitted();
    const repository = mirror.destination.state.repositories.get('mirror/app');
    const child = app.manifests[0]?.descriptor.digest ?? '';
    if (repository === undefined) throw new Error('nothing was mirrored');
    removeManifest(repository, child);
    await night();
    expect(repository.manifests.has(child)).toBe(true);
    expect(await item('app')).toMatchObject({ Repaired: `manifest ${child} is not there` });
  });

  it('leaves what it cannot mend failed, whatever the runs that mirror find, until it is mended', async () => {
    await mirrored('a');
    await lose('a');
    await mirror.upstream.state.deleteBlob('a', layerOf('a'));
    mirror.events.length = 0;
    await mirror.call({ verify: true });
    expect(await mirror.runSubmitted()).not.toEqual([0]);
    const failed = {
      State: 'Failed',
      Lacks: expect.stringContaining(layerOf('a')),
      StaleSince: expect.anything(),
      Failures: 1,
    };
    expect(await item('a')).toMatchObject({
      ...failed,
      Error: expect.stringMatching(/^destination: verify: .*; source: /),
    });
    expect(await item('a')).not.toHaveProperty('LastVerified');
    expect(mirror.figures.at(-1)).toMatchObject({ Failed: 1 });
    expect(mirror.events.map(({ DetailType }) => DetailType)).toEqual(['Mirror Failed']);
    mirror.clock.advance(3600);
    await mirror.call({});
    expect(await item('a')).toMatchObject(failed);
    await mirror.publish('a', '1', 'a');
    await night();
    const mended = await item('a');
    expect(mended).toMatchObject({ State: 'Mirrored', Failures: 0 });
    for (const absent of ['Lacks', 'Error', 'StaleSince']) expect(mended).not.toHaveProperty(absent);
  });

  it('is over with when the image is mirrored anew', async () => {
    await mirrored('a');
    await lose('a');
    await mirror.upstream.state.deleteBlob('a', layerOf('a'));
    await mirror.call({ verify: true });
    await mirror.runSubmitted();
    await mirror.publish('a', '1', 'the next');
    await mirror.call({});
    expect(await mirror.runSubmitted()).toEqual([0]);
    const anew = await item('a');
    expect(anew).toMatchObject({ State: 'Mirrored' });
    for (const absent of ['Lacks', 'LastVerified', 'StaleSince']) expect(anew).not.toHaveProperty(absent);
  });

  it('only says what is lacking where nothing is to be repaired', async () => {
    mirror.verification = { repair: false };
    await mirrored('a');
    await lose('a');
    await mirror.call({ verify: true });
    expect(await mirror.runSubmitted()).toEqual([64]);
    expect(await item('a')).toMatchObject({ State: 'Failed', Lacks: expect.stringContaining('is not there') });
    expect(mirror.destination.state.repositories.get('mirror/a')?.blobs.has(layerOf('a'))).toBe(false);
  });

  it('takes so many a night, those whose proof is oldest first', async () => {
    mirror.verification = { atMost: 2 };
    await mirrored('a', 'b', 'c');
    const verified = async () => (await Promise.all(['a', 'b', 'c'].map(item))).map((one) => one?.LastVerified);
    const first = await night();
    expect((await verified()).filter((one) => one === first)).toHaveLength(2);
    const second = await night();
    const after = await verified();
    expect(after.filter((one) => one === undefined)).toEqual([]);
    expect(after.filter((one) => one === second)).toHaveLength(2);
    expect(after.filter((one) => one === first)).toHaveLength(1);
    const third = await night();
    expect((await verified()).filter((one) => one === first)).toEqual([]);
    expect((await verified()).filter((one) => one === third)).toHaveLength(2);
  });

  it('looks at rows whatever their own schedule, at rows by name, and copies nothing that is not there', async () => {
    await mirrored('a');
    await mirror.publish('new', '1', 'new');
    await mirror.put(row('new'), row('a', { Every: '30d' }));
    expect(await mirror.call({ verify: true })).toMatchObject({ copies: 1 });
    expect(await mirror.runSubmitted()).toEqual([0]);
    mirror.clock.advance(DAY);
    expect(await mirror.call({ verify: true, sources: ['upstream.test/a:1'] })).toMatchObject({ rows: 1, copies: 1 });
    expect(mirror.destination.state.repositories.has('mirror/new')).toBe(false);
  });

  it('goes on in a new invocation as what it is', async () => {
    mirror.rowsAtOnce = 1;
    await mirrored('a', 'b');
    mirror.remaining = [900_000, 0];
    const reply = await mirror.call({ verify: true });
    expect(reply).toMatchObject({ continued: true });
    const [event] = mirror.handedOver.splice(0) as [{ continue: { verify: number } }];
    expect(event.continue).toMatchObject({ verify: expect.any(Number), onSchedule: false });
    mirror.remaining = [];
    await mirror.call(event);
    expect((await mirror.runSubmitted()).every((code) => code === 0)).toBe(true);
    for (const name of ['a', 'b']) expect(await item(name)).toHaveProperty('LastVerified');
  });

  it('proves that a copy is whole whose source is gone', async () => {
    await mirrored('a');
    mirror.upstream.state.repositories.delete('a');
    const now = await night();
    expect(await item('a')).toMatchObject({ State: 'Mirrored', LastVerified: now });
  });

  it.each([{ verify: 'yes' }, { verify: true, sources: [] }, { continue: { run: 'r', hops: 0, verify: 0 } }])(
    'refuses %j',
    async (event) => {
      await expect(async () => mirror.call(event)).rejects.toThrow(/would do$/);
    },
  );
});
