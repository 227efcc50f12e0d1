import type { Descriptor } from '../../lib/model/descriptor';
import { contradicts, digestAlgorithm } from '../../lib/model/digest';
import { isEcrPublic, parseEcrHost } from '../../lib/model/ecr-host';
import type { Repository } from '../../lib/model/reference';
import type { ByteStream, Options, PushOptions } from '../content';
import { ContentMismatch, EngineError, RegistryError, Unsupported } from '../errors';
import { sizedStream, verifiedBytes, verifiedStream } from '../verify';
import type { Answer } from './answer';
import { type Call, type Client, tryOf } from './client';
import { blobName } from './download';
import type { Body } from './exchange';
import { errorOf, failure } from './failure';
import { uploadTarget, withDigest } from './redirect';

/** Pushes and mounts blobs of one repository. */
export interface Uploads {
  /** Bytes in memory are sent again if need be; a stream only while nothing of it was read. */
  push(content: Descriptor, bytes: ByteStream | Uint8Array, options?: PushOptions): Promise<void>;
  mount(content: Descriptor, from: Repository, options?: Options): Promise<boolean>;
}

/** Milliseconds that a session which a mount has opened instead is kept for the push that follows. */
const SESSION_KEPT = 30_000;
const SESSIONS_KEPT = 64;
const CANCELLED_WITHIN = 2_000;

interface Session {
  readonly url: URL;
  readonly opened: number;
}

export function uploadsOf(client: Client): Uploads {
  const sessions = new Map<string, Session>();
  return {
    async push(content, bytes, options) {
      const attempts = Math.max(1, client.attempts.settings.attempts);
      for (let attempt = 1; ; attempt++) {
        const body = bodyOf(content, bytes, options?.verified);
        const url = (await takeFresh(client, content, sessions)) ?? (await openSession(client, content, options));
        try {
          return await put(client, content, url, body, options);
        } catch (cause) {
          await cancel(client, content, url);
          options?.signal?.throwIfAborted();
          if (body.begun() || attempt >= attempts || !isWorthAnother(cause)) throw cause;
          const request = tryOf(uploadCall(client, content, 'PUT', url, options), client.repository, url);
          await client.attempts.wait(request, attempt, (cause as Error).message);
        }
      }
    },

    async mount(content, from, options) {
      const to = `blobs/uploads/?mount=${encodeURIComponent(content.digest)}&from=${encodeURIComponent(from.name)}`;
      let answer: Answer;
      await dropKept(client, content, sessions);
      try {
        answer = await client.send({ ...uploadCall(client, content, 'POST', to, options), from: from.name });
      } catch (cause) {
        options?.signal?.throwIfAborted();
        if (cause instanceof EngineError) return false;
        throw cause;
      }
      if (answer.status === 202) keep(sessions, content.digest, sessionUrl(answer));
      return answer.status === 201;
    },
  };
}

/** What is sent, and whether any of a stream has been read: then only who gave it can give it again. */
interface Sending {
  readonly body: Body;
  begun(): boolean;
}

function bodyOf(content: Descriptor, bytes: ByteStream | Uint8Array, verified = false): Sending {
  if (bytes instanceof Uint8Array) return { body: verifiedBytes(content, bytes), begun: () => false };
  const stream: ByteStream = bytes;
  let begun = false;
  async function* noting(): AsyncGenerator<Uint8Array> {
    begun = true;
    yield* verified ? sizedStream(content, stream) : verifiedStream(content, stream);
  }
  return { body: { bytes: noting(), size: content.size }, begun: () => begun };
}

async function openSession(client: Client, content: Descriptor, options?: Options): Promise<URL> {
  const answer = await client.send(uploadCall(client, content, 'POST', 'blobs/uploads/', options));
  if (answer.status !== 202) throw failure(subject(client, content), answer);
  const url = sessionUrl(answer);
  if (url !== undefined) return url;
  const line = `${blobName(client, content)}: the registry opened an upload without saying where; a Location would do`;
  throw new RegistryError('REGISTRY_FAILED', line, { status: answer.status }, 'unavailable');
}

function sessionUrl(answer: Answer): URL | undefined {
  const { location } = answer.headers;
  return location === undefined ? undefined : uploadTarget(answer.url, location);
}

