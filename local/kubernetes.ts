import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeAuthority } from './certificates';

/** The Kubernetes API of a cluster of Amazon EKS, as far as it lists pods. */
export interface KubernetesApi {
  readonly endpoint: string;
  /** PEM. */
  readonly authority: string;
  /** Pods as the API lists them. */
  pods: readonly object[];
  /** Who may list pods, by the access keys that tokens are signed with. @default - everybody */
  readers?: readonly string[];
  close(): Promise<void>;
}

/**
 * A server that takes the tokens of Amazon EKS. Of a signature it is looked at what it says it signs, and not
 * whether it does: only AWS STS could tell.
 */
export async function startKubernetes(): Promise<KubernetesApi> {
  const authority = makeAuthority();
  const server = createServer(authority.issue('127.0.0.1'), (request, response) => {
    const url = new URL(request.url ?? '', 'https://localhost');
    const status = url.pathname === '/api/v1/pods' ? statusFor(request.headers.authorization) : 404;
    const limit = Number(url.searchParams.get('limit') ?? api.pods.length);
    const from = Number(url.searchParams.get('continue') ?? 0);
    // Fewer than were asked for is what an API may give, so that whoever lists has to go on.
    const to = from + Math.min(limit, 2);
    const metadata = to < api.pods.length ? { continue: String(to) } : {};
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? { kind: 'PodList', metadata, items: api.pods.slice(from, to) } : {}));
  });
  const statusFor = (authorization = '') => {
    const [, encoded = ''] = /^Bearer k8s-aws-v1\.([\w-]+)$/.exec(authorization) ?? [];
    const signed = Buffer.from(encoded, 'base64url').toString();
    if (!signed.startsWith('https://sts.')) return 401;
    const { searchParams } = new URL(signed);
    const isForCluster = searchParams.get('X-Amz-SignedHeaders') === 'host;x-k8s-aws-id';
    if (!isForCluster || searchParams.get('Action') !== 'GetCallerIdentity') return 401;
    const key = searchParams.get('X-Amz-Credential')?.split('/')[0] ?? '';
    return api.readers === undefined || api.readers.includes(key) ? 200 : 403;
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api: KubernetesApi = {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authority: authority.cert,
    pods: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return api;
}
