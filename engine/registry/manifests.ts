import { createHash } from 'node:crypto';
import { ACCEPTED_MANIFESTS, type Descriptor, isManifest } from '../../lib/model/descriptor';
import { contradicts, type Digest, digestAlgorithm, isDigest } from '../../lib/model/digest';
import { printable, show } from '../../lib/model/invalid';
import type { Manifest, Options, PushedManifest } from '../content';
import { ContentMismatch, type RegistryError, Unsupported } from '../errors';
import { verifiedBytes } from '../verify';
import { type Answer, MANIFEST_CEILING } from './answer';
import { type Call, type Client, tryOf } from './client';
import { failure, pushFailure } from './failure';

/** All types at once: Amazon ECR converts a manifest to one that was asked for. */
const ACCEPT = ACCEPTED_MANIFESTS.join(', ');

/** By HEAD; where that is refused or tells too little, by GET. */
export async function resolve(client: Client, reference: string | Digest, options?: Options): Promise<Descriptor> {
  const head = await client.send(call(client, 'HEAD', reference, options));
  if (head.status === 200) return described(client, reference, head) ?? resolveByGet(client, reference, options);
  if (head.status === 400 || head.status === 405 || head.status === 501) {
    return resolveByGet(client, reference, options);
  }
  throw await withBody(client, reference, head, options);
}

/** What HEAD tells, if it tells enough. */
function described(client: Client, reference: string, head: Answer): Descriptor | undefined {
  const digest = head.headers['docker-content-digest'];
  const mediaType = mediaTypeOf(head);
  if (!isDigest(digest) || !isManifest(mediaType)) return undefined;
  if (isDigest(reference) && reference !== digest) {
    if (digestAlgorithm(reference) !== digestAlgorithm(digest)) return undefined;
    throw new ContentMismatch({ mediaType, digest: reference, size: 0 }, `${client.name} answers with ${digest}`);
  }
  return { mediaType, digest, size: lengthOf(head) ?? 0 };
}

async function resolveByGet(client: Client, reference: string, options?: Options): Promise<Descriptor> {
  return (await readOnce(client, reference, options)).manifest.descriptor;
}

/** What a tag or digest stands for, in one request. */
export async function read(client: Client, reference: string | Digest, options?: Options): Promise<Manifest> {
  const { manifest, said } = await readOnce(client, reference, options);
  const doubtful = !isDigest(reference) && contradicts(said, manifest.descriptor.digest);
  return doubtful ? settled(client, reference, manifest, options) : manifest;
}

async function readOnce(client: Client, reference: string, options?: Options) {
  const answer = await client.send(call(client, 'GET', reference, options));
  if (answer.status !== 200) throw failure(subject(client, reference), answer);
  const manifest = { descriptor: descriptorOf(reference, answer), bytes: answer.bytes };
  return { manifest, said: answer.headers['docker-content-digest'] };
}

/** Either the bytes are damaged or the digest beside them is wrong: what the registry knows by the digest of the bytes is its own. */
async function settled(client: Client, tag: string, got: Manifest, options?: Options): Promise<Manifest> {
  const { digest } = got.descriptor;
  const answer = await client.send(call(client, 'GET', digest, options));
  if (answer.status === 200 && Buffer.compare(answer.bytes, got.bytes) === 0) return got;
  const descriptor = await resolve(client, tag, options);
  return { descriptor, bytes: await fetchManifest(client, descriptor, options) };
}

function descriptorOf(reference: string, answer: Answer): Descriptor {
  const algorithm = isDigest(reference) ? digestAlgorithm(reference) : 'sha256';
  const digest = `${algorithm}:${createHash(algorithm).update(answer.bytes).digest('hex')}` as Digest;
  const size = answer.bytes.length;
  const declared = mediaTypeOf(answer);
  const mediaType = isManifest(declared) ? declared : (mediaTypeInside(answer.bytes) ?? declared);
  if (isDigest(reference)) {
    verifiedAnswer({ mediaType, digest: reference, size: 0 }, answer);
    return { mediaType, digest: reference, size };
  }
  return { mediaType, digest, size };
}

/** Errors answered to HEAD have no body: GET tells the reason, unless it is plain enough or asking again would do harm. */
async function withBody(client: Client, reference: string, head: Answer, options?: Options): Promise<RegistryError> {
  const plain = failure(subject(client, reference), head);
  if (head.status === 404 || plain.temporary || head.status < 400) return plain;
  try {
    const answer = await client.send({ ...call(client, 'GET', reference, options), attempts: 1 });
    return answer.status === head.status ? failure(subject(client, reference), answer) : plain;
  } catch {
    options?.signal?.throwIfAborted();
    return plain;
  }
}

