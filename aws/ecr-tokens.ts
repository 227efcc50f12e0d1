import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { GetAuthorizationTokenCommand as GetPublicAuthorizationTokenCommand } from '@aws-sdk/client-ecr-public';
import type { Clock, Credential } from '../engine/ports';
import type { RoleSetting } from '../lib/model/settings';
import type { AwsClients } from './clients';
import { awsFailure } from './errors';

/**
 * Authorization tokens of Amazon ECR. One for each region serves every account there that the principal may use; accounts
 * that give access by a role have one of that role. It lasts twelve hours and is replaced half an hour before its end, or
 * when a registry has refused it.
 */
export interface EcrTokens {
  /** For the private registries of a region. @throws RegistryError naming the region. */
  ofRegion(region: string, stale?: Credential, role?: RoleSetting): Promise<Credential>;
  /** For public.ecr.aws. */
  ofPublic(stale?: Credential): Promise<Credential>;
}

interface Token {
  readonly credential: Credential;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Milliseconds before its expiry at which a token is replaced. */
const MARGIN = 30 * 60_000;
const DEFAULT_LIFE = 12 * 3600_000;

export function ecrTokens(clients: AwsClients, clock: Clock): EcrTokens {
  const tokens = new Map<string, Promise<Token>>();

  async function current(place: string, ask: () => Promise<Token>, stale?: Credential): Promise<Credential> {
    const known = tokens.get(place);
    const token = await known;
    if (token !== undefined && token.credential !== stale && token.until - MARGIN > clock.now())
      return token.credential;
    // Whoever comes while a new token is being fetched waits for that one.
    if (tokens.get(place) === known) tokens.set(place, forgetFailure(place, ask()));
    return ((await tokens.get(place)) as Token).credential;
  }

  function forgetFailure(place: string, asked: Promise<Token>): Promise<Token> {
    asked.catch(() => tokens.delete(place));
    return asked;
  }

  async function askRegion(region: string, role?: RoleSetting): Promise<Token> {
    const answer = await clients.ecr(region, role).send(new GetAuthorizationTokenCommand({}));
    return parseToken(answer.authorizationData?.[0], clock.now());
  }

  async function askPublic(): Promise<Token> {
    const answer = await clients.ecrPublic().send(new GetPublicAuthorizationTokenCommand({}));
    return parseToken(answer.authorizationData, clock.now());
  }

  return {
    ofRegion: (region, stale, role) => {
      const what = `ECR authorization in ${region}${role === undefined ? '' : ` as ${role.roleArn}`}`;
      return current(`${region} ${role?.roleArn ?? ''}`, () => askRegion(region, role).catch(failed(what)), stale);
    },
    ofPublic: (stale) => current('public', () => askPublic().catch(failed('ECR Public authorization')), stale),
  };
}

function parseToken(
  data: { readonly authorizationToken?: string; readonly expiresAt?: Date } | undefined,
  now: number,
): Token {
  const pair = Buffer.from(data?.authorizationToken ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) throw new Error('the answer holds no token');
  return {
    credential: { kind: 'basic', username: pair.slice(0, colon), password: pair.slice(colon + 1) },
    until: data?.expiresAt?.getTime() ?? now + DEFAULT_LIFE,
  };
}

function failed(what: string): (cause: unknown) => never {
  return (cause) => {
    throw awsFailure(what, cause);
  };
}
