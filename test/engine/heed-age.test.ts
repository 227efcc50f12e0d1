import { makePlan } from '../../engine/make-plan';
import type { Sightings } from '../../engine/sightings';
import type { Plan } from '../../lib/model/copy';
import type { Descriptor } from '../../lib/model/descriptor';
import { parseRow } from '../../lib/model/mirror-row';
import { formatReference } from '../../lib/model/reference';
import { type History, noteLook } from '../../lib/model/sightings';
import { ImageMaker, MemoryRegistries, unavailable } from '../fakes/memory-store';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const ROW = { Source: 'app:1', Destination: 'our.example/app', MinAge: '3d' };
const everything = { sources: ['**'], destinations: ['**'], outward: [] };

function world() {
  const registries = new MemoryRegistries();
  const clock = { time: START, now: () => clock.time, sleep: async () => undefined };
  const histories = new Map<string, History>();
  const sightings: Sightings = {
    note: async (looks, now) =>
      looks.map((look) => {
        const history = noteLook(histories.get(look.name) ?? [], look, now);
        histories.set(look.name, history);
        return history;
      }),
  };
  const source = registries.store('docker.io/library/app');
  const ours = registries.store('our.example/app');
  const publish = (letter: string, tag = '1') => new ImageMaker(source).image([letter], {}, tag);
  const hold = ({ digest }: Descriptor, tag = '1') => {
    const manifest = source.manifests.get(digest);
    if (manifest !== undefined) ours.manifests.set(digest, manifest);
    ours.tagged.set(tag, digest);
  };
  const plan = (...rows: Record<string, unknown>[]) =>
    makePlan(
      (rows.length === 0 ? [ROW] : rows).map((row) => parseRow(row, { mapping: {} })),
      {
        stores: registries.stores,
        permissions: everything,
        clock,
        sightings,
        partDigests: async (parts) => parts.map(() => undefined),
      },
    );
  return { registries, clock, histories, source, ours, publish, hold, plan };
}

const said = ({ copies, skipped }: Plan) => [
  ...copies.flatMap(({ source, destinations }) => destinations.map(({ why }) => `${why} ${source.digest}`)),
  ...skipped.map(({ reason, source }) => `${reason} ${source?.digest}`),
];