export async function manifestExists(client: Client, content: Descriptor, options?: Options): Promise<boolean> {
  const head = await client.send(call(client, 'HEAD', content.digest, options));
  if (head.status === 200) return true;
  if (head.status === 404) return false;
  if (head.status === 405 || head.status === 501) {
    const answer = await client.send(call(client, 'GET', content.digest, options));
    if (answer.status === 200 || answer.status === 404) return answer.status === 200;
    throw failure(subject(client, content.digest), answer);
  }
  throw await withBody(client, content.digest, head, options);
}

export async function fetchManifest(client: Client, content: Descriptor, options?: Options): Promise<Uint8Array> {
  if (content.size > MANIFEST_CEILING) {
    throw new Unsupported(
      'TOO_LARGE',
      `${name(client, content.digest)}: got ${content.size} bytes; at most ${MANIFEST_CEILING} would do`,
    );
  }
  const get = call(client, 'GET', content.digest, options);
  const most = Math.max(1, client.attempts.settings.attempts);
  for (let attempt = 1; ; attempt++) {
    const answer = await client.send(get);
    if (answer.status !== 200) throw failure(subject(client, content.digest), answer);
    try {
      return verifiedAnswer(content, answer);
    } catch (cause) {
      // What was damaged on its way, or answered by somebody else, may arrive whole the next time.
      if (attempt >= most) throw cause;
      await client.attempts.wait(tryOf(get, client.repository, answer.url), attempt, (cause as Error).message);
    }
  }
}

/** The manifest under a tag, or undefined when there is none: for the fallback tags of referrers. */
export async function fetchTagged(client: Client, tag: string, options?: Options): Promise<Answer | undefined> {
  const answer = await client.send(call(client, 'GET', tag, options));
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw failure(subject(client, tag), answer);
  return answer;
}

export async function pushManifest(
  client: Client,
  content: Descriptor,
  bytes: Uint8Array,
  options?: Options & { readonly tag?: string },
): Promise<PushedManifest> {
  verifiedBytes(content, bytes);
  const reference = options?.tag ?? content.digest;
  const put = { ...call(client, 'PUT', reference, options), access: 'push' as const, body: bytes };
  const answer = await client.send({ ...put, headers: { 'content-type': content.mediaType } });
  if (answer.status < 200 || answer.status >= 300) {
    throw pushFailure(subject(client, reference), answer, options?.tag !== undefined);
  }
  const stored = answer.headers['docker-content-digest'];
  if (contradicts(stored, content.digest)) {
    throw new ContentMismatch(content, `${client.name} stored it as ${stored}`);
  }
  return { listedBySubject: answer.headers['oci-subject'] !== undefined || !hasSubject(bytes) };
}

function call(client: Client, method: Call['method'], reference: string, options?: Options): Call {
  return {
    method,
    to: `manifests/${reference}`,
    kind: 'manifest',
    operation: name(client, reference),
    headers: { accept: ACCEPT },
    ceiling: MANIFEST_CEILING,
    signal: options?.signal,
  };
}

function name(client: Client, reference: string): string {
  return `manifest ${client.name}${isDigest(reference) ? '@' : ':'}${reference}`;
}

function subject(client: Client, reference: string) {
  return { operation: name(client, reference), registry: client.repository.registry };
}

/** @throws ContentMismatch, which names a Content-Encoding that was answered although none was wanted */
function verifiedAnswer(content: Descriptor, answer: Answer): Uint8Array {
  try {
    return verifiedBytes(content, answer.bytes);
  } catch (cause) {
    const encoding = answer.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') throw cause;
    throw new ContentMismatch(
      content,
      `${answer.url.host} encoded it (${show(encoding)}) although that was not wanted`,
    );
  }
}

function mediaTypeOf(answer: Answer): string {
  return printable((answer.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '');
}

export function lengthOf({ headers }: Pick<Answer, 'headers'>): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

interface Shape {
  readonly mediaType?: unknown;
  readonly subject?: { readonly digest?: unknown } | null;
}

function mediaTypeInside(bytes: Uint8Array): string | undefined {
  const type = shapeOf(bytes).mediaType;
  return typeof type === 'string' && isManifest(type) ? type : undefined;
}

function hasSubject(bytes: Uint8Array): boolean {
  return isDigest(shapeOf(bytes).subject?.digest);
}

function shapeOf(bytes: Uint8Array): Shape {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
