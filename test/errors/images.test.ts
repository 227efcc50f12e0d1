import { copyImage } from '../../engine/copy';
import { parseManifest } from '../../engine/graph';
import { Resolver } from '../../engine/resolve';
import { Session } from '../../engine/session';
import type { CopyDestination } from '../../lib/model/copy';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import type { ContentCode } from '../../lib/model/error-code';
import { ERRORS } from '../../lib/model/errors';
import { previousTags } from '../../lib/model/own-tags';
import { parseReference } from '../../lib/model/reference';
import { multiPlatform } from '../../local/images';
import { type Bench as CommandBench, openBench, QUICK } from '../bin/drive';
import { Bench, blobOf, errorBody, failureOf, MANIFEST, manifest, type Reply } from '../engine/registry/scripted';
import { ImageMaker, MemoryRegistries } from '../fakes/memory-store';
import { keySigner } from '../signatures/sigstore';

const bench = new Bench();
let commands: CommandBench;
beforeEach(() => {
  commands = openBench();
});
afterEach(async () => {
  await commands.close();
  await bench.close();
});

const storeOf = async (reply: Reply) => bench.store(await bench.serve(() => reply));
const codeOf = async (failing: Promise<unknown>) => ((await failureOf(failing)) as Error & { code?: string }).code;

/** The code of the last failure that a command tells machines of. */
async function told(...argv: string[]): Promise<string | undefined> {
  const { out } = await commands.run([...argv, '--json', '--plain-http', ...QUICK]);
  return out.map((line) => JSON.parse(line).code).findLast((code) => code !== undefined);
}

/** Copies an image between two registries. */
async function copied(...flags: string[]): Promise<string | undefined> {
  const [source, destination] = [await commands.registry(), await commands.registry()];
  source.state.place('app', multiPlatform({ seed: 'app' }), 'v1');
  return told('copy', `${source.host}/app:v1`, `${destination.host}/app`, ...flags);
}

/** What brings each about: its code, as it was told. */
const PROVOKED: Readonly<Record<ContentCode, () => Promise<string | undefined>>> = {
  CONTENT_MISMATCH: async () => codeOf((await storeOf({ status: 200, body: '{}' })).fetchManifest(manifest)),
  CONTENT_MISSING: async () =>
    codeOf((await storeOf({ status: 400, body: errorBody('MANIFEST_BLOB_UNKNOWN') })).pushManifest(manifest, MANIFEST)),
  async CONTENT_LACKING() {
    const [source, destination] = [await commands.registry(), await commands.registry()];
    source.state.place('app', multiPlatform({ seed: 'app' }), 'v1');
    commands.write(
      'mirrors.json',
      JSON.stringify({ mirrors: [{ source: `${source.host}/app:v1`, destination: `${destination.host}/app` }] }),
    );
    return told('verify', '-f', 'mirrors.json');
  },
  MANIFEST_UNSUPPORTED: () => codeOf((async () => parseManifest(manifest, Buffer.from('no JSON')))()),
  async DIGEST_UNSUPPORTED() {
    const server = await bench.serve(({ method }) =>
      method === 'PUT'
        ? { status: 400, body: errorBody('DIGEST_INVALID') }
        : { status: 202, headers: { location: '/v2/app/blobs/uploads/1' } },
    );
    const { createHash } = await import('node:crypto');
    const bytes = Buffer.from('x');
    const digest = `sha512:${createHash('sha512').update(bytes).digest('hex')}` as Descriptor['digest'];
    return codeOf(bench.store(server).pushBlob({ ...blobOf(bytes), digest }, bytes));
  },
  PLATFORM_MISSING: () => copied('--platform', 'linux/riscv64'),
  TOO_LARGE: async () => codeOf((await storeOf({ status: 200 })).fetchManifest({ ...manifest, size: 5_000_000 })),
  async UNSIGNED() {
    commands.write('cosign.pub', keySigner().publicKey);
    return copied('--require-key', 'cosign.pub');
  },
  async REFERRERS_CONTENDED() {
    // Whatever is written, somebody else has replaced it.
    const server = await bench.serve(({ method }) => (method === 'PUT' ? { status: 201 } : { status: 404 }));
    const referrer = { ...manifest, mediaType: MediaType.OCI_MANIFEST };
    return codeOf((async () => bench.store(server).addReferrer?.(manifest.digest, referrer))());
  },
  async LAYOUT_INVALID() {
    commands.write('oci-layout', '{"imageLayoutVersion":"1.0.0"}');
    commands.write('index.json', '[');
    return told('copy', 'oci:.:v1', 'registry.invalid/app');
  },
  async STORAGE_FAILED() {
    commands.write('images.tar', 'no tar file, however long this text may be'.repeat(50));
    return told('copy', 'oci-archive:images.tar:v1', 'registry.invalid/app');
  },
};

describe('an error about an image', () => {
  it.each(Object.keys(PROVOKED) as ContentCode[])('is called %s', async (code) => {
    expect(await PROVOKED[code]()).toBe(code);
    expect(ERRORS[code].sides).toBeDefined();
  });
});

describe('a copy', () => {
  const OURS = 'our.example/app';
  const NOW = Date.UTC(2026, 0, 1);
  async function outcome(more: Partial<CopyDestination>, mayTag: () => Promise<boolean>, held: boolean) {
    const registries = new MemoryRegistries();
    const make = new ImageMaker(registries.store('docker.io/library/app'));
    const root = make.image(['layer']);
    if (held) {
      const ours = registries.store(OURS);
      const other = new ImageMaker(ours);
      const [first, second] = [other.image(['first'], {}, '1'), other.image(['second'])];
      for (const name of previousTags('1', first.digest, NOW)) ours.tagged.set(name, second.digest);
    }
    const copy = {
      mirrors: ['row'],
      source: { ...parseReference('docker.io/library/app:1'), digest: root.digest },
      root,
      destinations: [{ reference: parseReference(`${OURS}:1`), why: 'changed' as const, ...more }],
      referrers: false,
    };
    const clock = { now: () => NOW, sleep: async () => undefined };
    const [ended] = await copyImage(copy, registries.stores, new Session({ clock }), { mayTag });
    return ended;
  }

  it('that another run has taken over is OVERTAKEN', async () => {
    expect(await outcome({}, async () => false, false)).toMatchObject({ code: 'OVERTAKEN', cause: 'stopped' });
  });

  it('that cannot keep what the tag held, because the names for it are taken, is KEPT_TAG_TAKEN', async () => {
    expect(await outcome({ keepPrevious: true }, async () => true, true)).toMatchObject({ code: 'KEPT_TAG_TAKEN' });
  });
});

it('more tags than a row may have copies are SELECTION_TOO_LARGE', async () => {
  const registries = new MemoryRegistries();
  const make = new ImageMaker(registries.store('docker.io/library/app'));
  const { digest } = make.image(['layer']);
  for (let i = 0; i <= 10_000; i++) registries.store('docker.io/library/app').tagged.set(`1.${i}`, digest);
  const [found] = await new Resolver(registries.stores).resolve({
    key: 'row',
    source: parseReference('docker.io/library/app').repository,
    select: { kind: 'tags', selection: {} },
    destinations: [{ repository: parseReference('our.example/app').repository }],
    referrers: true,
    paused: false,
  });
  expect(found).toMatchObject({ kind: 'failed', error: { code: 'SELECTION_TOO_LARGE' } });
});
