import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity } from '@sigstore/verify';
import { publicGoodTrust, readTrust } from '../../signatures/trust';
import publicGood from '../../signatures/trusted-root.json';
/** Of sigstore 2.0.0. */
import signedThere from './public-good.json';
import { startSigstore } from './sigstore';

describe('whose word counts', () => {
  it('is that of sigstore’s public good instance, as it is shipped', () => {
    expect(publicGood.certificateAuthorities.map(({ uri }) => uri)).toContain('https://fulcio.sigstore.dev');
    expect(publicGood.tlogs.map(({ baseUrl }) => baseUrl)).toContain('https://rekor.sigstore.dev');
    expect(publicGoodTrust).not.toThrow();
  });

  it('and verifies what was signed there years ago: the provenance of a package, as npm’s registry has it', () => {
    const { identity } = publicGoodTrust().verify(toSignedEntity(bundleFromJSON(signedThere)));
    expect(identity).toMatchObject({
      subjectAlternativeName: 'https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main',
      extensions: { issuer: 'https://token.actions.githubusercontent.com' },
    });
  });

  it('is that of another instance, by its trusted root', async () => {
    const { trustedRoot } = await startSigstore();
    expect(() => readTrust(trustedRoot, '--trusted-root root.json')).not.toThrow();
  });

  it.each([
    ['no JSON', 'junk'],
    ['another document', '{"certificates":[]}'],
    ['a root without an authority', '{"tlogs":[],"certificateAuthorities":[],"ctlogs":[],"timestampAuthorities":[]}'],
    ['a root whose certificate makes no sense', '{"certificateAuthorities":[{"certChain":{"certificates":[{}]}}]}'],
    ['far too much', `{"a":"${'x'.repeat(300_000)}"}`],
  ])('is nobody’s by %s, which is said in one line', (_, text) => {
    expect(() => readTrust(text, '--trusted-root root.json')).toThrow(
      /^--trusted-root root\.json: got "…"; sigstore’s JSON would do: trusted_root\.json with certificateAuthorities and tlogs$/,
    );
  });
});
