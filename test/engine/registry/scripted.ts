import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock, Credential, Credentials } from '../../../engine/ports';
import type { RegistryOptions } from '../../../engine/registry/options';
import { openRegistries } from '../../../engine/registry/registries';
import type { Descriptor } from '../../../lib/model/descriptor';
import type { Digest } from '../../../lib/model/digest';
import { secretNamed } from '../../../local/canary';

/** A request as the server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string | number>;
  readonly body?: string | Uint8Array;
}

export type Script = (request: Seen, index: number) => Reply | undefined | Promise<Reply | undefined>;
export type Raw = (request: IncomingMessage, response: ServerResponse, index: number) => boolean;

export interface Scripted {
  readonly host: string;
  readonly url: string;
  readonly seen: Seen[];
  /** `GET /v2/…` of every request in order. */
  lines(): string[];
  close(): Promise<void>;
}

/** A server that answers as the script says; `raw` may take a request over before its body is read. */
export async function serve(script: Script, raw?: Raw): Promise<Scripted> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer(async (request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const index = count++;
    const head = { method: request.method ?? '', path: request.url ?? '', headers: request.headers };
    if (raw?.(request, response, index) === true) {
      seen.push({ ...head, body: Buffer.alloc(0) });
      return;
    }
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const entry = { ...head, body: Buffer.concat(chunks) };
    seen.push(entry);
    const reply = (await script(entry, index)) ?? { status: 404 };
    response.writeHead(reply.status, reply.headers);
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    seen,
    lines: () => seen.map(({ method, path }) => `${method} ${path}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Time passes only by sleeping. */
export function fakeClock(): Clock & { readonly slept: number[]; advance(milliseconds: number): void } {
  let time = 1_800_000_000_000;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export const anonymous: Credentials = { get: async () => undefined };
export const only = (credential: Credential): Credentials => ({ get: async () => credential });
export const ALICE: Credential = { kind: 'basic', username: 'alice', password: secretNamed('of-alice') };
export const basicHeader = `Basic ${Buffer.from(`alice:${secretNamed('of-alice')}`).toString('base64')}`;

/** Keeps what tests open, and closes it. */
export class Bench {
  private readonly open: { close(): void | Promise<void> }[] = [];

  async serve(script: Script, raw?: Raw): Promise<Scripted> {
    return this.keep(await serve(script, raw));
  }

  /** A store of `registry.test/app`, which the server stands for. */
  store(server: Scripted, options: Partial<RegistryOptions> = {}, name = 'app') {
    return this.registries(server, options).store({ registry: 'registry.test', name });
  }

  registries(server: Scripted, options: Partial<RegistryOptions> = {}) {
    return this.keep(
      openRegistries({
        credentials: anonymous,
        clock: fakeClock(),
        idleTimeout: 5_000,
        ...options,
        endpoints: { 'registry.test': server.url, ...options.endpoints },
      }),
    );
  }

  async close(): Promise<void> {
    for (const one of this.open.splice(0).reverse()) await one.close();
  }

  private keep<T extends { close(): void | Promise<void> }>(one: T): T {
    this.open.push(one);
    return one;
  }
}

export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

export function blobOf(bytes: Uint8Array): Descriptor {
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256(bytes), size: bytes.length };
}

export const MANIFEST = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', layers: [] }),
);
export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const manifest: Descriptor = { mediaType: MANIFEST_TYPE, digest: sha256(MANIFEST), size: MANIFEST.length };

export const errorBody = (code: string, message = 'no') => JSON.stringify({ errors: [{ code, message }] });

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function* streamOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk;
}

/** The error a promise ends in. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}
