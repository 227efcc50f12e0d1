import type { IncomingHttpHeaders } from 'node:http';
import { Unsupported } from '../errors';
import type { HttpAnswer } from './exchange';

/** An answer with its whole body, which was short enough to be kept. */
export interface Answer {
  /** Where it came from, after redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Uint8Array;
  /** No credential of ours had a part in it. */
  readonly anonymous: boolean;
}

/** An answer whose body is still to be read, or discarded. */
export interface OpenAnswer extends HttpAnswer {
  readonly anonymous: boolean;
}

/** Of error bodies, tokens and whatever else is short. */
export const SMALL = 64 * 1024;
/** Of a manifest or index: what registries take, and what a client should take (distribution-spec v1.1, "Pushing Manifests"). */
export const MANIFEST_CEILING = 4 * 1024 * 1024;

/**
 * Reads the body. Of an error only the beginning counts, and however much of it came: a registry that refuses an upload may
 * close the connection behind its answer.
 *
 * @throws Unsupported when it is longer than the ceiling
 */
export async function readWhole(
  answer: OpenAnswer,
  ceiling: number,
  operation: string,
  signal?: AbortSignal,
): Promise<Answer> {
  const failed = answer.status >= 300;
  const most = failed ? SMALL : ceiling;
  const chunks: Uint8Array[] = [];
  let size = 0;
  answer.hurry();
  try {
    for await (const chunk of answer.body) {
      size += chunk.length;
      if (size > most && !failed)
        throw new Unsupported('TOO_LARGE', `${operation}: got an answer of more than ${most} bytes; fewer would do`);
      chunks.push(chunk);
      if (size > most) break;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (!failed) throw cause;
  }
  const { url, status, headers, anonymous } = answer;
  return { url, status, headers, anonymous, bytes: Buffer.concat(chunks).subarray(0, most) };
}
