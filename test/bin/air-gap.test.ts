import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { cosignTag, image, multiPlatform, sbomReferrer, signatureImage } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { type Bench, digestAt, openBench, QUICK } from './drive';

let bench: Bench;
let source: RunningRegistry;
let inside: RunningRegistry;
beforeEach(async () => {
  bench = openBench();
  source = await bench.registry();
  inside = await bench.registry();
});
afterEach(() => bench.close());

const file = (mirrors: readonly object[]) => bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
const row = (name: string, more: object = {}) => ({
  source: `${source.host}/org/${name}`,
  destination: `${inside.host}/m/${name.split(':')[0]}`,
  ...more,
});
const run = (...words: string[]) =>
  bench.run([...words, ...(words[0] === 'contents' ? [] : ['--plain-http', ...QUICK])]);
const exported = (to = 'oci:out', ...flags: string[]) => run('export', '-f', 'mirrors.yaml', '-o', to, ...flags);
const loaded = (from = 'oci:out', ...flags: string[]) => run('load', from, '-f', 'mirrors.yaml', ...flags);
const blobs = (folder = 'out') => readdirSync(join(bench.folder, folder, 'blobs', 'sha256')).sort();
const index = (folder = 'out') => JSON.parse(readFileSync(join(bench.folder, folder, 'index.json'), 'utf8')).manifests;
const blobReads = ({ requests }: RunningRegistry) =>
  requests.filter(({ kind, method }) => kind === 'blob' && method === 'GET');
const uploads = ({ requests }: RunningRegistry) => requests.filter(({ kind }) => kind === 'upload');

