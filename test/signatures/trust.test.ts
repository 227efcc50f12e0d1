import { publicGoodTrust, readTrust } from '../../signatures/trust';
import publicGood from '../../signatures/trusted-root.json';
import { startSigstore } from './sigstore';

describe('whose word counts', () => {
  it('is that of sigstore’s public good instance, as it is shipped', () => {
    expect(publicGood.certificateAuthorities.map(({ uri }) => uri)).toContain('https://fulcio.sigstore.dev');
    expect(publicGood.tlogs.map(({ baseUrl }) => baseUrl)).toContain('https://rekor.sigstore.dev');
    expect(publicGoodTrust).not.toThrow();
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
