import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../engine/ports';
import { inspect, newSecret } from '../canary';
import { sendContent } from './blobs';
import type { StoredContent } from './contents';
import { Fault } from './fault';
import { authorizationKind, type Interception, keep, type OpenRecord, type RequestRecord } from './requests';

/**
 * The place that blob requests are redirected to: another origin, with links that are signed and expire, which refuses
 * a request that brings a credential as well. Stands in for Amazon S3 behind Amazon ECR.
 *
 * Does NOT do: anything else of S3, 503 Slow Down, https.
 */
export interface Bucket {
  readonly address: string;
  /** A link to the content, good for an hour. */
  link(content: StoredContent): string;
  close(): Promise<void>;
}

interface BucketSettings {
  readonly clock: Clock;
  readonly records: OpenRecord[];
  intercept(record: RequestRecord): Interception | undefined;
}

const LIFETIME = 3_600_000;
const MOST_LINKS = 100_000;

export async function startBucket(settings: BucketSettings): Promise<Bucket> {
  const links = new Map<string, { readonly content: StoredContent; readonly expires: number }>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://bucket');
    const record: OpenRecord = {
      origin: 'bucket',
      method: request.method ?? 'GET',
      path: url.pathname,
      kind: 'blob',
      digest: url.pathname.slice('/layers/'.length),
      status: 0,
      received: 0,
      sent: 0,
      authorization: authorizationKind(request.headers.authorization),
    };
    keep(settings.records, record);
    inspect('a request to a bucket, beside its own link', request.rawHeaders.join(' '));
    const interception = settings.intercept(record);
    const exchange = { request, response, record, interception };
    const refuse = (status: number, code: string) => {
      record.status = status;
      response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`);
    };
    if (interception !== undefined && 'drop' in interception) return void request.destroy();
    if (interception !== undefined && 'status' in interception) {
      record.status = interception.status;
      return void response.writeHead(interception.status, interception.headers).end(interception.body);
    }
    if (record.authorization !== 'none') return refuse(400, 'InvalidArgument: Only one auth mechanism allowed');
    const link = links.get(url.searchParams.get('X-Amz-Signature') ?? '');
    if (link === undefined || link.expires <= settings.clock.now()) return refuse(403, 'AccessDenied');
    Promise.resolve()
      .then(() => sendContent(exchange, link.content))
      .catch((error: unknown) => (error instanceof Fault ? refuse(error.status, 'InvalidRange') : response.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    link(content) {
      const oldest = links.size >= MOST_LINKS ? links.keys().next().value : undefined;
      if (oldest !== undefined) links.delete(oldest);
      const signature = newSecret();
      links.set(signature, { content, expires: settings.clock.now() + LIFETIME });
      return `${address}/layers/${content.digest}?X-Amz-Expires=3600&X-Amz-Signature=${signature}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
