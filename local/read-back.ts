import { createHash } from 'node:crypto';
import { ACCEPTED_MANIFESTS, isForeignLayer } from '../lib/model/descriptor';
import type { RunningRegistry } from './registry';
import { isMap, type JsonMap, listOf, mapOf, textOf } from './template/value';

/** What a registry answers when it is asked for an image, with all that belongs to it. */
export interface FoundImage {
  readonly digest: string;
  /** Digests of manifests, children first, and of blobs, all of which were fetched and are what their digests say. */
  readonly manifests: readonly string[];
  readonly blobs: readonly string[];
  /** Digests of what refers to it. */
  readonly referrers: readonly string[];
}

/**
 * Reads an image back over HTTP, every byte of it, to say that it is whole. Independent of the engine, so that one does not
 * prove the other.
 *
 * @returns undefined when there is no such image
 * @throws Error when a part of it is missing or is not what its digest says
 */
export async function readBack(
  registry: RunningRegistry,
  repository: string,
  reference: string,
): Promise<FoundImage | undefined> {
  const ask = asker(registry, repository);
  const root = await ask(`manifests/${reference}`);
  if (root === undefined) return undefined;
  const manifests = new Set<string>();
  const blobs = new Set<string>();
  const walk = async (bytes: Buffer, expected?: string): Promise<void> => {
    const digest = check(bytes, expected, repository);
    const manifest = mapOf(JSON.parse(bytes.toString()));
    for (const child of listOf(manifest.manifests).map(mapOf)) {
      const childDigest = textOf(child.digest) ?? '';
      await walk(await needed(ask, `manifests/${childDigest}`), childDigest);
    }
    for (const descriptor of contentsOf(manifest)) {
      const blob = textOf(descriptor.digest) ?? '';
      if (!blobs.has(blob)) check(await needed(ask, `blobs/${blob}`), blob, repository);
      blobs.add(blob);
    }
    manifests.add(digest);
  };
  await walk(root);
  const digest = sha256(root);
  return { digest, manifests: [...manifests], blobs: [...blobs], referrers: await referrersOf(ask, digest) };
}

type Ask = (path: string) => Promise<Buffer | undefined>;

function asker(registry: RunningRegistry, repository: string): Ask {
  const authorization = registry.ecr === undefined ? undefined : `Basic ${registry.ecr.authorizationToken().token}`;
  return async (path) => {
    const response = await fetch(`${registry.address}/v2/${repository}/${path}`, {
      headers: { accept: ACCEPTED_MANIFESTS.join(', '), ...(authorization === undefined ? {} : { authorization }) },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.ok) return bytes;
    if (response.status === 404) return undefined;
    throw new Error(`read back ${repository}: GET ${path}: got ${response.status}`);
  };
}

async function needed(ask: Ask, path: string): Promise<Buffer> {
  const bytes = await ask(path);
  if (bytes === undefined) throw new Error(`read back: GET ${path}: got 404; the image is not whole`);
  return bytes;
}

function contentsOf(manifest: JsonMap): readonly JsonMap[] {
  const config = isMap(manifest.config) ? [manifest.config] : [];
  const layers = listOf(manifest.layers).map(mapOf);
  return [...config, ...layers.filter(({ mediaType }) => !isForeignLayer(textOf(mediaType) ?? ''))];
}

function check(bytes: Buffer, expected: string | undefined, repository: string): string {
  const digest = sha256(bytes);
  if (expected === undefined || digest === expected) return digest;
  throw new Error(`read back ${repository}: got ${digest} where ${expected} should be`);
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function referrersOf(ask: Ask, digest: string): Promise<readonly string[]> {
  const answer = (await ask(`referrers/${digest}`)) ?? (await ask(`manifests/${digest.replace(':', '-')}`));
  const index = answer === undefined ? {} : mapOf(JSON.parse(answer.toString()));
  return listOf(index.manifests).map((descriptor) => textOf(mapOf(descriptor).digest) ?? '');
}
