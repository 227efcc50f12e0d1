import { parseDigest } from '../../lib/model/digest';
import type { RunningRegistry } from '../../local/registry';
import { bodyOf, type Handler } from './host';

/** The name that a blob's own place has there. */
export const linkTo = (bucket: string, digest: string) => `${bucket}/blobs/${digest}?X-Signature=1`;
/** Where an upload to `repository` may be sent instead. */
export const uploadTo = (bucket: string, repository: string) => `${bucket}/uploads/${repository}?X-Signature=1`;

/** Holds the blobs of a registry under signed links, as a bucket or CDN does, and refuses whoever brings a credential. */
export function bucketOf(source: RunningRegistry, destination: RunningRegistry): Handler {
  return async ({ request, response }) => {
    const url = new URL(request.url ?? '/', 'http://bucket');
    const body = await bodyOf(request);
    if (request.headers.authorization !== undefined) {
      return void response.writeHead(400).end('Only one auth mechanism allowed');
    }
    const [, kind, ...rest] = url.pathname.split('/');
    if (kind === 'uploads') {
      const digest = parseDigest(url.searchParams.get('digest') ?? '');
      await destination.state.placeBlob(rest.join('/'), digest, parts(body));
      return void response.writeHead(201).end();
    }
    const held = [...source.state.repositories.values()].find(({ blobs }) => blobs.has(rest[0] ?? ''));
    const content = held?.blobs.get(rest[0] ?? '');
    if (content === undefined) return void response.writeHead(404).end();
    const chunks: Uint8Array[] = [];
    for await (const chunk of content.read()) chunks.push(chunk);
    response.writeHead(200, { 'content-length': content.size }).end(Buffer.concat(chunks));
  };
}

async function* parts(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A host that nobody trusts: it asks for passwords, gives tokens of its own, sends people round and takes what it is given. */
export const stranger: Handler = async ({ request, response }) => {
  const path = request.url ?? '/';
  const self = `http://${request.headers.host}`;
  await bodyOf(request);
  const challenge = (header: string) => response.writeHead(401, { 'www-authenticate': header }).end();
  if (path.startsWith('/token')) return void response.writeHead(200).end('{"token":"of-the-stranger"}');
  if (path.startsWith('/basic')) return void challenge('Basic realm="tell me"');
  if (path.startsWith('/bearer')) {
    return void challenge(`Bearer realm="${self}/token",service="s",scope="repository:app:pull"`);
  }
  const hop = /^\/hops\/(\d+)/.exec(path)?.[1];
  if (hop !== undefined) return void response.writeHead(307, { location: `/hops/${Number(hop) + 1}` }).end();
  if (path.startsWith('/circle')) return void response.writeHead(307, { location: '/circle' }).end();
  response.writeHead(403).end('no');
};
