import { newSecret, reveals, secretNamed } from '../../local/canary';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');

describe('a secret of the tests', () => {
  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['in a URL', (secret) => new URL(`http://user:${encodeURIComponent(secret)}@registry.test/?a=b`).href],
    ['in JSON', (secret) => JSON.stringify({ password: secret })],
    ['in hexadecimal', (secret) => Buffer.from(secret).toString('hex')],
    ...['', 'a', 'me', 'someone', 'somebody'].flatMap((user): [string, (secret: string) => string][] => [
      [`as the password of "${user}"`, (secret) => `Basic ${base64(`${user}:${secret}`)}`],
      [`as such, for a URL`, (secret) => base64url(`${user}:${secret}`)],
      [`in base64 twice, of "${user}"`, (secret) => base64(JSON.stringify({ auth: base64(`${user}:${secret}`) }))],
    ]),
  ])('is known %s', (_, write) => {
    for (const secret of [newSecret(), secretNamed('hub')]) expect(reveals(write(secret))).toBe(true);
  });

  it('is no other text', () => {
    expect(reveals('Canary')).toBe(false);
    expect(reveals(base64('user:password'))).toBe(false);
    expect(reveals(secretNamed('').slice(1))).toBe(false);
  });

  it('is another one each time, or the same by name', () => {
    expect(newSecret()).not.toBe(newSecret());
    expect(secretNamed('hub')).toBe(secretNamed('hub'));
    expect(secretNamed('hub')).not.toBe(secretNamed('ghcr'));
  });
});
