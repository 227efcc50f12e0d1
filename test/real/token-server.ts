import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeAuthority } from '../../local/certificates';

/** Who gives tokens to users of a docker-registry (distribution, "Token Authentication Specification"): JSON web tokens, signed. */
export interface TokenServer {
  /** `127.0.0.1:port`, in plain http. */
  readonly host: string;
  /** Section `auth` of the registry's settings. @param bundle where {@link TokenServer.certificate} was written */
  settings(bundle: string): object;
  /** PEM of the authority that the registry is to trust. */
  readonly certificate: string;
  /** What users may do, whatever they ask for. */
  allowed: readonly string[];
  close(): Promise<void>;
}

const SERVICE = 'docker-registry';
const ISSUER = 'tokens';
const LIFETIME = 300;

export async function startTokenServer(user: { username: string; password: string }): Promise<TokenServer> {
  const authority = makeAuthority();
  const identity = authority.issue('tokens');
  const chain = [new X509Certificate(identity.cert).raw.toString('base64')];
  const key = createPrivateKey(identity.key);
  const wanted = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
  const state = { allowed: ['pull', 'push'] as readonly string[] };

  const issue = (scopes: readonly string[]) => {
    const now = Math.floor(Date.now() / 1000);
    const access = scopes.map((scope) => {
      const [type = '', name = '', actions = ''] = scope.split(':');
      return { type, name, actions: actions.split(',').filter((action) => state.allowed.includes(action)) };
    });
    const times = { nbf: now - 10, iat: now, exp: now + LIFETIME };
    const claims = { iss: ISSUER, sub: user.username, aud: SERVICE, jti: randomUUID(), ...times, access };
    const parts = [{ typ: 'JWT', alg: 'ES256', x5c: chain }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signature = sign('sha256', Buffer.from(parts.join('.')), { key, dsaEncoding: 'ieee-p1363' });
    return [...parts, signature.toString('base64url')].join('.');
  };

  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://tokens');
    const isUser = request.headers.authorization === wanted;
    if (!isUser) return void response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
    response.end(JSON.stringify({ token: issue(searchParams.getAll('scope')), expires_in: LIFETIME }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const realm = `http://${host}/token`;
  return Object.assign(state, {
    host,
    certificate: authority.cert,
    settings: (bundle: string) => ({
      token: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle: bundle },
    }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
