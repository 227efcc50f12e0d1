import type { StoredContent } from './contents';
import { answer, checkDigest, type Exchange, findBlob, findRepository, stream } from './exchange';
import { Fault } from './fault';

/** GET and HEAD of a blob (distribution-spec v1.1, "Pulling blobs"). */
export function readBlob(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { core, request } = exchange;
  const head = request.method === 'HEAD';
  core.personality.spend(head ? 'BatchCheckLayerAvailability' : 'GetDownloadUrlForLayer');
  const content = findBlob(findRepository(exchange, name), checkDigest(exchange, reference));
  if (!head && core.bucket !== undefined) return answer(exchange, 307, { location: core.bucket.link(content) });
  return sendContent(exchange, content, { 'docker-content-digest': content.digest });
}

export async function deleteBlob(exchange: Exchange, name: string, reference: string): Promise<void> {
  const { core } = exchange;
  if (!core.personality.deletes) throw new Fault(405, 'UNSUPPORTED', 'The operation is unsupported.');
  const { digest } = findBlob(findRepository(exchange, name), checkDigest(exchange, reference));
  await core.state.deleteBlob(name, digest);
  return answer(exchange, 202);
}

/** The content, or the part that `Range` asks for (RFC 9110, 14.2); more than one part is answered with the whole. */
export function sendContent(
  exchange: Pick<Exchange, 'request' | 'response' | 'record' | 'interception'>,
  content: StoredContent,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { size } = content;
  const headers = { ...more, 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' };
  const range = parseRange(exchange.request.headers.range, size);
  if (range === undefined) {
    return stream(exchange, 200, { ...headers, 'content-length': String(size) }, content.read());
  }
  const { start, end } = range;
  if (start >= end) {
    throw new Fault(416, 'UNKNOWN', 'requested range not satisfiable', { 'content-range': `bytes */${size}` });
  }
  const partial = { 'content-range': `bytes ${start}-${end - 1}/${size}`, 'content-length': String(end - start) };
  return stream(exchange, 206, { ...headers, ...partial }, content.read(start, end));
}

function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from === '') return { start: Math.max(0, size - Number(to)), end: size };
  return { start: Number(from), end: to === '' ? size : Math.min(Number(to) + 1, size) };
}
