import { createHash } from 'node:crypto';
import { show } from '../../lib/model/invalid';
import type { Repository } from '../../lib/model/reference';
import { Refused, RegistryError } from '../errors';
import { type Clock, type Credential, type Credentials, systemClock } from '../ports';
import { type Challenge, parseChallenges } from './challenge';
import { Flights, unlessAborted } from './flights';
import type { Hosts } from './hosts';
import { type Scope, scopesAfter, scopesOf } from './scope';
import type { Token, TokenRequest } from './token';

/** A request that may need authorization: to the registry itself, or to where the registry has sent it. */
export interface Party {
  readonly repository: Repository;
  readonly scope: Scope;
  readonly url: URL;
  /** The registry's own origin. Any other sees no credential: at most a token that anybody gets. */
  readonly own: boolean;
  readonly signal?: AbortSignal;
}

export interface Authorization {
  /** Value of `Authorization`; none is sent without. */
  readonly header?: string;
  readonly credential?: Credential;
  /** Which token it is. */
  readonly tokenKey?: string;
  /** The token was fetched for this very request: fetching it again would not help. */
  readonly fresh?: boolean;
}

export interface Authorizer {
  /** What to send at first: nothing until the host has asked for something. */
  authorization(party: Party): Promise<Authorization>;
  /**
   * What to send instead, after an answer of 401 or 403; undefined when there is nothing else to try.
   * @throws RegistryError, Refused
   */
  afterRefusal(
    party: Party,
    answer: { readonly status: number; readonly challenge?: string },
    sent: Authorization,
  ): Promise<Authorization | undefined>;
}

/** What a host has asked for. */
type Learned = { readonly scheme: 'basic' } | BearerLearned;

interface BearerLearned {
  readonly scheme: 'bearer';
  readonly realm: URL;
  readonly service?: string;
  /** As the host has named them, by what the request was. */
  readonly scopes: Map<string, readonly string[]>;
  /** Named whatever the request is: `aws`. */
  readonly fixed?: readonly string[];
}

/** A provider is asked again after so long, so that it can renew what runs out. */
const CREDENTIAL_KEPT = 5 * 60_000;
/** A token is not used when fewer milliseconds of its life are left; a quarter of its life when that is shorter. */
const MARGIN = 30_000;
const TOKENS_KEPT = 4096;

export function openAuthorizer(
  credentials: Credentials,
  hosts: Hosts,
  fetchToken: (request: TokenRequest) => Promise<Token>,
  clock: Clock = systemClock,
): Authorizer {
  const learned = new Map<string, Learned>();
  const tokens = new Map<string, Token>();
  const tokenFlights = new Flights<Token>();
  const known = new CredentialCache(credentials, clock);

  async function tokenFor(party: Party, from: BearerLearned, credential: Credential | undefined) {
    const scopes = scopesFor(party, from);
    const key = tokenKey(party, from, credential);
    const kept = tokens.get(key);
    if (kept !== undefined && clock.now() < kept.expires - Math.min(MARGIN, kept.lifetime / 4)) {
      return { token: kept.token, key, fresh: false };
    }
    const { realm, service } = from;
    const token = await tokenFlights.join(key, party.signal, async (signal) => {
      const fetched = await fetchToken({ repository: party.repository, realm, service, scopes, credential, signal });
      if (tokens.size >= TOKENS_KEPT) tokens.clear();
      tokens.set(key, fetched);
      return fetched;
    });
    return { token: token.token, key, fresh: true };
  }

  async function authorize(party: Party, from: Learned, credential: Credential | undefined): Promise<Authorization> {
    if (from.scheme === 'basic') {
      return credential?.kind === 'basic' ? { header: basic(credential), credential } : { credential };
    }
    if (credential?.kind === 'bearer') return { header: `Bearer ${credential.token}`, credential };
    const { token, key, fresh } = await tokenFor(party, from, credential);
    return { header: `Bearer ${token}`, credential, tokenKey: key, fresh };
  }

  /** As `authorize`; a credential that the token server refuses is asked for once more. */
  async function authorizeOrRenew(party: Party, from: Learned, credential: Credential | undefined) {
    try {
      return await authorize(party, from, credential);
    } catch (cause) {
      const denied = cause instanceof RegistryError && cause.failure === 'denied';
      if (!denied || credential === undefined) throw cause;
      const renewed = await known.get(party, credential);
      if (renewed === undefined || fingerprint(renewed) === fingerprint(credential)) throw cause;
      return authorize(party, from, renewed);
    }
  }

  return {
    async authorization(party) {
      const from = learned.get(partyKey(party));
      if (from === undefined) return {};
      if (!party.own && from.scheme === 'bearer' && !from.scopes.has(scopeKey(party.scope))) return {};
      return authorizeOrRenew(party, from, party.own ? await known.get(party) : undefined);
    },

    async afterRefusal(party, answer, sent) {
      const before = learned.get(partyKey(party));
      const offered = answer.status === 401 ? learn(party, hosts, answer.challenge, before) : before;
      if (offered === undefined) return undefined;
      learned.set(partyKey(party), offered);
      if (sent.header === undefined) {
        if (answer.status !== 401) return undefined;
        const first = await authorizeOrRenew(party, offered, party.own ? await known.get(party) : undefined);
        return first.header === undefined ? undefined : first;
      }
      if (sent.tokenKey !== undefined) tokens.delete(sent.tokenKey);
      const credential = party.own ? await known.get(party, sent.credential) : undefined;
      const renewed = fingerprint(credential) !== fingerprint(sent.credential);
      const helps = blamesToken(answer.challenge) || helpsAgain(party, offered, credential, sent);
      if (!renewed && !(sent.tokenKey !== undefined && helps)) return undefined;
      const next = await authorize(party, offered, credential);
      return next.header === undefined ? undefined : next;
    },
  };
}

