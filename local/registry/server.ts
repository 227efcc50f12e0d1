import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../engine/ports';
import { basicGuard, bearerGuard, ecrGuard, type Guard, noGuard } from './auth';
import { type Bucket, startBucket } from './bucket';
import { openContents } from './contents';
import { dockerHub } from './docker-hub';
import { type EcrRegistry, ecr, newEcrRegistry } from './ecr';
import { answer, answerJson, type Core, type Exchange, origin, wholeBody } from './exchange';
import { Fault } from './fault';
import type { EmbeddedRegistryOptions } from './options';
import { dockerRegistry, type Personality } from './personality';
import { authorizationKind, type Interception, keep, type OpenRecord, type RequestRecord } from './requests';
import { findRoute, neededAccess, type Route } from './routes';
import { newState, type RegistryState } from './state';
import { inspectForm, inspectRequest } from './strangers';

export interface RunningRegistry {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Where blob requests are redirected to, `127.0.0.1:<port>`; undefined when they are not. */
  readonly bucketHost: string | undefined;
  readonly state: RegistryState;
  /** With Amazon ECR's personality: account, region, tokens, templates. */
  readonly ecr: EcrRegistry | undefined;
  /** What was asked, in order. */
  readonly requests: readonly RequestRecord[];
  forgetRequests(): void;
  /** Upload sessions that are open, by their id, and the repository of each. */
  uploads(): ReadonlyMap<string, string>;
  /** Replaces the hook of the options; undefined takes it away. */
  intercept(hook: ((request: RequestRecord) => Interception | undefined) | undefined): void;
  readonly clock: Clock;
  close(): Promise<void>;
}

/**
 * A registry in this process: distribution-spec v1.1, as strict as those it stands in for, with the manners of the
 * reference implementation, Docker Hub or Amazon ECR.
 *
 * Does NOT do: https, `_catalog`, garbage collection, persistence beyond {@link RunningRegistry.close}, warnings,
 * resumable digest algorithms. What each personality leaves out is said where it is defined.
 */
