import type { Descriptor } from '../../lib/model/descriptor';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import type { Place } from './judge';
import { describeWith } from './needs';
import { pushImage, pushManifest, pushRandomLayer } from './push';
import { type RealRegistry, startDockerRegistry, startGgcrRegistry } from './registries';

/** Versions of an image that has many. Pages have at most 1,000 tags; docker-registry, where a push takes longer, has none. */
const MINORS = 30;

interface Line {
  readonly event: string;
  readonly tag?: string;
  readonly selected?: boolean | number;
  readonly stage?: string;
  readonly tags?: number;
}

/** One image under many tags. */
async function pushTags(place: Place, tags: readonly string[]): Promise<void> {
  const image = await pushImage(place, 'latest', [await pushRandomLayer(place, 1024)]);
  const answer = await fetch(`${place.url}/v2/${place.repository}/manifests/latest`, {
    headers: { accept: image.mediaType },
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  for (let at = 0; at < tags.length; at += 20) {
    const some = tags.slice(at, at + 20);
    await Promise.all(some.map((tag): Promise<Descriptor> => pushManifest(place, tag, image.mediaType, bytes)));
  }
}

async function explain(...argv: readonly string[]): Promise<readonly Line[]> {
  const done = await ecrMirror('tags', ...argv, '--plain-http', '--json');
  expectExit(done, 0);
  return done.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const selected = (lines: readonly Line[]) => lines.flatMap(({ tag, selected: is }) => (is === true ? [tag] : []));

describe.each([
  ['docker-registry', startDockerRegistry, 10],
  ['ggcr-registry', startGgcrRegistry, 40],
] as const)('the tags of an image, on %s', (tool, start, patches) => {
  describeWith([tool], `which has more than ${MINORS * patches} of them`, () => {
    const newest = Array.from({ length: 5 }, (_, at) => `1.${MINORS - 1}.${patches - 1 - at}`);
    let registry: RealRegistry;
    let source: string;

    beforeAll(async () => {
      registry = await start();
      source = `${registry.host}/team/app`;
      const versions = Array.from(
        { length: MINORS * patches },
        (_, at) => `1.${at % MINORS}.${Math.floor(at / MINORS)}`,
      );
      const variants = newest.map((version) => `${version}-alpine`);
      await pushTags({ url: registry.url, repository: 'team/app' }, [
        ...versions,
        ...variants,
        '2026-01-31',
        'v2.0.0-rc.1',
      ]);
    });

    afterAll(() => registry?.close());

    it('are all there, however it pages', async () => {
      const lines = await explain(source);
      expect(lines.at(-1)).toMatchObject({ event: 'selection', tags: MINORS * patches + 8 });
    });

    it('are selected by a regular expression, a range and a line', async () => {
      expect(selected(await explain(source, '--include', `/^1\\.${MINORS - 1}\\.\\d+$/`, '--latest', '5'))).toEqual(
        newest,
      );
      expect(selected(await explain(source, '--semver', '>=1.0.0 <2', '--latest', '5'))).toEqual(newest);
      const alpine = await explain(source, '--include', '/-alpine$/', '--latest', '2');
      expect(selected(alpine)).toEqual([`${newest[0]}-alpine`, `${newest[1]}-alpine`]);
    });

    it('are copied as they were explained', async () => {
      const destination = `${registry.host}/mirror/app`;
      const patch = newest.map((version) => version.split('.')[2]).join('|');
      const tags = { include: [`/^1[.]${MINORS - 1}[.](${patch})$/`, '*-alpine'], exclude: ['/-ALPINE$/i'] };
      await withMirrors([{ source, tags, destination }], async (file) => {
        const explained = selected(await explain('-f', file, source));
        expectExit(await ecrMirror('sync', '-f', file, '--plain-http'), 0);
        expect(explained).toEqual(newest);
        expect(selected(await explain(destination))).toEqual(newest);
      });
    });
  });
});
