import type { Repository } from '../../lib/model/reference';
import { Refused, RegistryError, Unsupported } from '../errors';
import type { Clock, Credential, Observer } from '../ports';
import { type Answer, readWhole, SMALL } from './answer';
import type { Attempts } from './attempts';
import { errorOf, failure } from './failure';
import { observed } from './observed';
import { redirectTarget } from './redirect';
import type { Transport } from './transport';

export interface TokenRequest {
  readonly repository: Repository;
  readonly realm: URL;
  readonly service?: string;
  readonly scopes: readonly string[];
  readonly credential?: Credential;
  readonly signal?: AbortSignal;
}

export interface Token {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** Milliseconds. */
  readonly lifetime: number;
}

export interface TokenSettings {
  readonly transport: Transport;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly observer?: Observer;
}

const CLIENT_ID = 'ecr-mirror';
/** Seconds that a token lives when its server does not say (distribution, "Token Authentication Specification"). */
const DEFAULT_LIFETIME = 60;
const MOST_REDIRECTS = 3;

/** Gets tokens from the realms that registries name. A refused credential is a `RegistryError` whose failure is `denied`. */
export function tokenFetcher(settings: TokenSettings): (request: TokenRequest) => Promise<Token> {
  return async (request) => {
    const asked = settings.clock.now();
    const answer = await exchanged(settings, request);
    if (answer.status === 200) return parseToken(request, answer, asked);
    const error = failure(subjectOf(request), answer, asked);
    // OAuth2 says 400 (invalid_grant) of a refresh token that is not taken (RFC 6749, section 5.2).
    if (answer.status !== 400 || request.credential === undefined) throw error;
    const [code, message] = errorOf(answer);
    const line = `${subjectOf(request).operation}: 400 ${code ?? message ?? ''}; check the credential for ${request.repository.registry}`;
    throw new RegistryError('AUTH_DENIED', line, { status: 400 }, 'denied');
  };
}

async function exchanged(settings: TokenSettings, request: TokenRequest): Promise<Answer> {
  if (request.credential?.kind !== 'identity') return getToken(settings, request);
  const answer = await ask(settings, request, request.realm, form(request, request.credential.token));
  // Servers without OAuth2 take the token as a password.
  return answer.status === 404 || answer.status === 405 ? getToken(settings, request) : answer;
}

async function getToken(settings: TokenSettings, request: TokenRequest): Promise<Answer> {
  let url = new URL(request.realm);
  if (request.service !== undefined) url.searchParams.append('service', request.service);
  for (const scope of request.scopes) url.searchParams.append('scope', scope);
  for (let hop = 0; ; hop++) {
    const answer = await ask(settings, request, url);
    const next = redirectTarget(url, answer);
    if (next === undefined) return answer;
    if (request.credential !== undefined && next.origin !== url.origin) {
      throw new Refused(
        'REDIRECT_REFUSED',
        `${subjectOf(request).operation}: ${url.host} passes on to ${next.host}, which must not see the credential`,
      );
    }
    if (hop === MOST_REDIRECTS) return answer;
    url = next;
  }
}

function ask(settings: TokenSettings, request: TokenRequest, url: URL, body?: Uint8Array): Promise<Answer> {
  const { transport, attempts, observer } = settings;
  const { signal } = request;
  const subject = subjectOf(request);
  const authorization = body === undefined ? passwordOf(request.credential) : undefined;
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
    ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
  };
  const method = body === undefined ? 'GET' : 'POST';
  return attempts.run({ ...subject, kind: 'token', host: url.host, signal }, async () => {
    const answer = await observed(observer, { registry: subject.registry, method, kind: 'token' }, () =>
      transport.exchange({ method, url, headers, body, signal }),
    );
    return readWhole({ ...answer, anonymous: request.credential === undefined }, SMALL, subject.operation, signal);
  });
}

function form(request: TokenRequest, refreshToken: string): Uint8Array {
  const fields = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: CLIENT_ID,
    scope: request.scopes.join(' '),
    refresh_token: refreshToken,
  });
  if (request.service !== undefined) fields.set('service', request.service);
  return Buffer.from(fields.toString());
}

/** Docker's convention for an identity token is the user `<token>`. */
function passwordOf(credential: Credential | undefined): string | undefined {
  if (credential === undefined || credential.kind === 'bearer') return undefined;
  const pair =
    credential.kind === 'basic' ? `${credential.username}:${credential.password}` : `<token>:${credential.token}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function subjectOf({ repository, realm }: TokenRequest) {
  return {
    operation: `token for ${repository.registry}/${repository.name} from ${realm.host}`,
    registry: repository.registry,
  };
}

/** @param asked when it was asked for: its life began no earlier, whatever clock its server has */
function parseToken(request: TokenRequest, answer: Answer, asked: number): Token {
  const { token, access_token, expires_in } = objectOf(answer.bytes);
  const text = [token, access_token].find((one) => typeof one === 'string' && one !== '');
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) {
    throw new Unsupported(
      'ANSWER_UNUSABLE',
      `${subjectOf(request).operation}: the answer holds no token; one of printable characters would do`,
    );
  }
  const seconds = Number(expires_in);
  const lifetime = (Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_LIFETIME) * 1000;
  return { token: text, lifetime, expires: asked + lifetime };
}

function objectOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
