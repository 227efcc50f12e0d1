import type { Built, Content } from './content';

export interface PushOptions {
  /** Value of the Authorization header. @default - none */
  readonly authorization?: string;
}

/**
 * Pushes what was built into a repository, over HTTP and in order: blobs, children, root, then the root under each tag.
 * A small client for demonstrations and tests, apart from the engine's, so that one does not prove the other.
 */
export async function pushBuilt(
  address: string,
  repository: string,
  built: Built,
  tags: readonly string[] = [],
  options: PushOptions = {},
): Promise<void> {
  const base = new URL(`/v2/${repository}/`, address);
  for (const blob of built.blobs) await pushBlob(base, blob, options);
  for (const manifest of built.manifests) await pushManifest(base, manifest, manifest.descriptor.digest, options);
  for (const tag of tags) await pushManifest(base, built.root, tag, options);
}

async function pushBlob(base: URL, blob: Content, options: PushOptions): Promise<void> {
  const started = await send(new URL('blobs/uploads/', base), { method: 'POST' }, options);
  const location = started.headers.get('location');
  if (location === null) throw new Error(`POST ${base.pathname}blobs/uploads/: no Location`);
  const url = new URL(location, base);
  url.searchParams.set('digest', blob.descriptor.digest);
  const headers = { 'content-type': 'application/octet-stream' };
  await send(url, { method: 'PUT', body: Buffer.from(blob.bytes), headers }, options);
}

async function pushManifest(base: URL, manifest: Content, reference: string, options: PushOptions): Promise<void> {
  const headers = { 'content-type': manifest.descriptor.mediaType };
  const body = Buffer.from(manifest.bytes);
  await send(new URL(`manifests/${reference}`, base), { method: 'PUT', body, headers }, options);
}

interface Sent {
  readonly method: string;
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(url: URL, init: Sent, options: PushOptions): Promise<Response> {
  const authorization: Record<string, string> =
    options.authorization === undefined ? {} : { authorization: options.authorization };
  const response = await fetch(url, { ...init, headers: { ...init.headers, ...authorization } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method} ${url.pathname}: ${response.status} ${text.slice(0, 500)}`);
  return response;
}
