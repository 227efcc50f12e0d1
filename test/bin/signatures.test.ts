import { cosignTag, image } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { bundle, bundleReferrer, signatureImage, simpleLayer } from '../signatures/cosign';
import { keySigner, type Sigstore, startSigstore } from '../signatures/sigstore';
import { type Bench, digestAt, openBench, QUICK } from './drive';

const SUBJECT = 'https://github.com/org/app/.github/workflows/release.yml@refs/tags/v1';
const ISSUER = 'https://token.actions.githubusercontent.com';

describe('on the command line', () => {
  let bench: Bench;
  let source: RunningRegistry;
  let destination: RunningRegistry;
  let sigstore: Sigstore;
  const key = keySigner();
  const app = image({ seed: 'app' });
  const { digest } = app.root.descriptor;
  beforeEach(async () => {
    bench = openBench();
    source = await bench.registry();
    destination = await bench.registry();
    sigstore = await startSigstore();
    source.state.place('org/app', app, 'v1');
    bench.write('cosign.pub', key.publicKey);
    bench.write('root.json', sigstore.trustedRoot);
  });
  afterEach(() => bench.close());

  const copy = (...words: string[]) =>
    bench.run(['copy', '--plain-http', ...QUICK, `${source.host}/org/app:v1`, `${destination.host}/app`, ...words]);
  const sign = async () => {
    source.state.place('org/app', signatureImage(await simpleLayer(digest, key)), cosignTag(app.root.descriptor));
  };
  const arrived = () => digestAt(destination, 'app', 'v1');

  it('an image that the key has not signed is not copied, and it says so', async () => {
    const ran = await copy('--require-key', 'cosign.pub');
    expect(ran.code).toBe(1);
    expect(ran.err).toEqual([
      expect.stringMatching(
        /^unsigned 127\.0\.0\.1:\d+\/app:v1: source: verify signature of .*: got no signature; one by the key [0-9a-f]{16} would do \[UNSIGNED\]$/,
      ),
    ]);
    expect(arrived()).toBeUndefined();
    expect(destination.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });

  it('machines are told why, too', async () => {
    const { out } = await copy('--require-key', 'cosign.pub', '--json');
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ event: 'failed', reason: 'quarantined' });
  });

  it('an image that the key has signed is copied', async () => {
    await sign();
    expect(await copy('--require-key', 'cosign.pub')).toMatchObject({ code: 0, err: [] });
    expect(arrived()).toBe(digest);
  });

  it('an image that an identity has signed, keyless, is copied by the trusted root that is named', async () => {
    const made = await bundle(digest, await sigstore.keyless(SUBJECT, ISSUER), sigstore);
    source.state.place('org/app', bundleReferrer({ ...app.root.descriptor, platform: undefined }, made));
    const asked = ['--require-identity', SUBJECT, '--require-issuer', ISSUER];

    const ran = await copy(...asked);
    expect(ran).toMatchObject({
      code: 1,
      err: [expect.stringContaining('not verified: Failed to verify certificate')],
    });
    expect(arrived()).toBeUndefined();

    expect(await copy(...asked, '--trusted-root', 'root.json')).toMatchObject({ code: 0, err: [] });
    expect(arrived()).toBe(digest);
  });

  it('a file of mirrors asks for signatures row by row', async () => {
    const other = image({ seed: 'other' });
    source.state.place('org/other', other, 'v1');
    await sign();
    bench.write(
      'mirrors.json',
      JSON.stringify({
        defaults: { requireSignature: { key: key.publicKey } },
        mirrors: ['app', 'other'].map((name) => ({
          source: `${source.host}/org/${name}:v1`,
          destination: `${destination.host}/${name}`,
        })),
      }),
    );
    const ran = await bench.run(['sync', '-f', 'mirrors.json', '--plain-http', ...QUICK]);
    expect(ran.code).toBe(1);
    expect(ran.err).toEqual([expect.stringMatching(/^unsigned .*\/other:v1: source: verify signature/)]);
    expect(arrived()).toBe(digest);
    expect(digestAt(destination, 'other', 'v1')).toBeUndefined();
  });

  it.each([
    [
      ['--require-key', 'nowhere.pub'],
      '--require-key: read "nowhere.pub": got ENOENT; a file that can be read would do',
    ],
    [['--require-key', 'root.json'], '--require-key: got "…"; the public key in PEM would do (cosign.pub)'],
    [['--require-identity', SUBJECT], '--require-identity: got no issuer; --require-issuer https://'],
    [['--require-issuer', ISSUER], '--require-issuer: got no identity; --require-identity SUBJECT would do'],
    [
      ['--require-identity', 'x', '--require-issuer', 'x'],
      '--require-issuer: got "x"; the https address of who vouches',
    ],
    [['--require-identity', '/(/', '--require-issuer', ISSUER], '--require-identity: got "/(/"; missing closing )'],
    [['--require-key', 'cosign.pub', '--require-issuer', ISSUER], '--require-key: got an identity as well; one of the'],
    [['--trusted-root', 'nowhere.json'], '--trusted-root: read "nowhere.json": got ENOENT'],
    [['--trusted-root', 'cosign.pub'], '--trusted-root "cosign.pub": got "…"; sigstore’s JSON would do'],
  ])('%j is refused before anything is asked', async (words, line) => {
    const ran = await copy(...words);
    expect(ran).toMatchObject({ code: 64, err: [expect.stringContaining(line)] });
    expect(source.requests).toEqual([]);
  });
});
