import { readFileSync, writeFileSync } from 'node:fs';
import { MediaType } from '../../lib/model/descriptor';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import { describeWith } from './needs';
import { pushBlob, pushImage } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';

interface Line {
  readonly event: string;
  readonly reason?: string;
  readonly digest?: string;
  readonly kept?: string;
}

describeWith(['docker-registry'], 'rows about tags that move', () => {
  let source: RealRegistry;
  let destination: RealRegistry;

  beforeAll(async () => {
    [source, destination] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
  });
  afterAll(() => Promise.all([source.close(), destination.close()]));

  const publish = async (repository: string, text: string) => {
    const place = { url: source.url, repository };
    await pushImage(place, '1', [await pushBlob(place, Buffer.from(text), MediaType.OCI_LAYER)]);
  };
  const sync = async (file: string): Promise<Line[]> => {
    const done = await ecrMirror('sync', '-f', file, '--plain-http', '--json');
    expectExit(done, 0);
    const lines = done.stdout.trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Line).filter(({ event }) => event !== 'summary');
  };
  const held = async (repository: string, reference: string) => {
    const headers = { accept: [MediaType.OCI_MANIFEST, MediaType.OCI_INDEX].join(', ') };
    const response = await fetch(`${destination.url}/v2/${repository}/manifests/${reference}`, { headers });
    await response.arrayBuffer();
    return response.headers.get('docker-content-digest') ?? undefined;
  };
  const row = (name: string, more: object) => ({
    source: `${source.host}/team/${name}:1`,
    destination: `${destination.host}/${name}`,
    ...more,
  });

  it('keep what a tag held, once, under the day it moved', async () => {
    await withMirrors([row('kept', { keepPrevious: true })], async (file) => {
      await publish('team/kept', 'first');
      const [first] = await sync(file);
      expect(first).toMatchObject({ event: 'copied' });
      await publish('team/kept', 'second');
      const [second] = await sync(file);
      expect(second?.kept).toMatch(/^prev-1-\d{8}$/);
      expect(await held('kept', second?.kept ?? '')).toBe(first?.digest);
      expect(await held('kept', first?.digest ?? '')).toBe(first?.digest);
      expect(await held('kept', '1')).toBe(second?.digest);
      expect(await sync(file)).toMatchObject([{ reason: 'up-to-date' }]);
    });
  });

  it('wait until a digest has been known for as long as they ask', async () => {
    await withMirrors([row('young', { minAge: '3d' })], async (file) => {
      await publish('team/young', 'first');
      expect(await sync(file)).toMatchObject([{ event: 'skipped', reason: 'too-young' }]);
      expect(await held('young', '1')).toBeUndefined();
      daysPass(3, `${file}.state.json`);
      const [first] = await sync(file);
      expect(first).toMatchObject({ event: 'copied' });
      await publish('team/young', 'second');
      expect(await sync(file)).toMatchObject([{ event: 'skipped', reason: 'up-to-date' }]);
      expect(await held('young', '1')).toBe(first?.digest);
      daysPass(3, `${file}.state.json`);
      const [second] = await sync(file);
      expect(await held('young', '1')).toBe(second?.digest);
      expect(second?.digest).not.toBe(first?.digest);
    });
  });
});

/** What is remembered is as if it had been written so long ago: the processes' clock is the machine's. */
function daysPass(days: number, state: string): void {
  const document = JSON.parse(readFileSync(state, 'utf8'));
  for (const { digests } of Object.values(document.seen as Record<string, { digests: { since: number }[] }>)) {
    for (const one of digests) one.since -= days * 86_400_000;
  }
  writeFileSync(state, JSON.stringify(document));
}
