import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookKind } from '../../lib/model/webhook';
import type { WebhookRequest } from './request';

/** What a proof comes to: what makes the webhook the same as an earlier one, or why it is no proof. */
export type Proof = { readonly id: string } | { readonly refused: string };

/** Seconds by which a sender's clock, and its request, may be early or late. */
export const TOLERANCE = 5 * 60;
/** A secret that could be guessed is none. */
export const SHORTEST_SECRET = 16;

/**
 * Whether one of the secrets proves a request. Nothing is read out of the body before that.
 *
 * @param now milliseconds since the epoch
 */
export function proveBySecret(
  kind: Exclude<WebhookKind, 'chainguard'>,
  request: WebhookRequest,
  secrets: readonly string[],
  now: number,
): Proof {
  const strong = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  if (strong.length === 0) return { refused: `no secret of ${SHORTEST_SECRET} characters or more is known` };
  if (kind === 'standard') return proveStandard(request, strong, now);
  if (request.path.length > (kind === 'docker-hub' || kind === 'quay' ? 2 : 1)) return { refused: 'no such path' };
  const known = (given: string) => strong.filter((secret) => sameText(given, secret)).length > 0;
  switch (kind) {
    case 'github':
      return proveGitHub(request, strong);
    case 'harbor':
      // It says when something happened, so that what is the same to the letter was sent twice.
      return known(request.headers.authorization ?? '')
        ? { id: digestOf(request.body) }
        : { refused: 'another authorization than in the secret' };
    case 'docker-hub':
    case 'quay':
      return known(request.path[1] ?? '') ? { id: '' } : { refused: 'another path than in the secret' };
  }
}

/** Standard Webhooks 1.0, "Verifying signatures"; with hexadecimal digests under the secret's own text, as root.io has them. */
function proveStandard({ headers, body, path }: WebhookRequest, secrets: readonly string[], now: number): Proof {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (path.length > 1) return { refused: 'no such path' };
  if (id === undefined || timestamp === undefined || signatures === undefined) return { refused: 'no signature' };
  if (id === '' || id.length > LONGEST_ID || !/^\d{1,12}$/.test(timestamp)) {
    return { refused: 'no id and time that could be' };
  }
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const digests = secrets.flatMap(keysOf).map((key) => createHmac('sha256', key).update(signed).digest());
  const given = signatures.split(' ').slice(0, MOST_SIGNATURES).flatMap(digestsIn);
  if (!anySame(given, digests)) return { refused: 'another signature' };
  const late = Math.round(now / 1000) - Number(timestamp);
  if (Math.abs(late) > TOLERANCE) return { refused: `${late} seconds late; at most ${TOLERANCE} would do` };
  return { id };
}

const LONGEST_ID = 256;
const MOST_SIGNATURES = 10;

/** `whsec_` and base64, or any text. */
function keysOf(secret: string): readonly Buffer[] {
  const text = secret.replace(/^whsec_/, '');
  const decoded = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? [Buffer.from(text, 'base64')] : [];
  return [...decoded, Buffer.from(secret)];
}

/** Of a signature of the version that is symmetric. */
function digestsIn(signature: string): readonly Buffer[] {
  const text = /^v1,(.+)$/.exec(signature)?.[1] ?? '';
  return [Buffer.from(text, 'base64'), Buffer.from(text, 'hex')].filter(({ length }) => length === 32);
}

/** GitHub Docs, "Validating webhook deliveries". The id of a delivery is not signed: the body is what counts, and it has a time. */
function proveGitHub({ headers, body }: WebhookRequest, secrets: readonly string[]): Proof {
  const given = /^sha256=([0-9a-f]{64})$/.exec(headers['x-hub-signature-256'] ?? '')?.[1];
  if (given === undefined) return { refused: 'no signature' };
  const digests = secrets.map((secret) => createHmac('sha256', secret).update(body).digest());
  return anySame([Buffer.from(given, 'hex')], digests) ? { id: digestOf(body) } : { refused: 'another signature' };
}

/** Compares all with all, so that time does not tell which was nearly right. */
function anySame(given: readonly Buffer[], digests: readonly Buffer[]): boolean {
  return given.flatMap((one) => digests.filter((other) => timingSafeEqual(one, other))).length > 0;
}

function sameText(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}

function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
