import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { type Receiver, receive } from '../../../lambda/webhook/receive';
import { CHAINGUARD_ISSUER } from '../../../lambda/webhook/token';
import type { PushedImage, WebhookKind, WebhookSetting } from '../../../lib/model/webhook';
import { secretNamed } from '../../../local/canary';

export const SECRET = secretNamed('Webhook');
export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const NOW = Date.parse('2026-11-21T12:00:00Z');
const SECONDS = NOW / 1000;

const REGISTRIES: Readonly<Record<WebhookKind, string>> = {
  standard: 'cr.root.io',
  github: 'ghcr.io',
  harbor: 'harbor.test',
  'docker-hub': 'docker.io',
  quay: 'quay.io',
  chainguard: 'cgr.dev',
};

/** One sender of each kind, under the name of its kind. */
export const SENDERS: readonly WebhookSetting[] = Object.entries(REGISTRIES).map(([kind, registry]) => ({
  name: kind,
  kind: kind as WebhookKind,
  registry,
  ...(kind === 'chainguard' ? { subject: 'webhook:c0ffee', organization: 'example.com' } : { secretArn: 'secret' }),
}));

/** A receiver whose table is a map, and what it was asked for. */
export function receiver(over: Partial<Receiver> = {}) {
  const kept = new Map<string, readonly PushedImage[]>();
  const logged: { event: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const world: Receiver = {
    senders: SENDERS,
    secrets: async () => [SECRET],
    keys: async () => [key.jwk],
    keep: async (id, pushes) => {
      if (kept.has(id)) return false;
      kept.set(id, pushes);
      return true;
    },
    clock: { now: () => NOW, sleep: async () => {} },
    log: (event, fields = {}) => logged.push({ event, fields }),
    ...over,
  };
  return {
    logged,
    take: async (event: unknown) => (await receive(event, world)).statusCode,
    pushes: () => [...kept.values()].flat(),
  };
}

/** A request as a function URL tells it. */
export function post(path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const binary = typeof body !== 'string';
  return {
    version: '2.0',
    rawPath: path,
    headers,
    requestContext: { http: { method: 'POST', path } },
    body: binary ? body.toString('base64') : body,
    isBase64Encoded: binary,
  };
}

export type Post = ReturnType<typeof post>;

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text);

/** Standard Webhooks, as their specification signs. @param late seconds */
export function standard(
  body: string,
  { id = 'msg_1', late = 0, secret = SECRET, form = 'base64' as 'base64' | 'hex' } = {},
) {
  const timestamp = String(SECONDS - late);
  const signature = hmac(secret, `${id}.${timestamp}.${body}`).digest(form);
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
  return post('/standard', body, headers);
}

export const ROOT = JSON.stringify({
  specversion: '1.0',
  type: 'io.root.cr.image.created.v1',
  subject: 'cr.root.io/library/nginx:1.25.4',
  data: { image_repo: 'library/nginx', image_tag: '1.25.4', image_digest: DIGEST, arch: 'amd64' },
});

export function github(body: string, { secret = SECRET, event = 'package' } = {}) {
  const signature = `sha256=${hmac(secret, body).digest('hex')}`;
  return post('/github', body, { 'x-github-event': event, 'x-hub-signature-256': signature });
}

export const GITHUB = JSON.stringify({
  action: 'published',
  package: {
    name: 'App',
    namespace: 'Our-Org',
    package_type: 'CONTAINER',
    package_version: { container_metadata: { tag: { name: 'v2', digest: DIGEST } } },
  },
});

export const harbor = (body: string, authorization = SECRET) => post('/harbor', body, { authorization });

export const HARBOR = JSON.stringify({
  type: 'PUSH_ARTIFACT',
  occur_at: SECONDS,
  event_data: {
    resources: [{ digest: DIGEST, tag: 'v1', resource_url: 'harbor.test/team/app:v1' }],
    repository: { name: 'app', namespace: 'team', repo_full_name: 'team/app' },
  },
});

export const DOCKER_HUB = JSON.stringify({
  callback_url: 'http://169.254.169.254/',
  push_data: { pushed_at: SECONDS, tag: 'latest' },
  repository: { repo_name: 'team/app' },
});

export const QUAY = JSON.stringify({
  repository: 'team/app',
  docker_url: 'quay.io/team/app',
  updated_tags: ['1', '1.2'],
});

const key = newKey('one');

export function newKey(kid: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid } };
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function token(claims: object = {}, { by = key, alg = 'ES256' } = {}) {
  const usual = { iss: CHAINGUARD_ISSUER, aud: ['customer'], sub: 'webhook:c0ffee', exp: SECONDS + 600 };
  const signed = `${part({ alg, kid: by.kid })}.${part({ ...usual, ...claims })}`;
  const signature = sign('sha256', Buffer.from(signed), { key: by.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

export const CHAINGUARD = JSON.stringify({
  actor: { subject: 'somebody' },
  body: { repository: 'example.com/python', tag: 'latest', digest: DIGEST, type: 'manifest' },
});

export function chainguard(bearer = token(), body = CHAINGUARD, more: Readonly<Record<string, string>> = {}) {
  const headers = { 'ce-type': 'dev.chainguard.registry.push.v1', 'ce-id': 'event-1' };
  return post('/chainguard', body, { authorization: `Bearer ${bearer}`, ...headers, ...more });
}
