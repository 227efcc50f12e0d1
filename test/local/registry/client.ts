import type { Content } from '../../../local/images';
import { type EmbeddedRegistryOptions, type RunningRegistry, startRegistry } from '../../../local/registry';

/** Starts registries for the tests of one file, and closes them all after each test. */
export function registries(): (options?: EmbeddedRegistryOptions) => Promise<RunningRegistry> {
  const running: RunningRegistry[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((registry) => registry.close()));
  });
  return async (options) => {
    const registry = await startRegistry(options);
    running.push(registry);
    return registry;
  };
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly code?: string;
  readonly message?: string;
}

/** One request without redirects; Amazon ECR's token is sent along where there is one. */
export async function ask(registry: RunningRegistry, path: string, request: Ask = {}): Promise<Answer> {
  const token = registry.ecr?.authorizationToken().token;
  const response = await fetch(new URL(path, registry.address), {
    method: request.method ?? 'GET',
    redirect: 'manual',
    headers: { ...(token === undefined ? {} : { authorization: `Basic ${token}` }), ...request.headers },
    body: typeof request.body === 'string' ? request.body : request.body && Buffer.from(request.body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, ...firstError(bytes) };
}

export function json(answer: Answer) {
  return JSON.parse(answer.bytes.toString());
}

export async function putBlob(registry: RunningRegistry, repository: string, blob: Content): Promise<Answer> {
  const started = await ask(registry, `/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  return ask(registry, `${started.headers.get('location')}?digest=${blob.descriptor.digest}`, {
    method: 'PUT',
    body: blob.bytes,
  });
}

export function putManifest(
  registry: RunningRegistry,
  repository: string,
  manifest: Content,
  reference: string = manifest.descriptor.digest,
): Promise<Answer> {
  return ask(registry, `/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    body: manifest.bytes,
    headers: { 'content-type': manifest.descriptor.mediaType },
  });
}

function firstError(bytes: Buffer): { readonly code?: string; readonly message?: string } {
  try {
    const { errors } = JSON.parse(bytes.toString()) as { errors?: { code: string; message: string }[] };
    return errors?.[0] ?? {};
  } catch {
    return {};
  }
}

/** A clock that moves when told to. */
export function handClock(start = Date.UTC(2024, 0, 1)) {
  let now = start;
  return {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}
