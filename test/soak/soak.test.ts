import { startRegistry } from '../../local/registry';
import type { Exchange } from '../fault/proxy';
import { behind, unlike } from './arrival';
import { MIX, mixOf } from './mix';
import { chart, grows, type Sample, seriesOf, thirds } from './trace';
import { mirrorsOf, openUpstream, rowsOf } from './upstream';

const MIB = 2 ** 20;
const QUIET: Sample = { rss: 100 * MIB, heap: 30 * MIB, handles: 20, sockets: 50, timers: 9, files: 70, children: 0 };

describe('what a process holds over time', () => {
  const growing = (samples: readonly Sample[]) =>
    seriesOf(samples)
      .filter(grows)
      .map(({ name }) => name);
  const minutes = (sample: (i: number) => Partial<Sample>) =>
    Array.from({ length: 120 }, (_, i) => ({ ...QUIET, ...sample(i) }));

  it('is flat when it goes up and down', () => {
    expect(growing(minutes((i) => ({ heap: (30 + (i % 7)) * MIB, sockets: 40 + (i % 30) })))).toEqual([]);
  });

  it('grows when a hundred bytes a row and round stay', () => {
    expect(growing(minutes((i) => ({ heap: 30 * MIB + i * 1000 * 100 })))).toEqual(['heap, collected']);
  });

  it('grows when something stays open each round', () => {
    expect(growing(minutes((i) => ({ sockets: 50 + i, files: 70 + i })))).toEqual(['sockets', 'file descriptors']);
  });

  it('is flat when it is busy more often in the end', () => {
    expect(growing(minutes((i) => ({ sockets: i % 4 === 0 || i > 60 ? 500 : 50 })))).toEqual([]);
    expect(thirds([1, 9, 1, 5, 5, 5, 9, 9, 1])).toEqual({
      first: { quiet: 1, busy: 9 },
      last: { quiet: 1, busy: 9 },
    });
  });

  it('is drawn from nothing to the most there was', () => {
    const [line] = chart(seriesOf(minutes((i) => ({ rss: i < 60 ? 50 * MIB : 100 * MIB })))).split('\n');
    expect(line).toMatch(
      /^resident memory {2}[▄▅]{24}█{24} {2}quiet 50\.0 MiB → 100\.0 MiB, busy 50\.0 MiB → 100\.0 MiB$/,
    );
  });
});

describe('the mix of faults', () => {
  const requests = Array.from({ length: 5_000 }, (_, i) => ({
    target: 'manifest',
    method: 'GET',
    path: `/v2/app/manifests/v${i}`,
  })) as unknown as Exchange[];
  const strikes = (seed: number) => {
    const mix = mixOf(seed, 0.02);
    return requests.map((exchange) => mix('source', exchange)?.name);
  };

  it('strikes its share of requests, the same ones by the same seed', () => {
    const struck = strikes(1);
    const count = struck.filter((name) => name !== undefined).length;
    expect(count).toBeGreaterThan(60);
    expect(count).toBeLessThan(140);
    expect(strikes(1)).toEqual(struck);
    expect(strikes(2)).not.toEqual(struck);
    expect(new Set(struck).size).toBeGreaterThan(8);
  });

  it('has faults of both sides, each after which asking again brings the image', () => {
    const sides = (name: 'source' | 'destination') =>
      MIX.filter(({ places }) => places.some(({ side }) => side === name)).length;
    expect(sides('source')).toBeGreaterThan(10);
    expect(sides('destination')).toBeGreaterThan(10);
  });
});

describe('images upstream and at the destination', () => {
  const rows = rowsOf(20);

  it('are alike after copies, and different after a tag moves, a part is lost or a signature is missing', async () => {
    const [source, destination] = [await startRegistry(), await startRegistry()];
    try {
      const upstream = openUpstream(rows, source.state);
      for (const row of rows) for (const name of row.destinations) mirror(row.source, name);
      expect(behind(rows, source.state, destination.state)).toEqual([]);
      expect(await unlike(rows, source.state, destination.state)).toEqual([]);

      const signed = destination.state.repositories.get('mirror/app-0000');
      const signature =
        [...(signed?.manifests ?? [])].find(([, { parsed }]) => parsed.subject !== undefined)?.[0] ?? '';
      signed?.manifests.delete(signature);
      const [lost] = destination.state.repositories.get('backup/app-0006')?.blobs.keys() ?? [];
      await destination.state.deleteBlob('backup/app-0006', lost ?? '');
      expect(await unlike(rows, source.state, destination.state)).toEqual([
        `mirror/app-0000 lacks the manifest ${signature}`,
        expect.stringMatching(new RegExp(`^backup/app-0006@sha256:.* lacks ${lost}$`)),
      ]);

      upstream.change();
      expect(behind(rows, source.state, destination.state)).toEqual(['mirror/app-0000:stable']);
    } finally {
      await Promise.all([source.close(), destination.close()]);
    }

    function mirror(from: string, to: string): void {
      const [there, here] = [source.state.repositories.get(from), destination.state.create(to)];
      for (const [digest, manifest] of there?.manifests ?? []) here.manifests.set(digest, manifest);
      for (const [digest, blob] of there?.blobs ?? []) here.blobs.set(digest, blob);
      for (const [tag, digest] of there?.tags ?? []) here.tags.set(tag, digest);
    }
  });

  it('change in turn, each row as often as the others', async () => {
    const source = await startRegistry();
    try {
      const upstream = openUpstream(rows, source.state);
      const before = rows.map((row) => source.state.repositories.get(row.source)?.manifests.size ?? 0);
      for (const _ of rows) upstream.change();
      const after = rows.map((row) => source.state.repositories.get(row.source)?.manifests.size ?? 0);
      expect(after.every((size, i) => size === 2 * (before[i] ?? 0))).toBe(true);
    } finally {
      await source.close();
    }
  });

  it('are mirrored by a file that names every row', () => {
    const { mirrors } = JSON.parse(mirrorsOf(rows, 'source.test', 'destination.test'));
    expect(mirrors).toHaveLength(20);
    expect(mirrors[0]).toEqual({
      source: 'source.test/team/app-0000:stable',
      destinations: ['destination.test/mirror/app-0000'],
    });
    expect(mirrors[3]).toMatchObject({ source: 'source.test/team/app-0003', tags: { include: ['v*'] } });
    expect(mirrors[6].destinations).toHaveLength(2);
  });
});
