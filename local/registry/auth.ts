import type { Clock } from '../../engine/ports';
import { newSecret } from '../canary';
import type { EcrRegistry } from './ecr';
import { ecrPublicTokens } from './ecr-tokens';
import { Fault } from './fault';
import type { Action, BasicAuth, BearerAuth } from './options';

export interface Need {
  readonly repository: string;
  readonly action: Action;
}

/** Decides on each request who is asking and whether they may. */
export interface Guard {
  /** The caller's name, undefined for anybody. @throws Fault UNAUTHORIZED or DENIED */
  check(authorization: string | undefined, needs: readonly Need[], origin: string): string | undefined;
  /** Whether an `Authorization`, or what a form brings, was made for this registry or by it, however long ago. */
  owns(brought: string | URLSearchParams): boolean;
  /** The token endpoint's answer. @throws Fault */
  token?(request: TokenRequest): object;
}

export interface TokenRequest {
  readonly method: string;
  readonly parameters: URLSearchParams;
  readonly authorization: string | undefined;
}

export const noGuard: Guard = { check: () => undefined, owns: () => false };

/** Basic with a token of Amazon ECR as password; without any it answers as ECR does, with plain text. */
export function ecrGuard(ecr: EcrRegistry): Guard {
  return {
    owns: (brought) => ecr.isToken(/^basic (\S+)$/i.exec(String(brought))?.[1] ?? ''),
    check(authorization, _, origin) {
      const challenge = { 'www-authenticate': `Basic realm="${origin}/",service="ecr.amazonaws.com"` };
      const token = /^basic (\S+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) throw new Fault(401, 'UNAUTHORIZED', 'Not Authorized', challenge);
      return ecr.checkToken(token) ?? 'AWS';
    },
  };
}

