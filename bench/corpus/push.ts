import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Descriptor } from '../../lib/model/descriptor';
import type { Digest } from '../../lib/model/digest';
import type { Stored } from './images';
import { layerBytes } from './layer';

/**
 * Fills a registry by plain HTTP (distribution-spec v1.1, "Pushing"), blob by blob: a client of its own, so that nothing that is
 * measured made the input.
 */
export async function pushAll(address: string, images: readonly Stored[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const holders = new Map<Digest, string>();
  try {
    for (const stored of images) await pushOne({ address, agent, holders, repository: stored.repository }, stored);
  } finally {
    agent.destroy();
  }
}

interface Target {
  readonly address: string;
  readonly repository: string;
  readonly agent: Agent;
  /** A repository for each blob that was pushed: the next one mounts it. */
  readonly holders: Map<Digest, string>;
}

async function pushOne(target: Target, { tags, build }: Stored): Promise<void> {
  const image = await build();
  for (const { descriptor, layer } of image.layers) {
    await pushBlob(target, descriptor, () => Readable.from(layerBytes(layer), { objectMode: false }));
  }
  for (const { descriptor, bytes } of image.blobs) await pushBlob(target, descriptor, () => bytes);
  for (const { descriptor, bytes } of image.manifests) {
    const references = descriptor.digest === image.root.descriptor.digest ? tags : [descriptor.digest];
    for (const reference of references) {
      const headers = { 'content-type': descriptor.mediaType, 'content-length': String(bytes.length) };
      await send(target, 'PUT', `manifests/${reference}`, { headers, body: bytes, expected: 201 });
    }
  }
}

async function pushBlob(
  target: Target,
  { digest, size }: Descriptor,
  body: () => Readable | Uint8Array,
): Promise<void> {
  const holder = target.holders.get(digest);
  if (holder === target.repository) return;
  const mount = holder === undefined ? '' : `?mount=${digest}&from=${encodeURIComponent(holder)}`;
  const begun = await send(target, 'POST', `blobs/uploads/${mount}`, { expected: mount === '' ? 202 : 201 });
  if (begun.status === 202) {
    const location = new URL(begun.location ?? '', target.address);
    location.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) };
    await send(target, 'PUT', location.href, { headers, body: body(), expected: 201 });
  }
  if (holder === undefined) target.holders.set(digest, target.repository);
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Uint8Array;
  readonly expected: number;
}

interface Answer {
  readonly status: number;
  readonly location?: string;
}

async function send(target: Target, method: string, path: string, { headers, body, expected }: Sent): Promise<Answer> {
  const url = new URL(path, `${target.address}/v2/${target.repository}/`);
  const sent = request(url, { method, agent: target.agent, headers });
  const answered = new Promise<Answer>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (answer) => {
      answer.resume();
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location }));
    });
  });
  if (body instanceof Readable) await Promise.all([pipeline(body, sent), answered]);
  else sent.end(body);
  const answer = await answered;
  if (answer.status !== expected) {
    throw new Error(`filling the registry: ${method} ${url.pathname}: got ${answer.status}; ${expected} would do`);
  }
  return answer;
}
