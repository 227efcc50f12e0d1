import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Descriptor, MediaType } from '../../lib/model/descriptor';
import { parseDigest } from '../../lib/model/digest';
import type { Place } from './judge';
import { sha256 } from './layout';

/** Puts images into a registry by plain HTTP (distribution-spec v1.1, "Pushing"), where making files for skopeo would take too long. */

export async function pushBlob(place: Place, bytes: Uint8Array, mediaType: string): Promise<Descriptor> {
  const digest = sha256(bytes);
  const location = await openUpload(place);
  location.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  await expectStatus(await fetch(location, { method: 'PUT', body: Buffer.from(bytes), headers }), 201);
  return { mediaType, digest, size: bytes.length };
}

/** A layer of random bytes that never is in memory or on disk as a whole. */
export async function pushRandomLayer(place: Place, size: number): Promise<Descriptor> {
  const hash = createHash('sha256');
  const location = await patchStream(await openUpload(place), randomStream(size, hash), size);
  const digest = parseDigest(`sha256:${hash.digest('hex')}`);
  location.searchParams.set('digest', digest);
  await expectStatus(await fetch(location, { method: 'PUT' }), 201);
  return { mediaType: MediaType.OCI_LAYER, digest, size };
}

/** An image of these layers, whose config names the tag so that no two are equal. */
export async function pushImage(place: Place, tag: string, layers: readonly Descriptor[]): Promise<Descriptor> {
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: { name: `${place.repository}:${tag}` } },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
  };
  const configBlob = await pushBlob(place, Buffer.from(JSON.stringify(config)), MediaType.OCI_CONFIG);
  const manifest = { schemaVersion: 2, mediaType: MediaType.OCI_MANIFEST, config: configBlob, layers };
  return pushManifest(place, tag, MediaType.OCI_MANIFEST, Buffer.from(JSON.stringify(manifest)));
}

export async function pushIndex(place: Place, tag: string, manifests: readonly Descriptor[]): Promise<Descriptor> {
  const index = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests });
  return pushManifest(place, tag, MediaType.OCI_INDEX, Buffer.from(index));
}

/** An artifact about something that is there, named by its digest alone. */
export async function pushReferrer(place: Place, { mediaType, digest, size }: Descriptor): Promise<Descriptor> {
  const empty = await pushBlob(place, Buffer.from('{}'), MediaType.OCI_EMPTY);
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.OCI_MANIFEST,
    artifactType: 'application/vnd.example.note',
    config: empty,
    layers: [empty],
    subject: { mediaType, digest, size },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return pushManifest(place, sha256(bytes), MediaType.OCI_MANIFEST, bytes);
}

export async function pushManifest(
  place: Place,
  reference: string,
  mediaType: string,
  bytes: Uint8Array,
): Promise<Descriptor> {
  const url = `${place.url}/v2/${place.repository}/manifests/${reference}`;
  const headers = { 'content-type': mediaType };
  await expectStatus(await fetch(url, { method: 'PUT', body: Buffer.from(bytes), headers }), 201);
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

async function openUpload(place: Place): Promise<URL> {
  const answer = await fetch(`${place.url}/v2/${place.repository}/blobs/uploads/`, { method: 'POST' });
  await expectStatus(answer, 202);
  return new URL(answer.headers.get('location') ?? '', place.url);
}

async function expectStatus(answer: Response, status: number): Promise<void> {
  const body = await answer.text();
  if (answer.status !== status) throw new Error(`${answer.url}: status ${answer.status}: ${body.slice(0, 300)}`);
}

async function patchStream(location: URL, bytes: Readable, size: number): Promise<URL> {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(size),
    'content-range': `0-${size - 1}`,
  };
  const sent = request(location, { method: 'PATCH', headers });
  const answered = new Promise<URL>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (answer) => {
      answer.resume();
      const next = answer.headers.location;
      if (answer.statusCode === 202 && next !== undefined) resolve(new URL(next, location));
      else reject(new Error(`${location}: status ${answer.statusCode}`));
    });
  });
  await Promise.all([pipeline(bytes, sent), answered]);
  return answered;
}

const CHUNK = 1024 * 1024;

/** The keystream of a cipher: random enough that nothing compresses or repeats it, at memory speed. */
function randomStream(size: number, hash: { update(chunk: Uint8Array): unknown }): Readable {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(CHUNK);
  function* chunks() {
    for (let left = size; left > 0; left -= CHUNK) {
      const chunk = cipher.update(left >= CHUNK ? zeros : zeros.subarray(0, left));
      hash.update(chunk);
      yield chunk;
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}
