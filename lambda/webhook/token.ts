import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { isMap } from '../../lib/model/row-reader';
import { TOLERANCE } from './signature';

/** Who vouches for Chainguard's events, and for whom its tokens are meant (Chainguard Academy, "Chainguard Events"). */
export const CHAINGUARD_ISSUER = 'https://issuer.enforce.dev';
const AUDIENCE = 'customer';

/** A token (JWS compact serialisation, RFC 7515) whose signature is still to be verified. */
export interface Token {
  readonly algorithm: 'RS256' | 'ES256';
  readonly keyId: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const LONGEST = 8_192;

/** The token of an `Authorization` header, if it is one. */
export function readToken(header: string | undefined): Token | undefined {
  const text = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header ?? '')?.[1];
  if (text === undefined || text.length > LONGEST) return undefined;
  const [head = '', payload = '', signature = ''] = text.split('.');
  const protectedHeader = parsePart(head);
  const claims = parsePart(payload);
  const { alg, kid } = protectedHeader ?? {};
  if (claims === undefined || (alg !== 'RS256' && alg !== 'ES256') || typeof kid !== 'string') return undefined;
  return {
    algorithm: alg,
    keyId: kid,
    claims,
    signed: Buffer.from(`${head}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function parsePart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Why a token's claims do not speak for a subject now; undefined when they do. @param now milliseconds since the epoch */
export function refusedClaims({ claims }: Token, subject: string, now: number): string | undefined {
  const { iss, aud, sub, exp, nbf } = claims;
  if (iss !== CHAINGUARD_ISSUER) return 'a token of another issuer';
  if (![aud].flat().includes(AUDIENCE)) return 'a token for another audience';
  if (sub !== subject) return 'a token about another subject';
  const seconds = now / 1000;
  if (typeof exp !== 'number' || seconds > exp + TOLERANCE) return 'a token that is late';
  if (nbf !== undefined && !(typeof nbf === 'number' && seconds >= nbf - TOLERANCE)) return 'a token that is early';
  return undefined;
}

/** Whether one of the issuer's keys (JWK Set, RFC 7517) signed the token. */
export function isSigned({ algorithm, keyId, signed, signature }: Token, keys: readonly unknown[]): boolean {
  const type = algorithm === 'RS256' ? 'RSA' : 'EC';
  const found = keys.find((key) => isMap(key) && key.kid === keyId && key.kty === type);
  if (found === undefined) return false;
  try {
    const key = createPublicKey({ key: found as JsonWebKey, format: 'jwk' });
    return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}