describe('across an air gap', () => {
  it('brings all that a file selects to where the file says, by way of one folder', async () => {
    source.state.place('org/one', multiPlatform({ seed: 'one' }), 'v1');
    source.state.place('org/two', image({ seed: 'a' }), '1.1.0');
    source.state.place('org/two', image({ seed: 'b' }), '1.2.0');
    source.state.place('org/two', image({ seed: 'c' }), 'edge');
    file([row('one:v1'), row('two', { tags: { semver: '>=1' } })]);

    const out = await exported();
    expect(out).toMatchObject({ code: 0, err: [] });
    expect(out.out.at(-2)).toBe('3 copied, 0 up to date, 0 skipped, 0 failed');
    await source.close();
    const back = await loaded();
    expect(back).toMatchObject({ code: 0, err: [] });
    expect(back.out.at(-2)).toBe('3 copied, 0 up to date, 0 skipped, 0 failed');
    for (const [name, tag] of [
      ['one', 'v1'],
      ['two', '1.1.0'],
      ['two', '1.2.0'],
    ] as const) {
      expect(digestAt(inside, `m/${name}`, tag)).toBe(digestAt(source, `org/${name}`, tag));
    }
    expect(digestAt(inside, 'm/two', 'edge')).toBeUndefined();
  });

  it('calls images as their sources, and says where each is to go', async () => {
    source.state.place('org/one', image({ seed: 'one' }), 'v1');
    source.state.place('org/two', image({ seed: 'two' }), 'v1');
    file([row('one:v1'), row('two:v1')]);
    await exported();
    const names = ['one', 'two'].map((name) => `${source.host}/org/${name}:v1`);
    expect(index().map(({ annotations }: { annotations: object }) => annotations)).toEqual(
      expect.arrayContaining(
        names.map((name, i) => ({
          'org.opencontainers.image.ref.name': name,
          'io.containerd.image.name': name,
          'io.github.ecr-mirror.destinations': `${inside.host}/m/${['one', 'two'][i]}:v1`,
        })),
      ),
    );
  });

  it('takes what refers to images along', async () => {
    const signed = image({ seed: 'one' });
    source.state.place('org/one', signed, 'v1');
    const sbom = sbomReferrer(signed.root.descriptor);
    source.state.place('org/one', sbom);
    const tag = cosignTag(signed.root.descriptor);
    source.state.place('org/one', signatureImage(signed.root.descriptor), tag);
    file([row('one:v1')]);
    await exported();
    expect(await loaded()).toMatchObject({ code: 0 });
    expect(inside.state.repositories.get('m/one')?.manifests.has(sbom.root.descriptor.digest)).toBe(true);
    expect(digestAt(inside, 'm/one', tag)).toBe(digestAt(source, 'org/one', tag));
  });

  it('goes below a prefix without a file', async () => {
    source.state.place('org/one', multiPlatform({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    await exported('oci-archive:out.tar');
    expect(existsSync(join(bench.folder, 'out.tar.layout'))).toBe(false);
    const { code } = await run('load', 'oci-archive:out.tar', '--destination', `${inside.host}/team/mirror`);
    expect(code).toBe(0);
    expect(digestAt(inside, 'team/mirror/org/one', 'v1')).toBe(digestAt(source, 'org/one', 'v1'));
  });

  it('reads nothing again, on either side', async () => {
    source.state.place('org/one', multiPlatform({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    await exported();
    await loaded();
    source.forgetRequests();
    inside.forgetRequests();
    expect((await exported()).out.at(-2)).toBe('0 copied, 1 up to date, 0 skipped, 0 failed');
    expect((await loaded()).out.at(-2)).toBe('0 copied, 1 up to date, 0 skipped, 0 failed');
    expect(blobReads(source)).toEqual([]);
    expect(uploads(inside)).toEqual([]);
  });

  it('holds a blob once that images of several repositories share, and reads it once', async () => {
    const shared = image({ seed: 'shared' });
    source.state.place('org/one', shared, 'v1');
    source.state.place('org/two', shared, 'v1');
    file([row('one:v1'), row('two:v1')]);
    await exported();
    const read = blobReads(source).map(({ path }) => path.split('/').at(-1));
    expect(read).toHaveLength(new Set(read).size);
    expect(index()).toHaveLength(2);
  });

  it('goes on with a tar file that a stopped run left as a folder, and adds to one that is there', async () => {
    for (const name of ['one', 'two']) source.state.place(`org/${name}`, image({ seed: name }), 'v1');
    file([row('one:v1')]);
    await exported('oci:out.tar.layout');
    source.forgetRequests();
    expect(await exported('oci-archive:out.tar')).toMatchObject({ code: 0 });
    expect(blobReads(source)).toEqual([]);
    expect(readdirSync(bench.folder).filter((name) => name.startsWith('out'))).toEqual(['out.tar']);

    file([row('two:v1')]);
    expect(await exported('oci-archive:out.tar')).toMatchObject({ code: 0 });
    expect((await run('contents', 'oci-archive:out.tar')).out.at(-1)).toMatch(/^2 images, /);
  });

  it('writes no tar file when it is told to stop', async () => {
    source.state.place('org/one', image({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    const words = ['export', '-f', 'mirrors.yaml', '-o', 'oci-archive:out.tar', '--plain-http', ...QUICK];
    expect((await bench.run(words, { signal: AbortSignal.abort() })).code).toBe(75);
    expect(existsSync(join(bench.folder, 'out.tar'))).toBe(false);
  });

  it('removes what a killed run was writing, and nothing that somebody may be writing now', async () => {
    source.state.place('org/one', image({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    await exported();
    const [old, now] = ['old', 'now'].map((name) => bench.write(join('out', `.partial-${name}`), 'x'));
    utimesSync(old ?? '', 0, 0);
    await exported();
    expect(existsSync(old ?? '')).toBe(false);
    expect(existsSync(now ?? '')).toBe(true);
  });

  it('tells machines what a layout holds', async () => {
    const signed = image({ seed: 'one' });
    source.state.place('org/one', signed, 'v1');
    source.state.place('org/one', sbomReferrer(signed.root.descriptor));
    file([row('one:v1')]);
    await exported();
    const { out } = await run('contents', 'oci:out', '--json');
    expect(out.map((line) => JSON.parse(line))).toEqual([
      {
        event: 'image',
        image: `${source.host}/org/one:v1`,
        digest: signed.root.descriptor.digest,
        bytes: [signed.root, ...signed.blobs].reduce((sum, { descriptor }) => sum + descriptor.size, 0),
        referrers: 1,
        lacks: [],
        annotations: expect.objectContaining({ 'io.github.ecr-mirror.destinations': `${inside.host}/m/one:v1` }),
      },
    ]);
  });

  it('takes only what is lacking when the folder was left half done', async () => {
    source.state.place('org/one', multiPlatform({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    await exported();
    const whole = blobs();
    const [root] = index();
    // As a run leaves it that was killed before the last of its manifests.
    rmSync(join(bench.folder, 'out', 'blobs', 'sha256', root.digest.slice(7)));
    source.forgetRequests();
    expect(await exported()).toMatchObject({ code: 0 });
    expect(blobReads(source)).toEqual([]);
    expect(blobs()).toEqual(whole);
    expect(await run('contents', 'oci:out')).toMatchObject({ code: 0 });
  });

  it('mends what somebody cut short, which contents shows', async () => {
    const cut = image({ seed: 'one' });
    source.state.place('org/one', cut, 'v1');
    file([row('one:v1')]);
    await exported();
    const layer = cut.blobs[0]?.descriptor.digest.slice(7) ?? '';
    truncateSync(join(bench.folder, 'out', 'blobs', 'sha256', layer), 1);
    expect((await run('contents', 'oci:out')).out[1]).toMatch(/1 blob in an earlier export, or lost/);
    expect((await loaded()).code).not.toBe(0);
    expect(digestAt(inside, 'm/one', 'v1')).toBeUndefined();
    expect(await exported()).toMatchObject({ code: 0 });
    expect((await run('contents', 'oci:out')).out[1]).toMatch(/ -$/);
    expect(await loaded()).toMatchObject({ code: 0 });
  });

  it('pushes no byte that is not what its digest says', async () => {
    source.state.place('org/one', image({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    await exported();
    for (const name of blobs()) {
      const path = join(bench.folder, 'out', 'blobs', 'sha256', name);
      const bytes = readFileSync(path);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(name);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      bench.write(join('out', 'blobs', 'sha256', name), bytes.toString('latin1'));
    }
    expect((await loaded()).code).toBe(1);
    expect(digestAt(inside, 'm/one', 'v1')).toBeUndefined();
  });

  it('leaves out what an earlier export holds, and brings the rest to who has loaded that', async () => {
    const old = image({ seed: 'old', layers: ['base', 'old'] });
    source.state.place('org/one', old, 'v1');
    file([row('one:v1')]);
    await exported('oci:first');
    await loaded('oci:first');
    source.state.place('org/one', image({ seed: 'new', layers: ['base', 'new'] }), 'v2');
    file([row('one:v1'), row('one:v2')]);
    expect(await exported('oci:second', '--since', 'oci:first')).toMatchObject({ code: 0, err: [] });

    const first = new Set(blobs('first'));
    const again = blobs('second').filter((name) => first.has(name));
    expect(again).toEqual([old.root.descriptor.digest.slice(7)]);
    expect((await run('contents', 'oci:second')).out.join('\n')).toMatch(/earlier export/);
    expect(await loaded('oci:second')).toMatchObject({ code: 0, err: [] });
    for (const tag of ['v1', 'v2']) expect(digestAt(inside, 'm/one', tag)).toBe(digestAt(source, 'org/one', tag));
  });

  it('says what would do when what came before was never loaded', async () => {
    source.state.place('org/one', image({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    await exported('oci:first');
    await exported('oci:second', '--since', 'oci:first');
    const { code, err } = await loaded('oci:second');
    expect(code).toBe(1);
    expect(err.join('\n')).toMatch(/sha256:\w+ is not there/);
    expect(err.join('\n')).toMatch(/1 image lacks blobs.*the export before this one would do, loaded first/);
    expect(digestAt(inside, 'm/one', 'v1')).toBeUndefined();
  });

  it('says what it would do, and does nothing', async () => {
    source.state.place('org/one', image({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    const out = await exported('oci:out', '--dry-run');
    expect(out.code).toBe(0);
    expect(out.out.join('\n')).toContain('1 to copy');
    expect(existsSync(join(bench.folder, 'out'))).toBe(false);
    await exported();
    const back = await loaded('oci:out', '--dry-run');
    expect(back.out.join('\n')).toContain(`${inside.host}/m/one:v1 (missing)`);
    expect(uploads(inside)).toEqual([]);
  });

  it('refuses rows that would be one image in the layout and are not the same', async () => {
    source.state.place('org/one', multiPlatform({ seed: 'one' }), 'v1');
    const part = { source: 'part', from: `${source.host}/org/one:v1`, destination: `${inside.host}/part/one` };
    file([row('one:v1'), { ...part, platforms: ['linux/amd64'] }]);
    const { code, err } = await exported();
    expect(code).toBe(1);
    expect(err.join('\n')).toMatch(/is also written by part/);
  });

  it('takes rows that ask for the same as one', async () => {
    source.state.place('org/one', image({ seed: 'one' }), 'v1');
    const again = { source: 'again', from: `${source.host}/org/one:v1`, destination: `${inside.host}/again/one` };
    file([row('one:v1'), again]);
    expect(await exported()).toMatchObject({ code: 0 });
    expect(await loaded()).toMatchObject({ code: 0 });
    for (const name of ['m/one', 'again/one']) expect(digestAt(inside, name, 'v1')).toBeDefined();
  });

  it('lets what a layout is called, or says of its destinations, lead nowhere but below the prefix, nor into a terminal', async () => {
    source.state.place('org/one', image({ seed: 'one' }), 'v1');
    file([row('one:v1')]);
    await exported();
    const [entry] = index();
    const names = ['../up:v1', '/etc/x:v1', 'a.io/../b:v1', 'v1', 'evil.io/b\u001b[2J:v1', `${source.host}/org/one:v1`];
    const manifests = names.map((name) => ({
      ...entry,
      annotations: { 'org.opencontainers.image.ref.name': name, 'io.github.ecr-mirror.destinations': 'evil.io/x:v1' },
    }));
    bench.write(join('out', 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    const { code, out, err } = await run('load', 'oci:out', '--destination', `${inside.host}/below`);
    expect(code).toBe(0);
    expect([...inside.state.repositories.keys()]).toEqual(['below/org/one']);
    expect(err.filter((line) => line.includes('is no full reference'))).toHaveLength(5);
    const listed = await run('contents', 'oci:out');
    const told = await run('contents', 'oci:out', '--json');
    expect([...out, ...err, ...listed.out, ...told.out].join('')).not.toContain('\u001b');
  });

  it.each([
    [['export', '-f', 'mirrors.yaml'], /export: got no -o; -o oci:DIR would do/],
    [['export', '-f', 'mirrors.yaml', '-o', 'out'], /--output: got "out"; oci:DIR or oci-archive:FILE would do/],
    [['export', '-f', 'mirrors.yaml', '-o', 'oci:out:v1'], /--output: got "oci:out:v1"; oci:DIR/],
    [['load', 'oci:out'], /load: got neither -f nor --destination/],
    [['load', 'oci:out', '-f', 'mirrors.yaml', '--destination', 'a.io/b'], /load: got both/],
    [['load', 'nginx:1', '--destination', 'a.io/b'], /source: got "nginx:1"; oci:DIR/],
    [['load', 'oci:absent', '--destination', 'a.io/b'], /no image layout is there/],
    [['contents', 'oci:absent'], /no image layout is there/],
  ])('%j is refused in one line', async (words, expected) => {
    file([row('one:v1')]);
    const { code, err } = await bench.run(words);
    expect(code).toBe(64);
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(expected);
  });
});