describe('a row that asks for an age', () => {
  it('waits until the digest was known for that long, and says since and until when', async () => {
    const { clock, publish, plan, registries } = world();
    const { digest } = publish('a');
    for (const days of [0, 1, 2.999]) {
      clock.time = START + days * DAY;
      const planned = await plan();
      expect(said(planned)).toEqual([`too-young ${digest}`]);
      expect(planned.skipped[0]?.detail).toBe(
        `${digest} is known since 2026-01-01T00:00:00.000Z and is copied from 2026-01-04T00:00:00.000Z on, 3d later`,
      );
    }
    clock.time = START + 3 * DAY;
    expect(said(await plan())).toEqual([`missing ${digest}`]);
    expect(registries.count('read') + registries.count('fetchManifest')).toBe(0);
  });

  it('copies the newest digest of a moving tag that is old enough, by its digest, under its tag', async () => {
    const { clock, publish, hold, plan } = world();
    const images: Descriptor[] = [];
    for (let day = 0; day < 8; day += 1) {
      clock.time = START + day * DAY;
      images.push(publish(`day ${day}`));
      const planned = await plan();
      const due = images[day - 3];
      expect(said(planned)).toEqual([
        due === undefined ? `too-young ${images[day]?.digest}` : `${day === 3 ? 'missing' : 'changed'} ${due.digest}`,
      ]);
      if (due === undefined) continue;
      expect(formatReference(planned.copies[0]?.source as never)).toBe(`docker.io/library/app:1@${due.digest}`);
      hold(due);
    }
  });

  it('is up to date while it holds the newest that is old enough, and says what waits', async () => {
    const { clock, publish, hold, plan } = world();
    const first = publish('a');
    await plan();
    clock.time += 4 * DAY;
    hold(first);
    const next = publish('b');
    const planned = await plan();
    expect(said(planned)).toEqual([`up-to-date ${first.digest}`]);
    expect(planned.skipped[0]?.detail).toContain(`${next.digest} is known since 2026-01-05`);
  });

  it('leaves what it holds alone, however young, and whatever the source has lost', async () => {
    const { clock, publish, hold, plan, source } = world();
    const held = publish('a');
    hold(held);
    expect(said(await plan())).toEqual([`up-to-date ${held.digest}`]);
    clock.time += 4 * DAY;
    const next = publish('b');
    source.manifests.delete(held.digest);
    expect(said(await plan())).toEqual([`up-to-date ${held.digest}`]);
    clock.time += 3 * DAY;
    expect(said(await plan())).toEqual([`changed ${next.digest}`]);
  });

  it('takes the next older when the source has lost one, and never one older than what is held', async () => {
    const { clock, publish, hold, plan, source } = world();
    const images: Descriptor[] = [];
    for (const letter of ['a', 'b', 'c']) {
      images.push(publish(letter));
      await plan();
      clock.time += DAY;
    }
    clock.time += 3 * DAY;
    const young = publish('d');
    const [a, b, c] = images as [Descriptor, Descriptor, Descriptor];
    expect(said(await plan())).toEqual([`missing ${c.digest}`]);
    source.manifests.delete(c.digest);
    expect(said(await plan())).toEqual([`missing ${b.digest}`]);
    hold(b);
    source.manifests.delete(b.digest);
    expect(said(await plan())).toEqual([`up-to-date ${b.digest}`]);
    hold(young);
    publish('e');
    expect(said(await plan())).toEqual([`too-young ${publish('e').digest}`]);
    expect(a.digest).not.toBe(b.digest);
  });

  it('never goes back from what was mirrored before it asked for an age', async () => {
    const { clock, publish, hold, plan } = world();
    publish('a');
    await plan();
    clock.time += 4 * DAY;
    hold(publish('x'));
    const young = publish('b');
    expect(said(await plan())).toEqual([`too-young ${young.digest}`]);
    clock.time += 3 * DAY;
    expect(said(await plan())).toEqual([`changed ${young.digest}`]);
  });

  it('goes back with the source itself', async () => {
    const { clock, publish, hold, plan } = world();
    const first = publish('a');
    await plan();
    clock.time += DAY;
    const retracted = publish('b');
    await plan();
    clock.time += 4 * DAY;
    hold(retracted);
    publish('a');
    expect(said(await plan())).toEqual([`changed ${first.digest}`]);
  });

  it('asks the same of a part of an image, whose digest the source does not know', async () => {
    const { clock, publish, plan, ours } = world();
    const row = { ...ROW, Platforms: ['linux/amd64'] };
    const first = publish('a');
    expect(said(await plan(row))).toEqual([`too-young ${first.digest}`]);
    clock.time += 3 * DAY;
    const second = publish('b');
    ours.tagged.set('1', first.digest.replace(/.$/, 'x') as never);
    const planned = await plan(row);
    expect(planned.copies.map(({ source }) => source.digest)).toEqual([first.digest]);
    clock.time += 3 * DAY;
    expect((await plan(row)).copies.map(({ source }) => source.digest)).toEqual([second.digest]);
  });

  it('fails for a source that does not say, and looks at nothing older', async () => {
    const { clock, publish, plan, registries } = world();
    const first = publish('a');
    await plan();
    clock.time += 4 * DAY;
    publish('b');
    registries.fault = ({ what }) => {
      if (what === first.digest) throw unavailable();
    };
    expect(said(await plan())).toEqual([`source-failed ${first.digest}`]);
  });

  it('asks the same of a pin, which has no other digest', async () => {
    const { clock, publish, plan, histories } = world();
    const { digest } = publish('a');
    const pin = { ...ROW, Source: `app:1@${digest}` };
    expect(said(await plan(pin))).toEqual([`too-young ${digest}`]);
    publish('b');
    clock.time += 3 * DAY;
    expect(said(await plan(pin))).toEqual([`missing ${digest}`]);
    expect([...histories.keys()]).toEqual([`docker.io/library/app@${digest}`]);
  });

  it('has one history of a source, however many rows and destinations it has, each with its own age', async () => {
    const { clock, publish, plan, histories, registries } = world();
    const { digest } = publish('a');
    const rows = [
      { ...ROW, Destination: 'our.example/app, our.example/other' },
      { ...ROW, Source: 'sooner', From: 'app:1', Destination: 'our.example/sooner', MinAge: '1d' },
      { Source: 'now', From: 'app:1', Destination: 'our.example/now' },
    ];
    const first = await plan(...rows);
    expect(said(first)).toEqual([`missing ${digest}`, ...Array(3).fill(`too-young ${digest}`)]);
    clock.time += DAY;
    const second = await plan(...rows);
    expect(second.copies.flatMap(({ mirrors }) => mirrors).sort()).toEqual(['now', 'sooner']);
    expect(histories.size).toBe(1);
    expect(registries.count('resolve', 'docker.io/library/app')).toBe(2);
  });

  it('sees nothing while it is paused', async () => {
    const { publish, plan, histories } = world();
    publish('a');
    await plan({ ...ROW, Paused: true });
    expect(histories.size).toBe(0);
  });

  it('waits for ever where nothing is remembered', async () => {
    const { registries, clock, publish } = world();
    const { digest } = publish('a');
    clock.time += 100 * DAY;
    const rows = [parseRow(ROW, { mapping: {} })];
    const planned = await makePlan(rows, { stores: registries.stores, permissions: everything, clock });
    expect(said(planned)).toEqual([`too-young ${digest}`]);
  });
});
