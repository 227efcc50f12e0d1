import { generateKeyPairSync } from 'node:crypto';
import { matchesIdentity, readSignatureRequirement } from '../../lib/model/signature-requirement';

const pemOf = ({ publicKey }: { publicKey: ReturnType<typeof generateKeyPairSync>['publicKey'] }) =>
  String(publicKey.export({ type: 'spki', format: 'pem' }));
const ec = (namedCurve: string) => pemOf(generateKeyPairSync('ec', { namedCurve }));
const rsa = (modulusLength: number) => pemOf(generateKeyPairSync('rsa', { modulusLength }));
const key = ec('P-256');
const issuer = 'https://token.actions.githubusercontent.com';

describe('who must have signed, as it is read', () => {
  it.each([
    ['ECDSA on P-256', key],
    ['ECDSA on P-384', ec('P-384')],
    ['ECDSA on P-521', ec('P-521')],
    ['Ed25519', pemOf(generateKeyPairSync('ed25519'))],
    ['RSA of 2048 bits', rsa(2048)],
    ['RSA of 4096 bits', rsa(4096)],
  ])('takes a key of %s as it was written', (_, pem) => {
    expect(readSignatureRequirement({ key: pem })).toEqual({ keys: [pem] });
  });

  it.each([
    ['ECDSA on another curve', ec('secp256k1')],
    ['X25519', pemOf(generateKeyPairSync('x25519'))],
    ['RSA of 1024 bits', rsa(1024)],
    ['a key that ends early', key.replace(/.{8}\n-----END/, '\n-----END')],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'],
    ['no text', 7],
  ])('refuses %s, and says which keys would do', (_, pem) => {
    expect(() => readSignatureRequirement({ key: pem })).toThrow(
      /^key: got .*; the public key in PEM would do \(cosign\.pub\): ECDSA, Ed25519, or RSA of at least 2048 bits$/,
    );
  });

  it('never shows a private key that was given in place of the public one', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const read = () => readSignatureRequirement({ Key: pem }, 'table');
    expect(read).toThrow('Key: got "a private key"; the public key');
    expect(read).not.toThrow(pem.split('\n')[1]);
  });

  it('puts back the line breaks that a key has lost on its way into a table', () => {
    expect(readSignatureRequirement({ Key: key.replaceAll('\n', ' ') }, 'table')).toEqual({ keys: [key] });
    expect(readSignatureRequirement({ Key: key.replaceAll('\n', '\r\n') }, 'table')).toEqual({ keys: [key] });
  });

  it('takes several keys, as a list or as a set, each once', () => {
    const other = ec('P-256');
    expect(readSignatureRequirement({ Keys: [key, other, key] }, 'table')).toEqual({ keys: [key, other] });
    expect(readSignatureRequirement({ Keys: new Set([key, other]) }, 'table')).toEqual({ keys: [key, other] });
  });

  it('takes an identity with its issuer, and reads back what it made', () => {
    const made = readSignatureRequirement({ Identity: ' dev@example.com ', Issuer: issuer }, 'table');
    expect(made).toEqual({ identity: 'dev@example.com', issuer });
    for (const requirement of [made, { keys: [key] }]) {
      expect(readSignatureRequirement(JSON.parse(JSON.stringify(requirement)))).toEqual(requirement);
    }
  });

  it.each([
    ['nothing', undefined, 'signature: got nothing; a map of Key, Keys, Identity, Issuer would do'],
    ['a text', 'me', 'signature: got "me"; a map of Key, Keys, Identity, Issuer would do'],
    ['an empty map', {}, 'signature: got a list (empty); one of Key, Keys, or Identity with Issuer, would do'],
    [
      'a name that is misspelt',
      { Idenity: 'x' },
      'signature: got "Idenity"; only Key, Keys, Identity, Issuer would do',
    ],
    ['a key with an issuer', { Key: key, Issuer: issuer }, 'signature: got a list (Key, Issuer); one of'],
    ['a key and keys', { Key: key, Keys: [key] }, 'signature: got a list (Key, Keys); one of'],
    ['no keys', { Keys: [] }, 'Keys: got the number 0; 1 to 10 would do'],
    ['too many keys', { Keys: Array.from({ length: 11 }, () => key) }, 'Keys: got the number 11; 1 to 10 would do'],
    ['a key for keys', { Keys: key }, 'Keys: got "-----BEGIN'],
    ['no issuer', { Identity: 'x' }, 'Issuer: got nothing; the https address of who vouches would do'],
    ['no identity', { Issuer: issuer }, 'Identity: got nothing; the certificate’s subject would do'],
    ['an issuer without TLS', { Identity: 'x', Issuer: 'http://example.com' }, 'Issuer: got "http://example.com"; the'],
    [
      'no regular expression',
      { Identity: '/(/', Issuer: issuer },
      'Identity: got "/(/"; missing closing ): `(`: a regular',
    ],
    [
      'a lookahead',
      { Identity: '/(?=a)b/', Issuer: issuer },
      'Identity: got "/(?=a)b/"; lookahead and lookbehind take',
    ],
    ['no end of it', { Identity: '/a', Issuer: issuer }, 'Identity: got "/a"; a regular expression such as'],
    ['too much of it', { Identity: '/(a{30}){30}/', Issuer: issuer }, 'instructions; at most 500 would do'],
    ['a very long identity', { Identity: 'x'.repeat(513), Issuer: issuer }, 'at most 512 characters would do'],
  ])('says of %s what would do', (_, value, message) => {
    expect(() => readSignatureRequirement(value, 'table')).toThrow(message);
  });
});

describe('an identity', () => {
  const matches = (identity: string, subject: string) => matchesIdentity({ identity, issuer }, subject);
  const workflow = 'https://github.com/org/app/.github/workflows/release.yml@refs/tags/v1';

  it('is compared letter by letter', () => {
    expect(matches(workflow, workflow)).toBe(true);
    expect(matches(workflow, `${workflow}.2`)).toBe(false);
    expect(matches('https://github.com/org/app.*', 'https://github.com/org/app')).toBe(false);
  });

  it('as a regular expression matches all of the subject, so that nobody hides it in an address of their own', () => {
    expect(matches('/https:\\/\\/github\\.com\\/org\\/.*/', workflow)).toBe(true);
    expect(matches('/https:\\/\\/github\\.com\\/org\\/.*/', `https://evil.example/?${workflow}`)).toBe(false);
    expect(matches('/.*@example\\.com/', 'dev@example.com.evil.example')).toBe(false);
    expect(matches('/a|b/', 'ab')).toBe(false);
    expect(matches('/(?m)a$/', 'a\nb')).toBe(false);
    expect(matches('/DEV@EXAMPLE\\.COM/i', 'dev@example.com')).toBe(true);
  });

  it('takes linear time, whatever the expression', () => {
    expect(matches('/(a+)+b/', 'a'.repeat(20_000))).toBe(false);
  });
});
