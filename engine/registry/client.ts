import { formatRepository, type Repository } from '../../lib/model/reference';
import { RegistryError } from '../errors';
import type { Access, Credential, Limiter, Observer, RequestEvent } from '../ports';
import { type Answer, type OpenAnswer, readWhole, SMALL } from './answer';
import type { Attempts, Try } from './attempts';
import type { Authorization, Authorizer, Party } from './authorizer';
import type { Body } from './exchange';
import { observed } from './observed';
import { Pace } from './pace';
import { redirectTarget } from './redirect';
import { scouted } from './scout';
import type { Transport } from './transport';

/** One request to a repository's registry. */
export interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** After `/v2/<name>/`, or a whole URL that the registry has given. */
  readonly to: string | URL;
  readonly kind: RequestEvent['kind'];
  /** What it is about, for errors: `manifest docker.io/library/nginx:1.27`. */
  readonly operation: string;
  /** @default - that which the client reads with */
  readonly access?: Access;
  /** Another repository of the registry that is read at the same time (mount). */
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  readonly signal?: AbortSignal;
  /** @default - as the settings say */
  readonly attempts?: number;
  /** Bytes of a successful answer that are kept at most. @default 64 KiB */
  readonly ceiling?: number;
}

/** A repository over HTTP: authorization, redirects, retries and limits are seen to. Any status that is left is an answer. */
export interface Client {
  readonly repository: Repository;
  /** `docker.io/library/nginx` */
  readonly name: string;
  /** The registry's own origin. */
  readonly origin: string;
  readonly attempts: Attempts;
  /** With the whole body, which is read again with the request if the connection breaks. */
  send(call: Call): Promise<Answer>;
  /** With the body still to be read. */
  open(call: Call): Promise<OpenAnswer>;
  /** So many requests are about to come. */
  expect(requests: number): void;
  /** Whether the registry counts each manifest that is read, as far as is known. */
  countsPulls(): boolean;
}

export interface Clients {
  readonly transport: Transport;
  readonly attempts: Attempts;
  readonly authorizer: Authorizer;
  readonly observer?: Observer;
  readonly limiter?: Limiter;
}

/** What all repositories of one registry share. */
export interface RegistrySite {
  readonly base: URL;
  /**
   * As many requests at once as it answers well, each until its answer begins: so a download never keeps an upload to the same
   * registry waiting that it feeds. Streamed uploads pass without, for the same reason.
   */
  readonly pace: Pace;
  /** A question that goes before the first pull, while it is under way. */
  scouting?: Promise<unknown>;
}

export const DEFAULT_CONCURRENCY = 64;
const MOST_REDIRECTS = 6;
/** The first without what the host wants, the second with it, the third after it was renewed. */
const MOST_AUTHORIZATIONS = 3;

export function siteOf(base: URL, concurrency = DEFAULT_CONCURRENCY): RegistrySite {
  return { base, pace: new Pace(concurrency) };
}

/** @param reads the access that a credential must be for to be used for what does not write */
export function clientOf(repository: Repository, site: RegistrySite, shared: Clients, reads: Access = 'pull'): Client {
  const { base } = site;
  const prefix = `${base.origin}${base.pathname.replace(/\/+$/, '')}/v2/${repository.name}/`;

  function once(call: Call, url: URL): Promise<OpenAnswer> {
    return followed(shared, site, repository, { access: reads, ...call }, url);
  }
  function attempt<T extends Answer | OpenAnswer>(call: Call, work: (url: URL) => Promise<T>): Promise<T> {
    const url = typeof call.to === 'string' ? new URL(`${prefix}${call.to}`) : call.to;
    return shared.attempts.run(tryOf(call, repository, url), () => work(url));
  }
  function send(call: Call): Promise<Answer> {
    return attempt(call, async (url) =>
      readWhole(await once(call, url), call.ceiling ?? SMALL, call.operation, call.signal),
    );
  }
  return {
    repository,
    name: formatRepository(repository),
    origin: base.origin,
    attempts: shared.attempts,
    send: (call) => scouted(shared, site, repository.registry, call, send),
    open: (call) => attempt(call, (url) => once(call, url)),
    countsPulls: () => shared.limiter?.countsPulls?.(repository.registry) ?? false,
    expect: (requests) => shared.transport.expect(base, Math.min(requests, site.pace.limit)),
  };
}

