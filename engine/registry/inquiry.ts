import { randomUUID } from 'node:crypto';
import { ACCEPTED_MANIFESTS } from '../../lib/model/descriptor';
import { formatRepository, type Repository } from '../../lib/model/reference';
import type { RegistryError } from '../errors';
import { type Clock, systemClock } from '../ports';
import type { Answer } from './answer';
import { type Call, type Client, clientOf, siteOf, tryOf } from './client';
import { errorOf, failure } from './failure';
import type { RegistryOptions } from './options';
import { openClients } from './registries';

/**
 * Asks registries what they let be done, without reading a manifest or writing anything. It goes the way that copying goes: same
 * connections, addresses, credentials and tokens.
 */
export interface Inquiry {
  /** Whether the registry answers at all; nobody logs in for this. @throws RegistryError, Refused */
  ping(registry: string, signal?: AbortSignal): Promise<Said>;
  /** Whether a tag can be asked for, or without one the list of tags. @throws EngineError when there is no answer */
  pull(repository: Repository, tag: string | undefined, signal?: AbortSignal): Promise<Said>;
  /** Whether a repository would take a push. @throws EngineError when there is no answer */
  push(repository: Repository, signal?: AbortSignal): Promise<Said>;
  /** Whether it lists what refers to an image: asked of one that there is not. @throws EngineError when there is no answer */
  referrers(repository: Repository, signal?: AbortSignal): Promise<Said>;
  /** Ends idle connections. */
  close(): void;
}

/** What a registry answered. */
export interface Said {
  readonly status: number;
  readonly headers: Answer['headers'];
  /** Of the first of the body's errors. */
  readonly code?: string;
  /** No credential of ours had a part in it. */
  readonly anonymous: boolean;
  /** The answer as an error, in one line; absent for one of 200 to 299. */
  readonly refusal?: RegistryError;
  /** Of a ping: seconds that the registry's clock is ahead of ours, by its `Date`. @default - it does not say */
  readonly ahead?: number;
}

/** Tries of a ping: a connection may break once. */
const PINGS = 2;
const NOTHING = new Uint8Array(0);
/** Of nothing at all. */
const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function openInquiry(options: RegistryOptions): Inquiry {
  const { hosts, shared } = openClients(options);
  const clock = options.clock ?? systemClock;
  const clients = new Map<string, Client>();

  function clientFor(repository: Repository, reads: 'pull' | 'push'): Client {
    const key = `${reads} ${formatRepository(repository)}`;
    const client = clients.get(key) ?? clientOf(repository, siteOf(hosts.endpoint(repository.registry)), shared, reads);
    clients.set(key, client);
    return client;
  }

  return {
    async ping(registry, signal) {
      const base = hosts.endpoint(registry);
      const url = new URL(`${base.origin}${base.pathname.replace(/\/+$/, '')}/v2/`);
      const call: Call = { method: 'GET', to: url, kind: 'other', operation: registry, attempts: PINGS, signal };
      return shared.attempts.run(tryOf(call, { registry, name: '' }, url), async () => {
        const asked = clock.now();
        const answer = await shared.transport.exchange({ method: 'GET', url, headers: {}, signal });
        await answer.discard();
        const ahead = aheadOf(answer.headers.date, asked, clock);
        return { status: answer.status, headers: answer.headers, anonymous: true, ...ahead };
      });
    },
    pull: (repository, tag, signal) =>
      ask(clientFor(repository, 'pull'), { ...pullCall(repository, tag), signal }, clock),
    push: (repository, signal) => ask(clientFor(repository, 'push'), { ...pushCall(repository), signal }, clock),
    referrers: (repository, signal) =>
      ask(clientFor(repository, 'pull'), { ...referrersCall(repository), signal }, clock),
    close: () => shared.transport.close(),
  };
}

function pullCall(repository: Repository, tag: string | undefined): Call {
  const name = formatRepository(repository);
  if (tag === undefined) return { method: 'GET', to: 'tags/list?n=1', kind: 'tags', operation: `tags of ${name}` };
  const headers = { accept: ACCEPTED_MANIFESTS.join(', ') };
  return { method: 'HEAD', to: `manifests/${tag}`, kind: 'manifest', operation: `manifest ${name}:${tag}`, headers };
}

function referrersCall(repository: Repository): Call {
  const operation = `referrers in ${formatRepository(repository)}`;
  return { method: 'GET', to: `referrers/${EMPTY}`, kind: 'referrers', operation };
}

/**
 * Completes an upload that there is not: who may push is told that it is not there, who may not is refused before anybody looks.
 * Starting one would tell the same, and leave it behind.
 */
function pushCall(repository: Repository): Call {
  return {
    method: 'PUT',
    to: `blobs/uploads/${randomUUID()}?digest=${EMPTY}`,
    kind: 'upload',
    operation: `push to ${formatRepository(repository)}`,
    access: 'push',
    body: NOTHING,
  };
}

async function ask(client: Client, call: Call, clock: Clock): Promise<Said> {
  const answer = await client.send({ ...call, ceiling: CEILING });
  const { status, headers, anonymous } = answer;
  const [code] = errorOf(answer);
  const subject = { operation: call.operation, registry: client.repository.registry };
  if (status < 300) return { status, headers, anonymous };
  const refusal = failure(subject, answer, clock.now());
  return { status, headers, anonymous, ...(code === undefined ? {} : { code }), refusal };
}

/** Registries that do not page send all tags at once. */
const CEILING = 16 * 1024 * 1024;

/** A `Date` has whole seconds, those that were begun. */
function aheadOf(date: string | undefined, asked: number, clock: Clock): { readonly ahead?: number } {
  const said = Date.parse(date ?? '');
  if (Number.isNaN(said)) return {};
  return { ahead: (said + 500 - (asked + clock.now()) / 2) / 1000 };
}
