import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newSecret } from './canary';
import { makeAuthority } from './certificates';

export interface Secret {
  metadata: { name: string; resourceVersion?: string; annotations?: Record<string, string>; labels?: object };
  type: string;
  data: Record<string, string>;
}

/** A rule of a Role, and where it counts. */
export interface Grant {
  readonly namespace: string;
  readonly rules: readonly {
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

/** The Kubernetes API, as far as it gives, makes and changes secrets. */
export interface SecretsApi {
  readonly port: number;
  /** PEM. */
  readonly authority: string;
  /** What its one account shows. */
  readonly token: string;
  /** By `namespace/name`. */
  readonly secrets: Map<string, Secret>;
  /** What was asked: `get apps/ecr 200`. */
  readonly asked: string[];
  grants: readonly Grant[];
  /** Runs before a request is looked at; a status that it returns is the answer. */
  before?: (verb: string, place: string) => number | undefined;
  /** Puts a secret there, as somebody else does. */
  put(place: string, secret: Omit<Secret, 'metadata'> & { metadata?: object }): void;
  close(): Promise<void>;
}

const VERBS: Readonly<Record<string, string>> = { GET: 'get', POST: 'create', PATCH: 'patch' };
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * A server with one account, the rights of Roles, versions (409 for one that is not the last), and merge patches of what is
 * known of a secret. It has no lists, watches, other patches, field managers, admission, or any other resource; of what it
 * is sent it looks at types and at whether a Docker configuration is JSON.
 */
export async function startSecretsApi(): Promise<SecretsApi> {
  const authority = makeAuthority();
  const server = createServer(authority.issue('127.0.0.1'), async (request, response) => {
    const body = await bodyOf(request);
    const [status, json] = answer(api, request, body);
    const [, , , , namespace, , name = (body as Partial<Secret> | undefined)?.metadata?.name] = (
      request.url ?? ''
    ).split('/');
    api.asked.push(`${VERBS[request.method ?? '']} ${namespace}/${name} ${status}`);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let version = 100;
  const api: SecretsApi = {
    port: (server.address() as AddressInfo).port,
    authority: authority.cert,
    token: newSecret(),
    secrets: new Map(),
    asked: [],
    grants: [],
    put(place, { metadata = {}, ...secret }) {
      version += 1;
      const name = place.split('/')[1] as string;
      api.secrets.set(place, { ...secret, metadata: { ...metadata, name, resourceVersion: String(version) } });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return api;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > MOST_BYTES) throw new Error(`a body of more than ${MOST_BYTES} bytes`);
    pieces.push(piece);
  }
  return size === 0 ? undefined : JSON.parse(Buffer.concat(pieces).toString());
}

const failed = (code: number, reason: string): [number, object] => [
  code,
  { kind: 'Status', status: 'Failure', reason, code },
];

function answer(api: SecretsApi, request: IncomingMessage, body: unknown): [number, object] {
  const [, namespace = '', named] =
    /^\/api\/v1\/namespaces\/([^/]+)\/secrets(?:\/([^/]+))?$/.exec(request.url ?? '') ?? [];
  const verb = VERBS[request.method ?? ''] ?? '';
  const secret = body as Secret;
  const name = named ?? secret?.metadata?.name ?? '';
  const early = api.before?.(verb, `${namespace}/${name}`);
  if (early !== undefined) return failed(early, 'Asked for');
  if (request.headers.authorization !== `Bearer ${api.token}`) return failed(401, 'Unauthorized');
  if (!isGranted(api.grants, verb, namespace, named)) return failed(403, 'Forbidden');
  const place = `${namespace}/${name}`;
  const known = api.secrets.get(place);
  if (verb === 'create') {
    if (known !== undefined) return failed(409, 'AlreadyExists');
    return store(api, place, secret, 201);
  }
  if (known === undefined) return failed(404, 'NotFound');
  if (verb === 'get') return [200, known];
  if (request.headers['content-type'] !== 'application/merge-patch+json') return failed(415, 'UnsupportedMediaType');
  const { resourceVersion, annotations } = secret.metadata;
  if (resourceVersion !== undefined && resourceVersion !== known.metadata.resourceVersion)
    return failed(409, 'Conflict');
  const metadata = { ...known.metadata, annotations: { ...known.metadata.annotations, ...annotations } };
  return store(api, place, { ...known, metadata, data: { ...known.data, ...secret.data } }, 200);
}

/** A right to create is bound to no name: none is part of such a request's path. */
function isGranted(grants: readonly Grant[], verb: string, namespace: string, name: string | undefined): boolean {
  const rules = grants.filter((grant) => grant.namespace === namespace).flatMap((grant) => grant.rules);
  return rules.some(
    ({ resources, resourceNames, verbs }) =>
      resources.includes('secrets') &&
      verbs.includes(verb) &&
      (resourceNames === undefined || (name !== undefined && resourceNames.includes(name))),
  );
}

function store(api: SecretsApi, place: string, secret: Secret, status: number): [number, object] {
  try {
    JSON.parse(Buffer.from(secret.data['.dockerconfigjson'] ?? '', 'base64').toString());
  } catch {
    return failed(422, 'Invalid');
  }
  api.put(place, secret);
  return [status, api.secrets.get(place) as Secret];
}