/**
 * Whether the token is said to be to blame, and not what it allows (RFC 6750, section 3.1): then another one may do, even after one
 * that was fetched just now. It may have waited for its turn longer than it lived, or the registry's clock is behind.
 */
function blamesToken(challenge: string | undefined): boolean {
  return parseChallenges(challenge).some(
    ({ scheme, params }) => scheme === 'bearer' && params.get('error') === 'invalid_token',
  );
}

/** Whether the same credential may have another effect: the token was an old one, or the challenge has named other scopes. */
function helpsAgain(party: Party, offered: Learned, credential: Credential | undefined, sent: Authorization): boolean {
  if (offered.scheme !== 'bearer') return false;
  return sent.fresh !== true || tokenKey(party, offered, credential) !== sent.tokenKey;
}

function tokenKey(party: Party, from: BearerLearned, credential: Credential | undefined): string {
  return JSON.stringify([from.realm.href, from.service, scopesFor(party, from), fingerprint(credential)]);
}

function scopesFor({ scope }: Party, from: BearerLearned): readonly string[] {
  return from.scopes.get(scopeKey(scope)) ?? from.fixed ?? scopesOf(scope);
}

/** Reads what is asked for. @throws Refused when it asks to be given a credential in an unsafe way */
function learn(
  party: Party,
  hosts: Hosts,
  header: string | undefined,
  before: Learned | undefined,
): Learned | undefined {
  const challenges = parseChallenges(header);
  const bearer = challenges.find(({ scheme, params }) => scheme === 'bearer' && params.has('realm'));
  if (bearer !== undefined) return learnBearer(party, hosts, bearer, before);
  return challenges.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : before;
}

function learnBearer(party: Party, hosts: Hosts, { params }: Challenge, before: Learned | undefined): Learned {
  const realm = realmOf(party, hosts, params.get('realm') ?? '');
  const service = params.get('service');
  const same = before?.scheme === 'bearer' && before.realm.href === realm.href && before.service === service;
  const scopes = same ? before.scopes : new Map<string, readonly string[]>();
  const challenged = params.get('scope');
  const wanted = scopesAfter(party.scope, challenged);
  scopes.set(scopeKey(party.scope), wanted);
  const fixed = challenged !== undefined && !wanted.some((item) => item.startsWith('repository')) ? wanted : undefined;
  return {
    scheme: 'bearer',
    realm,
    ...(service === undefined ? {} : { service }),
    scopes,
    ...(fixed ? { fixed } : {}),
  };
}

/** Where tokens are had. Its address is checked when it is connected to. */
function realmOf(party: Party, hosts: Hosts, text: string): URL {
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (why: string): never => {
    throw new Refused('REDIRECT_REFUSED', `${party.url.host} asks for a token from ${show(text)}: ${why}`);
  };
  if (realm === undefined) return refuse('that is no URL');
  if (realm.username !== '' || realm.password !== '') return refuse('a realm has no user');
  const plain = realm.protocol === 'http:' && party.url.protocol === 'http:' && hosts.mayBePlain(realm);
  if (realm.protocol !== 'https:' && !plain) return refuse('https would do');
  realm.hash = '';
  return realm;
}

/** The credential of a repository, asked for once and kept a while; again when it was refused. */
class CredentialCache {
  private readonly kept = new Map<string, { readonly credential: Credential | undefined; readonly until: number }>();
  private readonly flights = new Flights<Credential | undefined>();

  constructor(
    private readonly credentials: Credentials,
    private readonly clock: Clock,
  ) {}

  async get({ repository, scope, signal }: Party, stale?: Credential): Promise<Credential | undefined> {
    const key = `${scope.access} ${repository.registry}/${repository.name}`;
    const kept = this.kept.get(key);
    const refused = stale !== undefined && fingerprint(kept?.credential) === fingerprint(stale);
    if (kept !== undefined && !refused && this.clock.now() < kept.until) return kept.credential;
    return this.flights.join(`${key} ${fingerprint(stale)}`, signal, async (calledOff) => {
      const credential = await unlessAborted(this.credentials.get(repository, scope.access, stale), calledOff);
      this.kept.set(key, { credential, until: this.clock.now() + CREDENTIAL_KEPT });
      return credential;
    });
  }
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function partyKey({ repository, own, url }: Party): string {
  return own ? `own ${repository.registry}` : `other ${url.origin}`;
}

function scopeKey({ name, access, from }: Scope): string {
  return `${access} ${name} ${from ?? ''}`;
}

/** Tells credentials apart without keeping them as keys. */
function fingerprint(credential: Credential | undefined): string {
  if (credential === undefined) return '';
  const parts =
    credential.kind === 'basic' ? [credential.username, credential.password] : [credential.kind, credential.token];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