export async function startRegistry(options: EmbeddedRegistryOptions = {}): Promise<RunningRegistry> {
  const clock = options.clock ?? systemClock;
  const records: OpenRecord[] = [];
  const hook = { intercept: options.intercept };
  const contents = openContents({ memory: options.memory ?? 256 * 1024 * 1024, directory: options.directory });
  const state = newState(contents, clock);
  const { personality, ecr: account } = choosePersonality(options, state, clock);
  const redirects = options.redirectBlobs ?? personality.redirectsBlobs;
  const bucket = redirects
    ? await startBucket({ clock, records, intercept: (record) => hook.intercept?.(record) })
    : undefined;
  const core: Core = { options, personality, state, contents, uploads: new Map(), clock, bucket, records };
  const guard = chooseGuard(options, account, clock);

  const server = createServer((request, response) => {
    serve({ core, guard, intercept: (record) => hook.intercept?.(record) }, request, response).catch(() =>
      response.destroy(),
    );
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address: `http://${host}`,
    host,
    bucketHost: bucket === undefined ? undefined : new URL(bucket.address).host,
    state,
    ecr: account,
    requests: records,
    forgetRequests: () => {
      records.length = 0;
    },
    uploads: () => new Map([...core.uploads].map(([id, { repository }]) => [id, repository])),
    intercept: (next) => {
      hook.intercept = next;
    },
    clock,
    close: () => close(server, bucket, core),
  };
}

function choosePersonality(
  options: EmbeddedRegistryOptions,
  state: RegistryState,
  clock: Clock,
): { readonly personality: Personality; readonly ecr?: EcrRegistry } {
  const base = dockerRegistry((name) => state.create(name));
  const chosen = options.personality ?? 'docker-registry';
  if (chosen === 'docker-registry') return { personality: base };
  if (chosen.kind === 'docker-hub') return { personality: dockerHub(base, chosen, clock) };
  const account = newEcrRegistry(chosen, clock);
  for (const name of chosen.repositories ?? []) state.create(name);
  return { personality: ecr(base, account, state, chosen), ecr: account };
}

function chooseGuard(options: EmbeddedRegistryOptions, account: EcrRegistry | undefined, clock: Clock): Guard {
  if (account !== undefined) return ecrGuard(account);
  if (options.auth === undefined) return noGuard;
  return options.auth.kind === 'basic' ? basicGuard(options.auth) : bearerGuard(options.auth, clock);
}

interface Shared {
  readonly core: Core;
  readonly guard: Guard;
  intercept(record: RequestRecord): Interception | undefined;
}

async function serve(shared: Shared, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { core } = shared;
  inspectRequest(request, shared.guard);
  const url = new URL(request.url ?? '/', 'http://registry');
  const path = decodeURIComponent(url.pathname);
  const record = openRecord(request, path);
  keep(core.records, record);
  const route = describe(record, path, url);
  if (core.options.latency !== undefined) await core.clock.sleep(core.options.latency);
  const interception = shared.intercept(record);
  if (interception !== undefined && 'drop' in interception) return void request.destroy();
  const caller = request.socket.remoteAddress ?? '';
  const exchange: Exchange = { core, request, response, url, record, caller, interception };
  try {
    if (interception !== undefined && 'status' in interception) {
      await answer(exchange, interception.status, interception.headers, interception.body);
    } else {
      await handle(shared, exchange, path, route);
    }
  } catch (error) {
    await refuse(exchange, error);
  }
  request.resume();
}

async function handle({ guard }: Shared, exchange: Exchange, path: string, route: Route | Fault): Promise<void> {
  const { request, url } = exchange;
  const method = request.method ?? 'GET';
  const { authorization } = request.headers;
  if (path === '/token' && guard.token !== undefined) {
    const form = method === 'POST' ? new URLSearchParams((await wholeBody(exchange, 65_536)).toString()) : undefined;
    if (form !== undefined) inspectForm(form, guard);
    return answerJson(exchange, guard.token({ method, parameters: form ?? url.searchParams, authorization }));
  }
  if (route instanceof Fault) throw route;
  const user = guard.check(authorization, neededAccess(route, method, url), origin(request));
  if (user !== undefined) exchange.record.caller = user;
  const handler = route.handlers[method];
  if (handler === undefined) throw new Fault(405, 'UNSUPPORTED', 'The operation is unsupported.');
  await handler({ ...exchange, caller: user ?? exchange.caller });
}

async function refuse(exchange: Exchange, error: unknown): Promise<void> {
  if (exchange.response.headersSent || exchange.request.socket.destroyed) return void exchange.response.destroy();
  const fault = error instanceof Fault ? error : new Fault(500, 'UNKNOWN', 'unknown error');
  const plain = fault.message === 'Not Authorized';
  const type = plain ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  await answer(exchange, fault.status, { ...fault.headers, 'content-type': type }, plain ? fault.message : fault.body);
}

function openRecord(request: IncomingMessage, path: string): OpenRecord {
  return {
    origin: 'registry',
    method: request.method ?? 'GET',
    path,
    kind: 'other',
    status: 0,
    received: 0,
    sent: 0,
    authorization: authorizationKind(request.headers.authorization),
  };
}

/** Fills in what the path says, and returns its route or why there is none. */
function describe(record: OpenRecord, path: string, url: URL): Route | Fault {
  if (path === '/token') record.kind = 'token';
  try {
    const route = findRoute(path);
    record.kind = route.kind;
    record.repository = route.name;
    const digest = url.searchParams.get('mount') ?? url.searchParams.get('digest') ?? route.reference;
    if (digest?.includes(':') === true) record.digest = digest;
    else if (route.kind === 'manifest') record.tag = route.reference;
    record.from = url.searchParams.get('from') ?? undefined;
    return route;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

async function close(server: Server, bucket: Bucket | undefined, core: Core): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  await bucket?.close();
  for (const upload of core.uploads.values()) await upload.writer.discard().catch(() => undefined);
  await core.contents.close();
}