/** One request for the whole blob: some registries take the `Content-Range` of a part for the first of many. */
async function put(client: Client, content: Descriptor, session: URL, { body }: Sending, options?: Options) {
  const answer = await client.send({
    ...uploadCall(client, content, 'PUT', withDigest(session, content.digest), options),
    headers: { 'content-type': 'application/octet-stream' },
    body,
    attempts: 1,
  });
  if (answer.status !== 201 && answer.status !== 204) throw putFailure(client, content, answer);
  const stored = answer.headers['docker-content-digest'];
  if (contradicts(stored, content.digest)) {
    throw new ContentMismatch(content, `${client.name} stored it as ${stored}`);
  }
}

function putFailure(client: Client, content: Descriptor, answer: Answer): EngineError {
  const error = failure(subject(client, content), answer);
  const [code] = errorOf(answer);
  if (code === 'DIGEST_INVALID' || code === 'SIZE_INVALID' || code === 'UNSUPPORTED') {
    if (digestAlgorithm(content.digest) !== 'sha256') {
      return new Unsupported(
        'DIGEST_UNSUPPORTED',
        `${error.message}; the registry does not take ${digestAlgorithm(content.digest)} digests`,
      );
    }
    // What was sent is right, so something on the way was not.
    if (code !== 'UNSUPPORTED')
      return new RegistryError('TRANSFER_INTERRUPTED', error.message, error.answer, 'unavailable');
  }
  // The token ran out under way, most likely: the next push begins with a request that can renew it.
  if (isLostSession(error) || (answer.status === 401 && !answer.anonymous)) {
    return new RegistryError('TRANSFER_INTERRUPTED', error.message, error.answer, 'unavailable');
  }
  return error;
}

function isLostSession({ answer }: RegistryError): boolean {
  if (answer.code === 'NAME_UNKNOWN') return false;
  return answer.status === 404 || answer.code === 'BLOB_UPLOAD_UNKNOWN' || answer.code === 'BLOB_UPLOAD_INVALID';
}

function isWorthAnother(cause: unknown): boolean {
  return cause instanceof RegistryError && cause.temporary;
}

/** Lets the registry forget what was begun, if it listens. Amazon ECR has nothing to say it with. */
async function cancel(client: Client, content: Descriptor, session: URL): Promise<void> {
  const { registry } = client.repository;
  if (parseEcrHost(registry) !== undefined || isEcrPublic(registry)) return;
  const timeout = AbortSignal.timeout(CANCELLED_WITHIN);
  try {
    // Not an upload, of which the registry may want none for now: the pause would outlast the time that there is.
    const call = { ...uploadCall(client, content, 'DELETE', session), kind: 'other' } as const;
    await client.send({ ...call, signal: timeout, attempts: 1 });
  } catch {
    // The registry forgets it in its own time.
  }
}

function keep(sessions: Map<string, Session>, digest: string, url: URL | undefined): void {
  if (url === undefined) return;
  if (sessions.size >= SESSIONS_KEPT) sessions.clear();
  sessions.set(digest, { url, opened: performance.now() });
}

/** The session that a mount has opened instead; one that was kept for too long is let go. */
async function takeFresh(
  client: Client,
  content: Descriptor,
  sessions: Map<string, Session>,
): Promise<URL | undefined> {
  const session = sessions.get(content.digest);
  if (session === undefined || performance.now() - session.opened >= SESSION_KEPT) {
    await dropKept(client, content, sessions);
    return undefined;
  }
  sessions.delete(content.digest);
  return session.url;
}

/** A push that did not follow will not: the blob is mounted once more, or from elsewhere. */
async function dropKept(client: Client, content: Descriptor, sessions: Map<string, Session>): Promise<void> {
  const session = sessions.get(content.digest);
  if (session === undefined) return;
  sessions.delete(content.digest);
  await cancel(client, content, session.url);
}

function uploadCall(
  client: Client,
  content: Descriptor,
  method: Call['method'],
  to: string | URL,
  options?: Options,
): Call {
  const operation = blobName(client, content);
  const body = method === 'POST' ? new Uint8Array() : undefined;
  return { method, to, kind: 'upload', operation, access: 'push', body, signal: options?.signal };
}

function subject(client: Client, content: Descriptor) {
  return { operation: blobName(client, content), registry: client.repository.registry };
}
