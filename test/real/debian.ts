import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { addSignature, type SigningKey, signatureTag } from './cosign';
import {
  addArtifact,
  addBlob,
  addIndex,
  addManifest,
  forPlatform,
  type Layout,
  newLayout,
  referrersTag,
  tagged,
} from './layout';
import { run } from './process';

/** Real input: a Debian root file system as images for two platforms, their index, a signature and a list of its packages. */
export interface DebianImages {
  readonly layout: Layout;
  /** One platform. */
  readonly amd64: Descriptor;
  readonly arm64: Descriptor;
  /** Both, and a BuildKit-like attestation of the first. Tag `index` in the layout. */
  readonly index: Descriptor;
  /** Has the index as its subject. Tag `packages` in the layout. */
  readonly packages: Descriptor;
  /** Tag of the list of the index's referrers, for registries without an API for it. */
  readonly referrersTag: string;
  /** Tags of all in the layout. */
  readonly tags: readonly string[];
}

/**
 * @param folder where the layout goes
 * @param key signs the index and the amd64 image as `identity`
 */
export async function debianImages(folder: string, key: SigningKey, identity: string): Promise<DebianImages> {
  const base = await baseImages();
  cpSync(join(base, 'layout'), folder, { recursive: true });
  const layout: Layout = { folder };
  const amd64 = tagged(layout, 'amd64');
  const arm64 = tagged(layout, 'arm64');
  const children = [
    forPlatform(amd64, { os: 'linux', architecture: 'amd64' }),
    forPlatform(arm64, { os: 'linux', architecture: 'arm64', variant: 'v8' }),
    attestation(layout, amd64),
  ];
  const index = addIndex(layout, children, 'index');
  addSignature(layout, key, index.digest, identity);
  addSignature(layout, key, amd64.digest, identity);
  const packages = addArtifact(
    layout,
    {
      type: 'application/vnd.example.packages+json',
      content: readFileSync(join(base, 'packages.json'), 'utf8'),
      subject: index,
    },
    'packages',
  );
  addIndex(layout, [packages], referrersTag(index.digest));
  const fallback = referrersTag(index.digest);
  const signatures = [signatureTag(index.digest), signatureTag(amd64.digest)];
  return {
    layout,
    amd64,
    arm64,
    index,
    packages,
    referrersTag: fallback,
    tags: ['amd64', 'arm64', 'index', ...signatures, 'packages', fallback],
  };
}

/** What BuildKit puts beside each image of an index: a child of the platform unknown/unknown. */
function attestation(layout: Layout, about: Descriptor): Descriptor {
  const statement = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [{ name: 'debian', digest: { sha256: about.digest.slice('sha256:'.length) } }],
  });
  const layer = addBlob(layout, 'application/vnd.in-toto+json', statement);
  const config = addBlob(
    layout,
    MediaType.OCI_CONFIG,
    JSON.stringify({
      architecture: 'unknown',
      os: 'unknown',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
  );
  const manifest = { schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, config, layers: [layer] };
  return {
    ...addManifest(layout, MediaType.OCI_MANIFEST, manifest),
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': about.digest,
    },
  };
}

/**
 * A folder with `layout`, which holds the two images, and `packages.json`, which names the packages in them. Built once
 * and kept for further runs outside the working tree.
 */
async function baseImages(): Promise<string> {
  const cache = process.env.REAL_CACHE ?? join(tmpdir(), 'ecr-mirror-real');
  const codename = debianCodename();
  const built = join(cache, `${codename}-1`);
  if (existsSync(built)) return built;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'build-'));
  try {
    const root = join(work, 'root');
    const made = join(work, 'made');
    await bootstrap(codename, root);
    mkdirSync(made);
    writeFileSync(join(made, 'packages.json'), JSON.stringify(packagesIn(root)));
    await makeImages(root, join(made, 'layout'));
    renameSync(made, built);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return built;
}

async function bootstrap(codename: string, root: string): Promise<void> {
  const proxy = /"(.+)"/.exec(await run('apt-config', ['dump', 'Acquire::http::Proxy']))?.[1];
  const options = proxy === undefined ? {} : { env: { http_proxy: proxy } };
  await run('debootstrap', ['--variant=minbase', codename, root, aptMirror(codename)], options);
}

function packagesIn(root: string): string[] {
  const status = readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8');
  return [...status.matchAll(/^Package: (.+)$/gm)].map((match) => match[1] ?? '');
}

/** Two images that share a layer, as umoci makes them: their manifests have no `mediaType`. */
async function makeImages(root: string, folder: string): Promise<void> {
  newLayout(folder);
  const image = (tag: string) => ['--image', `${folder}:${tag}`];
  await run('umoci', ['new', ...image('amd64')]);
  await run('umoci', ['insert', ...image('amd64'), root, '/']);
  await run('umoci', ['tag', ...image('amd64'), 'arm64']);
  const common = ['--os', 'linux', '--config.cmd', '/bin/bash'];
  await run('umoci', ['config', ...image('amd64'), '--architecture', 'amd64', ...common]);
  await run('umoci', ['config', ...image('arm64'), '--architecture', 'arm64', ...common]);
  await run('umoci', ['insert', ...image('arm64'), join(root, 'var/lib/dpkg/status'), '/var/lib/dpkg/status']);
}

function debianCodename(): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID=debian$/m.test(release) ? (/^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? 'bookworm') : 'bookworm';
}

/** The archive that this machine's own apt uses for the suite: from sources in either of apt's formats. */
function aptMirror(codename: string): string {
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...readdirSync(folder).map((name) => join(folder, name))];
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  const mirror = texts.map((text) => fromStanzas(text, codename) ?? fromLines(text, codename)).find(Boolean);
  if (mirror === undefined)
    throw new Error(`apt has no source for ${codename}: a "deb" line for its main part would do`);
  return mirror;
}

/** deb822: `URIs:` of the stanza whose `Suites:` has the codename. */
function fromStanzas(text: string, codename: string): string | undefined {
  const field = (stanza: string, name: string) =>
    new RegExp(`^${name}:(.*)$`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
  const stanza = text
    .split(/\n\s*\n/)
    .find((one) => field(one, 'Suites').includes(codename) && field(one, 'Components').includes('main'));
  return stanza === undefined ? undefined : field(stanza, 'URIs')[0];
}

/** `deb [options] uri suite component…` */
function fromLines(text: string, codename: string): string | undefined {
  return new RegExp(`^deb\\s+(?:\\[[^\\]]*\\]\\s+)?(\\S+)\\s+${codename}\\s+main\\b`, 'm').exec(text)?.[1];
}
