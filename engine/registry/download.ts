import type { Descriptor } from '../../lib/model/descriptor';
import { show } from '../../lib/model/invalid';
import type { ByteStream, Options } from '../content';
import { ContentMismatch, type EngineError, RegistryError } from '../errors';
import { verifiedStream } from '../verify';
import { type OpenAnswer, readWhole, SMALL } from './answer';
import { type Call, type Client, tryOf } from './client';
import { connectionFailure, failure } from './failure';
import { lengthOf } from './manifests';
import { isTemporaryFailure } from './retry';

/** So many bytes between two failures count as progress: then the tries are counted anew. */
const PROGRESS = 1024 * 1024;

/** A blob's bytes, verified; a connection that breaks is mended by asking for the rest. */
export async function fetchBlob(client: Client, content: Descriptor, options?: Options): Promise<ByteStream> {
  const first = await openAt(client, content, 0, options);
  return verifiedStream(content, mended(client, content, first, options));
}

export function blobName(client: Client, content: Descriptor): string {
  return `blob ${client.name}@${content.digest}`;
}

/** Passes bytes on until as many have come as the size says, opening again where the last connection ended. */
async function* mended(
  client: Client,
  content: Descriptor,
  first: OpenAnswer,
  options: Options | undefined,
): AsyncGenerator<Uint8Array> {
  let answer = first;
  let offset = 0;
  let failures = 0;
  let failedAt = 0;
  for (;;) {
    let skip = answer.status === 206 ? 0 : offset;
    let cause: unknown;
    try {
      for await (const chunk of answer.body) {
        const rest = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - rest.length;
        offset += rest.length;
        if (rest.length > 0) yield rest;
      }
      if (offset >= content.size) return;
      cause = Object.assign(new Error(`the answer ended after ${offset} of ${content.size} bytes`), {
        code: 'ECONNRESET',
      });
    } catch (thrown) {
      options?.signal?.throwIfAborted();
      if (!isTemporaryFailure(thrown)) throw connectionFailure(subject(client, content), answer.url.host, thrown);
      cause = thrown;
      // All is here; only the end of the connection was unclean.
      if (offset >= content.size) return;
    }
    failures = offset - failedAt >= PROGRESS ? 1 : failures + 1;
    failedAt = offset;
    if (failures >= client.attempts.settings.attempts) {
      throw connectionFailure(subject(client, content), answer.url.host, cause);
    }
    await client.attempts.wait(tryAt(client, content, answer, options), failures, (cause as Error).message);
    answer = await openAt(client, content, offset, options);
  }
}

/**
 * Opens the blob at an offset, always from the registry's own URL: what it redirected to runs out. A registry that does not
 * know ranges answers from the beginning (200).
 */
async function openAt(client: Client, content: Descriptor, offset: number, options?: Options): Promise<OpenAnswer> {
  const most = Math.max(1, client.attempts.settings.attempts);
  let ranged = offset > 0;
  for (let attempt = 1; ; attempt++) {
    const answer = await client.open(call(client, content, ranged ? offset : 0, options));
    if (isWanted(content, answer, ranged ? offset : 0)) return answer;
    if (answer.status === 200 || answer.status === 206) {
      await answer.discard();
      if (answer.status === 200) throw mismatch(content, answer);
      ranged = false;
    } else if (answer.status === 416 && ranged) {
      await answer.discard();
      ranged = false;
    } else {
      const error = await failed(client, content, answer, options);
      if (!error.temporary || attempt >= most) throw error;
      await client.attempts.wait(tryAt(client, content, answer, options), attempt, String(answer.status));
    }
    if (attempt >= most) throw new ContentMismatch(content, `${client.name} cannot continue at byte ${offset}`);
  }
}

function isWanted(content: Descriptor, answer: OpenAnswer, offset: number): boolean {
  if (answer.status === 206) {
    const range = /^bytes ([0-9]+)-([0-9]+)\/([0-9]+|\*)$/.exec(answer.headers['content-range'] ?? '');
    const total = range?.[3];
    return (
      range !== null && Number(range[1]) === offset && offset > 0 && (total === '*' || Number(total) === content.size)
    );
  }
  if (answer.status !== 200) return false;
  const length = lengthOf(answer);
  return length === undefined || length === content.size;
}

function mismatch(content: Descriptor, answer: OpenAnswer): ContentMismatch {
  const encoding = answer.headers['content-encoding'];
  const encoded = encoding === undefined || encoding === 'identity' ? '' : `, encoded (${show(encoding)})`;
  const what = `${answer.url.host} offers ${lengthOf(answer)} bytes${encoded}; ${content.size} were announced`;
  return new ContentMismatch(content, what);
}

/** What a redirect led to may have run out or be busy; the registry is asked again then, whatever the status. */
async function failed(
  client: Client,
  content: Descriptor,
  answer: OpenAnswer,
  options?: Options,
): Promise<EngineError> {
  const elsewhere = answer.url.origin !== client.origin;
  const whole = await readWhole(answer, SMALL, blobName(client, content), options?.signal);
  const error = failure(subject(client, content), whole);
  if (!elsewhere || (answer.status !== 401 && answer.status !== 403)) return error;
  return new RegistryError(
    'TRANSFER_INTERRUPTED',
    `${error.message} (from ${answer.url.host})`,
    error.answer,
    'unavailable',
  );
}

function call(client: Client, content: Descriptor, offset: number, options?: Options): Call {
  return {
    method: 'GET',
    to: `blobs/${content.digest}`,
    kind: 'blob',
    operation: blobName(client, content),
    headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
    signal: options?.signal,
  };
}

function tryAt(client: Client, content: Descriptor, answer: OpenAnswer, options?: Options) {
  return tryOf(call(client, content, 0, options), client.repository, answer.url);
}

function subject(client: Client, content: Descriptor) {
  return { operation: blobName(client, content), registry: client.repository.registry };
}
