import type { Item } from '../../aws/items';
import { haveArrived } from '../../lambda/arrivals';
import { startMirror, type TestMirror } from '../aws/mirror';

const HOUR = 3600;
const DAY = 24 * HOUR;
const SOURCE = 'upstream.test/app:1';
const TO = 'destination.test/mirror/app:1';
let mirror: TestMirror;

beforeEach(async () => {
  mirror = await startMirror();
});
afterEach(() => mirror.close());

const row = (more: Item = {}) =>
  mirror.put({ Source: SOURCE, Destination: 'destination.test/mirror/app', MinAge: '3d', ...more });
const item = () => mirror.copy(SOURCE, TO);
const seen = () => mirror.copy(SOURCE, 'seen');
async function run(event: unknown = {}) {
  const reply = await mirror.call(event);
  await mirror.runSubmitted();
  return reply;
}

describe('a row that asks for an age', () => {
  it('is quarantined with a line that says since and until when, and mirrored afterwards', async () => {
    const start = mirror.clock.now();
    const when = (days: number) => new Date(start + days * DAY * 1000).toISOString();
    const digest = await mirror.publish('app', '1', 'a');
    await row();
    expect(await run()).toMatchObject({ copies: 0, jobs: [], errors: [], notes: [], skipped: { 'too-young': 1 } });
    const waiting = {
      State: 'Quarantined',
      SourceDigest: digest,
      Error: `${digest} is known since ${when(0)} and is copied from ${when(3)} on, 3d later`,
    };
    expect(await item()).toMatchObject({ ...waiting, LastChecked: when(0) });
    expect(await mirror.copy(SOURCE, '-')).toBeUndefined();

    mirror.clock.advance(2 * DAY);
    await run();
    // What the item says already is not written again.
    expect(await item()).toMatchObject({ ...waiting, LastChecked: when(0) });
    expect(mirror.figures.at(-1)).toMatchObject({ Checked: 1, Failed: 0, Conflicts: 0, OldestSuccess: 0 });

    mirror.clock.advance(DAY);
    expect(await run()).toMatchObject({ copies: 1 });
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: digest });
    expect(await item()).not.toHaveProperty('Error');
  });

  it('copies of a tag that moves daily what is three days old, and is mirrored all the while', async () => {
    await row();
    const digests: string[] = [];
    for (let day = 0; day < 7; day += 1) {
      digests.push(await mirror.publish('app', '1', `day ${day}`));
      await run();
      const due = digests[day - 3];
      expect(await item()).toMatchObject(
        due === undefined ? { State: 'Quarantined' } : { State: 'Mirrored', Digest: due, SourceDigest: due },
      );
      expect(await run()).toMatchObject({
        copies: 0,
        skipped: due === undefined ? { 'too-young': 1 } : { 'up-to-date': 1 },
      });
      mirror.clock.advance(DAY);
    }
    expect((await seen())?.Seen).toHaveLength(7);
  });

  it('is quarantined when the source moves, keeps what it has, and is well when the source moves back', async () => {
    const first = await mirror.publish('app', '1', 'a');
    await row({ MinAge: undefined });
    await run();
    await row();
    const next = await mirror.publish('app', '1', 'b');
    await run();
    expect(await item()).toMatchObject({ State: 'Quarantined', Digest: first, SourceDigest: next });
    await mirror.publish('app', '1', 'a');
    await run();
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: first, SourceDigest: first });
  });

  it('notes nothing for who only asks what a run would do', async () => {
    await mirror.publish('app', '1', 'a');
    await row();
    const reply = await mirror.call({ dryRun: true });
    expect(reply).toMatchObject({ copies: [], skipped: [{ reason: 'too-young' }] });
    expect(await mirror.copies()).toEqual([]);
  });

  it('is seen once by controllers that look at the same time, whose clocks are apart', async () => {
    await mirror.publish('app', '1', 'a');
    await row();
    const replies = await Promise.all([run(), run(), run()]);
    expect(replies.map(({ skipped, errors }) => [skipped, errors])).toEqual(Array(3).fill([{ 'too-young': 1 }, []]));
    const { Seen } = (await seen()) ?? {};
    expect(Seen).toHaveLength(1);
    for (const behind of [-240, 480]) {
      mirror.clock.advance(behind);
      await run();
      expect((await seen())?.Seen).toEqual(Seen);
    }
  });

  it('is not waited for by a deployment, which waits for the others', async () => {
    await mirror.publish('app', '1', 'a');
    await mirror.publish('tool', '1', 'b');
    await row();
    const tool = { Source: 'upstream.test/tool:1', Destination: 'destination.test/mirror/tool' };
    await mirror.put(tool);
    const sources = [SOURCE, tool.Source];
    await mirror.call({ sources });
    expect(await haveArrived({ sources }, mirror.world())).toBe(false);
    await mirror.runSubmitted();
    expect(await haveArrived({ sources }, mirror.world())).toBe(true);
    expect(mirror.logged.filter(({ event }) => event === 'not-waited-for').at(-1)?.fields).toEqual({
      rows: [SOURCE],
      because: [expect.stringContaining('is known since')],
    });
  });

  it('waits for the digest of a pin, too', async () => {
    const digest = await mirror.publish('app', '1', 'a');
    const pin = `upstream.test/app:1@${digest}`;
    await row({ Source: pin });
    expect(await run()).toMatchObject({ skipped: { 'too-young': 1 } });
    await mirror.publish('app', '1', 'b');
    mirror.clock.advance(3 * DAY);
    expect(await run()).toMatchObject({ copies: 1 });
    expect(await item()).toMatchObject({ State: 'Mirrored', Digest: digest });
  });
});

describe('a row that keeps what was there before', () => {
  it('says on its copy, in its event and in the log under which tag', async () => {
    const row = { Source: SOURCE, Destination: 'destination.test/mirror/app', KeepPrevious: true };
    const first = await mirror.publish('app', '1', 'a');
    await mirror.put(row);
    await run();
    expect(await item()).not.toHaveProperty('Kept');
    await mirror.publish('app', '1', 'b');
    await run();
    const kept = `prev-1-${new Date(mirror.clock.now()).toISOString().slice(0, 10).replaceAll('-', '')}`;
    expect(await item()).toMatchObject({ State: 'Mirrored', Kept: kept });
    expect(mirror.destination.state.repositories.get('mirror/app')?.tags.get(kept)).toBe(first);
    expect(JSON.parse(mirror.events.at(-1)?.Detail ?? '{}')).toMatchObject({ state: 'Mirrored', kept });
    expect(mirror.logged.filter(({ event }) => event === 'copy').at(-1)?.fields).toMatchObject({ kept });
  });
});
