import { setTimeout as sleep } from 'node:timers/promises';
import { MediaType } from '../../lib/model/descriptor';
import { type CountingProxy, countingProxy } from './counting-proxy';
import { expectExit, withMirrors } from './ecr-mirror';
import { allTags } from './judge';
import { describeWith } from './needs';
import { start } from './process';
import { pushBlob, pushImage } from './push';
import { type RealRegistry, startDockerRegistry } from './registries';
import { withFolder } from './temporary';

const LIMIT = 10;
const WINDOW = 5;
const IMAGES = 14;

/** A registry behind Docker Hub's limit: reading a manifest counts within a window that slides, and all answers tell what is left. */
function limited() {
  const times: number[] = [];
  return (method: string, path: string) => {
    if (!/\/manifests\//.test(path)) return undefined;
    const now = Date.now();
    const used = times.filter((time) => time > now - WINDOW * 1000).length;
    const refused = method === 'GET' && used >= LIMIT;
    if (method === 'GET' && !refused) times.push(now);
    const left = LIMIT - used - (method === 'GET' && !refused ? 1 : 0);
    const headers = {
      'ratelimit-limit': `${LIMIT};w=${WINDOW}`,
      'ratelimit-remaining': `${left};w=${WINDOW}`,
      'docker-ratelimit-source': '203.0.113.7',
    };
    return { headers, refused };
  };
}

describeWith(['docker-registry'], `${IMAGES} images of a registry that lets ${LIMIT} be pulled`, () => {
  const registries: RealRegistry[] = [];
  let proxy: CountingProxy;
  let mirrors: object[];

  beforeAll(async () => {
    registries.push(await startDockerRegistry(), await startDockerRegistry());
    const [source, destination] = registries as [RealRegistry, RealRegistry];
    const layer = { url: source.url, repository: 'library/app' };
    const blob = await pushBlob(layer, Buffer.from('a layer that all of them have'), MediaType.OCI_LAYER);
    for (let tag = 0; tag < IMAGES; tag += 1) await pushImage(layer, `1.${tag}`, [blob]);
    proxy = await countingProxy(source.url, { meter: limited() });
    mirrors = Array.from({ length: IMAGES }, (_, tag) => ({
      source: `docker.io/library/app:1.${tag}`,
      destination: `${destination.host}/mirror/app`,
    }));
  });

  afterAll(async () => {
    await proxy?.close();
    for (const registry of registries) await registry.close();
  });

  const run = (command: string, file: string) =>
    withFolder((home) => {
      const env = { HOME: home, DOCKER_CONFIG: home, REGISTRY_ENDPOINTS: JSON.stringify({ 'docker.io': proxy.url }) };
      const { host = '' } = registries[1] ?? {};
      const words = [command, '-f', file, `--plain-http=${host}`, '--json'];
      return start(process.execPath, ['assets/cli/ecr-mirror.js', ...words], { env }).ended;
    });
  const told = (stdout: string, event: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((line) => line.event === event);

  it('are priced, copied as far as it lets, and copied whole when its window has moved on, without one refusal', async () => {
    await withMirrors(mirrors, async (file) => {
      const plan = await run('plan', file);
      expectExit(plan, 0);
      const [{ pulls }] = told(plan.stdout, 'price');
      expect(pulls).toMatchObject([{ source: '203.0.113.7', expected: IMAGES, left: LIMIT, free: 9, putOff: 5 }]);

      const first = await run('sync', file);
      expectExit(first, 75);
      expect(told(first.stdout, 'summary')).toMatchObject([{ copied: 9, putOff: 5, failed: 0 }]);
      await sleep(WINDOW * 1000);
      const second = await run('sync', file);
      expectExit(second, 0);
      expect(told(second.stdout, 'summary')).toMatchObject([{ copied: 5, upToDate: 9, putOff: 0 }]);

      const there = await allTags({ url: registries[1]?.url ?? '', repository: 'mirror/app' });
      expect(there).toHaveLength(IMAGES);
      expect(proxy.seen.filter(({ status }) => status === 429)).toEqual([]);
    });
  });
});
