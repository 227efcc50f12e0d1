import { content, cosignTag, image, multiPlatform, sbomReferrer, signatureImage } from '../../local/images';
import type { RepositoryState, RunningRegistry } from '../../local/registry';
import { removeManifest } from '../../local/registry/manifests';
import { type Bench, digestAt, openBench, QUICK } from './drive';

const app = multiPlatform({ seed: 'verified' });
const tool = image({ seed: 'tool' });
const sbom = sbomReferrer(app.root.descriptor);
const signed = cosignTag(app.root.descriptor);

let bench: Bench;
let source: RunningRegistry;
let destination: RunningRegistry;

async function open(options: Parameters<Bench['registry']>[0] = {}): Promise<void> {
  bench = openBench();
  source = await bench.registry(options);
  destination = await bench.registry(options);
  source.state.place('org/app', app, 'v1');
  source.state.place('org/tool', tool, 'v1');
  await mirror();
}
beforeEach(() => open());
afterEach(() => bench.close());

const run = (command: string, ...flags: string[]) =>
  bench.run([command, '-f', 'mirrors.yaml', '--plain-http', ...QUICK, ...flags]);
const events = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));
const held = (name: string) => destination.state.repositories.get(name) as RepositoryState;
const place = (name: string) => `${destination.host}/m/${name}:v1`;

async function mirror(): Promise<void> {
  const row = (name: string) => ({
    source: `${source.host}/org/${name}:v1`,
    destination: `${destination.host}/m/${name}`,
  });
  bench.write('mirrors.yaml', JSON.stringify({ mirrors: [row('app'), row('tool')] }));
  expect((await run('sync')).code).toBe(0);
}

