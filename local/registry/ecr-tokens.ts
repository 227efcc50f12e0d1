import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from '../../engine/ports';
import { secretNamed } from '../canary';
import { Fault } from './fault';

const LIFETIME = 12 * 60 * 60 * 1000;
/** Stands for the account and the region of Amazon ECR Public. */
const PUBLIC = 'public';
/** What every password begins with. */
const MARKED = secretNamed('.');
/** One key for this process: a token of one account is good at another's registry in the same region. */
const KEY = randomBytes(32);

export interface EcrTokens {
  /** @param holder who is to be known by it, such as an access key */
  issue(holder?: string): { readonly token: string; readonly expiresAt: number };
  /** Whose it is, where that was said. @throws Fault for what is no token of this region, or one that has expired. */
  check(token: string): string | undefined;
  /** Whether it is one of Amazon ECR's for these registries: of any region, however old. */
  isOne(token: string): boolean;
}

export function newEcrTokens(account: string, region: string, clock: Clock): EcrTokens {
  return {
    issue(holder) {
      const expiresAt = clock.now() + LIFETIME;
      const claims = Buffer.from(JSON.stringify({ account, region, expiresAt, holder })).toString('base64url');
      return { token: Buffer.from(`AWS:${MARKED}${claims}.${sign(claims)}`).toString('base64'), expiresAt };
    },
    check(token) {
      const claims = read(token);
      if (claims === undefined || claims.region !== region) throw new Fault(403, 'DENIED', 'no basic auth credentials');
      if (claims.expiresAt > clock.now()) return claims.holder;
      throw new Fault(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.');
    },
    isOne: (token) => (read(token)?.account === PUBLIC) === (account === PUBLIC) && read(token) !== undefined,
  };
}

/** Of Amazon ECR Public, which is one for all accounts: from its API to its registry. */
export const ecrPublicTokens: EcrTokens = newEcrTokens(PUBLIC, PUBLIC, systemClock);

function sign(claims: string): string {
  return createHmac('sha256', KEY).update(claims).digest('base64url');
}

interface Claims {
  readonly account: string;
  readonly region: string;
  readonly expiresAt: number;
  readonly holder?: string;
}

function read(token: string): Claims | undefined {
  const [, claims, signature] = /^AWS:\w+\.([\w-]+)\.([\w-]+)$/.exec(Buffer.from(token, 'base64').toString()) ?? [];
  if (claims === undefined || signature === undefined) return undefined;
  const right = Buffer.from(sign(claims));
  const given = Buffer.from(signature);
  if (right.length !== given.length || !timingSafeEqual(right, given)) return undefined;
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}
