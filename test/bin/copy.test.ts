import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretNamed } from '../../local/canary';
import { image, multiPlatform, signatureReferrer } from '../../local/images';
import { type RunningRegistry, reads } from '../../local/registry';
import { openScreen } from '../terminal/screen';
import { type Bench, digestAt, openBench, QUICK } from './drive';

describe('ecr-mirror copy', () => {
  let bench: Bench;
  let source: RunningRegistry;
  let destination: RunningRegistry;
  const app = multiPlatform({ seed: 'app' });
  beforeEach(async () => {
    bench = openBench();
    source = await bench.registry();
    destination = await bench.registry();
    source.state.place('org/app', app, 'v1');
  });
  afterEach(() => bench.close());
  const copy = (...words: string[]) => bench.run(['copy', '--plain-http', ...QUICK, ...words]);

  it('copies an image to several destinations, parted by spaces and commas, from one read', async () => {
    const other = await bench.registry();
    const ran = await copy(
      `${source.host}/org/app:v1`,
      `${destination.host}/a,${destination.host}/b:stable`,
      `${other.host}/c:{tag}-mirror`,
    );
    expect(ran).toMatchObject({ code: 0, err: [] });
    expect(digestAt(destination, 'a', 'v1')).toBe(app.root.descriptor.digest);
    expect(digestAt(destination, 'b', 'stable')).toBe(app.root.descriptor.digest);
    expect(digestAt(other, 'c', 'v1-mirror')).toBe(app.root.descriptor.digest);
    expect([...reads(source.requests).values()].every((times) => times === 1)).toBe(true);
    expect(ran.out.slice(0, 3).every((line) => line.startsWith('copied   '))).toBe(true);
    expect(ran.out[3]).toBe('3 copied, 0 up to date, 0 skipped, 0 failed');
    expect(Math.max(...ran.out.slice(3).map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('does nothing the second time', async () => {
    const words = [`${source.host}/org/app:v1`, `${destination.host}/app`];
    await copy(...words);
    destination.forgetRequests();
    const ran = await copy(...words);
    expect(ran.code).toBe(0);
    expect(ran.out[0]).toMatch(/^skipped {2}127\.0\.0\.1:\d+\/app:v1: up to date$/);
    expect(destination.requests.filter(({ method }) => method !== 'HEAD' && method !== 'GET')).toEqual([]);
  });

  it('takes signatures along, unless told not to', async () => {
    const signature = signatureReferrer(app.root.descriptor);
    source.state.place('org/app', signature);
    await copy(`${source.host}/org/app:v1`, `${destination.host}/signed`);
    await copy(`${source.host}/org/app:v1`, `${destination.host}/bare`, '--no-referrers');
    const holds = (name: string) =>
      destination.state.repositories.get(name)?.manifests.has(signature.root.descriptor.digest);
    expect(holds('signed')).toBe(true);
    expect(holds('bare')).toBe(false);
  });

  it('pins a digest and gives it a tag', async () => {
    const { digest } = app.root.descriptor;
    await copy(`${source.host}/org/app@${digest}`, `${destination.host}/app`);
    expect(digestAt(destination, 'app', digest.replace(':', '.'))).toBe(digest);
  });

  it('copies into a folder and out of it again', async () => {
    expect((await copy(`${source.host}/org/app:v1`, 'oci:images')).code).toBe(0);
    expect(readdirSync(join(bench.folder, 'images')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect((await copy('oci:images:v1', `${destination.host}/app:again`)).code).toBe(0);
    expect((await copy('oci:images', `${destination.host}/only`)).code).toBe(0);
    expect(digestAt(destination, 'app', 'again')).toBe(app.root.descriptor.digest);
    expect(digestAt(destination, 'only', 'v1')).toBe(app.root.descriptor.digest);
  });

  it('copies into a tar file, keeps what is in it, and copies out of it', async () => {
    source.state.place('org/other', image({ seed: 'other' }), 'v2');
    const before = temporaries();
    expect((await copy(`${source.host}/org/app:v1`, 'oci-archive:images.tar')).code).toBe(0);
    expect((await copy(`${source.host}/org/other:v2`, 'oci-archive:images.tar')).code).toBe(0);
    expect((await copy('oci-archive:images.tar:v1', `${destination.host}/app`)).code).toBe(0);
    expect((await copy('oci-archive:images.tar:v2', 'oci:images')).code).toBe(0);
    expect(digestAt(destination, 'app', 'v1')).toBe(app.root.descriptor.digest);
    expect(temporaries()).toEqual(before);
    const ambiguous = await copy('oci-archive:images.tar', `${destination.host}/x`);
    expect(ambiguous.code).toBe(64);
    expect(ambiguous.err).toEqual([
      expect.stringMatching(/holds 2 images \(v1, v2\); one of its tags would do \[USAGE\]$/),
    ]);
  });

  it('writes no tar file when the copy fails', async () => {
    expect((await copy(`${source.host}/org/app:absent`, 'oci-archive:images.tar')).code).toBe(64);
    expect(existsSync(join(bench.folder, 'images.tar'))).toBe(false);
  });

  it('tells machines in JSON', async () => {
    const { code, out, err } = await copy('--json', `${source.host}/org/app:v1`, `${destination.host}/app`);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    const [copied, summary] = out.map((line) => JSON.parse(line));
    expect(copied).toMatchObject({
      event: 'copied',
      source: `${source.host}/org/app:v1@${app.root.descriptor.digest}`,
      destination: `${destination.host}/app:v1`,
      digest: app.root.descriptor.digest,
    });
    expect(summary).toMatchObject({ event: 'summary', copied: 1, upToDate: 0, skipped: 0, failed: 0 });
    expect(summary.sent).toBeGreaterThan(0);
    expect(summary.requests).toBeGreaterThan(0);
  });

  it('says nothing when it is quiet and all goes well', async () => {
    const ran = await copy('--quiet', `${source.host}/org/app:v1`, `${destination.host}/app`);
    expect(ran).toEqual({ code: 0, out: [], err: [] });
  });

  it('draws bars on a terminal and leaves none behind', async () => {
    const terminal = openScreen();
    const words = [`${source.host}/org/app:v1`, `${destination.host}/app`];
    const argv = ['copy', '--plain-http', ...QUICK, ...words];
    const { code } = await bench.run(argv, { stdout: terminal, stderr: terminal });
    expect(code).toBe(0);
    expect(terminal.written()).toContain('-'.repeat(12));
    expect(terminal.written()).toContain('/app:v1');
    expect(terminal.cursorIsShown).toBe(true);
    expect(terminal.lines()).toEqual([
      expect.stringMatching(/^copied {3}127/),
      '1 copied, 0 up to date, 0 skipped, 0 failed',
      expect.stringMatching(/sent, .* received, .* saved, \d+ requests, /),
    ]);
  });

  describe('refuses in one line', () => {
    const refusals: [string, () => string[], number, RegExp][] = [
      [
        'a bad reference',
        () => ['Nginx:!', 'x.io/y'],
        64,
        /^ecr-mirror: source: reference: got "Nginx:!"; after : a tag would do/,
      ],
      [
        'a bad destination',
        () => ['nginx', 'x.io/UPPER'],
        64,
        /^ecr-mirror: destination: repository: got .*lower case/,
      ],
      [
        'an empty destination',
        () => ['nginx', ''],
        64,
        /^ecr-mirror: destination: got nothing; registry\/repository:tag/,
      ],
      ['a comma too many', () => ['nginx', 'x.io/y,,x.io/z'], 64, /^ecr-mirror: destination: got nothing/],
      [
        'a destination equal to its source',
        () => ['nginx:1', 'docker.io/library/nginx'],
        64,
        /^ecr-mirror: destination: got docker\.io\/library\/nginx:1, which is the source itself; another/,
      ],
      ['a folder that is no layout', () => ['oci:.', 'x.io/y'], 64, /^ecr-mirror: oci:.*no image layout is there/],
      [
        'a missing image',
        () => [`${source.host}/org/app:absent`, `${destination.host}/app`],
        64,
        /^failed {3}source: look up manifest 127\.\S+org\/app:absent: 404 MANIFEST_UNKNOWN manifest unknown; nothing of that name is there: check the repository and the tag \[IMAGE_MISSING\]$/,
      ],
      [
        'an unknown registry',
        () => ['registry.invalid/app:1', `${destination.host}/app`],
        69,
        /^failed {3}source: look up manifest registry\.invalid\/app:1: .*registry\.invalid: no such host; check its spelling \[HOST_UNKNOWN\]$/,
      ],
      [
        'a registry where none listens',
        () => ['127.0.0.1:1/app:1', `${destination.host}/app`],
        69,
        /^failed {3}source: look up .*ECONNREFUSED.* \[UNREACHABLE\]$/,
      ],
    ];
    it.each(refusals)('%s', async (_what, words, code, message) => {
      const ran = await copy(...words());
      expect(ran.err).toEqual([expect.stringMatching(message)]);
      expect(ran.code).toBe(code);
    });

    it('wrong credentials, naming no secret', async () => {
      const wrong = secretNamed('wrong');
      const users = [
        { username: 'me', password: secretNamed('right') },
        { username: 'another', password: wrong },
      ];
      const auth = { kind: 'basic', users } as const;
      const closed = await bench.registry({ auth });
      const pair = Buffer.from(`me:${wrong}`).toString('base64');
      bench.write('config.json', JSON.stringify({ auths: { [closed.host]: { auth: pair } } }));
      const ran = await copy(`${source.host}/org/app:v1`, `${closed.host}/app`);
      expect(ran.code).toBe(77);
      expect(ran.err).toEqual([
        expect.stringMatching(/^failed {3}destination: look up manifest 127\S+\/app:v1: 401 .*check the credential/),
      ]);
      expect(ran.err.join()).not.toContain(wrong);
    });
  });

  it('uses the credentials of Docker’s configuration', async () => {
    const auth = { kind: 'bearer', users: [{ username: 'me', password: secretNamed('right') }] } as const;
    const closed = await bench.registry({ auth });
    const pair = Buffer.from(`me:${secretNamed('right')}`).toString('base64');
    bench.write('config.json', JSON.stringify({ auths: { [closed.host]: { auth: pair } } }));
    expect(await copy(`${source.host}/org/app:v1`, `${closed.host}/app`)).toMatchObject({ code: 0, err: [] });
    expect(digestAt(closed, 'app', 'v1')).toBe(app.root.descriptor.digest);
  });

  it('copies to the other destinations when one fails, and says which', async () => {
    destination.intercept(({ method, repository }) =>
      method === 'POST' && repository === 'bad' ? { status: 403 } : undefined,
    );
    const ran = await copy(`${source.host}/org/app:v1`, `${destination.host}/bad,${destination.host}/good`);
    expect(ran.code).toBe(1);
    expect(ran.err).toEqual([expect.stringMatching(/^failed {3}127\S+\/bad:v1: destination: .*403/)]);
    expect(digestAt(destination, 'good', 'v1')).toBe(app.root.descriptor.digest);
  });

  it('stops when it is told to, with the code that says so', async () => {
    const stop = new AbortController();
    destination.intercept(({ method }) => {
      if (method === 'POST') stop.abort();
      return undefined;
    });
    const argv = ['copy', '--plain-http', `${source.host}/org/app:v1`, `${destination.host}/app`];
    const ran = await bench.run(argv, { signal: stop.signal });
    expect(ran.code).toBe(75);
    expect(ran.err).toEqual(['stopped  1 not done; run it again to go on']);
    expect(digestAt(destination, 'app', 'v1')).toBeUndefined();
  });
});

function temporaries(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('ecr-mirror-'));
}
