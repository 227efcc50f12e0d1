import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../engine/ports';
import { isDigest } from '../../lib/model/digest';
import type { Bucket } from './bucket';
import type { Contents, StoredContent } from './contents';
import { Fault } from './fault';
import type { EmbeddedRegistryOptions } from './options';
import type { Personality } from './personality';
import type { Interception, OpenRecord } from './requests';
import type { RegistryState, RepositoryState } from './state';
import type { Uploads } from './uploads';

/** What all endpoints share. */
export interface Core {
  readonly options: EmbeddedRegistryOptions;
  readonly personality: Personality;
  readonly state: RegistryState;
  readonly contents: Contents;
  readonly uploads: Uploads;
  readonly clock: Clock;
  readonly bucket: Bucket | undefined;
  readonly records: OpenRecord[];
}

/** One request and its answer. */
export interface Exchange {
  readonly core: Core;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly record: OpenRecord;
  /** User name, or address of who is anonymous. */
  readonly caller: string;
  readonly interception: Interception | undefined;
}

/** The body as it comes, counted. Ends with an error when the client goes away. */
export async function* body(exchange: Pick<Exchange, 'request' | 'record'>): AsyncGenerator<Uint8Array> {
  // who stops reading still wants to answer
  for await (const chunk of exchange.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    exchange.record.received += chunk.length;
    yield chunk;
  }
}

/** The whole body. @throws Fault SIZE_INVALID beyond `most` bytes. */
export async function wholeBody(exchange: Exchange, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body(exchange)) {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
  }
  if (size > most) throw new Fault(413, 'SIZE_INVALID', `a body of at most ${most} bytes would do`);
  return Buffer.concat(chunks);
}

/** Answers without a body, or with a short one. */
export function answer(
  exchange: Exchange,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  bytes: Uint8Array | string = '',
): Promise<void> {
  return stream(exchange, status, { ...headers, 'content-length': String(Buffer.byteLength(bytes)) }, single(bytes));
}

export function answerJson(exchange: Exchange, value: unknown, headers: Readonly<Record<string, string>> = {}) {
  return answer(exchange, 200, { 'content-type': 'application/json', ...headers }, JSON.stringify(value));
}

/** Answers with content as fast as the client takes it. */
export async function stream(
  exchange: Pick<Exchange, 'request' | 'response' | 'record' | 'interception'>,
  status: number,
  headers: Readonly<Record<string, string>>,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { request, response, record } = exchange;
  record.status = status;
  response.writeHead(status, headers);
  if (request.method !== 'HEAD') {
    for await (const chunk of spoil(bytes, exchange.interception)) {
      if (chunk === CUT) return void response.destroy();
      record.sent += chunk.length;
      if (!response.write(chunk)) await drained(response);
      if (response.destroyed) return;
    }
  }
  response.end();
}

const CUT = new Uint8Array(0);

async function* spoil(bytes: AsyncIterable<Uint8Array>, how: Interception | undefined): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of bytes) {
    if (how !== undefined && 'cutAfter' in how && at + chunk.length > how.cutAfter) {
      yield chunk.subarray(0, how.cutAfter - at);
      await new Promise((resolve) => setImmediate(resolve));
      yield CUT;
      return;
    }
    const flipped = how !== undefined && 'corruptAt' in how ? how.corruptAt - at : -1;
    yield flipped >= 0 && flipped < chunk.length ? withFlipped(chunk, flipped) : chunk;
    at += chunk.length;
  }
}

function withFlipped(chunk: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(chunk);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

async function* single(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield Buffer.from(bytes as string);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

/** The repository of a request. @throws Fault NAME_UNKNOWN */
export function findRepository({ core }: Exchange, name: string): RepositoryState {
  const repository = core.state.repositories.get(name);
  if (repository === undefined) throw core.personality.nameUnknown(name);
  return repository;
}

/** The repository of a push, made where the registry makes it. @throws Fault NAME_UNKNOWN */
export function repositoryForPush({ core }: Exchange, name: string): RepositoryState {
  const repository = core.state.repositories.get(name) ?? core.personality.createOnPush(name);
  if (repository === undefined) throw core.personality.nameUnknown(name);
  return repository;
}

export function findBlob(repository: RepositoryState, digest: string): StoredContent {
  const content = repository.blobs.get(digest);
  if (content === undefined) throw new Fault(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  return content;
}

/** @throws Fault DIGEST_INVALID for what is no digest, or of an algorithm that the registry does not take. */
export function checkDigest({ core }: Exchange, digest: string | null) {
  if (!isDigest(digest)) throw new Fault(400, 'DIGEST_INVALID', 'provided digest is not a digest');
  if (!core.personality.sha512 && digest.startsWith('sha512:')) {
    throw new Fault(400, 'DIGEST_INVALID', 'only sha256 digests are supported');
  }
  return digest;
}

/** The address as the client wrote it. */
export function origin(request: IncomingMessage): string {
  return `http://${request.headers.host ?? `127.0.0.1:${request.socket.localPort}`}`;
}

/** A location in the manner of this registry. */
export function location({ core, request }: Exchange, path: string): string {
  return core.options.relativeLocations === true ? path : origin(request) + path;
}
