import { imageSize } from '../../../bench/corpus/image';
import { bulk, CORPUS_VERSION, many, multi } from '../../../bench/corpus/images';
import { contentOf, SCENARIOS } from '../../../bench/corpus/scenarios';

const MIB = 1024 * 1024;

describe('the corpus', () => {
  it('is the same on every machine: its version names these digests', async () => {
    const digests = {
      many: (await many()).root.descriptor.digest,
      multi: (await multi(1)).root.descriptor.digest,
      bulk: (await bulk()[0]?.build())?.root.descriptor.digest,
    };
    expect({ version: CORPUS_VERSION, ...digests }).toMatchInlineSnapshot(`
{
  "bulk": "sha256:3773333dd2f0a88e76ed109497940ada18afb2552e2663ea9bb9eddf2f741e92",
  "many": "sha256:9c50cda1926a43279542c782e271bf0f51018d44f9b9856aac5a1f12de5064e1",
  "multi": "sha256:d7639c52f9eab9b6f541d0afadb41bd56d4f2f6abe92e17d484893cbc7847ae7",
  "version": 1,
}
`);
  });

  it('has in `many` eighty layers of 32 to 256 KiB', async () => {
    const sizes = (await many()).layers.map(({ layer }) => layer.size / 1024);
    expect([sizes.length, Math.min(...sizes), Math.max(...sizes)]).toEqual([80, 32, 256]);
    expect(new Set((await many()).layers.map(({ descriptor }) => descriptor.digest)).size).toBe(80);
  });

  it('has in `multi` four platforms of six layers, two of them shared, and two attestations: 170 MiB', async () => {
    const image = await multi(1);
    const index = JSON.parse(Buffer.from(image.root.bytes).toString());
    const platforms = index.manifests.map((one: { platform: { architecture: string } }) => one.platform.architecture);
    expect(platforms).toEqual(['amd64', 'arm64', 'ppc64le', 's390x', 'unknown', 'unknown']);
    expect(image.layers).toHaveLength(2 + 4 * 4);
    expect(imageSize(image) / MIB).toBeCloseTo(170, 1);
  });

  it('changes one layer of each platform in the next release', async () => {
    const [before, after] = [await multi(1), await multi(2)];
    const known = new Set(before.layers.map(({ descriptor }) => descriptor.digest));
    const changed = after.layers.filter(({ descriptor }) => !known.has(descriptor.digest));
    expect(changed.map(({ layer }) => layer.seed.split('/')[1])).toEqual(['amd64', 'arm64', 'ppc64le', 's390x']);
  });

  it('has in `bulk` 200 tags of one repository and 100 repositories, over one base', async () => {
    const stored = bulk();
    expect(stored.filter(({ repository }) => repository === 'bulk/app')).toHaveLength(200);
    expect(new Set(stored.map(({ repository }) => repository)).size).toBe(101);
    const [first, last] = [await stored[0]?.build(), await stored.at(-1)?.build()];
    const digests = (image: typeof first) => image?.layers.map(({ descriptor }) => descriptor.digest) ?? [];
    expect(digests(first).slice(0, 3)).toEqual(digests(last).slice(0, 3));
    expect(digests(first)[3]).not.toBe(digests(last)[3]);
  });
});

describe('a scenario', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s finds its images', (_, scenario) => {
    const there = contentOf('source').flatMap(({ repository, tags }) => tags.map((tag) => `${repository}:${tag}`));
    for (const { source, destinations } of scenario.wanted) {
      expect(there).toContain(`${source.repository}:${source.tag}`);
      for (const { registry } of destinations) expect(registry).toBeLessThan(scenario.destinations);
    }
  });

  it('to which nothing is to be done has every place filled beforehand', () => {
    for (const scenario of SCENARIOS.filter(({ name }) => name === 'plan' || name === 'same')) {
      const held = contentOf(scenario.held).flatMap(({ repository, tags }) =>
        tags.map((tag) => `${repository}:${tag}`),
      );
      const wanted = scenario.wanted.flatMap(({ destinations }) => destinations);
      expect(wanted.filter(({ repository, tag }) => !held.includes(`${repository}:${tag}`))).toEqual([]);
    }
  });

  it('that moves something has a place that is not filled', () => {
    for (const scenario of SCENARIOS.filter(({ name }) => name !== 'plan' && name !== 'same')) {
      const held = contentOf(scenario.held).flatMap(({ repository, tags }) =>
        tags.map((tag) => `${repository}:${tag}`),
      );
      for (const { destinations } of scenario.wanted) {
        for (const { repository, tag } of destinations) expect(held).not.toContain(`${repository}:${tag}`);
      }
    }
  });
});
