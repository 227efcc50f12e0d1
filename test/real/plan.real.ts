import { MediaType } from '../../lib/model/descriptor';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import type { Place } from './judge';
import { describeWith } from './needs';
import { pushBlob, pushImage } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';

const REPOSITORIES = 20;
const TAGS = 15;

interface Line {
  readonly event: string;
  /** With its digest. */
  readonly source?: string;
  readonly destination?: string;
  readonly reason?: string;
}

describeWith(['docker-registry'], `plan and sync of ${REPOSITORIES * TAGS} images`, () => {
  const registries: RealRegistry[] = [];
  let mirrors: object[];

  beforeAll(async () => {
    registries.push(await startDockerRegistry(), await startDockerRegistry());
    const [source, destination] = registries as [RealRegistry, RealRegistry];
    for (let number = 0; number < REPOSITORIES; number += 1) {
      await pushTags({ url: source.url, repository: `team/app-${number}` });
    }
    mirrors = Array.from({ length: REPOSITORIES }, (_, number) => ({
      source: `${source.host}/team/app-${number}`,
      tags: { include: ['1.*'] },
      destination: `${destination.host}/mirror/app-${number}`,
      referrers: number % 2 === 0,
    }));
  });

  afterAll(async () => {
    for (const registry of registries) await registry.close();
  });

  async function pushTags(place: Place): Promise<void> {
    const layer = await pushBlob(place, Buffer.from(`layer of ${place.repository}`), MediaType.OCI_LAYER);
    for (let tag = 0; tag < TAGS; tag += 1) await pushImage(place, `1.${tag}`, [layer]);
    await pushImage(place, 'not-wanted', [layer]);
  }

  /** What each image's fate was or would be: the source and digest that is copied, or the reason why not. By destination. */
  async function fates(command: 'plan' | 'sync', file: string): Promise<Map<string, string>> {
    const done = await ecrMirror(command, '-f', file, '--plain-http', '--json');
    expectExit(done, 0);
    const found = new Map<string, string>();
    for (const text of done.stdout.trim().split('\n')) {
      const line = JSON.parse(text) as Line;
      if (line.destination === undefined) continue;
      expect(found.has(line.destination)).toBe(false);
      found.set(line.destination, line.reason ?? `copy ${line.source}`);
    }
    return found;
  }

  it('agree image by image: on the first run, on an unchanged set, and on the one that moved', async () => {
    await withMirrors(mirrors, async (file) => {
      const planned = await fates('plan', file);
      expect(planned.size).toBe(REPOSITORIES * TAGS);
      expect([...planned.values()].filter((fate) => !/^copy .+@sha256:/.test(fate))).toEqual([]);
      expect(await fates('sync', file)).toEqual(planned);

      const unchanged = await fates('plan', file);
      expect([...unchanged.keys()].sort()).toEqual([...planned.keys()].sort());
      expect([...new Set(unchanged.values())]).toEqual(['up-to-date']);
      expect(await fates('sync', file)).toEqual(unchanged);

      await moveOneTag();
      const moved = await fates('plan', file);
      const copied = [...moved].filter(([, fate]) => fate.startsWith('copy'));
      expect(copied.map(([destination]) => destination)).toEqual([`${registries[1]?.host}/mirror/app-3:1.4`]);
      expect(await fates('sync', file)).toEqual(moved);
    });
  });

  async function moveOneTag(): Promise<void> {
    const place = { url: registries[0]?.url ?? '', repository: 'team/app-3' };
    await pushImage(place, '1.4', [await pushBlob(place, Buffer.from('moved'), MediaType.OCI_LAYER)]);
  }
});