export function basicGuard(auth: BasicAuth): Guard {
  return {
    owns: (brought) => typeof brought === 'string' && isPasswordOf(auth, pairOf(brought)[1]),
    check(authorization, needs) {
      const user = basicUser(auth, authorization);
      const allowed = needs.every((need) => allowedActions(auth, user, need.repository).includes(need.action));
      if (allowed && (user !== undefined || needs.length > 0)) return user;
      if (user !== undefined) throw new Fault(403, 'DENIED', 'requested access to the resource is denied');
      throw new Fault(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': 'Basic realm="registry"' });
    },
  };
}

interface Grant {
  readonly user: string | undefined;
  readonly access: ReadonlyMap<string, readonly Action[]>;
  readonly expires: number;
}

const MOST_TOKENS = 10_000;

/** Tokens as `token.md` and `oauth.md` of the distribution project describe them. */
export function bearerGuard(auth: BearerAuth, clock: Clock): Guard {
  const service = auth.service ?? 'registry.example';
  const lifetime = auth.expires ?? 300;
  const grants = new Map<string, Grant>();
  const refresh = new Map<string, string>();

  const issue = (user: string | undefined, parameters: URLSearchParams) => {
    const access = new Map(scopes(parameters).map(([name, wanted]) => [name, intersect(auth, user, name, wanted)]));
    const token = newSecret();
    remember(grants, token, { user, access, expires: clock.now() + lifetime * 1000 });
    return { token, access_token: token, ...(auth.announceExpiry === false ? {} : { expires_in: lifetime }) };
  };
  const refreshToken = (user: string) => {
    const token = newSecret();
    remember(refresh, token, user);
    return { refresh_token: token };
  };
  const challenge = (needs: readonly Need[], origin: string, error?: string) => {
    const actions = needs.map((need) => `repository:${need.repository}:${SCOPE[need.action]}`).join(' ');
    const scope = actions === '' ? '' : `,scope="${actions}"`;
    const why = error === undefined ? '' : `,error="${error}"`;
    const header = `Bearer realm="${auth.realm ?? `${origin}/token`}",service="${service}"${scope}${why}`;
    return new Fault(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': header });
  };

  return {
    owns(brought) {
      if (typeof brought === 'string') {
        return grants.has(/^bearer (\S+)$/i.exec(brought)?.[1] ?? '') || isPasswordOf(auth, pairOf(brought)[1]);
      }
      return isPasswordOf(auth, brought.get('password')) || refresh.has(brought.get('refresh_token') ?? '');
    },
    check(authorization, needs, origin) {
      const token = /^bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) throw challenge(needs, origin);
      const grant = grants.get(token);
      if (grant === undefined || grant.expires <= clock.now()) throw challenge(needs, origin, 'invalid_token');
      const enough = needs.every((need) => grant.access.get(need.repository)?.includes(need.action));
      if (!enough) throw challenge(needs, origin, 'insufficient_scope');
      return grant.user;
    },
    token({ method, parameters, authorization }) {
      if (parameters.get('service') !== service) throw new Fault(400, 'UNSUPPORTED', 'unknown service');
      if (method === 'POST') {
        const user = oauthUser(auth, parameters, refresh);
        const offline = parameters.get('access_type') === 'offline' ? refreshToken(user) : {};
        return { ...issue(user, parameters), ...offline };
      }
      const user = basicUser(auth, authorization);
      if (user === undefined && authorization !== undefined) throw wrongPassword();
      const offline = user !== undefined && parameters.get('offline_token') === 'true' ? refreshToken(user) : {};
      return { ...issue(user, parameters), ...offline };
    },
  };
}

const SCOPE: Readonly<Record<Action, string>> = { pull: 'pull', push: 'pull,push', delete: 'delete' };

function oauthUser(auth: BearerAuth, parameters: URLSearchParams, refresh: ReadonlyMap<string, string>): string {
  const user =
    parameters.get('grant_type') === 'refresh_token'
      ? refresh.get(parameters.get('refresh_token') ?? '')
      : known(auth, parameters.get('username') ?? '', parameters.get('password') ?? '');
  if (user === undefined) throw wrongPassword();
  return user;
}

function wrongPassword(): Fault {
  return new Fault(401, 'UNAUTHORIZED', 'incorrect username or password');
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  const oldest = map.size >= MOST_TOKENS ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}

/** `scope` may be given several times, and hold several with blanks between. */
function scopes(parameters: URLSearchParams): [string, readonly string[]][] {
  return parameters
    .getAll('scope')
    .flatMap((scope) => scope.split(' '))
    .flatMap((scope) => {
      const [, name, actions] = /^repository:(.+):([a-z,*]+)$/.exec(scope) ?? [];
      return name === undefined || actions === undefined ? [] : [[name, actions.split(',')] as [string, string[]]];
    });
}

/** A token holds what was asked for and is allowed; it may be nothing. */
function intersect(auth: BearerAuth, user: string | undefined, name: string, wanted: readonly string[]): Action[] {
  return allowedActions(auth, user, name).filter((action) => wanted.includes(action));
}

function allowedActions(auth: BasicAuth | BearerAuth, user: string | undefined, repository: string): readonly Action[] {
  return auth.allow?.(user, repository) ?? (user === undefined ? [] : ['pull', 'push', 'delete']);
}

function basicUser(auth: BasicAuth | BearerAuth, authorization: string | undefined): string | undefined {
  const [username, password] = pairOf(authorization);
  return username === undefined || password === undefined ? undefined : known(auth, username, password);
}

/** User name and password of Basic. */
function pairOf(authorization: string | undefined): readonly [string?, string?] {
  const encoded = /^basic (\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return [];
  const [username = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
  return [username, password.join(':')];
}

/** Whether it is somebody's here, whoever brings it. */
function isPasswordOf(auth: BasicAuth | BearerAuth, password: string | null | undefined): boolean {
  const isPublic = auth.kind === 'bearer' && auth.ecrPublic === true;
  if (isPublic && ecrPublicTokens.isOne(Buffer.from(`AWS:${password}`).toString('base64'))) return true;
  return auth.users.some((user) => user.password === password);
}

function known(auth: BasicAuth | BearerAuth, username: string, password: string): string | undefined {
  if (auth.kind === 'bearer' && auth.ecrPublic === true && username === 'AWS') {
    return ecrPublicTokens.check(Buffer.from(`AWS:${password}`).toString('base64')) ?? 'AWS';
  }
  return auth.users.find((user) => user.username === username && user.password === password)?.username;
}
