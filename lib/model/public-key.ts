import { InvalidValue } from './invalid';

/** How the DER of a public key begins (RFC 5280 "SubjectPublicKeyInfo"), in Base64; `length` in characters where it is fixed. */
const KINDS: ReadonlyArray<{ readonly begins: RegExp; readonly length?: number }> = [
  // ECDSA on P-256 (cosign's own choice), P-384, P-521 (RFC 5480).
  { begins: /^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/, length: 124 },
  { begins: /^MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE/, length: 160 },
  { begins: /^MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQ/, length: 212 },
  // Ed25519 (RFC 8410).
  { begins: /^MCowBQYDK2VwAyEA/, length: 60 },
  // RSA of 2048 bits and more (RFC 3279): a shorter one has a length of one byte.
  { begins: /^MII[A-Z][A-Za-z0-9+/]{2}ANBgkqhkiG9w0BAQEFAAOC/ },
];

/** An RSA key of 8192 bits takes 1400. */
const LONGEST = 2_000;
const WOULD = 'the public key in PEM would do (cosign.pub): ECDSA, Ed25519, or RSA of at least 2048 bits';

/**
 * A public key in PEM, in the one way in which we write it, so that equal keys are equal texts. Line breaks that were lost on
 * the way into a table are put back.
 *
 * @throws InvalidValue, which never shows what was got: it may be the private key
 */
export function normaliseKey(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new InvalidValue(name, value, WOULD);
  if (/PRIVATE KEY/.test(value)) throw new InvalidValue(name, 'a private key', WOULD);
  const body = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,4000})-----END PUBLIC KEY-----\s*$/.exec(value)?.[1];
  const base64 = body?.replaceAll(/\s/g, '') ?? '';
  const kind = KINDS.find(({ begins }) => begins.test(base64));
  const whole = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0 && base64.length <= LONGEST;
  if (kind === undefined || !whole || (kind.length ?? base64.length) !== base64.length) {
    throw new InvalidValue(name, '…', WOULD);
  }
  return `-----BEGIN PUBLIC KEY-----\n${base64.replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END PUBLIC KEY-----\n`;
}
