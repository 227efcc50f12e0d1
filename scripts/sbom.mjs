/**
 * What the package holds, as a software bill of materials: CycloneDX 1.6, the same bytes for the same content. No time is in it, and
 * its serial number is made of what it says.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagesIn } from './licences.mjs';

/** Where the build puts it. */
export const SBOM = 'assets/sbom.cdx.json';

/**
 * The text of the bill, from what was made in the working directory.
 *
 * @param bundles - `{ name, files, metafile }` of each: its code and what esbuild says of it
 * @throws Error for a package that the lock file does not have, or that has no licence
 */
export function makeSbom(bundles) {
  const [manifest, lock] = ['package.json', 'package-lock.json'].map((file) => JSON.parse(readFileSync(file, 'utf8')));
  return sbomOf(bundles, manifest, lock, readFileSync('container/Dockerfile', 'utf8'));
}

function sbomOf(bundles, manifest, lock, dockerfile) {
  const root = rootOf(manifest);
  const held = bundles.map((bundle) => ({ ...bundle, packages: packagesIn(bundle.metafile) }));
  const brought = manifest.bundledDependencies.map((name) => ({ folder: join('node_modules', name), name }));
  const all = new Map(
    [...brought, ...held.flatMap(({ packages }) => packages)].map(({ folder }) => [folder, component(folder, lock)]),
  );
  const refOf = ({ folder }) => all.get(folder)['bom-ref'];
  const base = baseOf(dockerfile);
  const parts = held.map((bundle) => bundleOf(bundle, manifest));
  const components = [...parts, base, ...new Map([...all.values()].map((one) => [one['bom-ref'], one])).values()];
  const dependencies = [
    dependsOn(root['bom-ref'], [...parts.map((part) => part['bom-ref']), ...brought.map(refOf)]),
    ...held.map(({ name, packages }, at) =>
      dependsOn(parts[at]['bom-ref'], [...packages.map(refOf), ...(name === 'worker' ? [base['bom-ref']] : [])]),
    ),
  ];
  return numbered({ metadata: { component: root }, components: components.sort(byRef), dependencies });
}

/** The package itself. What must be beside it (aws-cdk-lib, constructs) is whoever's who installs it, and not here. */
function rootOf({ name, version, description, license, repository, author }) {
  const page = repository.url.replace(/\.git$/, '');
  return {
    type: 'library',
    'bom-ref': purl(name, version),
    supplier: { name: author.name, url: [author.url] },
    name,
    version,
    description,
    licenses: [{ license: { id: license } }],
    purl: purl(name, version),
    externalReferences: [{ type: 'vcs', url: page }],
  };
}

/** One of our programs: what is one file has its digest. */
function bundleOf({ name, files }, { version, license }) {
  const code = [...files].filter(([path]) => /\.m?js$/.test(path)).map(([, bytes]) => bytes);
  const digest = () => createHash('sha256').update(code[0]).digest('hex');
  return {
    type: 'application',
    'bom-ref': `bundle:${name}`,
    name,
    version,
    ...(code.length === 1 ? { hashes: [{ alg: 'SHA-256', content: digest() }] } : {}),
    licenses: [{ license: { id: license } }],
  };
}

/** A package as the lock file has it: npm's digest of its tarball. @throws Error for one that the lock file does not have */
function component(folder, { packages }) {
  const locked = packages[folder.replaceAll('\\', '/')];
  const [, digest] = /^sha512-(\S+)$/.exec(locked?.integrity ?? '') ?? [];
  if (digest === undefined || typeof locked.license !== 'string') {
    throw new Error(`${folder}: got no digest and licence in package-lock.json; npm install writes both`);
  }
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(folder)[1];
  const [, group, last] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name);
  return {
    type: 'library',
    'bom-ref': purl(name, locked.version),
    ...(group === undefined ? {} : { group }),
    name: last,
    version: locked.version,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    licenses: [licence(locked.license)],
    purl: purl(name, locked.version),
  };
}

function licence(text) {
  return /^[\w.+-]+$/.test(text) ? { license: { id: text } } : { expression: text };
}

/** What the worker's image is made on, by its name: which bytes that is, is decided when it is built. */
function baseOf(dockerfile) {
  const [, name, tag] = /^FROM (\S+):(\S+)$/m.exec(dockerfile) ?? [];
  if (name === undefined) throw new Error('container/Dockerfile: got no FROM with a tag; one would do');
  return { type: 'container', 'bom-ref': `image:${name}:${tag}`, name, version: tag };
}

function purl(name, version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function dependsOn(ref, others) {
  return { ref, dependsOn: [...new Set(others)].sort() };
}

function byRef(one, other) {
  return one['bom-ref'] < other['bom-ref'] ? -1 : 1;
}

/** A UUID of version 8: of the digest of all that is said. */
function numbered(said) {
  const hex = createHash('sha256').update(JSON.stringify(said)).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16], 16) % 4];
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ];
  const head = { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${uuid.join('-')}`, version: 1 };
  return `${JSON.stringify({ $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', ...head, ...said }, null, 1)}\n`;
}