export function tryOf(call: Call, repository: Repository, url: URL): Try {
  return {
    operation: call.operation,
    registry: repository.registry,
    kind: call.kind,
    host: url.host,
    signal: call.signal,
    attempts: call.attempts,
    repeatable: () => isRepeatable(call.body),
  };
}

/** A stream can be read once. */
function isRepeatable(body: Body | undefined): boolean {
  return body === undefined || body instanceof Uint8Array;
}

async function followed(
  shared: Clients,
  site: RegistrySite,
  repository: Repository,
  call: Call,
  first: URL,
): Promise<OpenAnswer> {
  const seen = new Set<string>();
  let url = first;
  for (;;) {
    seen.add(url.href);
    const answer = await authorized(shared, site, repository, call, url);
    const next = follows(call, answer.status)
      ? await orDiscard(answer, async () => redirectTarget(url, answer))
      : undefined;
    if (next === undefined) return answer;
    await answer.discard();
    if (seen.has(next.href) || seen.size > MOST_REDIRECTS) {
      const what = seen.has(next.href) ? 'in a circle' : `more than ${MOST_REDIRECTS} times`;
      throw new RegistryError(
        'ANSWER_UNUSABLE',
        `${call.operation}: ${first.host} redirects ${what}; an answer would do`,
        { status: answer.status },
        'usage',
      );
    }
    url = next;
  }
}

/** Only reading follows every redirect; what has effects follows those that keep the method (RFC 9110, section 15.4). */
function follows({ method, body }: Call, status: number): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  return (status === 307 || status === 308) && method !== 'DELETE' && isRepeatable(body);
}

async function authorized(
  shared: Clients,
  site: RegistrySite,
  repository: Repository,
  call: Call,
  url: URL,
): Promise<OpenAnswer> {
  const { authorizer } = shared;
  const { signal, from } = call;
  const scope = { name: repository.name, access: call.access ?? 'pull', ...(from === undefined ? {} : { from }) };
  const party: Party = { repository, scope, url, own: url.origin === site.base.origin, signal };
  let authorization = await authorizer.authorization(party);
  for (let turn = 1; ; turn++) {
    const answer = await sent(shared, site, repository, call, url, authorization);
    const refused = answer.status === 401 || answer.status === 403;
    if (!refused || turn === MOST_AUTHORIZATIONS || !isRepeatable(call.body)) return answer;
    const challenge = answer.headers['www-authenticate'];
    const next = await orDiscard(answer, () =>
      authorizer.afterRefusal(party, { status: answer.status, challenge }, authorization),
    );
    if (next === undefined) return answer;
    await answer.discard();
    authorization = next;
  }
}

async function orDiscard<T>(answer: OpenAnswer, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    await answer.discard();
    throw cause;
  }
}

async function sent(
  { transport, observer, limiter }: Clients,
  { pace }: RegistrySite,
  repository: Repository,
  call: Call,
  url: URL,
  { header, credential }: Authorization,
): Promise<OpenAnswer> {
  const { method, kind, body, signal } = call;
  const { registry } = repository;
  const account = accountOf(credential);
  const counted = { registry, method, kind, ...(account === undefined ? {} : { account }) };
  const tell = (direction: 'sent' | 'received') => (bytes: number) => observer?.bytes?.({ registry, direction, bytes });
  const headers = { ...call.headers, ...(header === undefined ? {} : { authorization: header }) };
  const request = { method, url, headers, body, signal, sent: tell('sent'), received: tell('received') };
  const exchange = () => observed(observer, { registry, method, kind }, () => transport.exchange(request));
  // Before its turn: who waits for a quota keeps nobody from reading.
  const admission = await limiter?.admit(counted, signal);
  const answer = await (isRepeatable(body) ? pace.run(`${method} ${kind}`, exchange) : exchange());
  if (answer.status === 429) admission?.refused();
  if (answer.status === 401 || answer.status === 403) admission?.unused?.();
  const over = kind === 'manifest' ? limiter?.heard?.(counted, formatRepository(repository), answer) : undefined;
  if (over !== undefined) {
    await answer.discard();
    throw over;
  }
  return { ...answer, anonymous: header === undefined || credential === undefined };
}

/** What tells the accounts of one registry apart within this process. */
function accountOf(credential: Credential | undefined): string | undefined {
  return credential?.kind === 'basic' ? credential.username : credential?.kind;
}
