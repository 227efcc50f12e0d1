import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { ecrMirror, expectExit, withMirrors } from './ecr-mirror';
import { allTags, type Place, rawManifest, referrersOf, whatIsMissing } from './judge';
import { describeWith } from './needs';
import { pushBlob, pushImage, pushIndex, pushReferrer } from './push';
import { type RealRegistry, startDockerRegistry, startGgcrRegistry } from './registries';

/** What is signed after it was mirrored, and what real registries lose: found, and mended. */

interface Kind {
  readonly program: string;
  readonly begin: () => Promise<RealRegistry>;
  readonly listedBy: 'tag' | 'api';
}

const KINDS: readonly Kind[] = [
  { program: 'docker-registry', begin: startDockerRegistry, listedBy: 'tag' },
  { program: 'ggcr-registry', begin: startGgcrRegistry, listedBy: 'api' },
];

for (const { program, begin, listedBy } of KINDS) {
  describeWith([program], `an image that was mirrored between two of ${program}`, () => {
    const registries: RealRegistry[] = [];
    let from: Place;
    let to: Place & { readonly content: string };
    let mirrors: object[];
    let layer: Descriptor;
    let amd64: Descriptor;
    let root: Descriptor;
    let note: Descriptor;

    beforeAll(async () => {
      registries.push(await begin(), await begin());
      const [source, destination] = registries as [RealRegistry, RealRegistry];
      from = { url: source.url, repository: 'upstream/app' };
      to = { url: destination.url, repository: 'mirror/app', content: destination.content };
      mirrors = [
        { source: `${source.host}/${from.repository}:1.0`, destination: `${destination.host}/${to.repository}` },
      ];
      layer = await pushBlob(from, Buffer.from('the layer of amd64'), MediaType.OCI_LAYER);
      amd64 = await pushImage(from, 'amd64', [layer]);
      const arm64 = await pushImage(from, 'arm64', [
        await pushBlob(from, Buffer.from('of arm64'), MediaType.OCI_LAYER),
      ]);
      root = await pushIndex(from, '1.0', [amd64, arm64]);
      expectExit(await run('sync'), 0);
    });

    afterAll(async () => {
      for (const registry of registries) await registry.close();
    });

    const run = (command: string, ...flags: string[]) =>
      withMirrors(mirrors, (file) => ecrMirror(command, '-f', file, '--plain-http', ...flags));

    /** Runs it, and says how it went: what it copied, of how many bytes, why. */
    async function events(command: string, ...flags: string[]): Promise<Record<string, unknown>[]> {
      const { stdout } = await run(command, '--json', ...flags);
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    }

    /** As cosign does: an image under a tag that is made from the digest. */
    const sign = async ({ digest }: Descriptor, text: string): Promise<string> => {
      const tag = `${digest.replace(':', '-')}.sig`;
      await pushImage(from, tag, [await pushBlob(from, Buffer.from(text), MediaType.OCI_LAYER)]);
      return tag;
    };

    it.each(['by a tag', 'by a tag that moves', 'by a tag of a platform'])(
      'is followed by its signature: %s',
      async (how) => {
        const tag = await sign(how.includes('platform') ? amd64 : root, how);
        const [planned] = await events('plan');
        expect(planned).toMatchObject({ event: 'copy', why: 'referrers' });
        const [copied] = await events('sync');
        expect(copied).toMatchObject({ event: 'copied' });
        expect((await rawManifest(to, tag))?.digest).toBe((await rawManifest(from, tag))?.digest);
        expect((await events('plan'))[0]).toMatchObject({ event: 'skipped', reason: 'up-to-date' });
      },
    );

    it(`is followed by its referrer, which each registry lists by its ${listedBy}`, async () => {
      note = await pushReferrer(from, root);
      if (listedBy === 'tag') await pushIndex(from, root.digest.replace(':', '-'), [note]);
      expect((await events('sync'))[0]).toMatchObject({ event: 'copied' });
      expect(await referrersOf(to, root.digest)).toEqual({ by: listedBy, digests: [note.digest] });
    });

    it('is found whole', async () => {
      expect(await events('verify')).toMatchObject([
        { event: 'verified', finding: 'whole', lacks: [] },
        { event: 'summary', whole: 1, lacking: 0 },
      ]);
    });

    const losses: readonly [string, () => Promise<void>, () => string][] = [
      [
        'a layer, on its disk',
        async () => loseBlob(to.content, layer),
        () => `layer ${layer.digest} of ${amd64.digest} is not there`,
      ],
      ['a platform of the index', () => removeManifest(to, amd64), () => `manifest ${amd64.digest} is not there`],
      ['a referrer', () => removeManifest(to, note), () => `manifest ${note.digest} is not there`],
    ];

    it.each(losses)('is found lacking, and made whole again: %s', async (_, lose, says) => {
      await lose();
      const plan = await events('plan');
      const found = await events('verify');
      expect(found[0]).toMatchObject({ event: 'verified', finding: 'lacking', lacks: [says()] });
      expect((await events('verify', '--repair'))[0]).toMatchObject({ finding: 'repaired', lacks: [says()] });
      expect(await whatIsMissing(to, '1.0')).toEqual([]);
      expect((await referrersOf(to, root.digest)).digests).toEqual([note.digest]);
      expect((await events('verify'))[0]).toMatchObject({ finding: 'whole' });
      // Nothing but this finds it, unless the registry lists referrers by itself.
      expect(plan[0]).toMatchObject(
        _ === 'a referrer' && listedBy === 'api' ? { why: 'referrers' } : { reason: 'up-to-date' },
      );
    });

    it('is tagged again after somebody has moved its tag by hand', async () => {
      await pushIndex(to, '1.0', [amd64]);
      expect((await events('verify'))[0]).toMatchObject({
        finding: 'lacking',
        lacks: ["tag 1.0 names another image than the source's"],
      });
      expect((await events('verify', '--repair'))[0]).toMatchObject({ finding: 'repaired' });
      expect((await rawManifest(to, '1.0'))?.digest).toBe(root.digest);
      expect((await allTags(to)).includes('1.0')).toBe(true);
    });
  });
}

/** Removes every file of a blob, however the registry lays them out. */
function loseBlob(folder: string, { digest }: Descriptor): void {
  const hex = digest.slice('sha256:'.length);
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(hex) || path.endsWith(join(hex, 'data')))
    .filter((path) => statSync(join(folder, path)).isFile());
  if (found.length === 0) throw new Error(`${digest} is in no file of ${folder}`);
  for (const path of found) rmSync(join(folder, path));
}

async function removeManifest({ url, repository }: Place, { digest }: Descriptor): Promise<void> {
  const answer = await fetch(`${url}/v2/${repository}/manifests/${digest}`, { method: 'DELETE' });
  if (answer.status !== 202) throw new Error(`DELETE ${digest}: status ${answer.status}`);
}