describe('ecr-mirror verify', () => {
  it('says that all is whole, reading nothing at the source', async () => {
    source.forgetRequests();
    const { code, out, err } = await run('verify');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out.slice(0, 2).sort()).toEqual(
      ['app', 'tool'].map((name) => `whole    ${source.host}/org/${name}:v1 -> ${place(name)}`),
    );
    expect(out.at(-2)).toBe('2 whole, 0 repaired, 0 lacking, 0 skipped, 0 failed');
    expect(source.requests.filter(({ method, kind }) => method === 'GET' && /manifest|blob/.test(kind))).toEqual([]);
  });

  const layer = tool.blobs.at(-1)?.descriptor.digest ?? '';
  const child = app.manifests[0]?.descriptor.digest ?? '';
  const cases: readonly [string, () => unknown, string, string][] = [
    [
      'a layer',
      () => destination.state.deleteBlob('m/tool', layer),
      'tool',
      `layer ${layer} of ${tool.root.descriptor.digest} is not there`,
    ],
    ['a platform of an index', () => removeManifest(held('m/app'), child), 'app', `manifest ${child} is not there`],
    ['a tag', () => held('m/tool').tags.delete('v1'), 'tool', 'tag v1 is not there'],
    [
      'a tag that was moved by hand',
      () => {
        destination.state.place('m/tool', image({ seed: 'by hand' }), 'v1');
      },
      'tool',
      "tag v1 names another image than the source's",
    ],
  ];

  it.each(cases.slice(0, 2))('finds %s that sync does not miss, and sends it again when asked to', async (...one) => {
    const [, breakIt, name, says] = one;
    await breakIt();
    expect((await run('sync')).out.at(-2)).toMatch(/^0 copied, 2 up to date/);
    const found = await run('verify');
    expect(found).toMatchObject({ code: 1, err: [`lacking  ${place(name)}: ${says}`] });
    expect(found.out.at(-2)).toBe('1 whole, 0 repaired, 1 lacking, 0 skipped, 0 failed');
    const repaired = await run('verify', '--repair');
    expect(repaired).toMatchObject({ code: 0, err: [] });
    expect(repaired.out).toContain(`repaired ${place(name)}: ${says}`);
    expect(repaired.out.at(-2)).toBe('1 whole, 1 repaired, 0 lacking, 0 skipped, 0 failed');
    expect((await run('verify')).out.at(-2)).toBe('2 whole, 0 repaired, 0 lacking, 0 skipped, 0 failed');
  });

  it.each(cases.slice(2))('finds %s before sync does, and mends it like sync', async (_, breakIt, name, says) => {
    await breakIt();
    const found = await run('verify');
    expect(found).toMatchObject({ code: 1, err: [`lacking  ${place(name)}: ${says}`] });
    const repaired = await run('verify', '--repair');
    expect(repaired.code).toBe(0);
    expect(repaired.out).toContain(`repaired ${place(name)}: ${says}`);
    expect(digestAt(destination, `m/${name}`, 'v1')).toBe(digestAt(source, `org/${name}`, 'v1'));
  });

  it('finds referrers that expired at the destination, whichever way registries list them', async () => {
    for (const referrers of [true, false]) {
      await bench.close();
      await open({ referrers });
      source.state.place('org/app', sbom);
      source.state.place('org/app', signatureImage(app.root.descriptor), signed);
      if (!referrers) {
        const tag = app.root.descriptor.digest.replace(':', '-');
        source.state.place('org/app', listOf(sbom.root.descriptor), tag);
      }
      expect((await run('sync')).code).toBe(0);
      removeManifest(held('m/app'), sbom.root.descriptor.digest);
      held('m/app').tags.delete(signed);
      const { err } = await run('verify');
      expect([...err].sort()).toEqual([
        `lacking  ${place('app')}: manifest ${sbom.root.descriptor.digest} is not there`,
        `lacking  ${place('app')}: tag ${signed} is not there`,
      ]);
      expect((await run('verify', '--repair')).code).toBe(0);
      expect((await run('verify')).code).toBe(0);
      expect(held('m/app').tags.has(signed)).toBe(true);
    }
  });

  it('says what cannot be sent again because the source has it no longer, and proves the rest', async () => {
    source.state.repositories.clear();
    const gone = await run('verify');
    expect(gone.out.at(-2)).toBe('2 whole, 0 repaired, 0 lacking, 0 skipped, 2 failed');
    await destination.state.deleteBlob('m/tool', layer);
    const { code, err } = await run('verify', '--repair');
    expect(code).toBe(1);
    expect(err).toContainEqual(
      `lacking  ${place('tool')}: layer ${layer} of ${tool.root.descriptor.digest} is not there`,
    );
    expect(err).toContainEqual(expect.stringMatching(/^failed {3}\S+\/m\/tool:v1: destination: verify: .*; source: /));
  });

  it('gives machines one line an image', async () => {
    await destination.state.deleteBlob('m/tool', layer);
    const lines = events((await run('verify', '--repair', '--json')).out);
    expect(
      lines
        .filter(({ event }) => event === 'verified')
        .map(({ destination, finding, lacks }) => [destination, finding, lacks.length])
        .sort(),
    ).toEqual([
      [place('app'), 'whole', 0],
      [place('tool'), 'repaired', 1],
    ]);
    expect(lines.at(-1)).toMatchObject({ event: 'summary', whole: 1, repaired: 1, lacking: 0, failed: 0, left: 0 });
  });

  it('is no matter of schedules, and tells of rows that are wrong', async () => {
    bench.write(
      'mirrors.yaml',
      JSON.stringify({
        mirrors: [
          { source: `${source.host}/org/tool:v1`, destination: `${destination.host}/m/tool`, every: '1d' },
          { source: `${source.host}/org/app:v1`, destinatoin: 'x.example/y' },
        ],
      }),
    );
    const { code, out, err } = await run('verify');
    expect(code).toBe(1);
    expect(out.at(-2)).toBe('1 whole, 0 repaired, 0 lacking, 0 skipped, 1 failed');
    expect(err).toEqual([expect.stringContaining('destinatoin')]);
  });
});

function listOf(referrer: { readonly mediaType: string; readonly digest: string; readonly size: number }) {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const { mediaType: type, digest, size } = referrer;
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType, manifests: [{ mediaType: type, digest, size }] }),
  );
  const root = content(mediaType, bytes);
  return { root, manifests: [root], blobs: [] };
}
