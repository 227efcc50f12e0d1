import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { FOLDERS, licenceParts, packagesIn } from './bundled';

interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

const text = readFileSync('assets/sbom.cdx.json', 'utf8');
const bill = JSON.parse(text);
const components: readonly Component[] = bill.components;
const byRef = new Map(components.map((one) => [one['bom-ref'], one]));
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** The packages that a part holds, as `name version (licence)`. */
function heldBy(ref: string): string[] {
  const refs: string[] = bill.dependencies.find((one: { ref: string }) => one.ref === ref)?.dependsOn ?? [];
  const held = refs.flatMap((one) => byRef.get(one) ?? []).filter(({ type }) => type === 'library');
  return held.map(({ group, name, version, licenses }) => {
    const full = group === undefined ? name : `${group}/${name}`;
    return `${full} ${version} (${licenses?.map((one) => one.license?.id ?? one.expression).join()})`;
  });
}

describe('the bill of materials', () => {
  it.each(FOLDERS)('has what the bundle of the %s holds, each package with version and licence', (folder) => {
    const licences = packagesIn(licenceParts(folder)[0]);
    const expected = licences.map(({ name, version, licence }) => `${name} ${version} (${licence})`);
    expect(expected.length).toBeGreaterThan(0);
    expect(heldBy(`bundle:${folder}`).sort()).toEqual([...new Set(expected)].sort());
  });

  it('has what npm installs with the package, whose licences are with it', () => {
    const brought = heldBy(bill.metadata.component['bom-ref']).map((one) => one.split(' ')[0] ?? '');
    expect(brought.sort()).toEqual([...manifest.bundledDependencies].sort());
    for (const name of brought) expect(readdirSync(`node_modules/${name}`).join()).toMatch(/licen[cs]e/i);
  });

  it('knows each package by the digest that the lock file has of it', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const locked = new Set(
      Object.values<{ integrity?: string }>(packages).map(({ integrity }) => integrity?.replace('sha512-', '')),
    );
    const libraries = components.filter(({ type }) => type === 'library');
    const digests = libraries.map(({ hashes }) => Buffer.from(hashes?.[0]?.content ?? '', 'hex').toString('base64'));
    expect(digests.filter((digest) => !locked.has(digest))).toEqual([]);
  });

  it.each(['controller/index.js', 'webhook/index.js', 'worker/worker.js'])('knows assets/%s by its digest', (file) => {
    const [name] = file.split('/');
    const content = createHash('sha256')
      .update(readFileSync(`assets/${file}`))
      .digest('hex');
    expect(byRef.get(`bundle:${name}`)?.hashes).toEqual([{ alg: 'SHA-256', content }]);
  });

  it('names the image that the worker is made on', () => {
    const [base] = components.filter(({ type }) => type === 'container');
    expect(readFileSync('container/Dockerfile', 'utf8')).toContain(`FROM ${base?.name}:${base?.version}\n`);
    expect(bill.dependencies).toContainEqual({
      ref: 'bundle:worker',
      dependsOn: expect.arrayContaining([base?.['bom-ref']]),
    });
  });

  it('says each thing once, and nothing of what it does not have', () => {
    const refs = [bill.metadata.component['bom-ref'], ...byRef.keys()];
    expect(byRef.size).toBe(components.length);
    const named = bill.dependencies.flatMap((one: { ref: string; dependsOn: string[] }) => [one.ref, ...one.dependsOn]);
    expect(named.filter((ref: string) => !refs.includes(ref))).toEqual([]);
    const unused = components.filter((one) => !named.includes(one['bom-ref']));
    expect(unused).toEqual([]);
  });

  it('has packages under the names by which others find them', () => {
    const odd = components.filter(
      ({ type, purl }) => type === 'library' && !/^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/.test(purl ?? ''),
    );
    expect(odd).toEqual([]);
    const core = components.filter(({ purl }) => purl?.startsWith('pkg:npm/%40aws-sdk/core@'));
    expect(core).toMatchObject([{ group: '@aws-sdk', name: 'core' }]);
  });

  it('says nothing of where or when it was made', () => {
    expect(text).not.toContain(process.cwd());
    expect(bill.metadata).not.toHaveProperty('timestamp');
    expect(bill.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
