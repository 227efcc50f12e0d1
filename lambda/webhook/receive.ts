import { createHash, randomUUID } from 'node:crypto';
import type { Log } from '../../aws/log';
import { reason } from '../../engine/errors';
import type { Clock } from '../../engine/ports';
import type { PushedImage, WebhookSetting } from '../../lib/model/webhook';
import { readPayload } from './payload';
import { readRequest, type WebhookRequest } from './request';
import { type Proof, proveBySecret } from './signature';
import { isSigned, readToken, refusedClaims } from './token';

/** What taking webhooks needs of the world. */
export interface Receiver {
  readonly senders: readonly WebhookSetting[];
  /** The secrets of which any one counts. @param fresh not those that are remembered, if that is not asked for too often */
  readonly secrets: (arn: string, fresh: boolean) => Promise<readonly string[]>;
  /** The keys of the issuer of tokens. @param fresh as for secrets */
  readonly keys: (fresh: boolean) => Promise<readonly unknown[]>;
  /** Keeps pushes for the controller. @returns false for an id that came before */
  readonly keep: (id: string, pushes: readonly PushedImage[]) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a sender is told: whether it should try again, and nothing else. */
export interface WebhookAnswer {
  readonly statusCode: 202 | 401 | 404 | 413 | 503;
}

/** Takes one webhook. Whoever sent it learns nothing from the answer; the log tells all, but for secrets. */
export async function receive(event: unknown, receiver: Receiver): Promise<WebhookAnswer> {
  const { senders, log } = receiver;
  const request = readRequest(event);
  const refuse = (statusCode: WebhookAnswer['statusCode'], because: string, sender?: string) => {
    log('webhook-refused', {
      code: 'WEBHOOK_REFUSED',
      status: statusCode,
      because,
      ...(sender === undefined ? {} : { sender }),
    });
    return { statusCode };
  };
  if (request === undefined) return refuse(413, 'a body that is too large');
  const setting = senders.find(({ name }) => name === request.path[0]);
  if (setting === undefined || request.method !== 'POST') return refuse(404, 'no such sender or method');
  try {
    const proof = await prove(setting, request, receiver);
    if ('refused' in proof) return refuse(401, proof.refused, setting.name);
    return await accept(setting, request, proof.id, receiver);
  } catch (cause) {
    return refuse(503, reason(cause), setting.name);
  }
}

async function accept(
  setting: WebhookSetting,
  request: WebhookRequest,
  proven: string,
  { keep, log }: Receiver,
): Promise<WebhookAnswer> {
  const { name: sender } = setting;
  const payload = readPayload(setting, request);
  if ('ignored' in payload) {
    log('webhook-ignored', { sender, because: payload.ignored });
    return { statusCode: 202 };
  }
  // One that cannot be told from others is always new: rows are looked at once more, and nothing is copied twice.
  const distinct = proven === '' ? randomUUID() : proven;
  const id = createHash('sha256').update(`${sender} ${distinct}`).digest('hex');
  const isNew = await keep(id, payload.pushes);
  // Told like the first: a sender that did not hear the answer tries again.
  if (isNew) log('webhook-taken', { sender, id, pushes: payload.pushes });
  else log('webhook-refused', { sender, status: 202, because: 'it came before', id });
  return { statusCode: 202 };
}

/** With what is remembered, and once more with what is there now: secrets and keys are rotated. */
async function prove(setting: WebhookSetting, request: WebhookRequest, receiver: Receiver): Promise<Proof> {
  const first = await proveOnce(setting, request, receiver, false);
  return 'refused' in first ? proveOnce(setting, request, receiver, true) : first;
}

async function proveOnce(
  { kind, secretArn = '', subject = '' }: WebhookSetting,
  request: WebhookRequest,
  { secrets, keys, clock }: Receiver,
  fresh: boolean,
): Promise<Proof> {
  if (kind !== 'chainguard') return proveBySecret(kind, request, await secrets(secretArn, fresh), clock.now());
  const token = readToken(request.headers.authorization);
  if (token === undefined || request.path.length > 1) return { refused: 'no token' };
  const refused = refusedClaims(token, subject, clock.now());
  if (refused !== undefined) return { refused };
  if (!isSigned(token, await keys(fresh))) return { refused: 'a token that its issuer has not signed' };
  // Neither is signed; whoever sends again what was sent sends both.
  return { id: `${request.headers['ce-id'] ?? ''} ${createHash('sha256').update(request.body).digest('hex')}` };
}
